"""A client and a dealer find each other, work together and part."""

from __future__ import annotations

from datetime import timedelta

import pytest

from addons.dealer.services.appoint import appoint_dealer, dismiss_dealer
from addons.dealer.services.create_client import CreateClient, create_client
from addons.dealer.services.requests import (
    AnswerRequest,
    AskDealer,
    answer_request,
    ask_dealer,
    cancel_request,
    change_rights,
    part_from_dealer,
    remove_client,
    unblock_client,
)
from addons.dealer.services.visits import enter_client, visits_of
from addons.dealer.tests.service_centre import (
    BINS,
    MAIL,
    MANAGE,
    SEE,
    ask,
    audited,
    clock_of,
    engage,
    open_dealer,
    open_side,
    opened_app,
)
from addons.organization.api import CompanyDetails, CreateOutlet, LegalForm, create_outlet, leave_company
from kernel.app import App
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator
from kernel.security.principal import SYSTEM, Principal


async def _who(app: App, token: str) -> Principal:
    return await app.registry.port(Authenticator).authenticate(app.database, token)


async def _code(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def test_a_client_asks_a_dealer_accepts_and_the_board_shows_the_registers() -> None:
    async with opened_app(mail=MAIL) as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        await app.database.transact(ask_dealer, AskDealer(dealer.bin, (SEE,)), principal=client.owner)
        waiting = await ask(app, "{ dealerRequests { id client { bin } permissions } }", dealer.owner)
        assert [each["client"]["bin"] for each in waiting["dealerRequests"]] == [client.bin]

        document = "mutation ($id: ID!) { answerDealerRequest(id: $id, isAccepted: true) { __typename } }"
        await ask(app, document, dealer.owner, id=waiting["dealerRequests"][0]["id"])

        board = await ask(
            app,
            """{ dealerCounts { clients registers requests }
                dealerClients(first: 5) { nodes { bin registers } } }""",
            dealer.owner,
        )
        assert board["dealerCounts"] == {"clients": 1, "registers": 1, "requests": 0}
        assert board["dealerClients"]["nodes"] == [{"bin": client.bin, "registers": 1}]
        mine = await ask(app, "{ myDealer { state permissions dealer { title } } }", client.owner)
        assert mine["myDealer"]["state"] == "ACCEPTED"
        assert ("dealer.accepted", dealer.company_id) in await audited(app, client.company_id)
        async with app.database.reading(SYSTEM) as reader:
            rows = await reader.rows("SELECT recipient, subject FROM kernel_letter ORDER BY posted_ms, id")
        assert [(row["recipient"], row["subject"]) for row in rows] == [
            ("owner0@example.kz", "Request of Shop 1"),
            ("owner1@example.kz", "Shop 0 accepted"),
        ]


async def test_who_may_ask_whom() -> None:
    async with opened_app() as app:
        dealer, client, other = await open_dealer(app), await open_side(app, 1), await open_side(app, 2)
        transact = app.database.transact
        asked = AskDealer(dealer.bin, (SEE,))

        assert await _code(transact(ask_dealer, asked, principal=dealer.owner)) == "DEALER_UNKNOWN"
        stranger = AskDealer(other.bin, (SEE,))
        assert await _code(transact(ask_dealer, stranger, principal=client.owner)) == "DEALER_UNKNOWN"
        greedy = AskDealer(dealer.bin, ("organization.manage_access",))
        assert (
            await _code(transact(ask_dealer, greedy, principal=client.owner)) == "DEALER_RIGHT_NOT_GRANTABLE"
        )
        await transact(ask_dealer, asked, principal=client.owner)
        assert await _code(transact(ask_dealer, asked, principal=client.owner)) == "DEALER_ASKED_ALREADY"
        serviced = transact(appoint_dealer, client.user_id, principal=client.owner)
        assert await _code(serviced) == "DEALER_IS_SERVICED"
        await transact(cancel_request, principal=client.owner)
        await transact(appoint_dealer, client.user_id, principal=client.owner)
        assert await _code(transact(ask_dealer, asked, principal=client.owner)) == "DEALER_CANNOT_ASK"
        await transact(dismiss_dealer, client.user_id, principal=client.owner)
        assert await transact(ask_dealer, asked, principal=client.owner)


async def test_a_blocked_client_asks_no_more_until_it_is_unblocked() -> None:
    async with opened_app() as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        transact, asked = app.database.transact, AskDealer(dealer.bin, (SEE,))
        link = await transact(ask_dealer, asked, principal=client.owner)

        await transact(answer_request, AnswerRequest(link, False, True), principal=dealer.owner)

        assert await _code(transact(ask_dealer, asked, principal=client.owner)) == "DEALER_BLOCKED"
        again = transact(answer_request, AnswerRequest(link, True), principal=dealer.owner)
        assert await _code(again) == "DEALER_LINK_UNKNOWN"
        await transact(unblock_client, client.company_id, principal=dealer.owner)
        assert await transact(ask_dealer, asked, principal=client.owner)
        document = "{ myDealerHistory { state } }"
        states = (await ask(app, document, client.owner))["myDealerHistory"]
        assert sorted(each["state"] for each in states) == ["DECLINED", "REQUESTED"]


async def test_inside_a_clients_account_only_what_was_granted_and_both_sides_see_it() -> None:
    async with opened_app(mail=MAIL) as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        transact = app.database.transact
        await engage(app, dealer, client, SEE)

        pair = await transact(enter_client, client.company_id, principal=dealer.owner)
        guest = await _who(app, pair.access)

        assert (guest.company_id, guest.via_company_id) == (client.company_id, dealer.company_id)
        assert guest.permissions == {SEE}
        seen = await ask(
            app,
            "{ me { company { bin } guestFrom { bin } permissions } registers(first: 9) { totalCount } }",
            guest,
        )
        assert seen["me"] == {
            "company": {"bin": client.bin},
            "guestFrom": {"bin": dealer.bin},
            "permissions": [SEE],
        }
        await transact(change_rights, (SEE, MANAGE), principal=client.owner)
        assert await _code(_who(app, pair.access)) == "UNAUTHENTICATED"
        pair = await transact(enter_client, client.company_id, principal=dealer.owner)
        guest = await _who(app, pair.access)
        await transact(create_outlet, CreateOutlet("Склад", "Абай 2"), principal=guest)
        assert ("organization.create_outlet", dealer.company_id) in await audited(app, client.company_id)
        assert ("organization.enter_company", None) in await audited(app, dealer.company_id)
        document = "query ($f: AuditFilter!) { auditLog(first: 9, filter: $f) { nodes { action } } }"
        foreign = await ask(app, document, client.owner, f={"isGuest": True, "action": "organization."})
        assert {"action": "organization.create_outlet"} in foreign["auditLog"]["nodes"]

        await transact(leave_company, principal=guest)

        assert await _code(_who(app, pair.access)) == "UNAUTHENTICATED"
        async with app.database.reading(client.owner) as reader:
            visits = await visits_of(reader, as_dealer=False)
        assert [(visit.other_title, visit.left_ms is None) for visit in visits] == [("Shop 0", False)] * 2
        assert await _code(transact(leave_company, principal=client.owner)) == "NOT_A_GUEST"


async def test_a_client_parts_at_any_time_and_the_dealer_is_out_at_once() -> None:
    async with opened_app() as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        transact = app.database.transact
        await engage(app, dealer, client)
        pair = await transact(enter_client, client.company_id, principal=dealer.owner)
        assert await _who(app, pair.access)

        await transact(part_from_dealer, principal=client.owner)

        assert await _code(_who(app, pair.access)) == "UNAUTHENTICATED"
        stranger = transact(enter_client, client.company_id, principal=dealer.owner)
        assert await _code(stranger) == "CLIENT_UNKNOWN"
        await engage(app, dealer, client)
        await transact(remove_client, client.company_id, principal=dealer.owner)
        assert await _code(transact(part_from_dealer, principal=client.owner)) == "DEALER_LINK_UNKNOWN"
        board = await ask(app, "{ dealerCounts { clients } }", dealer.owner)
        assert board["dealerCounts"]["clients"] == 0


async def test_a_dealers_person_who_is_dismissed_is_out_of_every_clients_account() -> None:
    async with opened_app() as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        await engage(app, dealer, client)
        pair = await app.database.transact(enter_client, client.company_id, principal=dealer.owner)
        async with app.database.reading(SYSTEM) as reader:
            row = await reader.row("SELECT id FROM org_membership WHERE user_id = ?", dealer.user_id)
        assert row is not None

        await app.database.transact(_block, row["id"], principal=SYSTEM)
        app.bus.publish("access", dealer.user_id)
        clock_of(app).advance(timedelta(seconds=6))

        assert await _code(_who(app, pair.access)) == "UNAUTHENTICATED"


async def _block(work: object, membership_id: str) -> None:
    sql = "UPDATE org_membership SET is_active = 0 WHERE id = ?"
    await work.execute(sql, membership_id)  # type: ignore[attr-defined]


async def test_a_dealer_opens_an_account_and_its_owner_is_invited() -> None:
    async with opened_app(mail=MAIL) as app:
        dealer = await open_dealer(app)
        details = CompanyDetails(legal_form=LegalForm.IP, name="Ахметова")
        command = CreateClient(BINS[3], details, "client@example.kz", (SEE, MANAGE))

        client_id = await app.database.transact(create_client, command, principal=dealer.owner)

        pair = await app.database.transact(enter_client, client_id, principal=dealer.owner)
        guest = await _who(app, pair.access)
        seen = await ask(app, "{ me { company { title } } }", guest)
        assert seen["me"]["company"]["title"] == "ИП «Ахметова»"
        assert guest.permissions == {SEE, MANAGE}
        async with app.database.reading(SYSTEM) as reader:
            row = await reader.row("SELECT recipient, subject FROM kernel_letter")
        assert row is not None
        assert (row["recipient"], row["subject"]) == (
            "client@example.kz",
            "ИП «Ахметова»: приглашение в Sauda",
        )
