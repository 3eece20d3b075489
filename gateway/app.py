"""Puts the gateway together: GraphQL, pages of add-ons, files, health and figures, inside the envelope.

Everything about business comes from the registry; this room imports no add-on.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from gateway.access import origins_of
from gateway.answers import error_answer, failed, not_found, too_large
from gateway.envelope import BodyTooLarge, Envelope
from gateway.figures import figures_page
from gateway.graphql_view import GraphQLView
from gateway.health import Health, Probe
from gateway.pages import labelled, page_of
from kernel.app import App
from kernel.config_sections import LogSettings, ServerSettings
from kernel.web.assets import STATIC_PATH
from kernel.web.rendering import render, renderer_of

GRAPHQL_PATH = "/graphql"
KEEP_FOR_EVER = "public, max-age=31536000, immutable"
PREFLIGHT_KEPT_S = 600
ALLOWED_HEADERS = ("Authorization", "Content-Type", "X-Request-Id", "Accept-Language")


def create_app(app: App, *, probes: Mapping[str, Probe] | None = None) -> ASGIApp:
    """The ASGI application of an App that is (or will be) running.

    probes: further checks of readiness, such as the heartbeat of a worker in the same process.
    """
    settings = app.config.section(ServerSettings)
    starlette = Starlette(
        routes=_routes(app, Health(app, probes or {})),
        middleware=_cors(settings),
        exception_handlers={
            HTTPException: _http_error,
            BodyTooLarge: _too_large,
            ClientDisconnect: _gone,
            Exception: _failed,
        },
    )
    starlette.state.sauda = app
    renderer_of(app)  # hash the files and read the templates now, not at the first request
    return Envelope(
        starlette, body_max=settings.request_bytes_max, log_all=app.config.section(LogSettings).all_requests
    )


def _routes(app: App, health: Health) -> list[BaseRoute]:
    view = labelled(GRAPHQL_PATH, GraphQLView(app))
    own: list[BaseRoute] = [
        Route(GRAPHQL_PATH, view),
        WebSocketRoute(GRAPHQL_PATH, view),
        Route("/health/live", labelled("/health", health.live), methods=["GET"]),
        Route("/health/ready", labelled("/health", health.ready), methods=["GET"]),
        Route("/metrics", labelled("/metrics", figures_page), methods=["GET"]),
        Route(STATIC_PATH + "{name:path}", labelled("/static", static_file), methods=["GET"]),
    ]
    theirs = [Route(each.path, page_of(each), methods=list(each.methods)) for each in app.registry.routes]
    return [*own, *theirs, Route("/", home_page, methods=["GET"])]  # an add-on's own "/" comes first


async def static_file(request: Request) -> Response:
    """A file under its hashed name, to be kept for ever."""
    found = renderer_of(request.app.state.sauda).assets.find(request.path_params["name"])
    if found is None:
        return not_found(request)
    return FileResponse(found.path, media_type=found.media_type, headers={"cache-control": KEEP_FOR_EVER})


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


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


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
