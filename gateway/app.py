"""Puts the gateway together: GraphQL, pages of add-ons, files, health and figures, inside the envelope.

Everything about business comes from the registry; this room imports no add-on.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access import origins_of
from gateway.answers import error_answer, failed, not_found, too_large
from gateway.console import console_routes
from gateway.envelope import ROUTE, BodyTooLarge, Envelope
from gateway.figures import figures_page
from gateway.graphql_view import GraphQLView
from gateway.health import Health, Probe
from gateway.pages import labelled, page_of
from kernel.app import App
from kernel.config_sections import LogSettings, ServerSettings
from kernel.web.assets import STATIC_PATH, asset_answer
from kernel.web.pages import CONSOLE
from kernel.web.rendering import render, renderer_of

GRAPHQL_PATH = "/graphql"
PREFLIGHT_KEPT_S = 600
ALLOWED_HEADERS = ("Authorization", "Content-Type", "X-Request-Id", "Accept-Language")


def create_app(app: App, *, probes: Mapping[str, Probe] | None = None) -> ASGIApp:
    """The ASGI application of an App that is (or will be) running.

    probes: further checks of readiness, such as the heartbeat of a worker in the same process.
    """
    settings = app.config.section(ServerSettings)
    view = GraphQLView(app)
    starlette = Starlette(
        routes=_routes(app, view, Health(app, probes or {})),
        middleware=_cors(settings),
        exception_handlers={HTTPException: _http_error, BodyTooLarge: _too_large, Exception: _failed},
    )
    starlette.state.sauda = app
    renderer_of(app)  # hash the files and read the templates now, not at the first request
    logs = app.config.section(LogSettings)
    return Envelope(
        _Front(starlette, view, settings),
        body_max=settings.request_bytes_max,
        bodies={each.path: each.body_bytes_max for each in app.registry.routes if each.body_bytes_max},
        log_all=logs.all_requests,
        is_debugging=logs.level == "debug",
    )


class _Front:
    """Operations go straight to their view, everything else through Starlette, which costs as much again."""

    def __init__(self, starlette: Starlette, view: ASGIApp, settings: ServerSettings) -> None:
        self._starlette = starlette
        self._operations = view
        for each in _cors(settings):
            self._operations = each.cls(view, *each.args, **each.kwargs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"] != GRAPHQL_PATH:
            await self._starlette(scope, receive, send)
            return
        scope["app"] = self._starlette
        scope[ROUTE] = GRAPHQL_PATH
        await self._operations(scope, receive, send)


def _routes(app: App, view: GraphQLView, health: Health) -> list[BaseRoute]:
    own: list[BaseRoute] = [
        WebSocketRoute(GRAPHQL_PATH, labelled(GRAPHQL_PATH, view)),
        Route("/health/live", labelled("/health", health.live), methods=["GET"]),
        Route("/health/ready", labelled("/health", health.ready), methods=["GET"]),
        Route("/metrics", labelled("/metrics", figures_page), methods=["GET"]),
        Route(STATIC_PATH + "{name:path}", labelled("/static", static_file), methods=["GET"]),
    ]
    theirs = [Route(each.path, page_of(each), methods=list(each.methods)) for each in app.registry.routes]
    console = console_routes(app)
    front = front_door if console else home_page
    return [*own, *theirs, *console, Route("/", front, methods=["GET"])]  # an add-on's own "/" comes first


async def static_file(request: Request) -> Response:
    """A file under its hashed name, to be kept for ever."""
    found = renderer_of(request.app.state.sauda).assets.find(request.path_params["name"])
    if found is None:
        return not_found(request)
    return asset_answer(request, found)


async def front_door(request: Request) -> Response:
    """Who comes to look is led to the console."""
    return RedirectResponse(CONSOLE, status_code=303)


async def home_page(request: Request) -> Response:
    """What stands at the root until an add-on brings something better: where things are."""
    return render(request, "core/home.html", {"graphql_path": GRAPHQL_PATH})


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return not_found(request)
    response = error_answer(request.scope, error.status_code, "HTTP_ERROR", error.detail)
    response.headers.update(error.headers or {})
    return response


async def _too_large(request: Request, error: Exception) -> Response:
    return too_large(request.scope, request.app.state.sauda.config.section(ServerSettings).request_bytes_max)


async def _failed(request: Request, error: Exception) -> Response:
    return failed(request)


def _cors(settings: ServerSettings) -> list[Middleware]:
    """Off unless origins are named; never with cookies, which we do not read anyway."""
    origins = origins_of(settings)
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=list(ALLOWED_HEADERS),
            expose_headers=["X-Request-Id"],
            max_age=PREFLIGHT_KEPT_S,
        )
    ]
