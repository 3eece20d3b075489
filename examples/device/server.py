"""The wire: questions by HTTP, news by graphql-transport-ws. Nothing is decided here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

ANSWER_WAIT_S = 60.0
PROTOCOL = "graphql-transport-ws"
# Whoever catches these tries again later; the goods that are on the device stay sellable.
AWAY = (httpx.TransportError, WebSocketException, OSError, TimeoutError)


class Refused(Exception):
    """The server understood and said no; code says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Server:
    """One server, asked with one device token."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._token = token
        self._http = httpx.AsyncClient(
            base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=ANSWER_WAIT_S
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(self, document: str, **variables: Any) -> Any:
        """The one root field of the answer. Raises Refused, and what AWAY lists."""
        response = await self._http.post("/graphql", json={"query": document, "variables": variables})
        if response.status_code >= 500:
            raise OSError(f"the server answers {response.status_code}")
        answer = json.loads(response.content)
        value = _value_of(answer)
        if isinstance(value, dict) and value.get("__typename") == "Refused":
            raise Refused(value["code"], value["message"])
        return value

    async def news(self, document: str) -> AsyncIterator[Any]:
        """Values of the root field of a subscription, until the connection breaks. Raises as `ask`."""
        address = f"{self._address.replace('http', 'ws', 1)}/graphql"
        async with connect(address, subprotocols=[Subprotocol(PROTOCOL)]) as socket:
            hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {self._token}"}}
            await socket.send(json.dumps(hello))
            async for text in socket:
                message = json.loads(text)
                match message["type"]:
                    case "connection_ack":
                        asked = {"id": "1", "type": "subscribe", "payload": {"query": document}}
                        await socket.send(json.dumps(asked))
                    case "ping":
                        await socket.send(json.dumps({"type": "pong"}))
                    case "next":
                        yield _value_of(message["payload"])
                    case "error":
                        first = message["payload"][0]
                        raise Refused(first.get("extensions", {}).get("code", ""), first["message"])
                    case "complete":
                        return


def _value_of(answer: dict[str, Any]) -> Any:
    """The one root field of an answer."""
    if errors := answer.get("errors"):
        raise Refused(errors[0].get("extensions", {}).get("code", ""), errors[0]["message"])
    (value,) = answer["data"].values()
    return value
