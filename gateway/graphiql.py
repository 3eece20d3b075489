"""The GraphiQL page, out of our own files only: nothing is fetched from anybody else, nothing runs inline."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.rendering import language_of, render, renderer_of
from kernel.web.scripts import SCRIPTS

INSTALL_COMMAND = "make scripts"


def graphiql_page(request: Request) -> Response:
    """GraphiQL, or a page that says how to install it."""
    renderer = renderer_of(request.app.state.sauda)
    if all(name in renderer.assets for name in SCRIPTS):
        return render(request, "core/graphiql.html", {})
    language = language_of(request)
    return render(
        request,
        "core/message.html",
        {
            "heading": renderer.text("core.scripts_missing", language),
            "message": renderer.text("core.scripts_missing_more", language),
            "command": INSTALL_COMMAND,
        },
        status=503,
    )
