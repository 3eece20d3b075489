"""The made-up shop of tests/gql behind a whole gateway, in process or on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gateway.app import create_app
from gateway.server import serving
from kernel.addons.registry import Registry
from kernel.app import App
from kernel.testing import running_app
from tests.gql.shop import shop_registry

CLERK_TOKEN = {"authorization": "Bearer clerk"}
ANSWER_WAIT_S = 60.0


@asynccontextmanager
async def shop_app(*more: Callable[[Registry], None], **settings: Mapping[str, object]) -> AsyncIterator[App]:
    """A running application of the shop alone."""
    async with running_app(registry=shop_registry(*more), settings=settings) as app:
        yield app


@asynccontextmanager
async def shop_client(
    *more: Callable[[Registry], None], **settings: Mapping[str, object]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that talks to the gateway without a socket; a fault in it is answered, not raised."""
    async with shop_app(*more, **settings) as app:
        transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client


@asynccontextmanager
async def shop_served() -> AsyncIterator[tuple[App, str]]:
    """The gateway on a free port of this machine."""
    async with shop_app() as app, serving(app, port=0) as address:
        yield app, address


class Socket:
    """A graphql-transport-ws client that says exactly what it is told to."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(ANSWER_WAIT_S):
            message: dict[str, Any] = json.loads(await self.connection.recv())
            return message

    async def begin(self, payload: Mapping[str, Any] | None = None) -> None:
        """connection_init and its acknowledgement."""
        await self.send({"type": "connection_init", "payload": dict(payload or {})})
        assert (await self.receive())["type"] == "connection_ack"

    async def subscribe(self, operation_id: str, document: str, **variables: Any) -> None:
        payload = {"query": document, "variables": variables}
        await self.send({"type": "subscribe", "id": operation_id, "payload": payload})

    async def close_code(self) -> int:
        """The code the server closes with."""
        async with asyncio.timeout(ANSWER_WAIT_S):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code


@asynccontextmanager
async def socket_to(
    address: str, protocol: str = "graphql-transport-ws", **options: Any
) -> AsyncIterator[Socket]:
    """A socket at the GraphQL address."""
    url = f"{address.replace('http', 'ws', 1)}/graphql"
    async with connect(
        url, subprotocols=[Subprotocol(protocol)], open_timeout=ANSWER_WAIT_S, **options
    ) as connection:
        yield Socket(connection)
