"""The head of an answer and its body leave in one packet.

uvicorn writes them one by one, uvloop sends each write at once, and a packet of its own costs as much as
reading the whole request.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = b"HTTP/1.1 "


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's protocol over a transport that keeps a head until its body comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(_KeepsHeads(transport, self.loop))  # type: ignore[arg-type]


class _KeepsHeads:
    """A transport; a head without a body leaves with the next turn of the loop."""

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """See asyncio.Transport."""
        if self._head:
            data, self._head = self._head + data, b""
            self._transport.write(data)
        elif data.startswith(HEAD):
            self._head = data
            self._loop.call_soon(self._send_head)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """See asyncio.Transport."""
        self._send_head()
        self._transport.close()

    def _send_head(self) -> None:
        if self._head:
            data, self._head = self._head, b""
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def bare(transport: Any) -> Any:
    """The transport below, for a connection that speaks HTTP no longer."""
    return transport._transport if isinstance(transport, _KeepsHeads) else transport
