"""Serves the console: whose browser it is, whether the form is ours, then the page of the add-on.

Everything about business comes from the pages themselves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from gateway.access import origin_of
from gateway.browser import session_of
from gateway.live import LIVE, LiveDoor
from gateway.pages import REFUSAL_STATUS, labelled
from kernel.app import App
from kernel.errors import Refusal
from kernel.i18n import LANGUAGES
from kernel.security.origin import come_from
from kernel.web.console import Console, console_of
from kernel.web.pages import CONSOLE, LOGIN, Page
from kernel.web.sessions import (
    CSRF_FIELD,
    CSRF_HEADER,
    HOME_COOKIE,
    cookie_of,
    demand_own_form,
)
from kernel.web.view import (
    CHOICE_KEPT_S,
    LANGUAGE_COOKIE,
    SCHEME_COOKIE,
    SCHEMES,
    Declined,
    View,
    declined,
    own_path,
)

PING = f"{CONSOLE}/session"
CHOICE = f"{CONSOLE}/choice"
OWNER = "core"
IDLE = "SESSION_IDLE"


def console_routes(app: App) -> list[BaseRoute]:
    """Addresses of every page, those without parameters first; none when nobody brought a page."""
    console = console_of(app)
    if not console.pages:
        return []
    pages = [*console.pages]
    pages += [
        Page(OWNER, PING, _ping, "core.title", None, False, method, None, None) for method in ("GET", "POST")
    ]
    pages.sort(key=lambda page: (page.path.count("{"), page.path))
    return [
        Route(CHOICE, labelled(CHOICE, _choose), methods=["GET"]),
        WebSocketRoute(LIVE, labelled(LIVE, LiveDoor(app, console))),
        *(
            Route(page.path, labelled(page.path, _endpoint(console, page)), methods=[page.method])
            for page in pages
        ),
    ]


def _endpoint(console: Console, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        app: App = request.app.state.sauda
        come_from(origin_of(app, request.scope))
        cookie = cookie_of(app, request)
        try:
            session = await session_of(request, cookie)
        except Refusal as refusal:
            guest = View(request, console, owner=OWNER, cookie=cookie)
            if cookie_of(app, request, HOME_COOKIE) and await guest.come_back():
                return _on_own_side(guest)
            if not page.is_public:
                return _to_login(request, is_idle=refusal.code == IDLE)
            session, cookie = None, ""
        view = View(request, console, owner=page.owner, title=page.title, session=session, cookie=cookie)
        try:
            if page.permission is not None:
                view.principal.require(page.permission)
            if page.method == "POST":
                given = request.headers.get(CSRF_HEADER) or (await view.form()).get(CSRF_FIELD, "")
                demand_own_form(request, cookie, given)
            return await page.handler(view)
        except Declined as no:
            return _told(view, no)
        except Refusal as refusal:
            return _told(view, declined(refusal, view.language))

    return answer


def _to_login(request: Request, *, is_idle: bool) -> Response:
    """To the sign-in, and from there back to the page that was open."""
    is_part = "hx-request" in request.headers
    came_from = request.headers.get("hx-current-url", "") if is_part else ""
    here = request.url.path if request.method == "GET" and not is_part else ""
    if here and request.url.query:
        here = f"{here}?{request.url.query}"
    back = own_path(_path_of(came_from) or here or CONSOLE)
    target = f"{LOGIN}?next={quote(back, safe='')}" + ("&idle=1" if is_idle else "")
    if is_part:
        return Response(status_code=401, headers={"hx-redirect": target, "cache-control": "no-store"})
    return RedirectResponse(target, status_code=303, headers={"cache-control": "no-store"})


def _on_own_side(view: View) -> Response:
    """A guest's session is over, the own one is not: back there, also from a part of a page."""
    response = view.go(CONSOLE, "core.guest_over")
    if "hx-request" in view.request.headers:
        response.status_code = 401
        response.headers["hx-redirect"] = CONSOLE
        del response.headers["location"]
    return response


def _path_of(address: str) -> str:
    """Path and query of an address as the browser shows it."""
    _, found, rest = address.partition("://")
    slash = rest.find("/") if found else -1
    return rest[slash:].partition("#")[0] if slash >= 0 else ""


def _told(view: View, no: Declined) -> Response:
    status = REFUSAL_STATUS.get(no.code, 400)
    return view.show("console/declined.html", status=status, title=view.text("core.declined"), refusal=no)


async def _ping(view: View) -> Response:
    """How long the session lasts; a POST says that somebody is there."""
    assert view.session is not None
    return JSONResponse({"left_s": view.session.left_s}, headers={"cache-control": "no-store"})


async def _choose(request: Request) -> Response:
    """Language or colours of this browser; nothing else is changed, so a link is enough."""
    response = RedirectResponse(own_path(request.query_params.get("next", CONSOLE)), status_code=303)
    for cookie, name, known in (
        (LANGUAGE_COOKIE, "language", LANGUAGES),
        (SCHEME_COOKIE, "scheme", SCHEMES),
    ):
        if (value := request.query_params.get(name, "")) in known:
            response.set_cookie(
                cookie, value, max_age=CHOICE_KEPT_S, path=CONSOLE, httponly=True, samesite="lax"
            )
    response.headers["cache-control"] = "no-store"
    return response
