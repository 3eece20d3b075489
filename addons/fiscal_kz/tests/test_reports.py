"""Papers of X and Z, history, Z reports by period and number, turnover for a period: what people ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from addons.fiscal_kz.services.history import SELECT_DOCUMENT, made_within
from addons.fiscal_kz.tests.shop import X_REPORT, Shop, open_shop
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.printing.text import as_text

PAPER = """query($id: ID!) { fiscalReport(id: $id) { ours: paper(language: RU) { title text(width: 42) }
  copy: paper(language: RU, isCopy: true) { text(width: 42) } } }"""
Z_LIST = """query($id: ID!, $since: DateTime, $until: DateTime) {
  zReports(registerId: $id, since: $since, until: $until, first: 10) { totalCount nodes { number } } }"""
LAST = """query($id: ID!) { lastReceipt(registerId: $id) { operation documentNumber saleId sign } }"""
COPY = """query($id: ID!) { sale(id: $id) { receipt(isCopy: true) { text(width: 42) } } }"""
BY_TIME = """query($id: ID!, $since: DateTime, $until: DateTime) {
  fiscalDocuments(registerId: $id, since: $since, until: $until, first: 20) { nodes { documentNumber } } }"""
HISTORY = """query($id: ID!) { fiscalDocuments(registerId: $id, first: 20) { nodes {
  operation state documentNumber shiftNumber operatorName total saleId cashOperationId reportId } } }"""
TURNOVER = """query($since: DateTime!, $until: DateTime!, $register: ID, $outlet: ID, $by: TurnoverBy) {
  turnover(since: $since, until: $until, registerId: $register, outletId: $outlet, by: $by) {
    revenue operations { kind count total } groups(first: 1) { totalCount pageInfo { hasNextPage endCursor }
      nodes { title revenue } } paper(language: RU) { title text(width: 42) } } }"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


def register_of(shop: Shop) -> str:
    return to_global("Register", shop.register_id)


def moments(shop: Shop, *, days: int = 1) -> dict[str, Any]:
    now = shop.clock.now()
    return {
        "since": (now - timedelta(days=days)).isoformat(),
        "until": (now + timedelta(minutes=1)).isoformat(),
    }


async def error_of(shop: Shop, query: str, **variables: Any) -> str:
    context = GqlContext(shop.app, shop.cashier, request_id="test", language="ru")
    result = await shop.app.schema.execute(query, variable_values=variables, context_value=context)
    assert result.errors
    return str(result.errors[0].extensions["code"])


async def test_an_x_and_a_z_are_papers_with_every_sum(shop: Shop) -> None:
    await shop.sell(("Дәрі", "3"), cash="5000.00")
    await shop.move_cash("depositCash", "10000.00")
    await shop.work()
    asked = await shop.ask_report(X_REPORT)
    await shop.work()
    x = (await shop.ask(PAPER, id=asked["id"]))["ours"]
    z = await shop.ask(PAPER, id=(await shop.close())["id"])

    assert x["title"].startswith("X-ОТЧЁТ № 1")
    for text in (x["text"], z["ours"]["text"]):
        assert "ТЕСТ" in text  # a simulator stands behind it
        assert "4 050.00" in text
        assert "-450.00" in text
        assert "14 050.00" in text  # the drawer
        assert "Айгүл С." in text
    assert z["ours"]["title"].startswith("Z-ОТЧЁТ № 1")
    assert "ДУБЛИКАТ" in z["copy"]["text"]
    assert "ДУБЛИКАТ" not in z["ours"]["text"]


async def test_a_z_waits_in_a_print_queue_like_any_paper(shop: Shop) -> None:
    await shop.sell()
    await shop.close()
    (document,) = await shop.rows("SELECT id FROM fkz_document WHERE kind = 'CLOSE'")
    (shift,) = await shop.rows("SELECT id FROM trd_shift_summary")

    papers = {}
    async with shop.app.database.reading(shop.owner) as reader:
        for kind, subject in (
            ("fiscal_kz.report", document["id"]),
            ("trade.shift_cashiers", shift["id"]),
            ("trade.shift_sections", shift["id"]),
        ):
            maker = shop.app.registry.paper_maker(kind)
            assert maker is not None
            papers[kind] = as_text(await maker(reader, subject, True), 42)

    assert "Z-ОТЧЁТ" in papers["fiscal_kz.report"]
    assert "Айгүл С." in papers["trade.shift_cashiers"]
    assert all("200.00" in text and "ДУБЛИКАТ" in text for text in papers.values())


async def test_everything_a_register_did_is_listed_the_latest_first(shop: Shop) -> None:
    sale = await shop.sell()
    await shop.move_cash("depositCash", "10.00")
    await shop.work()
    shop.ofd.script.append(13)
    await shop.sell()
    await shop.ask_report(X_REPORT)
    await shop.work()
    await shop.close()

    listed = (await shop.ask(HISTORY, id=register_of(shop)))["nodes"]

    assert [(each["operation"], each["documentNumber"]) for each in listed] == [
        ("Z", "3"),
        ("X", None),
        ("SELL", None),
        ("DEPOSIT", "2"),
        ("SELL", "1"),
    ]
    assert {each["state"] for each in listed} == {"DONE", "REJECTED"}
    assert listed[-1]["saleId"] == sale["id"]
    assert listed[0]["reportId"]
    assert listed[0]["operatorName"] == "Айгүл С."


async def test_documents_of_a_day_are_found_by_time(shop: Shop) -> None:
    moments = []
    for _ in range(3):
        moments.append(shop.clock.now())
        await shop.sell()
        shop.clock.advance(timedelta(days=1))
        await shop.close()
    register = register_of(shop)

    async def numbers(**bounds: Any) -> list[str]:
        given = {name: moment.isoformat() for name, moment in bounds.items()}
        listed = (await shop.ask(BY_TIME, id=register, **given))["nodes"]
        return [each["documentNumber"] for each in listed]

    assert await numbers(since=moments[1]) == ["6", "5", "4", "3", "2"]
    assert await numbers(until=moments[1]) == ["1"]
    assert await numbers(since=moments[1], until=moments[2]) == ["3", "2"]
    assert await numbers(since=shop.clock.now() + timedelta(days=2)) == []
    async with shop.app.database.reading(shop.owner) as reader:
        kkm_id = (await shop.record()).id
        where, params = await made_within(reader, kkm_id, 1, 2**50)
        plan = await reader.rows(
            f"EXPLAIN QUERY PLAN {SELECT_DOCUMENT} WHERE {where} ORDER BY lane_seq DESC LIMIT 20", *params
        )
    assert "fkz_document_queue (kkm_id=? AND lane_seq>? AND lane_seq<?)" in plan[0]["detail"]
    assert len(plan) == 1  # nothing is sorted


async def test_the_last_receipt_can_be_printed_again(shop: Shop) -> None:
    assert await shop.ask(LAST, id=register_of(shop)) is None
    await shop.sell()
    sale = await shop.sell(("Нан", "2"), cash="400.00")
    await shop.move_cash("depositCash", "10.00")
    await shop.work()

    last = await shop.ask(LAST, id=register_of(shop))
    text = (await shop.ask(COPY, id=last["saleId"]))["receipt"]["text"]

    assert last == {
        "operation": "SELL", "documentNumber": "2", "saleId": sale["id"], "sign": sale["sign"],
    }  # fmt: skip
    assert "ДУБЛИКАТ" in text
    assert "400.00" in text


async def test_z_reports_are_found_by_the_time_of_their_close(shop: Shop) -> None:
    for _ in range(3):
        await shop.sell()
        await shop.close()
        shop.clock.advance(timedelta(days=1))
    begin = shop.clock.now() - timedelta(days=2, hours=1)

    everything = await shop.ask(Z_LIST, id=register_of(shop))
    later = await shop.ask(Z_LIST, id=register_of(shop), since=begin.isoformat())
    first = await shop.ask(Z_LIST, id=register_of(shop), until=begin.isoformat())

    assert [each["number"] for each in everything["nodes"]] == [3, 2, 1]
    assert [each["number"] for each in later["nodes"]] == [3, 2]
    assert [each["number"] for each in first["nodes"]] == [1]


async def test_a_period_is_added_up_for_a_register_an_outlet_or_the_company(shop: Shop) -> None:
    sale = await shop.sell(("Нан", "3"), cash="600.00")
    await shop.sell(("Қызмет", "1"), card="1000.00")
    await shop.take_back(sale["id"])
    await shop.work()
    shop.clock.advance(timedelta(days=2))
    await shop.close()
    await shop.sell()
    places: tuple[dict[str, str], ...] = (
        {},
        {"register": register_of(shop)},
        {"outlet": to_global("Outlet", shop.outlet_id)},
    )

    for place in places:
        long = await shop.ask(TURNOVER, **moments(shop, days=7), **place, by="CASHIER")
        today = await shop.ask(TURNOVER, **moments(shop), **place)
        assert (long["revenue"], today["revenue"]) == ("1200.00", "200.00")
        assert [(row["kind"], row["count"], row["total"]) for row in long["operations"]] == [
            ("SELL", 3, "1800.00"),
            ("SELL_RETURN", 1, "600.00"),
        ]
        assert long["groups"]["totalCount"] == 1
        assert long["groups"]["nodes"] == [{"title": "1 · Айгүл С.", "revenue": "1200.00"}]
        assert long["paper"]["title"].startswith("ОТЧЁТ ПО КАССИРАМ")
        assert "1 800.00" in long["paper"]["text"]
        assert "1 200.00" in long["paper"]["text"]
        assert today["paper"]["title"].startswith("ОТЧЁТ ЗА ПЕРИОД")


async def test_what_makes_no_sense_is_refused(shop: Shop) -> None:
    backwards = {"since": moments(shop)["until"], "until": moments(shop)["since"]}
    both = {"register": register_of(shop), "outlet": to_global("Outlet", shop.outlet_id)}
    shift = "query($id: ID!) { shiftTurnover(registerId: $id, number: 9) { revenue } }"

    assert await error_of(shop, TURNOVER, **backwards) == "PERIOD_EMPTY"
    assert await error_of(shop, TURNOVER, **moments(shop, days=94)) == "PERIOD_TOO_LONG"
    assert await error_of(shop, TURNOVER, **moments(shop), **both) == "TURNOVER_PLACE_AMBIGUOUS"
    assert await error_of(shop, shift, id=register_of(shop)) == "SHIFT_UNKNOWN"


async def test_who_is_limited_to_other_registers_sees_nothing_of_this_one(shop: Shop) -> None:
    await shop.sell()
    stranger = replace(shop.cashier, register_ids=frozenset({"elsewhere"}))
    context = GqlContext(shop.app, stranger, request_id="test", language="ru")
    asked = {"id": register_of(shop)}
    added = await shop.app.schema.execute(
        TURNOVER, variable_values=moments(shop) | {"by": "CASHIER"}, context_value=context
    )
    listed = await shop.app.schema.execute(HISTORY, variable_values=asked, context_value=context)

    assert added.errors is not None  # there is no register whose name a paper could carry
    assert added.errors[0].extensions["code"] == "REGISTER_UNKNOWN"
    assert listed.errors is not None
    assert listed.errors[0].extensions["code"] == "REGISTER_FORBIDDEN"


async def test_a_cashier_without_the_right_sees_no_reports(shop: Shop) -> None:
    cashier = replace(shop.cashier, permissions=shop.app.registry.roles["cashier"])
    context = GqlContext(shop.app, cashier, request_id="test", language="ru")
    result = await shop.app.schema.execute(TURNOVER, variable_values=moments(shop), context_value=context)

    assert result.errors is not None
    assert result.errors[0].extensions["code"] == "FORBIDDEN"
