"""What surrounds every request: its id, limits, security headers, the log line, the figures, and the last
resort.

A pure ASGI middleware: it costs microseconds and never holds a body back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from time import perf_counter
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from gateway.answers import failed, too_large
from kernel import metrics
from kernel.ids import new_id

REQUEST_ID = "sauda.request_id"
ROUTE = "sauda.route"
HEADERS = "sauda.headers"  # by lower-case name in bytes; of those given twice the first
SLOW_S = 1.0

# Pages run and embed nothing foreign; nobody frames them.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self' data:",  # GraphiQL carries its fonts inside its style sheet
        # beside us: NCALayer of that computer, which holds the keys of signatures
        "connect-src 'self' wss://127.0.0.1:13579 ws://127.0.0.1:13579",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# The cashier screen decodes bar codes in a WebAssembly module and works from a service worker of its own.
TILL_PATH = "/pos"
TILL_POLICY = PAGE_POLICY.replace(
    "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; media-src 'self' blob:"
)
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN_ID = re.compile(rb"[0-9A-Za-z._-]{8,64}")

_log = structlog.get_logger("sauda.http")


class BodyTooLarge(Exception):
    """The client sent more than allowed."""


class Envelope:
    """Outermost layer of the gateway."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        body_max: int,
        bodies: Mapping[str, int] | None = None,
        log_all: bool = False,
        is_debugging: bool = False,
    ) -> None:
        """body_max: bytes of a body; bodies: of those at other paths. log_all: a log line for every request;
        is_debugging: the same, at the level debug.
        """
        self._app = app
        self._body_max = body_max
        self._bodies = bodies or {}
        self._log_all = log_all
        self._is_debugging = is_debugging

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, inside its limits and with its id."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope[HEADERS] = headers = dict(reversed(scope["headers"]))
        scope[REQUEST_ID] = request_id = _request_id(headers)
        bound = bind_contextvars(request_id=request_id)
        try:
            if scope["type"] == "http":
                await self._http(scope, receive, send, headers)
            else:
                await self._app(scope, receive, send)
        finally:
            reset_contextvars(**bound)

    async def _http(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes]) -> None:
        begun = perf_counter()
        reply = _Reply(scope, send)
        body_max = self._bodies.get(scope["path"], self._body_max)
        metrics.http_running.now += 1
        try:
            if _declared_length(headers) > body_max:
                raise BodyTooLarge
            await self._app(scope, _Metered(receive, body_max), reply)
        except BodyTooLarge:
            await reply.instead(too_large(scope, body_max), receive)
        except ClientDisconnect:
            await reply.instead(Response(status_code=400), receive)  # nobody is there to read it
        except Exception:  # noqa: BLE001 - the last edge: told to us, and to the client if nobody did
            _log.exception("request failed", method=scope["method"], path=_logged_path(scope))
            await reply.instead(failed(Request(scope)), receive)
        finally:
            metrics.http_running.now -= 1
            self._report(scope, reply.status, perf_counter() - begun)

    def _report(self, scope: Scope, status: int, seconds: float) -> None:
        """Figures for every request; a log line for those that failed or were slow, or for all."""
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
        metrics.count_request(scope.get(ROUTE, "other"), method, status, seconds)
        if status >= 400 or seconds >= SLOW_S or self._log_all:
            note = _log.info
        elif self._is_debugging:
            note = _log.debug
        else:
            return
        note(
            "request",
            method=scope["method"],
            path=_logged_path(scope),
            status=status,
            ms=round(seconds * 1000, 1),
        )


class _Reply:
    """The `send` of a request: adds our headers, remembers the status."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            raw = message["headers"]
            raw.append((b"x-request-id", self._scope[REQUEST_ID].encode()))
            raw.append((b"x-content-type-options", b"nosniff"))
            if _is_page(raw):
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", _policy(self._scope["path"]))
                headers.setdefault("referrer-policy", "no-referrer")
                headers.setdefault("cache-control", "no-store")
        await self._send(message)

    async def instead(self, response: ASGIApp, receive: Receive) -> None:
        """Send this response if none has begun."""
        if not self.status:
            await response(self._scope, receive, self)


class _Metered:
    """The `receive` of a request, counting its body."""

    def __init__(self, receive: Receive, body_max: int) -> None:
        self._receive = receive
        self._left = body_max

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyTooLarge
        return message


def header(scope: Scope, name: bytes) -> str | None:
    """A header of the request; name in lower case."""
    found: bytes | None = scope[HEADERS].get(name)
    return None if found is None else found.decode("latin-1")


def _is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        if name == b"content-type":
            return value.startswith(b"text/html")
    return False


def _policy(path: str) -> str:
    return TILL_POLICY if path == TILL_PATH or path.startswith(f"{TILL_PATH}/") else PAGE_POLICY


def _request_id(headers: Mapping[bytes, bytes]) -> str:
    """The id a proxy or client gave, when it looks like one; else a new one."""
    given = headers.get(b"x-request-id")
    return given.decode() if given is not None and _GIVEN_ID.fullmatch(given) else new_id()


def _declared_length(headers: Mapping[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length[:12]) if length.isdigit() else 0


def _logged_path(scope: Scope) -> str:
    """The route's pattern where there is one: a path may hold a secret, such as the link of a receipt."""
    path: str = scope.get(ROUTE) or scope["path"]
    return path
