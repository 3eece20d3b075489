"""A stand-in behind a TCP port: listening, connections, away and back; its ledger over HTTP beside it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from starlette.applications import Starlette

BACKLOG = 4096  # connections waiting to be accepted


class Endpoint(NamedTuple):
    """Where a running stand-in listens."""

    host: str
    port: int
    http_port: int | None


class Places(Protocol):
    """Settings of a listener. Ports of 0 are chosen by the system; http_port None serves no ledger."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def http_port(self) -> int | None: ...
    @property
    def connections_max(self) -> int: ...


class Connection(asyncio.Protocol):
    """One client of a stand-in."""

    __slots__ = ("_listener", "_transport")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of asyncio's
        self._transport = transport
        listener = self._listener
        if len(listener.connections) >= listener.places.connections_max:
            transport.abort()
            return
        listener.connections.add(self)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.connections.discard(self)
        self._transport = None

    def abort(self) -> None:
        """Break it: what was written may be lost."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """End it after what was written."""
        if self._transport is not None:
            self._transport.close()

    def send(self, data: bytes, delay_ms: int = 0) -> None:
        """Write now or later, unless the client is gone by then."""
        if delay_ms:
            asyncio.get_running_loop().call_later(delay_ms / 1000, self.send, data)
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


class Listener(ABC):
    """A stand-in that takes connections while `running`. tls: listen with TLS."""

    def __init__(self, places: Places, tls: ssl.SSLContext | None = None) -> None:
        self.places = places
        self.connections: set[Connection] = set()
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._address: tuple[str, int] | None = None

    @abstractmethod
    def connection(self) -> Connection:
        """For a client that called."""

    @abstractmethod
    def ledger_app(self) -> Starlette:
        """The ledger over HTTP. Starlette is loaded only here: it is not needed for the wire alone."""

    @property
    def is_accepting(self) -> bool:
        """False: nobody listens there."""
        return self._server is not None

    async def refuse_connections(self) -> None:
        """Stop listening and break what is open: unreachable. Ledger and port stay."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in tuple(self.connections):
            connection.abort()

    async def accept_connections(self) -> None:
        """Listen again on the same port."""
        if self._server is None and self._address is not None:
            self._server = await self._listen(*self._address)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Endpoint]:
        """Listen until the block ends. Raises OSError when a port is taken."""
        async with AsyncExitStack() as stack:
            self._server = await self._listen(self.places.host, self.places.port)
            stack.push_async_callback(self.refuse_connections)
            host, port = self._server.sockets[0].getsockname()[:2]
            self._address = (host, port)
            http_port = None
            if self.places.http_port is not None:
                from simulators.serving import serving  # it loads uvicorn

                ledger = serving(self.ledger_app(), host=host, port=self.places.http_port)
                http_port = (await stack.enter_async_context(ledger)).port
            yield Endpoint(host, port, http_port)

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            self.connection, host, port, backlog=BACKLOG, reuse_address=True, ssl=self._tls
        )
