"""Serves the gateway with uvicorn: beside a block of code, or until the process is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import structlog
import uvicorn
from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.frames import PushingSocket
from gateway.health import Probe
from gateway.packets import WholeAnswers
from kernel import garbage
from kernel.app import App
from kernel.config_sections import ServerSettings
from kernel.errors import Fault, SetupFault

BACKLOG = 2_048  # connections waiting to be accepted
KEEP_ALIVE_S = 30
DRAIN_S = 15  # requests at hand when told to stop
SOCKET_MESSAGE_MAX = 262_144  # bytes of one WebSocket message
PING_S = 20.0  # silent sockets die in proxies, dead ones in us

Result = TypeVar("Result")

_log = structlog.get_logger("sauda.gateway")


class _QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers: whoever runs us decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Any:
        """Leave the process's signals alone."""
        yield


@asynccontextmanager
async def serving(
    app: App,
    *,
    host: str | None = None,
    port: int | None = None,
    probes: Mapping[str, Probe] | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """Serve a running App while the block runs; gives the base address, such as "http://127.0.0.1:8080".

    host and port default to the settings; port 0 takes a free one. On leaving, requests at hand are finished.
    Raises SetupFault when the address is taken.
    """
    settings = app.config.section(ServerSettings)
    application = create_app(app, probes=probes)
    listener = listen(settings.host if host is None else host, settings.port if port is None else port)
    async with serving_at(listener, application, tls=tls) as address:
        yield address


@asynccontextmanager
async def serving_at(
    listener: socket.socket, application: ASGIApp, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The same for any application at a listener; over HTTPS with a context."""
    server = _QuietServer(_config(application, tls))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                if task.done():
                    raise Fault("the gateway did not start")
                await asyncio.sleep(0.01)
            garbage.settle()
            yield _address(listener, "https" if tls else "http")
        finally:
            server.should_exit = True


async def serve(app: App, *, host: str | None = None, port: int | None = None) -> None:
    """Serve a running App until SIGTERM or SIGINT."""
    async with serving(app, host=host, port=port) as address:
        _log.info("serving", address=address)
        await until_told_to_stop()


async def until_told_to_stop() -> None:
    """Return on SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def run(main: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine on the fastest event loop of this machine."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for every system
        return None
    return uvloop.new_event_loop


def _config(application: Any, tls: ssl.SSLContext | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        ssl_context_factory=None if tls is None else lambda config, default: tls,
        http=WholeAnswers,
        ws=PushingSocket,
        ws_per_message_deflate=False,  # doubles the memory of a socket and slows fan-out
        ws_max_size=SOCKET_MESSAGE_MAX,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )


def listen(host: str, port: int, *, setting: str = "--port") -> socket.socket:
    """A socket that accepts connections; port 0 takes a free one. Raises SetupFault naming what to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:  # OverflowError: no such port number
        raise SetupFault([_cannot_listen(host, port, error, setting)]) from error
    # asyncio leaves this out for sockets made by others; without it an answer waits 40 ms for an
    # acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    return listener


def _cannot_listen(host: str, port: int, error: OSError | OverflowError, setting: str) -> str:
    reason = str(error)
    if isinstance(error, OSError) and error.errno:
        reason = os.strerror(error.errno).lower()
    return f"cannot listen at {host}:{port}: {reason}; choose another with {setting} (0: any free one)"


def _address(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
