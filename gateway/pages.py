"""Pages that add-ons registered: who is calling is settled before their endpoint runs."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access import origin_of
from gateway.answers import error_answer
from gateway.browser import visitor_of
from gateway.envelope import ROUTE
from kernel.addons.entries import Route
from kernel.errors import Refusal
from kernel.gql.refusals import refused
from kernel.security.origin import come_from
from kernel.security.principal import PrincipalKind
from kernel.web.rendering import language_of

PageEndpoint = Callable[[Request], Awaitable[Response]]

REFUSAL_STATUS = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "AUTH_THROTTLED": 429}


def page_of(route: Route) -> ASGIApp:
    """The endpoint of a registered route with `request.state.principal` set; anonymous callers see public
    pages only.

    A Refusal raised by the endpoint becomes a plain error answer. A door asks itself who is calling.
    """
    endpoint: PageEndpoint = route.endpoint
    assert inspect.iscoroutinefunction(endpoint), f"{route.owner}: {route.path} is not an async function"

    async def page(request: Request) -> Response:
        try:
            come_from(origin_of(request.app.state.sauda, request.scope))
            request.state.principal = principal = await visitor_of(request, is_public=route.is_public)
            if not route.is_public and principal.kind is PrincipalKind.ANONYMOUS:
                raise Refusal("UNAUTHENTICATED")
            return await endpoint(request)
        except Refusal as refusal:
            shown = refused(refusal, language_of(request))
            return error_answer(request.scope, REFUSAL_STATUS.get(shown.code, 400), shown.code, shown.message)

    async def door(request: Request) -> Response:
        come_from(origin_of(request.app.state.sauda, request.scope))
        return await endpoint(request)

    return labelled(route.path, door if route.is_door else page)


def labelled(label: str, endpoint: Any) -> ASGIApp:
    """An ASGI app that names its route for the figures; endpoint is an async function of a request, or an
    ASGI app.
    """
    if not inspect.iscoroutinefunction(endpoint):
        application: ASGIApp = endpoint

        async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
            scope[ROUTE] = label
            await application(scope, receive, send)

        return _Labelled(pass_on)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope[ROUTE] = label
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    return _Labelled(answer)


class _Labelled:
    """Makes Starlette take a function of three arguments for the ASGI app it is."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)
