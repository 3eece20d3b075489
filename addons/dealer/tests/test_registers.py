"""Registers of clients: the board, bulk actions, moves between the sides, the statement of a month."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from addons.dealer.domain.months import days_served, month_bounds
from addons.dealer.pages.statement_page import workbook_of
from addons.dealer.services.bulk import RunBulkAction, run_bulk_action
from addons.dealer.services.moves import AnswerMove, ProposeMove, answer_move, cancel_move, propose_move
from addons.dealer.services.requests import part_from_dealer
from addons.dealer.services.statement import StatementLine, month_statement
from addons.dealer.tests.service_centre import (
    MANAGE,
    SEE,
    Side,
    ask,
    audited,
    clock_of,
    engage,
    open_dealer,
    open_side,
    opened_app,
)
from addons.organization.api import Severity, report_status
from kernel.app import App
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.security.principal import SYSTEM

KNOWN = "REGISTER_DECOMMISSIONED"  # a code whose text has a place for a fact


async def _report(
    work: Work, register_id: str, severity: Severity, code: str, facts: dict[str, int] | None = None
) -> None:
    await report_status(
        work, register_id, source="fleet", severity=severity, code=code, since_ms=1, facts=facts
    )


async def _code(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def _titles(app: App, side: Side) -> list[tuple[int, str, bool]]:
    async with app.database.reading(SYSTEM) as reader:
        sql = "SELECT number, title, is_decommissioned FROM org_register WHERE company_id = ? ORDER BY number"
        rows = await reader.rows(sql, side.company_id)
    return [(row["number"], row["title"], bool(row["is_decommissioned"])) for row in rows]


async def test_the_board_shows_problems_first_and_only_clients() -> None:
    async with opened_app() as app:
        dealer, well, ill, stranger = [await open_dealer(app), *[await open_side(app, n) for n in (1, 2, 3)]]
        await engage(app, dealer, well)
        await engage(app, dealer, ill)
        transact = app.database.transact
        await transact(_report, ill.register_id, Severity.ERROR, KNOWN, {"number": 7}, principal=ill.owner)
        await transact(_report, stranger.register_id, Severity.ERROR, "X", principal=stranger.owner)
        document = """query ($f: DealerBoardFilter) {
            dealerBoard(first: 10, filter: $f) { totalCount nodes {
                clientTitle worst codes troubles { code severity message facts } } }
            dealerClients(first: 10, filter: $f) { nodes { title problems worst } }
            dealerCounts { clients registers errors warnings } }"""

        board = await ask(app, document, dealer.owner)
        ill_only = await ask(app, document, dealer.owner, f={"worstAtLeast": 1})
        named = await ask(app, document, dealer.owner, f={"text": "Shop 1"})

        assert board["dealerBoard"] == {
            "totalCount": 2,
            "nodes": [
                {
                    "clientTitle": "Shop 2",
                    "worst": 2,
                    "codes": ["REGISTER_DECOMMISSIONED"],
                    "troubles": [
                        {
                            "code": "REGISTER_DECOMMISSIONED",
                            "severity": "ERROR",
                            "message": "Register 7 was taken out of use.",
                            "facts": '{"number":7}',
                        }
                    ],
                },
                {"clientTitle": "Shop 1", "worst": 0, "codes": [], "troubles": []},
            ],
        }
        assert board["dealerCounts"] == {"clients": 2, "registers": 2, "errors": 1, "warnings": 0}
        assert [node["title"] for node in ill_only["dealerClients"]["nodes"]] == ["Shop 2"]
        assert [node["clientTitle"] for node in named["dealerBoard"]["nodes"]] == ["Shop 1"]


async def test_a_bulk_action_is_done_where_it_was_granted_and_refused_elsewhere() -> None:
    async with opened_app() as app:
        dealer, kind, strict, stranger = [
            await open_dealer(app),
            *[await open_side(app, n) for n in (1, 2, 3)],
        ]
        await engage(app, dealer, kind, SEE, MANAGE)
        await engage(app, dealer, strict, SEE)
        ids = tuple(side.register_id for side in (kind, strict, stranger))

        command = RunBulkAction("dealer.put_in_group", ids, "Сервис")
        outcomes = await run_bulk_action(app.database, dealer.owner, command)

        codes = [None if each.refusal is None else each.refusal.code for each in outcomes]
        assert codes == [None, "FORBIDDEN", "REGISTER_UNKNOWN"]
        seen = await ask(app, "{ registerGroups(first: 9) { nodes { title registers { id } } } }", kind.owner)
        assert seen["registerGroups"]["nodes"] == [
            {"title": "Сервис", "registers": [{"id": to_global("Register", kind.register_id)}]}
        ]
        assert ("dealer.bulk_action", dealer.company_id) in await audited(app, kind.company_id)
        unknown = run_bulk_action(app.database, dealer.owner, RunBulkAction("dealer.nothing", ids))
        assert await _code(unknown) == "BULK_ACTION_UNKNOWN"
        offered = await ask(app, "{ dealerActions { name title textTitle } }", dealer.owner)
        assert {"name": "dealer.unbind_devices", "title": "Unbind devices", "textTitle": None} in offered[
            "dealerActions"
        ]


async def test_a_register_moves_from_the_dealers_group_to_its_client_when_both_agree() -> None:
    async with opened_app() as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        transact = app.database.transact
        link = await engage(app, dealer, client)
        proposal = ProposeMove(link, dealer.register_id)
        move = await transact(propose_move, proposal, principal=dealer.owner)
        assert (
            await _code(transact(propose_move, proposal, principal=dealer.owner)) == "MOVE_PROPOSED_ALREADY"
        )
        alone = transact(answer_move, AnswerMove(move, True, client.outlet_id), principal=dealer.owner)
        assert await _code(alone) == "MOVE_UNKNOWN"
        bare = transact(answer_move, AnswerMove(move, True), principal=client.owner)
        assert await _code(bare) == "MOVE_OUTLET_MISSING"
        elsewhere = transact(answer_move, AnswerMove(move, True, dealer.outlet_id), principal=client.owner)
        assert await _code(elsewhere) == "OUTLET_UNKNOWN"
        assert await _titles(app, dealer) == [(1, "Касса", False)]

        await transact(answer_move, AnswerMove(move, True, client.outlet_id), principal=client.owner)

        assert await _titles(app, dealer) == [(1, "Касса", True)]
        assert await _titles(app, client) == [(1, "Касса", False), (2, "Касса", False)]
        assert ("organization.move_workplace", client.company_id) in await audited(app, dealer.company_id)
        again = transact(answer_move, AnswerMove(move, True, client.outlet_id), principal=client.owner)
        assert await _code(again) == "MOVE_UNKNOWN"


async def test_a_client_offers_a_register_the_dealer_takes_and_a_stranger_cannot() -> None:
    async with opened_app() as app:
        dealer, client, stranger = [await open_dealer(app), await open_side(app, 1), await open_side(app, 2)]
        transact = app.database.transact
        link = await engage(app, dealer, client)
        taking = ProposeMove(link, client.register_id, dealer.outlet_id)
        move = await transact(propose_move, taking, principal=dealer.owner)
        foreign = transact(answer_move, AnswerMove(move, True), principal=stranger.owner)
        assert await _code(foreign) == "MOVE_UNKNOWN"
        of_stranger = transact(propose_move, ProposeMove(link, stranger.register_id), principal=client.owner)
        assert await _code(of_stranger) == "REGISTER_UNKNOWN"

        await transact(cancel_move, move, principal=dealer.owner)
        move = await transact(propose_move, taking, principal=dealer.owner)
        await transact(answer_move, AnswerMove(move, False), principal=client.owner)
        move = await transact(propose_move, taking, principal=dealer.owner)
        await transact(part_from_dealer, principal=client.owner)

        late = transact(answer_move, AnswerMove(move, True), principal=client.owner)
        assert await _code(late) == "MOVE_UNKNOWN"
        moves = (await ask(app, "{ dealerMoves { state isOutgoing other } }", client.owner))["dealerMoves"]
        assert sorted(each["state"] for each in moves) == ["CANCELLED", "CANCELLED", "DECLINED"]
        assert {(each["isOutgoing"], each["other"]) for each in moves} == {(True, "Shop 0")}


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [("2026-01", "2026-02", 31), ("2028-02", "2028-03", 29), ("2026-12", "2027-01", 31)],
)
def test_months_are_whole_and_of_kazakhstan(begin: str, end: str, days: int) -> None:
    first, last = month_bounds(begin)

    assert last == month_bounds(end)[0]
    assert days_served(first, last) == days
    assert days_served(last, first) == 0


async def test_the_statement_counts_the_days_a_client_was_looked_after() -> None:
    async with opened_app() as app:
        dealer, stays, leaves = [await open_dealer(app), await open_side(app, 1), await open_side(app, 2)]
        await engage(app, dealer, stays)
        await engage(app, dealer, leaves)
        clock_of(app).advance(timedelta(days=5))
        await app.database.transact(part_from_dealer, principal=leaves.owner)
        clock_of(app).advance(timedelta(days=30))

        async with app.database.reading(dealer.owner) as reader:
            january, february = [await month_statement(reader, month) for month in ("2026-01", "2026-02")]
            assert await _code(month_statement(reader, "2026-13")) == "MONTH_MALFORMED"

        assert [(line.client_title, line.days) for line in january] == [("Shop 1", 17), ("Shop 2", 6)]
        assert [(line.client_title, line.days) for line in february] == [("Shop 1", 19)]
        async with app.database.reading(stays.owner) as reader:
            assert await month_statement(reader, "2026-01") == []


def test_a_title_never_becomes_a_formula() -> None:
    line = StatementLine("230140000109", "=HYPERLINK(1)", 1, "+1", 0, 86_400_000, 1)

    sheet = load_workbook(io.BytesIO(workbook_of([line], "2026-01", "ru"))).active

    assert [cell.value for cell in sheet[2]][:4] == ["230140000109", "=HYPERLINK(1)", 1, "+1"]
    assert sheet.cell(2, 2).data_type == "s"
    assert [cell.value for cell in sheet[4]][:3] == ["Касс", None, 1]
