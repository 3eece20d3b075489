"""Answers of servers that are not ours, which may send without end."""

from __future__ import annotations

import httpx


async def read_bounded(answer: httpx.Response, bytes_max: int) -> bytes | None:
    """The body of a streamed answer, None when it is longer. Raises httpx.HTTPError."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > bytes_max:
            return None
        parts.append(part)
    return b"".join(parts)
