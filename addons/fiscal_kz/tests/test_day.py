"""The day of a shop through the whole house: our counters, Z reports, drawer, trade's rows and the OFD's
ledger equal to the tiyn, and equal to a second computation (day_book.py).

By default a short day; SAUDA_SCALE=10 makes it one of more than two thousand documents.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from addons.catalog.api import CreateProduct, create_product
from addons.fiscal_kz.tests.day import Day, day_of
from addons.fiscal_kz.tests.day_book import KINDS, ShiftBook, keep_books
from addons.fiscal_kz.tests.shop import Shop, open_shop
from addons.organization.api import CreateOperator, Role, create_operator
from kernel.gql.ids import to_global
from kernel.money import Money

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
DOCUMENTS = 110 * SCALE  # offered in each of two shifts
EXTRA_GOODS: dict[str, dict[str, Any]] = {
    "Темекі": {"price": Money.tenge(900), "vat_bp": 1600, "is_marked": True, "section": 2},
    "Ірімшік": {"price": Money.parse("3199.90"), "vat_bp": 1600, "unit_code": "166", "section": 3},
}
Z = """query($id: ID!, $number: Int!) { zReports(registerId: $id, number: $number, first: 1) { nodes {
  number report { ...All } serverReport { ...All } } } }
fragment All on ShiftReport { shiftNumber documents drawer revenue withdrawn
  operations { operation count sum sumBeforeModifiers discount markup change offlineCount
    nonNullableAtStart nonNullable payments { means count sum } }
  taxes { rateBp operation turnover tax turnoverWithoutTax }
  sections { section operation count sum }
  cash { placement count sum } }"""
TURNOVER = """query($id: ID!, $number: Int!, $by: TurnoverBy) {
  shiftTurnover(registerId: $id, number: $number, by: $by) { revenue
    operations { kind count before discount markup total vat change offlineCount
      payments { kind count sum } }
    taxes { rateBp kind turnover vat }
    deposits { count sum } withdrawals { count sum }
    groups { totalCount nodes { key title revenue operations { kind count positions before total } } } } }"""
HISTORY = """query($id: ID!, $after: String) { fiscalDocuments(registerId: $id, first: 100, after: $after) {
  nodes { operation state documentNumber } pageInfo { hasNextPage endCursor } } }"""


def money(tiyn: int) -> str:
    """As GraphQL writes it."""
    return str(Money(tiyn))


async def furnish(shop: Shop) -> str:
    """More goods and a second cashier, whose id is returned."""
    transact = shop.app.database.transact
    products = dict(shop.products)
    for name, details in EXTRA_GOODS.items():
        products[name] = await transact(create_product, CreateProduct(name, **details), principal=shop.owner)
    shop.products = products
    operator = CreateOperator("Ерлан Қ.", role=Role.ADMINISTRATOR)
    return await transact(create_operator, operator, principal=shop.owner)


async def books_of(shop: Shop) -> list[ShiftBook]:
    """The second computation, from the rows of fiscal documents."""
    fiscal = "state IN ('FISCALIZED', 'OFFLINE')"
    lines: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in await shop.rows("SELECT * FROM trd_sale_line ORDER BY sale_id, position"):
        lines[line["sale_id"]].append(line)
    closes = await shop.rows(
        "SELECT document_number, body LIKE '%\"withdraws_cash\":true%' AS takes_cash FROM fkz_document "
        "WHERE kind = 'CLOSE' AND state = 'DONE'"
    )
    return keep_books(
        await shop.rows(f"SELECT * FROM trd_sale WHERE {fiscal}"),
        lines,
        await shop.rows(f"SELECT * FROM trd_cash WHERE {fiscal}"),
        closes,
    )


def assert_z_is_the_book(report: Any, book: ShiftBook) -> None:
    """Every figure of a report."""
    assert report["drawer"] == money(book.drawer)
    assert report["revenue"] == money(book.revenue)
    for row in report["operations"]:
        kind = row["operation"]
        assert (row["count"], row["sum"]) == (book.count[kind], money(book.sum[kind])), kind
        assert row["sumBeforeModifiers"] == money(book.before[kind])
        assert (row["discount"], row["markup"]) == (money(book.discount[kind]), money(book.markup[kind]))
        assert (row["change"], row["offlineCount"]) == (money(book.change[kind]), book.offline[kind])
        assert row["nonNullableAtStart"] == money(book.start[kind])
        assert row["nonNullable"] == money(book.end[kind])
        assert book.end[kind] == book.start[kind] + book.sum[kind]
        paid = {each["means"]: [each["count"], each["sum"]] for each in row["payments"] if each["count"]}
        assert paid == {
            means: [count, money(total)] for (of, means), (count, total) in book.paid.items() if of == kind
        }
    taxes = {
        (each["rateBp"], each["operation"]): [each["turnover"], each["tax"], each["turnoverWithoutTax"]]
        for each in report["taxes"]
    }
    assert taxes == {
        key: [money(turnover), money(tax), money(turnover - tax)]
        for key, (turnover, tax) in book.taxes.items()
    }
    cash = {each["placement"]: [each["count"], each["sum"]] for each in report["cash"]}
    for placement in ("DEPOSIT", "WITHDRAWAL"):
        count, total = book.placed[placement]
        assert cash[placement] == [count, money(total)]
    sections = {
        (each["section"], each["operation"]): [each["count"], each["sum"]] for each in report["sections"]
    }
    assert sections == {key: [count, money(total)] for key, (count, total) in book.sections.items()}


def assert_turnover_is_the_book(turnover: Any, book: ShiftBook) -> None:
    """Trade's rows added up by SQL."""
    assert turnover["revenue"] == money(book.revenue)
    for placement in ("deposits", "withdrawals"):
        count, total = book.placed[placement.upper().removesuffix("S")]
        assert turnover[placement] == {"count": count, "sum": money(total)}
    assert {row["kind"] for row in turnover["operations"]} == {kind for kind in KINDS if book.count[kind]}
    for row in turnover["operations"]:
        kind = row["kind"]
        assert (row["count"], row["total"]) == (book.count[kind], money(book.sum[kind]))
        assert (row["before"], row["discount"], row["markup"]) == (
            money(book.before[kind]),
            money(book.discount[kind]),
            money(book.markup[kind]),
        )
        assert (row["change"], row["offlineCount"]) == (money(book.change[kind]), book.offline[kind])
        assert row["vat"] == money(sum(tax for (_, of), (_, tax) in book.taxes.items() if of == kind))
        assert {each["kind"]: [each["count"], each["sum"]] for each in row["payments"]} == {
            means: [count, money(total)] for (of, means), (count, total) in book.paid.items() if of == kind
        }
    assert {
        (each["rateBp"], each["kind"]): [each["turnover"], each["vat"]] for each in turnover["taxes"]
    } == {key: [money(total), money(tax)] for key, (total, tax) in book.taxes.items()}


async def test_at_the_end_of_the_day_everybody_has_counted_the_same() -> None:
    async with open_shop(withdraw_at_close=True, shift_limit_hours=24) as shop:
        other = await furnish(shop)
        day = day_of(shop, 2026, other)
        await day.work_through(DOCUMENTS)
        await day.work_through(DOCUMENTS)

        books = await books_of(shop)
        register = to_global("Register", shop.register_id)
        assert len(books) == 2
        for number, book in enumerate(books, start=1):
            (shift,) = (await shop.ask(Z, id=register, number=number))["nodes"]
            assert_z_is_the_book(shift["report"], book)
            assert shift["report"]["documents"] == book.documents
            assert shift["report"]["drawer"] == "0.00"
            assert_z_is_the_book(shift["serverReport"], book)
            await assert_reports_are_the_book(shop, register, number, book)
        assert_counters_are_the_ledger(await shop.record(), shop, books)
        await assert_history_is_whole(shop, register, books)
        assert_the_day_was_a_day(day)


async def assert_reports_are_the_book(shop: Shop, register: str, number: int, book: ShiftBook) -> None:
    """The shift as a whole, by cashier and by section."""
    assert_turnover_is_the_book(await shop.ask(TURNOVER, id=register, number=number), book)
    cashiers = await shop.ask(TURNOVER, id=register, number=number, by="CASHIER")
    assert {
        (group["key"], row["kind"]): [row["count"], row["total"]]
        for group in cashiers["groups"]["nodes"]
        for row in group["operations"]
    } == {key: [count, money(total)] for key, (count, total) in book.by_cashier.items()}
    assert cashiers["groups"]["totalCount"] == 2
    sections = await shop.ask(TURNOVER, id=register, number=number, by="SECTION")
    assert {
        (group["key"], row["kind"]): [row["positions"], row["before"]]
        for group in sections["groups"]["nodes"]
        for row in group["operations"]
    } == {key: [count, money(total)] for key, (count, total) in book.sections.items()}


def assert_counters_are_the_ledger(record: Any, shop: Shop, books: list[ShiftBook]) -> None:
    """What is kept for life, on both sides."""
    counters, account = record.state.counters, shop.account
    assert shop.ofd.simulator.ledger.violations() == []
    assert counters.drawer == account.drawer == books[-1].drawer
    for place, kind in enumerate(KINDS):
        assert account.sums[place] == books[-1].end[kind] == counters.life.get(f"sum.{kind}", 0)
        total = sum(book.count[kind] for book in books)
        assert account.ticket_counts[place] == total == counters.life.get(f"n.{kind}", 0)
    for place, placement in enumerate(("DEPOSIT", "WITHDRAWAL")):
        total = sum(book.placed[placement][0] for book in books)
        assert account.placement_counts[place] == total == counters.life.get(f"n.{placement}", 0)


async def assert_history_is_whole(shop: Shop, register: str, books: list[ShiftBook]) -> None:
    """All documents in their order, page by page, none twice and none left out."""
    numbers: list[int] = []
    after = None
    while True:
        listed = await shop.ask(HISTORY, id=register, after=after)
        numbers += [int(node["documentNumber"]) for node in listed["nodes"] if node["documentNumber"]]
        after = listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            break
    total = sum(book.documents for book in books) + len(books)
    assert numbers == list(range(total, 0, -1))


def assert_the_day_was_a_day(day: Day) -> None:
    """A day in which nothing happens proves nothing."""
    wanted = {
        "sale", "return by line", "return", "depositCash", "withdrawCash", "X", "mark", "modifier",
        "three payments", "purchase", "return of a purchase", "lost answer", "cut of the link",
    }  # fmt: skip
    assert wanted - day.seen.keys() == set(), day.seen
