"""Reads a GraphQL request out of an HTTP one, by the draft "GraphQL over HTTP". Executes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

JSON_TYPE = "application/json"


class BadRequest(Exception):
    """The HTTP request is not a GraphQL request; `text` tells the client's programmer why."""

    def __init__(
        self, status: int, text: str, *, code: str = "BAD_REQUEST", allow: str | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.code = code
        self.allow = allow


@dataclass(frozen=True, slots=True)
class GraphQLParams:
    """Checked parameters of one operation."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


async def read_params(request: Request) -> GraphQLParams:
    """Parameters of a GET or POST. Raises BadRequest."""
    if request.method == "GET":
        return params_of(_from_address(request))
    _check_content_type(request.headers.get("content-type", ""))
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, "The body is not JSON.") from error
    if isinstance(body, list):
        raise BadRequest(400, "Batches are not accepted: send one operation per request.")
    if not isinstance(body, dict):
        raise BadRequest(400, "The body is not a JSON object.")
    return params_of(body)


def params_of(given: Mapping[str, Any]) -> GraphQLParams:
    """Check the kinds of the four parameters; others are ignored. Raises BadRequest."""
    query = _kind(given, "query", str, "a string")
    extensions = _kind(given, "extensions", dict, "an object")
    if not query and not extensions:
        raise BadRequest(400, "The parameter `query` is missing.")
    return GraphQLParams(
        query=query,
        variables=_kind(given, "variables", dict, "an object"),
        operation_name=_kind(given, "operationName", str, "a string") or None,
        extensions=extensions,
    )


def _kind(given: Mapping[str, Any], name: str, kind: type, words: str) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(400, f"The parameter `{name}` is {words} or null.")
    return value


def _from_address(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if text := given.get(name):
            try:
                given[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise BadRequest(400, f"The parameter `{name}` is not JSON.") from error
        else:
            given.pop(name, None)
    return given


def _check_content_type(header: str) -> None:
    """Exactly JSON, which a foreign page cannot send without asking first (CORS preflight); UTF-8 only."""
    name, _, parameters = header.partition(";")
    if name.strip().lower() != JSON_TYPE:
        raise BadRequest(415, f"The content type is {JSON_TYPE}.")
    charset = parameters.strip().lower().removeprefix("charset=").strip('" ')
    if charset not in ("", "utf-8", "utf8"):
        raise BadRequest(415, "The charset is UTF-8.")
