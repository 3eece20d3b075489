"""Stories in the console: the dealer's people at their board and in clients' accounts, the client's side."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from addons.dealer.services.requests import AskDealer, ask_dealer, part_from_dealer
from addons.dealer.tests.service_centre import (
    BINS,
    MAIL,
    MANAGE,
    SEE,
    Side,
    ask,
    audited,
    engage,
    open_dealer,
    open_side,
    opened_app,
)
from addons.organization.api import Severity, hash_password, report_status
from gateway.app import create_app
from kernel.app import App
from kernel.data.work import Work
from kernel.gql.ids import to_global
from kernel.security.principal import SYSTEM

CSRF = re.compile(r'data-csrf="([0-9a-f]+)"')
BANNER = "Выйти к себе"
PASSWORD = "correct horse"
_hashes: list[str] = []  # of PASSWORD, made once: it is slow on purpose


@dataclass
class Browser:
    """Somebody at the console."""

    http: httpx.AsyncClient
    csrf: str = field(default="", init=False)

    async def see(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers, answer.text[:500])
        found = CSRF.search(answer.text)
        self.csrf = found[1] if found else self.csrf
        return html.unescape(answer.text)

    async def post(self, path: str, **form: str | list[str]) -> httpx.Response:
        return await self.http.post(path, data={"csrf": self.csrf, **form})


@asynccontextmanager
async def signed_in(app: App, side: Side) -> AsyncIterator[Browser]:
    """The owner of a side in a browser of his own, in Russian."""
    transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://gateway", headers={"accept-language": "ru"}
    ) as http:
        sql = "UPDATE org_user SET password_hash = ?, language = 'ru' WHERE id = ?"

        async def give_password(work: Work, text: str) -> None:
            await work.execute(sql, text, side.user_id)

        if not _hashes:
            _hashes.append(await hash_password(PASSWORD))
        await app.database.transact(give_password, _hashes[0], principal=SYSTEM)
        async with app.database.reading(SYSTEM) as reader:
            row = await reader.row("SELECT email FROM org_user WHERE id = ?", side.user_id)
        assert row is not None
        answer = await http.post("/console/login", data={"email": row["email"], "password": PASSWORD})
        assert answer.status_code == 303, answer.text[:500]
        yield Browser(http)


def page_of(client: Side) -> str:
    """The client's page at its dealer."""
    return f"/console/dealer/clients/{to_global('Company', client.company_id)}"


async def _report(work: Work, register_id: str) -> None:
    await report_status(
        work, register_id, source="fleet", severity=Severity.ERROR, code="OFD_SILENT", since_ms=1
    )


async def test_a_dealer_sees_problems_first_goes_in_and_comes_back_with_one_click() -> None:
    async with opened_app() as app:
        dealer, well, ill = await open_dealer(app), await open_side(app, 1), await open_side(app, 2)
        await engage(app, dealer, well, SEE)
        await engage(app, dealer, ill, SEE)
        await app.database.transact(_report, ill.register_id, principal=ill.owner)
        async with signed_in(app, dealer) as browser:
            board = await browser.see("/console/dealer")
            wrong = await browser.see("/console/dealer?worst=2")
            named = await browser.see("/console/dealer/clients?q=Shop+1")
            page = await browser.see(page_of(well))
            entered = await browser.post(f"{page_of(well)}/enter")
            outside = browser.csrf
            inside = await browser.see("/console/outlets")
            foreign = await browser.http.get("/console/dealer")
            stale = await browser.http.post("/console/leave", data={"csrf": outside})
            left = await browser.post("/console/leave")
            again = await browser.see("/console/dealer/visits")
        async with signed_in(app, well) as browser:
            home = await browser.see("/console")
            stranger = await browser.http.get("/console/dealer")
        seen = await audited(app, well.company_id)

    assert board.index("Shop 2") < board.index("Shop 1")
    assert "Shop 2" in wrong
    assert "Shop 1" not in wrong
    assert "Shop 1" in named
    assert "Shop 2" not in named
    assert "Войти в учётную запись" in page
    assert BANNER not in board + page
    assert entered.status_code == 303
    assert BANNER in inside
    assert "учётной записи клиента Shop 1" in inside
    assert foreign.status_code == 403
    assert BANNER in foreign.text
    assert stale.status_code == 400
    assert (left.status_code, left.headers["location"]) == (303, "/console/dealer")
    assert BANNER not in again
    assert "Сейчас внутри" not in again
    assert "/console/dealer" not in home
    assert stranger.status_code == 403
    assert any(via == dealer.company_id for _, via in seen)


async def test_a_guest_who_is_turned_out_is_at_home_again_and_signing_out_ends_both() -> None:
    async with opened_app() as app:
        dealer, client, other = await open_dealer(app), await open_side(app, 1), await open_side(app, 2)
        await engage(app, dealer, client, SEE)
        await engage(app, dealer, other, SEE)
        async with signed_in(app, dealer) as browser:
            await browser.see(page_of(client))
            await browser.post(f"{page_of(client)}/enter")
            await browser.see("/console")
            await app.database.transact(part_from_dealer, principal=client.owner)
            out = await browser.http.get("/console/outlets")
            home = await browser.see("/console/dealer/clients")
            gone = await browser.http.get(page_of(client))

            await browser.see(page_of(other))
            await browser.post(f"{page_of(other)}/enter")
            await browser.see("/console")
            kept = dict(browser.http.cookies)
            await browser.post("/console/logout")
            after = await browser.http.get("/console/dealer")
            old = await browser.http.get(
                "/console/dealer", headers={"cookie": f"sauda_session={kept['sauda_home']}"}
            )

    assert (out.status_code, out.headers["location"]) == (303, "/console")
    assert BANNER not in home
    assert gone.headers["location"] == "/console/dealer/clients"
    assert after.headers["location"].startswith("/console/login")
    assert old.headers["location"].startswith("/console/login")


async def test_removed_a_client_is_out_of_reach() -> None:
    async with opened_app() as app:
        dealer, client, stranger = [await open_dealer(app), await open_side(app, 1), await open_side(app, 2)]
        await engage(app, dealer, client, SEE)
        async with signed_in(app, dealer) as browser:
            await browser.see(page_of(client))
            removed = await browser.post(f"{page_of(client)}/remove")
            listed = await browser.see("/console/dealer/clients")
            late = await browser.post(f"{page_of(client)}/enter")
            never = await browser.post(f"{page_of(stranger)}/enter")
        ended = await audited(app, client.company_id)

    assert removed.status_code == 303
    assert "Shop 1" not in listed
    assert "sauda_session" not in str(late.headers) + str(never.headers)
    assert ended[-1][1] == dealer.company_id


def _id_in(page: str, after: str) -> str:
    """The id in the first form that stands behind a text."""
    found = re.search(r'name="id" value="([^"]+)"', page[page.index(after) :])
    assert found is not None
    return found[1]


async def test_requests_are_accepted_declined_and_taken_no_more() -> None:
    async with opened_app(mail=MAIL) as app:
        dealer, kind, odd = await open_dealer(app), await open_side(app, 1), await open_side(app, 2)
        for side in (kind, odd):
            await app.database.transact(ask_dealer, AskDealer(dealer.bin, (SEE,)), principal=side.owner)
        async with signed_in(app, dealer) as browser:
            board = await browser.see("/console/dealer")
            waiting = await browser.see("/console/dealer/requests")
            accept, block = _id_in(waiting, "Shop 1"), _id_in(waiting, "Shop 2")
            await browser.post("/console/dealer/requests", what="accept", id=accept)
            twice = await browser.post("/console/dealer/requests", what="accept", id=accept)
            await browser.post("/console/dealer/requests", what="block", id=block)
            blocked = await browser.see("/console/dealer/requests")
            listed = await browser.see("/console/dealer/clients")
            await browser.post("/console/dealer/requests", what="unblock", id=_id_in(blocked, "Shop 2"))
            freed = await browser.see("/console/dealer/requests")
        history = await ask(app, "{ myDealerHistory { state } }", odd.owner)

    assert "Заявок ждут ответа: 2" in board
    assert twice.status_code == 422
    assert "Заявки не принимаются" in blocked
    assert "Shop 1" not in blocked
    assert "Shop 1" in listed
    assert "Shop 2" not in listed + freed
    assert history["myDealerHistory"] == [{"state": "DECLINED"}]


async def test_a_dealer_opens_an_account_and_a_wrong_bin_keeps_what_was_written() -> None:
    async with opened_app(mail=MAIL) as app:
        dealer = await open_dealer(app)
        async with signed_in(app, dealer) as browser:
            await browser.see("/console/dealer/clients/new")
            form = {"legalForm": "IP", "name": "Береке", "ownerEmail": "bereke@example.kz", "language": "kk"}
            wrong = await browser.post(
                "/console/dealer/clients/new", bin="123456789012", permissions=[SEE], **form
            )
            made = await browser.post("/console/dealer/clients/new", bin=BINS[3], permissions=[SEE], **form)
            listed = await browser.see("/console/dealer/clients")
            path = re.search(r'href="(/console/dealer/clients/[^"n][^"]*)"', listed)
            assert path is not None
            page = await browser.see(path[1])

    assert wrong.status_code == 422
    assert 'value="Береке"' in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    assert made.status_code == 303
    assert "Береке" in listed
    assert BINS[3] in page


MY_DEALER = "/console/settings/dealer"


async def test_a_client_asks_grants_sees_what_was_done_and_parts() -> None:
    async with opened_app(mail=MAIL) as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        async with signed_in(app, client) as mine, signed_in(app, dealer) as theirs:
            await mine.see(MY_DEALER)
            wrong = await mine.post(MY_DEALER, what="ask", dealer="nobody", permissions=[SEE, MANAGE])
            await mine.post(MY_DEALER, what="ask", dealer=dealer.bin, permissions=[SEE])
            waits = await mine.see(MY_DEALER)
            await mine.post(MY_DEALER, what="cancel")
            await mine.post(MY_DEALER, what="ask", dealer=dealer.bin, permissions=[SEE])
            requests = await theirs.see("/console/dealer/requests")
            await theirs.post("/console/dealer/requests", what="accept", id=_id_in(requests, "Shop 1"))
            await mine.post(MY_DEALER, what="rights", permissions=[SEE, MANAGE])
            await theirs.see(page_of(client))
            await theirs.post(f"{page_of(client)}/enter")
            await theirs.see("/console/outlets")
            await theirs.post("/console/outlets/new", title="Склад", address="Абай 2")
            seen = await mine.see(MY_DEALER)
            await mine.post(MY_DEALER, what="part")
            out = await theirs.http.get("/console/outlets")
            parted = await mine.see(MY_DEALER)

    assert wrong.status_code == 422
    assert 'value="nobody"' in wrong.text
    assert f'value="{MANAGE}" checked' in wrong.text
    assert "Ждёт ответа" in waits
    assert "Обслуживает" in seen
    assert "Сейчас внутри" in seen
    assert "organization.create_outlet" in seen
    assert out.headers["location"] == "/console"
    assert "Заявка дилеру" in parted
    assert "Завершено" in parted


async def test_an_owner_makes_the_company_a_dealer_who_signs_in_again() -> None:
    async with opened_app() as app:
        side = await open_side(app, 1)
        async with signed_in(app, side) as browser:
            before = await browser.see(MY_DEALER)
            user = to_global("User", side.user_id)
            await browser.post(f"{MY_DEALER}/people", what="appoint", id=user)
        async with signed_in(app, side) as browser:
            board = await browser.see("/console/dealer")
            people = await browser.see(MY_DEALER)
            ask_now = await browser.post(MY_DEALER, what="ask", dealer="x", permissions=[SEE])
            await browser.post(f"{MY_DEALER}/people", what="dismiss", id=user)
        async with signed_in(app, side) as browser:
            refused = await browser.http.get("/console/dealer")

    assert "Заявка дилеру" in before
    assert "Ведомость" in board
    assert "Заявка дилеру" not in people
    assert ask_now.status_code == 422
    assert refused.status_code == 403


async def test_a_register_moves_when_both_sides_agree_in_their_consoles() -> None:
    async with opened_app(mail=MAIL) as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        link = to_global("DealerLink", await engage(app, dealer, client, SEE))
        proposal = {
            "what": "propose",
            "linkId": link,
            "registerId": to_global("Register", dealer.register_id),
        }
        async with signed_in(app, client) as mine, signed_in(app, dealer) as theirs:
            offers = await theirs.see(page_of(client))
            await theirs.post("/console/dealer/moves", **proposal)
            twice = await theirs.post("/console/dealer/moves", **proposal)
            waiting = await mine.see(f"{MY_DEALER}/moves")
            move = _id_in(waiting, "Касса")
            bare = await mine.post(f"{MY_DEALER}/moves", what="accept", id=move)
            outlet = to_global("Outlet", client.outlet_id)
            await mine.post(f"{MY_DEALER}/moves", what="accept", id=move, outletId=outlet)
            moved = await mine.see(f"{MY_DEALER}/moves")
            seen = await theirs.see("/console/dealer/moves")
            back = {"registerId": to_global("Register", client.register_id)}
            await mine.post(f"{MY_DEALER}/moves", what="propose", linkId=link, **back)
            asked = await theirs.see("/console/dealer/moves")
            await theirs.post("/console/dealer/moves", what="decline", id=_id_in(asked, "Касса"))
            declined = await mine.see(f"{MY_DEALER}/moves")
            book = await theirs.http.get("/dealer/statement.xlsx?month=2026-01")

    assert "Передать кассу клиенту" in offers
    assert "Принять кассу клиента" in offers
    assert (twice.status_code, bare.status_code) == (422, 422)
    assert "поступает от: Shop 0" in moved
    assert "Переведена" in moved
    assert "передаётся: Shop 1" in seen
    assert "Отклонено" in declined
    assert book.status_code == 200


async def test_ticked_registers_are_put_in_a_group_where_the_client_allows_it() -> None:
    async with opened_app() as app:
        dealer, kind, strict = await open_dealer(app), await open_side(app, 1), await open_side(app, 2)
        await engage(app, dealer, kind, SEE, MANAGE)
        await engage(app, dealer, strict, SEE)
        ids = [to_global("Register", each.register_id) for each in (kind, strict)]
        async with signed_in(app, dealer) as browser:
            await browser.see("/console/dealer")
            form = {"action": "dealer.put_in_group", "text": "Сервис"}
            partly = await browser.post("/console/dealer", register=ids, **form)
            wholly = await browser.post("/console/dealer", register=ids[:1], action="dealer.unbind_devices")
            unknown = await browser.post("/console/dealer", register=ids, action="nothing")
        groups = await ask(app, "{ registerGroups(first: 9) { nodes { title } } }", kind.owner)
        others = await ask(app, "{ registerGroups(first: 9) { nodes { title } } }", strict.owner)

    assert "Выполнено: 1 из 2" in partly.text
    assert (wholly.status_code, unknown.status_code) == (303, 422)
    assert groups["registerGroups"]["nodes"] == [{"title": "Сервис"}]
    assert others["registerGroups"]["nodes"] == []
