"""The stream of an open console page: which of the things it shows have changed, told over a WebSocket.

A page names what its parts watch (`?watch=`, see View.watch): GraphQL subscriptions of its add-ons, followed
with the rights of its session. Only the name comes back, never data: the page reads its part again, as any
page is read. Equal watches of a session are followed once, however many tabs it has open.

Messages: `{"changed": watch}`; `{"over": watch}` when nothing more will be told about it. Close codes: 4400
asked wrongly, 4403 no session (also later, when it ended or its rights changed), 1013 enough streams.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from functools import partial
from hashlib import sha256

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.access import origin_of
from gateway.envelope import REQUEST_ID
from gateway.sockets import CLOSE_FORBIDDEN, CLOSE_TRY_LATER, RECHECK_S, SOCKETS_MAX
from kernel.app import App
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.i18n import DEFAULT_LANGUAGE
from kernel.security.origin import come_from
from kernel.security.principal import Principal
from kernel.web.console import Console
from kernel.web.pages import CONSOLE
from kernel.web.sessions import WebSessions, cookie_of, is_own_page

LIVE = f"{CONSOLE}/live"
WATCHES_MAX = 8  # of one page
SESSION_STREAMS_MAX = 10  # tabs of one browser that are seen at once
CLOSE_BAD = 4400


class LiveDoor:
    """Serves the streams of one process."""

    def __init__(self, app: App, console: Console) -> None:
        self._app = app
        self._console = console
        self._open: Counter[str] = Counter()  # streams by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One stream, to its end; a page of somebody else's gets none."""
        socket = WebSocket(scope, receive, send)
        if not is_own_page(socket):
            await socket.close()
            return
        await socket.accept()
        come_from(origin_of(self._app, scope))
        cookie = cookie_of(self._app, socket)
        try:
            principal = await self._principal(cookie)
        except Refusal:
            await socket.close(CLOSE_FORBIDDEN)
            return
        watches = dict.fromkeys(socket.query_params.getlist("watch")[: WATCHES_MAX + 1])
        documents = {each: found for each in watches if (found := self._console.followed(each))}
        session = sha256(cookie.encode()).hexdigest()
        if not 0 < len(watches) == len(documents) <= WATCHES_MAX:
            await socket.close(CLOSE_BAD)
        elif self._open.total() >= SOCKETS_MAX or self._open[session] >= SESSION_STREAMS_MAX:
            await socket.close(CLOSE_TRY_LATER)
        else:
            self._open[session] += 1
            try:
                await self._serve(socket, cookie, principal, documents)
            finally:
                self._open -= Counter([session])  # keeps no zeros

    async def _serve(
        self,
        socket: WebSocket,
        cookie: str,
        principal: Principal,
        documents: dict[str, tuple[str, dict[str, str]]],
    ) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._follow(socket, principal, watch, document))
                for watch, document in documents.items()
            ]
            tasks.append(group.create_task(self._recheck(socket, cookie, principal)))
            try:
                while (await socket.receive())["type"] != "websocket.disconnect":
                    pass  # a page has nothing to say
            finally:
                for task in tasks:
                    task.cancel()

    async def _follow(
        self, socket: WebSocket, principal: Principal, watch: str, document: tuple[str, dict[str, str]]
    ) -> None:
        schema = self._app.schema
        context = GqlContext(
            self._app, principal, request_id=socket.scope[REQUEST_ID], language=DEFAULT_LANGUAGE
        )
        text, variables = document
        told = ""

        async def tell(payload: str) -> None:
            nonlocal told
            if payload != told:  # some repeat themselves, should a notice have been lost
                told = payload
                await _send(socket, "changed", watch)

        stream = partial(schema.stream, text, variables, context_value=context)
        with suppress(WebSocketDisconnect):
            await schema.broadcasts.follow((LIVE, watch, principal), stream, tell)
            await _send(socket, "over", watch)

    async def _recheck(self, socket: WebSocket, cookie: str, principal: Principal) -> None:
        """Close as soon as the session is no longer what it was."""
        news = asyncio.Event()
        concerned = {
            principal.subject_id, principal.session_id, principal.company_id, principal.via_company_id
        }  # fmt: skip
        topic = self._app.registry.port(WebSessions).news_topic
        untap = self._app.bus.tap(topic, lambda told: news.set() if told in concerned else None)
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(RECHECK_S):
                        await news.wait()
                news.clear()
                if await self._principal(cookie) != principal:
                    break
        except Refusal:
            pass
        finally:
            untap()
        with suppress(WebSocketDisconnect):
            await socket.close(CLOSE_FORBIDDEN)

    async def _principal(self, cookie: str) -> Principal:
        """Whose cookie it is; watching is no activity. Raises Refusal: UNAUTHENTICATED, SESSION_IDLE."""
        sessions = self._app.registry.port_or_none(WebSessions)
        if sessions is None or not cookie:
            raise Refusal("UNAUTHENTICATED")
        return (await sessions.resume(self._app.database, cookie, is_active=False)).principal


async def _send(socket: WebSocket, what: str, watch: str) -> None:
    await socket.send_text(orjson.dumps({what: watch}).decode())
