"""The exchange over HTTP as 1C's own clients speak it: answers to the byte, bodies as streams.

Every answer has status 200 and bare words in UTF-8 without a last line end: clients compare with "success"
and "progress" exactly, look for "progress" anywhere in a text, or read the body whatever the status. Hence
that word stands in no reason of a failure. What a client may do in which order is written in README.md.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import parse_qsl

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from addons.catalog_1c.adapters.sales_xml import INFO_XML, sales_xml
from addons.catalog_1c.adapters.upload import FileShelf
from addons.catalog_1c.domain.exchange import BeginPiece, ExchangeCard, OpenExchange
from addons.catalog_1c.domain.file_names import clean_name, is_image, is_picture
from addons.catalog_1c.models import ExchangeKind, FileState
from addons.catalog_1c.services.access import Gate, SignedIn
from addons.catalog_1c.services.exchanges import (
    EXCHANGE_TOPIC,
    ask_import,
    begin_anew,
    begin_piece,
    count_picture,
    cut_piece,
    end_exchange,
    end_piece,
    exchanges_of_cookie,
    latest_exchange,
    open_exchange,
)
from addons.catalog_1c.services.sales_session import give_sales, take_acknowledgement
from addons.catalog_1c.settings import Catalog1cSettings
from kernel.app import App
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.errors import Refusal, Unavailable
from kernel.i18n import explain
from kernel.ids import CompanyId
from kernel.security.origin import current_origin
from kernel.security.principal import SYSTEM, Principal

BODY_BYTES_MAX = 2 * 1024**3  # of one piece, whatever file_limit asked for
DRAINED_BYTES_MAX = 16 * 1024**2  # of a body nobody wants
QUERY_MAX = 2_000  # characters
COOKIE = "sauda1c"
SUCCESS, PROGRESS = "success", "progress"
POLL_ROUNDS_MAX = 200  # news heard during one long poll

P = ParamSpec("P")
T = TypeVar("T")

_log = structlog.get_logger("sauda.1c")


class ExchangeDoor:
    """Serves the exchange of one process: `registry.door(path, door.answer, …)`."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def answer(self, request: Request) -> Response:
        """What 1C gets for any request."""
        app: App = request.app.state.sauda
        call = _Call(app, request, self._gate)
        try:
            return await call.answer()
        except Refusal as refusal:
            reason = explain(refusal.code, refusal.facts, call.language)
            text = " ".join(filter(None, (reason.message, reason.next_action)))
            return _failure(text)
        except Unavailable as away:
            return _failure(explain(away.code, away.facts, call.language).message)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception:  # noqa: BLE001 - the edge: 1C takes nothing but its own words for an answer
            number = request.scope["sauda.request_id"]
            _log.exception("exchange failed", path=request.url.path, mode=call.mode)
            return _failure(explain("C1C_FAULT", {"number": number}, call.language).message)


@dataclass(frozen=True, slots=True)
class _Reply:
    body: bytes | str
    media_type: str = "text/plain; charset=utf-8"
    cookie: str = ""


class _Call:
    """One request."""

    def __init__(self, app: App, request: Request, gate: Gate) -> None:
        self.language = "ru"
        self._app = app
        self._request = request
        self._gate = gate
        self._asked = _parameters(request.scope["query_string"])
        self.mode = self._asked.get("mode", "")
        self._settings = app.registry.settings_of(Catalog1cSettings)
        self._body = request.stream()

    async def answer(self) -> Response:
        reply = await self._reply()
        response = Response(
            reply.body, headers={"content-type": reply.media_type, "cache-control": "no-store"}
        )
        if reply.cookie:
            response.set_cookie(COOKIE, reply.cookie, httponly=True, samesite="lax")
        return response

    async def _reply(self) -> _Reply:
        kind = self._asked.get("type", "")
        if kind not in tuple(ExchangeKind):
            await self._drain()
            raise Refusal("C1C_TYPE_UNKNOWN", type=kind[:40])
        if self.mode == "checkauth":
            return await self._check_auth(kind)
        modes: dict[str, Callable[[ExchangeCard], Awaitable[_Reply]]] = {
            "init": self._init,
            "file": self._file,
            "import": self._import,
            "deactivate": self._end,
            "complete": self._end,
        }
        if kind == ExchangeKind.SALE:
            modes |= {"query": self._query, "success": self._success, "info": self._info}
        action = modes.get(self.mode)
        if action is None:
            await self._drain()
            raise Refusal("C1C_MODE_UNKNOWN", mode=self.mode[:40])
        try:
            card = await self._exchange(kind)
        except Refusal:
            await self._drain()
            raise
        return await action(card)

    # --- who is calling

    async def _check_auth(self, kind: str) -> _Reply:
        who = await self._signed_in()
        if who is None:
            raise Refusal("C1C_ACCESS_MISSING")
        cookie = secrets.token_hex(16)
        card = await self._database.transact(
            open_exchange, self._opening(who, kind, _digest(cookie)), principal=_system(who.company_id)
        )
        self.language = card.language
        return _Reply("\n".join((SUCCESS, COOKIE, cookie)), cookie=cookie)

    async def _exchange(self, kind: str) -> ExchangeCard:
        """The sign-in of the cookie; without a good one that of the login."""
        given = self._request.cookies.get(COOKIE, "")[:64]
        if given:
            async with self._database.reading(SYSTEM) as reader:
                cards = await exchanges_of_cookie(reader, _digest(given))
            for card in cards:
                self.language = card.language
                if card.kind == kind:
                    return card
            if cards:  # signed in for the other kind of exchange
                who = SignedIn(CompanyId(cards[0].company_id), cards[0].connection_id)
                return await self._of_login(who, kind)
        signed_in = await self._signed_in()
        if signed_in is None:
            raise Refusal("C1C_EXCHANGE_OVER" if given else "C1C_ACCESS_MISSING")
        return await self._of_login(signed_in, kind)

    async def _of_login(self, who: SignedIn, kind: str) -> ExchangeCard:
        command = self._opening(who, kind, _digest(secrets.token_hex(16)))
        card = await self._database.transact(latest_exchange, command, principal=_system(who.company_id))
        self.language = card.language
        return card

    async def _signed_in(self) -> SignedIn | None:
        """Whose login the request bears; None when it bears none."""
        headers = self._request.headers
        # Some servers in front keep Authorization for themselves; README.md says how they may pass it on.
        given = headers.get("authorization") or headers.get("x-authorization") or ""
        scheme, _, encoded = given.strip().partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            raw = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise Refusal("C1C_ACCESS_WRONG") from None
        login, colon, secret = _text(raw).partition(":")
        if not colon:
            raise Refusal("C1C_ACCESS_WRONG")
        return await self._gate.enter(self._database, login, secret)

    def _opening(self, who: SignedIn, kind: str, cookie_digest: str) -> OpenExchange:
        origin = current_origin()
        return OpenExchange(
            connection_id=who.connection_id,
            kind=kind,
            cookie_digest=cookie_digest,
            busy_ms=_ms(self._settings.busy_ms),
            address=origin.address,
            client=origin.agent,
        )

    # --- what it wants

    async def _init(self, card: ExchangeCard) -> _Reply:
        await self._transact(card, begin_anew, card.id)
        zip_wish = "yes" if self._settings.is_zip_wanted else "no"
        return _Reply(f"zip={zip_wish}\nfile_limit={self._settings.file_limit_bytes}")

    async def _file(self, card: ExchangeCard) -> _Reply:
        try:
            name = clean_name(self._asked.get("filename", ""))
        except Refusal:
            await self._drain()
            raise
        if is_picture(name):
            return await self._beside_goods(card, name)
        await self._keep(card, BeginPiece(card.id, name, self._settings.session_bytes_max))
        return _Reply(SUCCESS)

    async def _beside_goods(self, card: ExchangeCard, name: str) -> _Reply:
        """A picture is kept when it can be; one that cannot, like any other file, stops no exchange."""
        if card.takes_pictures and card.kind == ExchangeKind.CATALOG and is_image(name):
            begin = BeginPiece(card.id, name, self._settings.session_bytes_max, is_picture=True)
            try:
                await self._keep(card, begin)
            except Refusal as refusal:
                _log.info("picture let go", exchange=card.id, file=name, reason=refusal.code)
            else:
                return _Reply(SUCCESS)
        await self._drain()
        await self._transact(card, count_picture, card.id)
        return _Reply(SUCCESS)

    async def _keep(self, card: ExchangeCard, begin: BeginPiece) -> None:
        """Put the body on disk behind the pieces of its name."""
        try:
            piece = await self._transact(card, begin_piece, begin)
        except Refusal:
            await self._drain()
            raise
        shelf = shelf_of(self._settings)
        path = shelf.path(card.connection_id, piece.file_id)
        try:
            length, kind = await shelf.append(
                path, self._body, offset=piece.offset, bytes_max=piece.bytes_max
            )
        except ClientDisconnect:
            await self._transact(
                card, cut_piece, piece.file_id, Refusal("C1C_UPLOAD_CUT", file=begin.name[:80])
            )
            raise
        except Refusal as refusal:
            await self._transact(card, cut_piece, piece.file_id, refusal)
            await self._drain()
            raise
        await self._transact(card, end_piece, piece.file_id, length, kind)

    async def _import(self, card: ExchangeCard) -> _Reply:
        """Wait a while for the verdict: clients ask again without a pause."""
        name = clean_name(self._asked.get("filename", ""))
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settings.poll_ms.total_seconds()
        for _ in range(POLL_ROUNDS_MAX):
            async with self._app.bus.expect(EXCHANGE_TOPIC, card.id) as news:
                verdict = await self._transact(card, ask_import, card, name)
                if verdict.refusal is not None:
                    raise verdict.refusal
                if verdict.state is FileState.DONE:
                    return _Reply(SUCCESS)
                left = until - loop.time()
                if left <= 0:
                    break
                await news.wait(left)
        return _Reply(PROGRESS)

    async def _end(self, card: ExchangeCard) -> _Reply:
        await self._transact(card, end_exchange, card.id)
        return _Reply(SUCCESS)

    async def _query(self, card: ExchangeCard) -> _Reply:
        sales = await self._transact(card, give_sales, card)
        body = await asyncio.to_thread(sales_xml, sales)
        return _Reply(body, "application/xml; charset=utf-8")

    async def _success(self, card: ExchangeCard) -> _Reply:
        await self._transact(card, take_acknowledgement, card)
        return _Reply(SUCCESS)

    async def _info(self, card: ExchangeCard) -> _Reply:
        return _Reply(INFO_XML, "application/xml; charset=utf-8")

    # --- straight helpers

    @property
    def _database(self) -> Database:
        return self._app.database

    async def _transact(
        self,
        card: ExchangeCard,
        service: Callable[Concatenate[Work, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        principal = _system(CompanyId(card.company_id))
        return await self._database.transact(service, *args, principal=principal, **kwargs)

    async def _drain(self) -> None:
        """Let the rest of the body come in and go: a client that is still sending does not read answers. One
        that sends more than a piece should have is cut off.
        """
        left = DRAINED_BYTES_MAX
        async for data in self._body:
            left -= len(data)
            if left < 0:
                return


def shelf_of(settings: Catalog1cSettings) -> FileShelf:
    """Where received files lie."""
    return FileShelf(Path(settings.folder), settings.free_bytes_min)


def _failure(text: str) -> Response:
    body = "failure\n" + text.replace(PROGRESS, "…")
    return Response(body, headers={"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"})


def _parameters(query: bytes) -> dict[str, str]:
    """Parameters of the address, the first of each name; what is not UTF-8 is windows-1251."""
    text = query.decode("latin-1")[:QUERY_MAX]
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, encoding="latin-1"):
        found.setdefault(name, _text(value.encode("latin-1")))
    return found


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("windows-1251", errors="replace")


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _system(company_id: CompanyId) -> Principal:
    return SYSTEM.within(company_id)


def _ms(delta: timedelta) -> int:
    return delta // timedelta(milliseconds=1)
