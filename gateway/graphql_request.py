"""Reads a GraphQL request out of an HTTP one, by the draft "GraphQL over HTTP". Executes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from gateway.envelope import header
from kernel.values import value

JSON_TYPE = "application/json"
DIGEST_PREFIX = "sha256:"

_DIGEST = re.compile(r"[0-9a-f]{64}")


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


@value
class GraphQLParams:
    """Checked parameters of one operation."""

    query: str | None
    digest: str | None = None  # SHA-256 of a document sent before, in place of it or beside it
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


async def read_params(scope: Scope, receive: Receive) -> GraphQLParams:
    """Parameters of a GET or POST. Raises BadRequest, and ClientDisconnect when the client has gone."""
    if scope["method"] == "GET":
        return params_of(_from_address(Request(scope)))
    content_type = header(scope, b"content-type") or ""
    if content_type != JSON_TYPE:
        _check_content_type(content_type)
    try:
        body = orjson.loads(await _body(receive))
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, "The body is not JSON.") from error
    if isinstance(body, list):
        raise BadRequest(400, "Batches are not accepted: send one operation per request.")
    if not isinstance(body, dict):
        raise BadRequest(400, "The body is not a JSON object.")
    return params_of(body)


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def params_of(given: Mapping[str, Any]) -> GraphQLParams:
    """Check the kinds of the four parameters; others are ignored. Raises BadRequest."""
    query = _kind(given, "query", str, "a string")
    extensions = _kind(given, "extensions", dict, "an object")
    digest = _digest(given, extensions)
    if not query and digest is None:
        raise BadRequest(400, "The parameter `query` is missing.")
    return GraphQLParams(
        query=query,
        digest=digest,
        variables=_kind(given, "variables", dict, "an object"),
        operation_name=_kind(given, "operationName", str, "a string") or None,
        extensions=extensions,
    )


def _kind(given: Mapping[str, Any], name: str, kind: type, words: str) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(400, f"The parameter `{name}` is {words} or null.")
    return value


def _digest(given: Mapping[str, Any], extensions: dict[str, Any] | None) -> str | None:
    """The digest of `documentId: "sha256:…"` or of Apollo's `extensions.persistedQuery`, in lower case."""
    document_id = _kind(given, "documentId", str, "a string")
    asked = (extensions or {}).get("persistedQuery")
    if document_id is None and isinstance(asked, dict) and asked.get("version") == 1:
        document_id = f"{DIGEST_PREFIX}{asked.get('sha256Hash')}"
    if document_id is None:
        return None
    digest: str = document_id.removeprefix(DIGEST_PREFIX).lower()
    if not document_id.startswith(DIGEST_PREFIX) or _DIGEST.fullmatch(digest) is None:
        raise BadRequest(400, f"A document id is `{DIGEST_PREFIX}` and 64 hexadecimal digits.")
    return digest


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
