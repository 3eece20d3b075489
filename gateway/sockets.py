"""GraphQL over WebSocket: graphql-transport-ws only, bounded, with the caller's token in connection_init.

Source: graphql-ws PROTOCOL.md. Close codes: 4400 malformed, 4401 before connection_init, 4403 token refused
(also later, when it is no longer valid), 4408 connection_init late, 4409 and 4429 doubled, 1013 this process
serves enough sockets.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.types.unset import UNSET

from gateway.access import authenticate, bearer, origin_of, origins_of
from gateway.frames import PUSH
from kernel import metrics
from kernel.app import App
from kernel.config_sections import ServerSettings
from kernel.errors import Refusal
from kernel.gql.broadcast import circle_of
from kernel.gql.context import GqlContext
from kernel.i18n import LANGUAGES, choose_language
from kernel.security.origin import come_from
from kernel.security.principal import ANONYMOUS

SOCKETS_MAX = 5_000  # connections of one process
OPERATIONS_MAX = 20  # running at once on one connection
INIT_TIMEOUT = timedelta(seconds=10)
RECHECK_S = 60  # how often a connected token is asked about again
CLOSE_FORBIDDEN = 4403
CLOSE_TRY_LATER = 1013


class SocketHandler(BaseGraphQLTransportWSHandler[GqlContext, None]):
    """Strawberry's handler, safe against messages of a wrong shape, and closing when the token or its rights
    are no longer
    what they were."""

    recheck: asyncio.Task[None] | None = None

    async def handle_message(self, message: Any) -> None:
        """Close with 4400 for anything that is not a message of the protocol."""
        if not _is_well_formed(message):
            await self.handle_invalid_message("Malformed message")
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: Any) -> None:
        """Acknowledge or close; from then on keep asking whether the token still holds."""
        await super().handle_connection_init(message)
        token = token_of(message.get("payload"))
        if self.connection_acknowledged and token is not None and self.recheck is None:
            self.recheck = asyncio.create_task(self._recheck_for_ever(token))

    async def run_operation(self, operation: Operation[GqlContext, None]) -> None:
        """Join those who hear the same, if it is an operation of that kind; else execute it."""
        schema, context = self.context.app.schema, self.context
        query, name = operation.query, operation.operation_name
        circle = circle_of(schema, query, name, context) if query and not operation.variables else None
        if circle is not None:
            begin = f'{{"id":{orjson.dumps(operation.id).decode()},"type":"next","payload":'
            socket = cast(ASGIWebSocketAdapter, self.websocket).ws
            push_text = socket.scope["extensions"].get(PUSH)

            async def send(payload: str) -> None:
                metrics.count_event("subscription", "ok")
                await socket.send_text(f"{begin}{payload}}}")

            def push(payload: str) -> bool:
                return bool(push_text(f"{begin}{payload}}}"))

            stream = partial(schema.stream, query, context_value=context, operation_name=name)
            await schema.broadcasts.follow(circle, stream, send, push if push_text else None)
        await super().run_operation(operation)

    async def shutdown(self) -> None:
        """End everything this connection started."""
        if self.recheck is not None:
            self.recheck.cancel()
            with suppress(asyncio.CancelledError):
                await self.recheck
        await super().shutdown()

    async def _recheck_for_ever(self, token: str) -> None:
        app = self.context.app
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                if await authenticate(app, token) == self.context.principal:
                    continue
            except Refusal:
                pass
            await self.websocket.close(code=CLOSE_FORBIDDEN, reason="Forbidden")
            return


def token_of(payload: Any) -> str | None:
    """The token of connection_init: `{"Authorization": "Bearer …"}` or `{"token": "…"}`; None when there is
    none.
    """
    if not isinstance(payload, dict):
        return None
    for name in ("Authorization", "authorization"):
        if isinstance(header := payload.get(name), str):
            return bearer(header)
    token = payload.get("token")
    return token if isinstance(token, str) else None


def _is_well_formed(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] not in ("subscribe", "complete"):
        return True
    if not isinstance(message.get("id"), str) or not message["id"]:
        return False
    if message["type"] == "complete":
        return True
    payload = message.get("payload")
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )


class SocketView(GraphQL[GqlContext, None]):
    """The WebSocket half of the GraphQL address."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, app: App) -> None:
        super().__init__(
            app.schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=OPERATIONS_MAX,
            allowed_origins=origins_of(app.config.section(ServerSettings)),
        )
        self.app = app
        self.open_sockets = 0

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()

    async def run(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Serve one socket to its end, when there is room for it."""
        assert isinstance(request, WebSocket)
        if self.open_sockets >= SOCKETS_MAX:
            await request.accept(subprotocol=await self.pick_websocket_subprotocol(request))
            await request.close(CLOSE_TRY_LATER, "Too many connections")
            return request
        come_from(origin_of(self.app, request.scope))
        self.open_sockets += 1
        metrics.gql_sockets.set(self.open_sockets)
        try:
            return await super().run(request, *args, **kwargs)
        finally:
            self.open_sockets -= 1
            metrics.gql_sockets.set(self.open_sockets)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> GqlContext:
        """The context of a connection: nobody yet."""
        return GqlContext(
            self.app,
            ANONYMOUS,
            request_id=request.scope["sauda.request_id"],
            language=choose_language(request.headers.get("accept-language")),
        )

    async def on_ws_connect(self, context: GqlContext) -> Any:
        """Check the token of connection_init; without one the caller stays anonymous and may ask public
        things only.
        """
        parameters = context.connection_params
        assert isinstance(parameters, dict), "checked by the handler"
        try:
            token = token_of(parameters)
            if token is not None:
                context.principal = await authenticate(self.app, token)
                context.language = context.principal.language or context.language
        except Refusal as refusal:
            raise ConnectionRejectionError from refusal
        if (language := parameters.get("language")) in LANGUAGES:
            context.language = language
        return UNSET
