"""Selling what 1C exported: goods, weights, marks, means of payment, returns."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from simulators.demo.stage import catalogue_files
from simulators.till import documents
from simulators.till.client import RefusedByServer
from simulators.till.shop import Till, card, cash, free_line, mobile
from tests.scenarios.stage import Stage, refusal
from tests.support.house import BIN

CASH, CARD, MOBILE = 0, 1, 4  # payment types on the wire, CPCR 2.0.2
SELL, SELL_RETURN = 2, 3
AT_ONCE = 5


async def import_export(stage: Stage) -> dict[str, Any]:
    """`sauda import-1c` beside the serving house; its report."""
    code, output = await stage.house.command("import-1c", *catalogue_files(), "--company", BIN, "--json")
    assert code == 0, output
    return dict(json.loads(output))


async def goods(till: Till) -> list[dict[str, Any]]:
    """All goods, page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await till.client.execute(documents.PRODUCTS, first=100, after=after))["products"]
        found.extend(page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            assert len(found) == page["totalCount"]
            return found
        after = page["pageInfo"]["endCursor"]


class SellingStories:
    """Imported goods become fiscal tickets."""

    async def test_goods_of_a_1c_export_are_sold_by_barcode_by_weight_and_by_mark(
        self, stage: Stage, till: Till
    ) -> None:
        importing = asyncio.create_task(import_export(stage))
        while not importing.done():  # the catalogue changes under a till that goes on selling
            meanwhile = await till.sell([free_line("Тауар", "100.00")], [card("100.00")])
            assert meanwhile["state"] == "FISCALIZED"
        report = await importing
        assert report["created"] == report["read"] / 2 > 100  # goods and their offers
        products = await goods(till)
        packed = next(each for each in products if each["barcode"] and each["unitCode"] == "796")
        weighed = next(each for each in products if each["unitCode"] == "166")

        sale = await till.sell(
            [
                {"barcode": packed["barcode"], "quantity": "3"},
                {"productId": weighed["id"], "quantity": "0.335"},
            ],
            [cash("100000.00")],
        )

        by_piece, by_weight = sale["lines"]
        assert [by_piece["name"], by_weight["name"]] == [packed["name"], weighed["name"]]
        total = tiyn(packed["price"]) * 3 + (tiyn(weighed["price"]) * 335 + 500) // 1000
        assert tiyn(sale["total"]) == total
        document = stage.account(till).documents[-1]
        assert (document.operation, document.total, document.sign) == (SELL, total, sale["sign"])

        marked = next(each for each in products if each["isMarked"])
        line = {"productId": marked["id"], "quantity": "2"}
        bare = await refusal(till.sell([line], [cash("100000.00")]))
        sold = await till.sell(
            [{**line, "marks": ["0104870000000013215a", "0104870000000013215b"]}], [cash("100000.00")]
        )

        assert (bare, sold["state"]) == ("SALE_MARKS_MISSING", "FISCALIZED")
        assert b"0104870000000013215b" in stage.account(till).documents[-1].payload

    @pytest.mark.parametrize(
        ("payments", "change", "told"),
        [
            ([cash("1500.00")], "265.50", {CASH: 123450}),
            ([card("1234.50")], "0.00", {CARD: 123450}),
            ([mobile("1234.50")], "0.00", {MOBILE: 123450}),
            (
                [card("200.00"), mobile("34.50"), cash("1100.00")],
                "100.00",
                {CARD: 20000, MOBILE: 3450, CASH: 100000},
            ),
        ],
        ids=["cash", "card", "mobile", "mixed"],
    )
    async def test_every_means_of_payment_is_told_and_change_comes_from_cash_alone(
        self, stage: Stage, till: Till, payments: list[dict[str, Any]], change: str, told: dict[int, int]
    ) -> None:
        sale = await till.sell([free_line("Тауар", "1234.50")], payments)

        assert (sale["state"], sale["change"]) == ("FISCALIZED", change)
        (document,) = stage.account(till).documents
        assert dict(document.payments) == told

    async def test_a_sale_goes_back_in_parts_and_never_more_than_was_sold(
        self, stage: Stage, till: Till
    ) -> None:
        sale = await till.sell([free_line("Алма", "300.00", "3")], [cash("900.00")])

        back = await till.give_back(sale["id"], lines=[{"position": 1, "quantity": "2"}])
        too_much = await refusal(till.give_back(sale["id"], lines=[{"position": 1, "quantity": "2"}]))
        rest = await till.give_back(sale["id"])
        again = await refusal(till.give_back(sale["id"]))

        assert (back["kind"], back["state"], back["total"]) == ("SELL_RETURN", "FISCALIZED", "600.00")
        assert rest["total"] == "300.00"
        assert (too_much, again) == ("RETURN_MORE_THAN_SOLD", "RETURN_NOTHING_LEFT")
        assert [each.operation for each in stage.account(till).documents] == [SELL, SELL_RETURN, SELL_RETURN]
        assert stage.account(till).drawer == 0

    async def test_the_drawer_never_goes_below_zero(self, stage: Stage, till: Till) -> None:
        await till.move_cash(documents.DEPOSIT, "1000.00")
        sale = await till.sell([free_line("Тауар", "500.00")], [cash("500.00")])

        too_much = await refusal(till.move_cash(documents.WITHDRAW, "1500.01"))
        await till.move_cash(documents.WITHDRAW, "1500.00")
        empty = await refusal(till.give_back(sale["id"]))

        assert (too_much, empty) == ("NOT_ENOUGH_CASH", "NOT_ENOUGH_CASH")
        assert (await till.kkm())["drawer"] == "0.00"
        assert [each.total for each in stage.account(till).documents] == [100000, 50000, 150000]

    async def test_the_drawer_and_the_sold_goods_are_not_given_out_twice_at_once(
        self, stage: Stage, till: Till
    ) -> None:
        sale = await till.sell([free_line("Алма", "100.00", "2")], [cash("200.00")])
        one = [{"position": 1, "quantity": "1"}]
        await till.move_cash(documents.DEPOSIT, "50.00")

        backs = await asyncio.gather(
            *(outcome(till.give_back(sale["id"], lines=one)) for _ in range(AT_ONCE))
        )
        await till.move_cash(documents.DEPOSIT, "200.00")
        moves = await asyncio.gather(
            *(outcome(till.move_cash(documents.WITHDRAW, "100.00")) for _ in range(AT_ONCE))
        )

        assert (backs.count("FISCALIZED"), moves.count("FISCALIZED")) == (2, 2)
        assert set(backs) == {"FISCALIZED", "RETURN_MORE_THAN_SOLD"}
        # Those that came while others waited are refused when their turn comes.
        assert set(moves) <= {"FISCALIZED", "REJECTED", "NOT_ENOUGH_CASH"}
        assert (await till.kkm())["drawer"] == "50.00"

    async def test_a_name_typed_at_the_till_steers_no_printer_and_no_page(
        self, stage: Stage, till: Till
    ) -> None:
        typed = "\x1bp\x00 <script>alert('Құрт')</script>\n\u202eжоқ"

        sale = await till.sell([free_line(typed, "480.00")], [cash("480.00")])
        receipt = await till.client.execute(documents.RECEIPT_TEXT, id=sale["id"], width=48)
        async with stage.house.stranger() as buyer:
            page = await buyer.get(sale["receiptUrl"], headers={"accept": "text/html"})

        assert sale["lines"][0]["name"] == "p <script>alert('Құрт')</script> жоқ"
        for shown in (page.text, receipt["sale"]["receiptText"]):
            assert not set(shown) & {"\x1b", "\x00", "\u202e"}
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text

    async def test_many_tills_sell_at_the_same_time(self, stage: Stage, till: Till) -> None:
        tills = [till, *[await stage.till() for _ in range(5)]]
        line = free_line("Қауын", "350.00")

        sales = await asyncio.gather(
            *(each.sell([line], [cash("350.00")]) for each in tills for _ in range(AT_ONCE))
        )

        assert {each["state"] for each in sales} == {"FISCALIZED"}
        assert len({each["sign"] for each in sales}) == len(tills) * AT_ONCE
        for each in tills:
            assert [document.number for document in stage.account(each).documents] == [1, 2, 3, 4, 5]


async def outcome(attempt: Any) -> str:
    """The state of a document, or the code it is refused with."""
    try:
        return str((await attempt)["state"])
    except RefusedByServer as refused:
        return refused.code


def tiyn(money: str) -> int:
    """Money of an answer as a whole number."""
    return int(money.replace(".", ""))
