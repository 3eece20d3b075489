"""Whose browser a request comes from, by the cookie of the console's session."""

from __future__ import annotations

import contextlib

from starlette.requests import Request

from gateway.access import principal_of
from kernel.app import App
from kernel.errors import Refusal
from kernel.security.principal import ANONYMOUS, Principal
from kernel.web.pages import LOGIN
from kernel.web.sessions import (
    CSRF_HEADER,
    HOME_COOKIE,
    LIVE_HEADER,
    WebSession,
    WebSessions,
    cookie_of,
    demand_own_form,
)

READING = ("GET", "HEAD")


async def session_of(request: Request, cookie: str) -> WebSession:
    """The session of a cookie; a page that refreshes itself does not prolong it. What a guest does prolongs
    the own session, too.

    Raises Refusal: UNAUTHENTICATED, SESSION_IDLE.
    """
    app: App = request.app.state.sauda
    sessions = app.registry.port_or_none(WebSessions)
    if sessions is None or not cookie:
        raise Refusal("UNAUTHENTICATED")
    is_active = LIVE_HEADER not in request.headers and request.url.path != LOGIN
    session = await sessions.resume(app.database, cookie, is_active=is_active)
    if session.is_guest and (home := cookie_of(app, request, HOME_COOKIE)):
        with contextlib.suppress(Refusal):
            await sessions.resume(app.database, home, is_active=is_active)
    return session


async def visitor_of(request: Request, *, is_public: bool) -> Principal:
    """The caller of an add-on's address: by token, else by the console's session, else nobody.

    Whatever changes something carries the mark of our forms in a header.
    Raises Refusal: UNAUTHENTICATED, SESSION_IDLE, FORM_FOREIGN.
    """
    cookie = cookie_of(request.app.state.sauda, request)
    if "authorization" in request.headers or not cookie:
        return await principal_of(request)
    try:
        session = await session_of(request, cookie)
    except Refusal:
        if is_public:
            return ANONYMOUS  # a receipt is shown to everybody
        raise
    if request.method not in READING:
        demand_own_form(request, cookie, request.headers.get(CSRF_HEADER, ""))
    return session.principal
