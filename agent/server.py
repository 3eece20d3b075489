"""The server as the agent sees it: questions with answers, and news that there is something to print.

Two things can go wrong: it is away (try later), or it does not want us (a person has to look).
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from ssl import SSLContext
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from agent.documents import NEWS

ANSWER_LIMIT_S = 30.0
CONNECT_LIMIT_S = 10.0
PING_S = 20.0
MESSAGE_MAX = 65_536  # bytes of one piece of news
ACCESS_CODES = frozenset(
    {"UNAUTHENTICATED", "FORBIDDEN", "ONLY_FOR_DEVICES", "SHOP_DEVICES_ONLY", "REGISTER_UNKNOWN"}
)
CLOSE_FORBIDDEN = 4403


class ServerAway(Exception):
    """No answer, or not now."""


class ServerRefuses(Exception):
    """It answered and does not let us in. code: for people who look it up."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Server(Protocol):
    """What the agent needs of it."""

    async def ask(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The one root field's value. A `Refused` comes back as it is.

        Raises ServerAway, ServerRefuses.
        """
        ...

    def news(self, document: str = NEWS) -> AsyncGenerator[None, None]:
        """Once at the beginning and whenever there may be something to print, or to do by another
        subscription. Raises ServerAway, ServerRefuses; ends by itself only when the server says so.
        """
        ...


class RemoteServer:
    """GraphQL over HTTP, news over graphql-transport-ws; both at `<url>/graphql`. Use inside `async with`."""

    def __init__(self, url: str, token: str, *, tls: SSLContext | None = None) -> None:
        self._url = f"{url.rstrip('/')}/graphql"
        self._token = token
        self._tls = tls
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_LIMIT_S, connect=CONNECT_LIMIT_S),
            verify=True if tls is None else tls,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    async def __aenter__(self) -> RemoteServer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """See Server."""
        try:
            answer = await self._client.post(self._url, json={"query": document, "variables": variables})
        except httpx.HTTPError as error:
            raise ServerAway(f"{type(error).__name__}: {error}") from error
        if answer.status_code in (401, 403):
            raise ServerRefuses("UNAUTHENTICATED", "the token is not valid any more")
        try:
            body = answer.json()
        except ValueError as error:
            raise ServerAway(f"HTTP {answer.status_code}, not an answer of Sauda") from error
        return value_of(body, status=answer.status_code)

    async def news(self, document: str = NEWS) -> AsyncGenerator[None, None]:
        """See Server."""
        scheme, _, rest = self._url.partition("://")
        url = f"{'wss' if scheme == 'https' else 'ws'}://{rest}"
        try:
            async with connect(
                url,
                subprotocols=[Subprotocol("graphql-transport-ws")],
                open_timeout=CONNECT_LIMIT_S,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                max_size=MESSAGE_MAX,
                ssl=(self._tls or True) if scheme == "https" else None,
            ) as socket:
                hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {self._token}"}}
                await socket.send(json.dumps(hello))
                async for text in socket:
                    message = json.loads(text)
                    match message.get("type"):
                        case "connection_ack":
                            subscribe = {"id": "1", "type": "subscribe", "payload": {"query": document}}
                            await socket.send(json.dumps(subscribe))
                        case "next":
                            value_of(message["payload"])
                            yield None
                        case "error":
                            value_of({"errors": message["payload"]})
                        case "complete":
                            return
                        case "ping":
                            await socket.send(json.dumps({"type": "pong"}))
                if socket.close_code == CLOSE_FORBIDDEN:
                    raise ServerRefuses("UNAUTHENTICATED", "the token is not valid any more")
                raise ServerAway(f"the line was closed ({socket.close_code})")
        except InvalidStatus as error:
            raise ServerAway(f"HTTP {error.response.status_code}") from error
        except (OSError, TimeoutError, WebSocketException, ValueError) as error:
            raise ServerAway(f"{type(error).__name__}: {error}") from error


def value_of(body: Any, *, status: int = 200) -> dict[str, Any]:
    """The value of the one root field. Raises ServerAway, ServerRefuses."""
    if not isinstance(body, dict):
        raise ServerAway("not an answer of Sauda")
    for error in body.get("errors") or ():
        code = str((error.get("extensions") or {}).get("code") or "")
        message = str(error.get("message") or "")
        if code in ACCESS_CODES:
            raise ServerRefuses(code, message)
        raise ServerAway(f"{code or f'HTTP {status}'}: {message}")
    data = body.get("data")
    if not isinstance(data, dict) or not data:
        raise ServerAway(f"HTTP {status} without data")
    (value,) = data.values()
    if isinstance(value, dict) and value.get("__typename") == "Refused" and value["code"] in ACCESS_CODES:
        raise ServerRefuses(value["code"], value["message"])
    return value if isinstance(value, dict) else {"value": value}


def demand_url(url: str) -> str:
    """The address, if it is one. Raises ValueError saying what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address looks like https://sauda.example.kz")
    return url
