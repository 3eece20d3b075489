"""Serving a stand-in's application within a loop: on a free port, with TLS or without, gone and back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kernel.config import kernel_section
from kernel.config_sections import CoreSettings
from kernel.errors import SetupFault

TICKS = 10  # uvicorn counts ten in a second
WHOLE = 1000  # bytes promised by an answer that never comes whole


def refuse_production(what: str) -> None:
    """Raises SetupFault where real money is taken: stand-ins have keys that everybody knows."""
    if kernel_section(CoreSettings).production:
        raise SetupFault([f"core.production: {what} does not run on an installation that sells"])


class Served:
    """An application at one address that can go away and come back."""

    def __init__(self, app: ASGIApp, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._app, self._host, self.port, self._tls = app, host, port, tls
        self._server: _QuietServer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_accepting(self) -> bool:
        """False: nobody listens there."""
        return self._server is not None

    async def accept(self) -> None:
        """Listen, again at the same port. Raises OSError when the port is taken."""
        if self._server is not None:
            return
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self.port), family=family)
        self.port = listener.getsockname()[1]
        tls = self._tls
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            ssl_context_factory=None if tls is None else lambda _config, _default: tls,
        )
        self._server = _QuietServer(config)
        self._task = asyncio.create_task(self._serve(self._server, listener))

    async def refuse(self) -> None:
        """Break what is open and stop listening."""
        if self._server is None or self._task is None:
            return
        self._server.stop()
        for protocol in list(self._server.server_state.connections):
            protocol.transport.abort()  # type: ignore[union-attr]
        await self._task
        self._server = self._task = None

    @staticmethod
    async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
        with listener:
            await server.serve(sockets=[listener])


@asynccontextmanager
async def serving(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """Serve while the block runs; port 0: a free one. Raises OSError when the port is taken."""
    served = Served(app, host, port, tls)
    await served.accept()
    try:
        yield served
    finally:
        await served.refuse()


def endpoint_of(answer: Callable[[Request], Awaitable[ASGIApp]]) -> Callable[[Request], Awaitable[Response]]:
    """For a route whose answer may be no Response, such as `break_off`."""

    async def endpoint(request: Request) -> Response:
        return await answer(request)  # type: ignore[return-value]  # Starlette calls it as ASGI

    return endpoint


async def break_off(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI answer that ends with a broken connection."""
    length = str(WHOLE).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": b"{", "more_body": False})


async def stay_silent(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI answer that never comes: it ends when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


class _QuietServer(uvicorn.Server):
    """Leaves signals to whoever owns the process, and ends as soon as it is told to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End now; open requests are dropped."""
        self.should_exit = self.force_exit = True
        self._stopped.set()

    async def main_loop(self) -> None:
        """Until `stop`; once a second the header with the date is made anew."""
        ticks = 0
        while not self._stopped.is_set():
            await self.on_tick(ticks)
            ticks += TICKS
            try:
                async with asyncio.timeout(1):
                    await self._stopped.wait()
            except TimeoutError:
                pass

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield
