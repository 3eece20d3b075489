"""Reports are bounded by their period and walk an index. That they add up is told beside the fiscal engine,
against its Z (addons/fiscal_kz/tests/test_day.py).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from addons.organization.api import CreateRegister, OutletId, create_register, register_names
from addons.trade.api import FiscalState, ShiftSummaryFacts, record_shift_summary
from addons.trade.domain.turnover import DAY_MS, PERIOD_MAX_DAYS, Period, TurnoverBy
from addons.trade.services.register_sale import register_sale
from addons.trade.services.sold import tickets_of_shift
from addons.trade.services.turnover import (
    CASH_SQL,
    CLOSES_SQL,
    HEADS_SQL,
    KEYS,
    LINES_SQL,
    cash_conditions,
    conditions,
    turnover_of_period,
)
from addons.trade.tests.shop import open_shop
from kernel.clock import to_ms
from kernel.data.work import Param
from kernel.errors import Refusal
from kernel.money import Money


async def test_reports_walk_an_index_bounded_by_the_period() -> None:
    async with open_shop() as shop, shop.app.database.reading(shop.principal) as reader:
        ((where, params),) = await conditions(reader, [shop.register_id], Period(0, 1), None)
        ((of_cash, cash_params),) = cash_conditions([shop.register_id], Period(0, 1), None)
        closes = CLOSES_SQL.format(key="''", marks="?", withdrawal="", shift="")
        statements: dict[str, tuple[str, tuple[Param, ...]]] = {
            "heads": (HEADS_SQL.format(key=KEYS[None], where=where), params),
            "lines": (LINES_SQL.format(key=KEYS[None], where=where), params),
            "cash": (CASH_SQL.format(key=KEYS[None], where=of_cash), cash_params),
            "closes": (closes, (shop.register_id, 0, 1)),
        }
        plans = {}
        for name, (sql, bound) in statements.items():
            rows = await reader.rows(f"EXPLAIN QUERY PLAN {sql}", *bound)
            plans[name] = " ".join(str(row["detail"]) for row in rows)

    bounds = "(register_id=? AND created_at>? AND created_at<?)"
    assert f"trd_sale_register {bounds}" in plans["heads"]
    assert f"trd_sale_register {bounds}" in plans["lines"]
    assert "trd_sale_line_sale (sale_id=?)" in plans["lines"]
    assert "trd_cash_ticket (register_id=? AND ticket_at>? AND ticket_at<?)" in plans["cash"]
    assert "trd_shift_closed (register_id=? AND closed_at>? AND closed_at<?)" in plans["closes"]
    assert not any("SCAN" in plan for plan in plans.values())


async def test_what_waited_for_months_counts_on_the_day_of_its_document() -> None:
    async with open_shop() as shop:
        command = shop.buy("Нан", cash="200.00")
        await shop.run(register_sale, command)
        day = to_ms(shop.app.clock.now()) + 60 * DAY_MS
        await shop.report(command.sale_id, FiscalState.FISCALIZED, at_ms=day)
        shift = ShiftSummaryFacts(
            shift_id="s" * 36, company_id=shop.company_id, register_id=shop.register_id, number=3,
            opened_ms=day - 60 * DAY_MS, closed_ms=day, withdrawn_at_close=Money.tenge(200),
            kkm_registration_number="010100000123",
        )  # fmt: skip
        await shop.run(record_shift_summary, shift)
        async with shop.app.database.reading(shop.principal) as reader:
            of_day = await turnover_of_period(reader, Period(day, day + DAY_MS))
            of_before = await turnover_of_period(reader, Period(day - DAY_MS, day))
            (sold,) = await tickets_of_shift(reader, shift)

    assert (of_day.revenue, of_day.withdrawals.sum) == (Money.tenge(200), Money.tenge(200))
    assert (of_before.revenue, of_before.withdrawals.count) == (Money.ZERO, 0)
    assert sold.sale.id == command.sale_id


async def test_registers_of_an_outlet_are_one_group_of_it() -> None:
    async with open_shop() as shop:
        async with shop.app.database.reading(shop.principal) as reader:
            (name,) = await register_names(reader)
        other = await shop.app.database.transact(
            create_register, CreateRegister(OutletId(name.outlet_id), "Касса 2"), principal=shop.principal
        )
        for register_id, cash in ((shop.register_id, "200.00"), (other, "400.00")):
            command = replace(shop.buy("Нан", cash=cash), register_id=register_id)
            await shop.run(register_sale, command)
            await shop.report(command.sale_id, FiscalState.FISCALIZED, at_ms=to_ms(shop.app.clock.now()))
        day = to_ms(shop.app.clock.now())
        async with shop.app.database.reading(shop.principal) as reader:
            period = Period(day - DAY_MS, day + DAY_MS)
            by_register = await turnover_of_period(reader, period, by=TurnoverBy.REGISTER)
            by_outlet = await turnover_of_period(reader, period, by=TurnoverBy.OUTLET)

    assert [each.revenue for each in by_register.groups] == [Money.tenge(200), Money.tenge(200)]
    assert [(each.key, each.revenue) for each in by_outlet.groups] == [(name.outlet_id, Money.tenge(400))]


@pytest.mark.parametrize(
    ("period", "code"),
    [(Period(5, 5), "PERIOD_EMPTY"), (Period(0, PERIOD_MAX_DAYS * DAY_MS + 1), "PERIOD_TOO_LONG")],
)
async def test_a_period_is_neither_empty_nor_endless(period: Period, code: str) -> None:
    async with open_shop() as shop, shop.app.database.reading(shop.principal) as reader:
        with pytest.raises(Refusal) as refused:
            await turnover_of_period(reader, period, by=TurnoverBy.CASHIER)

    assert refused.value.code == code


async def test_a_company_without_sales_has_a_turnover_of_nothing() -> None:
    async with open_shop() as shop, shop.app.database.reading(shop.principal) as reader:
        turnover = await turnover_of_period(reader, Period(0, PERIOD_MAX_DAYS * DAY_MS))

    assert (turnover.operations, turnover.taxes, turnover.revenue.tiyn) == ((), (), 0)
