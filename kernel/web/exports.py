"""Files that take long to make: sent while they are made, and how far they are told to a page that asks.

Told to who asks by the header: frames of a line "done total size" and so many bytes of the file, maybe none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

PROGRESS_HEADER = "x-sauda-progress"
PROGRESS_TYPE = "application/x-sauda-progress"

Part = tuple[int, bytes]  # how many of the whole are done, and what that adds to the file


def file_answer(
    request: Request, parts: AsyncIterator[Part], *, total: int, name: str, media_type: str
) -> StreamingResponse:
    """The file, or frames of it. total: of what the parts count; name: offered to who saves it."""

    async def frames() -> AsyncIterator[bytes]:
        async for done, content in parts:
            yield f"{done} {total} {len(content)}\n".encode() + content

    async def plain() -> AsyncIterator[bytes]:
        async for _, content in parts:
            yield content

    is_told = PROGRESS_HEADER in request.headers
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
        "vary": PROGRESS_HEADER,
    }
    return StreamingResponse(
        frames() if is_told else plain(),
        media_type=PROGRESS_TYPE if is_told else media_type,
        headers=headers,
    )
