"""A shift close that takes all cash out: one withdrawal more inside the closing shift, an empty drawer, on
both sides and whatever the link does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.fiscal_kz.domain.recount import recount
from addons.fiscal_kz.tests.shop import CLOSE, REPORT, REPORT_FIELDS, Shop, open_shop
from kernel.gql.ids import to_global
from kernel.ids import new_id

CHOOSE = """mutation($on: Boolean) { setFiscalChoices(input: {withdrawAtClose: $on}) {
  ... on FiscalChoices { withdrawAtClose } ... on Refused { code } } }"""
CLOSE_WITH = f"""mutation($input: ShiftReportInput!, $cash: Boolean) {{
  closeShift(input: $input, withdrawCash: $cash, wait: 0) {{ {REPORT_FIELDS} }} }}"""
WITHDRAWN = "query($id: ID!) { fiscalReport(id: $id) { report { withdrawn } } }"
SHIFTS = """query($id: ID!) { shifts(registerId: $id, first: 5) { nodes {
  number withdrawals deposits drawer } } }"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop(withdraw_at_close=True) as opened:
        yield opened


def cash(report: Any, placement: str) -> tuple[int, str]:
    row = next(each for each in report["cash"] if each["placement"] == placement)
    return row["count"], row["sum"]


async def assert_all_agree(shop: Shop) -> None:
    """Their ledger, our counters, and counters from the journal alone."""
    assert shop.ofd.simulator.ledger.violations() == []
    state = (await shop.record()).state
    assert state.undelivered == 0
    assert state.counters.drawer == shop.account.drawer
    assert [state.counters.life.get(f"n.{each}", 0) for each in ("DEPOSIT", "WITHDRAWAL")] == (
        shop.account.placement_counts
    )
    counted = recount((entry.entry.kind, entry.facts) for entry in await shop.journal())
    assert counted == state.counters


async def close_with(shop: Shop, withdraw: bool | None) -> Any:
    given = {"key": new_id(), "registerId": to_global("Register", shop.register_id)}
    asked = await shop.ask(CLOSE_WITH, input=given, cash=withdraw)
    await shop.work()
    return await shop.ask(REPORT, id=asked["id"])


async def test_the_close_empties_the_drawer_inside_its_shift(shop: Shop) -> None:
    await shop.sell(("Нан", "3"), cash="1000.00")
    await shop.move_cash("depositCash", "400.00")
    await shop.move_cash("withdrawCash", "50.50")
    await shop.work()

    closed = await shop.close()

    report = closed["report"]
    assert report["drawer"] == closed["serverReport"]["drawer"] == "0.00"
    assert cash(report, "WITHDRAWAL") == (2, "1000.00")
    assert cash(report, "DEPOSIT") == (1, "400.00")
    assert report["documents"] == 3  # the close's own withdrawal is no document of its own
    assert (await shop.ask(WITHDRAWN, id=closed["id"]))["report"] == {"withdrawn": "949.50"}
    assert shop.account.drawer == 0
    shift = (await shop.ask(SHIFTS, id=to_global("Register", shop.register_id)))["nodes"][0]
    assert shift == {"number": 1, "withdrawals": "1000.00", "deposits": "400.00", "drawer": "0.00"}
    await assert_all_agree(shop)


async def test_the_next_shift_begins_with_an_empty_drawer(shop: Shop) -> None:
    await shop.sell()
    await shop.close()
    refused = await shop.move_cash("withdrawCash", "0.01")
    await shop.sell(("Нан", "1"), cash="200.00")
    closed = await shop.close()

    assert refused["code"] == "NOT_ENOUGH_CASH"
    assert cash(closed["report"], "WITHDRAWAL") == (1, "200.00")
    await assert_all_agree(shop)


async def test_an_empty_drawer_makes_no_cash_operation(shop: Shop) -> None:
    await shop.sell(("Нан", "1"), card="200.00")

    closed = await shop.close()

    assert cash(closed["report"], "WITHDRAWAL") == (0, "0.00")
    assert shop.account.placement_counts == [0, 0]
    await assert_all_agree(shop)


async def test_without_the_link_the_z_is_ours_and_the_ofd_comes_to_the_same(shop: Shop) -> None:
    await shop.sell(("Нан", "2"), cash="400.00")
    shop.ofd.is_down = True
    await shop.sell(("Нан", "1"), cash="200.00")
    closed = await shop.close()
    shop.ofd.is_down = False

    assert closed["isOffline"]
    assert closed["report"]["drawer"] == "0.00"
    assert cash(closed["report"], "WITHDRAWAL") == (1, "600.00")
    await shop.later()
    await assert_all_agree(shop)


@pytest.mark.parametrize("trouble", ["LOST_AFTER", 254])
async def test_a_close_whose_answer_was_lost_empties_the_drawer_once(shop: Shop, trouble: Any) -> None:
    await shop.sell()
    shop.ofd.script.append(trouble)

    closed = await shop.close()
    await shop.later()
    await shop.later()

    assert closed["report"]["drawer"] == "0.00"
    assert shop.account.placement_counts == [0, 1]
    await assert_all_agree(shop)


async def test_who_closes_may_say_otherwise_and_a_company_may_choose() -> None:
    async with open_shop() as shop:
        await shop.sell()
        left = await close_with(shop, None)
        await shop.sell()
        taken = await close_with(shop, True)
        chosen = await shop.ask(CHOOSE, on=True)
        async with shop.app.database.reading(shop.owner) as reader:
            await shop.app.database.choices.refresh(reader)
        await shop.sell()
        kept = await close_with(shop, False)
        by_choice = await shop.ask_report(CLOSE)

        assert left["report"]["drawer"] == "200.00"
        assert taken["report"]["drawer"] == "0.00"
        assert chosen == {"withdrawAtClose": True}
        assert kept["report"]["drawer"] == "200.00"
        assert by_choice["code"] == "SHIFT_NOT_OPEN"
        await shop.sell()
        assert (await close_with(shop, None))["report"]["drawer"] == "0.00"
        await assert_all_agree(shop)
