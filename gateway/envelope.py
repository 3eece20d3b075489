"""What surrounds every request: its id, limits, security headers, the log line, the figures, and the last
resort.

A pure ASGI middleware: it costs microseconds and never holds a body back.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.answers import too_large
from kernel import metrics
from kernel.ids import new_id

REQUEST_ID = "sauda.request_id"
ROUTE = "sauda.route"
SLOW_S = 1.0

# Pages run and embed nothing foreign; nobody frames them.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self' data:",  # GraphiQL carries its fonts inside its style sheet
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")

_log = structlog.get_logger("sauda.http")


class BodyTooLarge(Exception):
    """The client sent more than allowed."""


class Envelope:
    """Outermost layer of the gateway."""

    def __init__(self, app: ASGIApp, *, body_max: int, log_all: bool = False) -> None:
        self._app = app
        self._body_max = body_max
        self._log_all = log_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, inside its limits and with its id."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope[REQUEST_ID] = request_id = _request_id(headers)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "http":
                await self._http(scope, receive, send, headers)
            else:
                await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        begun = perf_counter()
        reply = _Reply(scope, send)
        metrics.http_running.inc()
        try:
            if _declared_length(headers) > self._body_max:
                raise BodyTooLarge
            await self._app(scope, _Metered(receive, self._body_max), reply)
        except BodyTooLarge:
            await reply.instead(too_large(scope, self._body_max), receive)
        except Exception:  # noqa: BLE001 - the last edge: the fault was answered, here it is told to us
            _log.exception("request failed", method=scope["method"], path=_logged_path(scope))
        finally:
            metrics.http_running.dec()
            _report(scope, reply.status, perf_counter() - begun, is_noted=self._log_all)


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
            if any(name == b"content-type" and value.startswith(b"text/html") for name, value in raw):
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", PAGE_POLICY)
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


def _request_id(headers: Headers) -> str:
    """The id a proxy or client gave, when it looks like one; else a new one."""
    given = headers.get("x-request-id", "")
    return given if _GIVEN_ID.fullmatch(given) else new_id()


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length[:12]) if length.isdigit() else 0


def _report(scope: Scope, status: int, seconds: float, *, is_noted: bool) -> None:
    """Figures for every request; a log line for those that failed or were slow, or for all."""
    route = scope.get(ROUTE, "other")
    method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
    metrics.count_request(route, method, status, seconds)
    level = "info" if status >= 400 or seconds >= SLOW_S or is_noted else "debug"
    getattr(_log, level)(
        "request",
        method=scope["method"],
        path=_logged_path(scope),
        status=status,
        ms=round(seconds * 1000, 1),
    )


def _logged_path(scope: Scope) -> str:
    """The route's pattern where there is one: a path may hold a secret, such as the link of a receipt."""
    path: str = scope.get(ROUTE) or scope["path"]
    return path
