"""GraphQL over HTTP and graphql-transport-ws at one address; a browser that comes to look gets GraphiQL.

Source: draft "GraphQL over HTTP" of the GraphQL foundation; all its audits pass (tests/graphql_http).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from gateway.access import caller_of, origin_of, wish_of
from gateway.deadline import Deadline
from gateway.envelope import REQUEST_ID, header
from gateway.graphiql import graphiql_page
from gateway.graphql_request import BadRequest, GraphQLParams, read_params
from gateway.media import Media, choose_media
from gateway.sockets import SocketView
from kernel import metrics
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.errors import outcome_of
from kernel.gql.permissions import ACCESS_CODES
from kernel.gql.refusals import refused
from kernel.security.origin import come_from

OPERATION_TIMEOUT_S = 60
ACCESS_STATUS = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "AUTH_THROTTLED": 429}
_READ_ONLY = (OperationType.QUERY,)  # tuples: a kind is found in them without being hashed
_ANY = (OperationType.QUERY, OperationType.MUTATION)


# No answer is kept; what it is depends on what was accepted.
HEADERS_OF = {
    media: (
        (b"content-type", f"{media.value}; charset=utf-8".encode()),
        (b"vary", b"Accept"),
        (b"cache-control", b"no-store"),
    )
    for media in (Media.RESPONSE, Media.JSON)
}


class _Answer(NamedTuple):
    """What is written; headers: besides those every answer has."""

    status: int
    body: dict[str, Any]
    headers: Sequence[tuple[bytes, bytes]] = ()


class GraphQLView(SocketView):
    """The one GraphQL address of the gateway."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or serve a socket."""
        if scope["type"] == "websocket":
            await GraphQL.__call__(self, scope, receive, send)
            return
        accept = header(scope, b"accept")
        if scope["method"] == "GET" and choose_media(accept, with_page=True) is Media.HTML:
            request = Request(scope, receive)
            if "query" not in request.query_params:
                await graphiql_page(request)(scope, receive, send)
                return
        media = choose_media(accept)
        answer = await self._answer(scope, receive, media)
        body = orjson.dumps(answer.body)
        length = (b"content-length", str(len(body)).encode())
        headers = [*HEADERS_OF[media], length, *answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive, media: Media) -> _Answer:
        request_id: str = scope[REQUEST_ID]
        try:
            if scope["method"] not in ("GET", "POST"):
                raise BadRequest(405, "GraphQL is asked by GET and POST.", allow="GET, POST")
            with Deadline(OPERATION_TIMEOUT_S):
                come_from(origin_of(self.app, scope))
                params = await read_params(scope, receive)
                principal = await caller_of(self.app, scope)
                language = principal.language or wish_of(scope)
                context = GqlContext(self.app, principal, request_id=request_id, language=language)
                result = await self._execute(scope["method"], params, context)
        except BadRequest as bad:
            return _refuse(bad.status, bad.text, {"code": bad.code, "requestId": request_id}, allow=bad.allow)
        except Refusal as refusal:
            shown = refused(refusal, wish_of(scope))
            status = ACCESS_STATUS.get(refusal.code, 400) if media is Media.RESPONSE else 200
            return _refuse(status, shown.message, {"code": shown.code, "requestId": request_id})
        except TimeoutError:
            shown = refused(Refusal("TIMED_OUT"), wish_of(scope))
            return _refuse(504, shown.message, {"code": shown.code, "requestId": request_id})
        return _respond(media, result)

    async def _execute(self, method: str, params: GraphQLParams, context: GqlContext) -> ExecutionResult:
        begun = perf_counter()
        try:
            result = await self.app.schema.execute(
                self._document(params),
                params.variables,
                context,
                None,
                params.operation_name,
                _READ_ONLY if method == "GET" else _ANY,
                params.extensions,
            )
        except CannotGetOperationTypeError as error:
            raise BadRequest(400, error.as_http_error_reason(), code="BAD_USER_INPUT") from error
        except InvalidOperationTypeError as error:
            raise _wrong_operation(error.operation_type) from error
        if params.digest is not None and params.query and not isinstance(result, PreExecutionError):
            self.app.schema.documents.remember(params.query)
        metrics.count_operation(context.operation, "http", outcome_of(result.errors), perf_counter() - begun)
        return result

    def _document(self, params: GraphQLParams) -> str | None:
        """The text to run: as sent, or as sent before under its digest."""
        if params.digest is None:
            return params.query
        if params.query is None:
            text = self.app.schema.documents.by_digest(params.digest)
            if text is None:
                raise BadRequest(200, "PersistedQueryNotFound", code="PERSISTED_QUERY_NOT_FOUND")
            return text
        if sha256(params.query.encode()).hexdigest() != params.digest:
            raise BadRequest(400, "The digest is not of this document.", code="BAD_USER_INPUT")
        return params.query


def _wrong_operation(kind: OperationType) -> BadRequest:
    if kind is OperationType.SUBSCRIPTION:
        return BadRequest(400, "Subscriptions are served over WebSocket, by graphql-transport-ws.")
    return BadRequest(405, "Mutations are sent by POST.", allow="POST")


def _respond(media: Media, result: ExecutionResult) -> _Answer:
    errors = result.errors
    if not errors:
        return _Answer(200, {"data": result.data})
    body: dict[str, Any] = {"errors": [error.formatted for error in errors]}
    if is_request_error(result):
        return _Answer(400 if media is Media.RESPONSE else 200, body)
    body["data"] = result.data
    is_denied = result.data is None and media is Media.RESPONSE
    return _Answer(_access_status(errors) if is_denied else 200, body)


def is_request_error(result: ExecutionResult) -> bool:
    """True when execution never began: the document or its variables were at fault, so there is no `data` at
    all.
    """
    if isinstance(result, PreExecutionError):
        return True
    return (
        result.data is None
        and bool(result.errors)
        and all(error.path is None for error in result.errors or ())
    )


def _access_status(errors: Sequence[GraphQLError]) -> int:
    """401 or 403 when nothing came back because the caller may not ask at all."""
    codes = {str((error.extensions or {}).get("code")) for error in errors}
    return ACCESS_STATUS[min(codes)] if len(codes) == 1 and codes <= ACCESS_CODES else 200


def _refuse(status: int, message: str, extensions: dict[str, str], *, allow: str | None = None) -> _Answer:
    headers = []
    if allow is not None:
        headers.append((b"allow", allow.encode()))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return _Answer(status, {"errors": [{"message": message, "extensions": extensions}]}, headers)
