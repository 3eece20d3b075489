"""Answers of the gateway itself: JSON for programs, a page for people, always with the request's id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from gateway.media import Media, choose_media
from kernel.web.rendering import language_of, render, renderer_of


def json_answer(status: int, body: Mapping[str, Any]) -> Response:
    """A JSON answer that nobody keeps."""
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers={"content-type": "application/json; charset=utf-8", "cache-control": "no-store"},
    )


def error_answer(scope: Scope, status: int, code: str, message: str) -> Response:
    """An error in the shape GraphQL clients know, also where there is no GraphQL."""
    extensions = {"code": code, "requestId": scope["sauda.request_id"]}
    return json_answer(status, {"errors": [{"message": message, "extensions": extensions}]})


def too_large(scope: Scope, body_max: int) -> Response:
    """413."""
    return error_answer(scope, 413, "BODY_TOO_LARGE", f"The body is larger than {body_max} bytes.")


def failed(request: Request) -> Response:
    """500, with nothing of what went wrong but the number to ask about."""
    return _message(request, 500, "INTERNAL_SERVER_ERROR", "failed")


def not_found(request: Request) -> Response:
    """404."""
    return _message(request, 404, "NOT_FOUND", "not_found")


def _message(request: Request, status: int, code: str, key: str) -> Response:
    renderer = renderer_of(request.app.state.sauda)
    language = language_of(request)
    heading, more = renderer.text(f"core.{key}", language), renderer.text(f"core.{key}_more", language)
    if choose_media(request.headers.get("accept"), with_page=True) is not Media.HTML:
        return error_answer(request.scope, status, code, f"{heading}. {more}")
    context = {"heading": heading, "message": more}
    if status >= 500:
        context["request_id"] = request.scope["sauda.request_id"]
    return render(request, "core/message.html", context, status=status)
