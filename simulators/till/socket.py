"""Subscriptions over graphql-transport-ws, as any integrator would follow them. Mutations go over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROTOCOL = "graphql-transport-ws"
NEWS_WAIT_S = 60.0


class Subscription:
    """One followed field."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def next(self) -> dict[str, Any] | None:
        """The next news of the field, None when there will be no more. Raises TimeoutError."""
        message = await self.message()
        if message["type"] == "complete":
            return None
        if message["type"] != "next":
            raise AssertionError(message)
        (news,) = message["payload"]["data"].values()
        return dict(news)

    async def message(self) -> dict[str, Any]:
        """The next message as it came, pings aside."""
        while True:
            message: dict[str, Any] = json.loads(await asyncio.wait_for(self._connection.recv(), NEWS_WAIT_S))
            if message["type"] != "ping":
                return message
            await self._connection.send(json.dumps({"type": "pong"}))

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """The first news with these values. Fails when the subscription ends before."""
        seen = []
        while (news := await self.next()) is not None:
            seen.append(news)
            if all(news[name] == value for name, value in wanted.items()):
                return news
        raise AssertionError(f"ended without {wanted}: {seen}")


@asynccontextmanager
async def follow(address: str, token: str, document: str, **variables: Any) -> AsyncIterator[Subscription]:
    """Follow the field of a subscription at the gateway until the block ends."""
    url = f"{address.replace('http', 'ws', 1)}/graphql"
    async with connect(url, subprotocols=[Subprotocol(PROTOCOL)], open_timeout=NEWS_WAIT_S) as connection:
        hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        await connection.send(json.dumps(hello))
        subscription = Subscription(connection)
        acknowledged = await subscription.message()
        if acknowledged["type"] != "connection_ack":
            raise AssertionError(acknowledged)
        payload = {"query": document, "variables": variables}
        await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        yield subscription
