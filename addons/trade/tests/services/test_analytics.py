"""Sales by hour and day of the wall clock, and best sellers: bounded, from an index, returns taken off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from addons.trade.api import FiscalState, SaleId
from addons.trade.domain.commands import ReturnSale
from addons.trade.domain.turnover import DAY_MS, PERIOD_MAX_DAYS, Period
from addons.trade.services.analytics import (
    _PRODUCTS,
    _SLOTS,
    _TICKETS,
    SalesStep,
    _conditions,
    best_sellers,
    sales_over_time,
)
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from addons.trade.tests.gql.test_sales import ask
from addons.trade.tests.shop import Shop, open_shop
from kernel.clock import to_ms
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.money import Money

ALMATY = "Asia/Almaty"  # UTC+5
NIGHT = to_ms(datetime(2026, 3, 1, 18, 30, tzinfo=UTC))  # 23:30 on the wall
AFTER = to_ms(datetime(2026, 3, 1, 19, 15, tzinfo=UTC))  # 00:15 of the next day
MARCH = Period(to_ms(datetime(2026, 2, 28, 19, tzinfo=UTC)), to_ms(datetime(2026, 3, 8, 19, tzinfo=UTC)))


async def sell(shop: Shop, *wanted: Any, at_ms: int, cash: str) -> SaleId:
    command = shop.buy(*wanted, cash=cash)
    await shop.run(register_sale, command)
    await shop.report(command.sale_id, FiscalState.FISCALIZED, at_ms=at_ms)
    return command.sale_id


async def give_back(shop: Shop, sale_id: SaleId, *, at_ms: int) -> None:
    command = ReturnSale(
        sale_id=SaleId(new_id()), sale_key=new_id(), register_id=shop.register_id,
        operator_id=shop.operator_id, original_id=sale_id, lines=(), payments=(),
    )  # fmt: skip
    await shop.run(return_sale, command)
    await shop.report(command.sale_id, FiscalState.FISCALIZED, at_ms=at_ms)


async def test_a_day_begins_at_midnight_of_the_wall_clock_and_a_return_counts_on_its_own_day() -> None:
    async with open_shop() as shop:
        first = await sell(shop, "Нан", cash="200", at_ms=NIGHT)
        await sell(shop, "Нан", cash="200", at_ms=AFTER)
        await give_back(shop, first, at_ms=AFTER)
        async with shop.app.database.reading(shop.principal) as reader:
            days = await sales_over_time(reader, MARCH, SalesStep.DAY, zone=ALMATY)
            hours = await sales_over_time(reader, MARCH, SalesStep.HOUR, zone=ALMATY)
            world = await sales_over_time(reader, MARCH, SalesStep.DAY, zone="UTC")

    assert [(day.at_ms, day.sold.tiyn, day.returned.tiyn, day.receipts, day.returns) for day in days] == [
        (MARCH.since_ms, 20_000, 0, 1, 0),
        (MARCH.since_ms + DAY_MS, 20_000, 20_000, 1, 1),
    ]
    assert [hour.at_ms for hour in hours] == [NIGHT - 1_800_000, AFTER - 900_000]
    assert len(world) == 1


async def test_best_sellers_are_by_sum_and_without_what_came_back() -> None:
    async with open_shop() as shop:
        await sell(shop, shop.line("Нан", "3"), cash="600", at_ms=NIGHT)
        gone = await sell(shop, "Дәрі", cash="2000", at_ms=NIGHT)
        await give_back(shop, gone, at_ms=AFTER)
        async with shop.app.database.reading(shop.principal) as reader:
            products = await best_sellers(reader, MARCH, 5)

    best = products[0]
    assert (best.name, best.total, str(best.quantity)) == ("Нан", Money.tenge(600), "3")
    assert products[1].total == Money.ZERO


async def test_a_late_ticket_counts_with_the_others_before_the_best_are_chosen(shop: Shop) -> None:
    """On both databases; of one product half was late: alone, neither half would be first."""
    now = to_ms(shop.app.clock.now())
    await sell(shop, shop.line("Нан", "6"), cash="1200", at_ms=now)
    await sell(shop, "Дәрі", cash="2000", at_ms=now)
    await sell(shop, shop.line("Нан", "6"), cash="1200", at_ms=now + 2 * 3_600_000)
    async with shop.app.database.reading(shop.principal) as reader:
        (best,) = await best_sellers(reader, Period(now - DAY_MS, now + DAY_MS), 1)

    assert (best.name, best.total, str(best.quantity), best.positions) == ("Нан", Money.tenge(2400), "12", 2)


async def test_both_walk_the_index_of_a_register_and_its_time() -> None:
    async with open_shop() as shop, shop.app.database.reading(shop.principal) as reader:
        ((where, params),) = await _conditions(reader, MARCH, shop.register_id, None)
        slots = f"EXPLAIN QUERY PLAN {_SLOTS.format(where=where)}"
        products = f"EXPLAIN QUERY PLAN {_PRODUCTS.format(tickets=_TICKETS.format(where=where), limit=5)}"
        plans = [
            " ".join(str(row["detail"]) for row in await reader.rows(slots, 0, 0, 1, *params)),
            " ".join(str(row["detail"]) for row in await reader.rows(products, *params)),
        ]

    bounds = "trd_sale_register (register_id=? AND created_at>? AND created_at<?)"
    assert all(bounds in plan for plan in plans)
    assert not any("SCAN" in plan for plan in plans)


@pytest.mark.parametrize(
    ("period", "zone", "count", "code"),
    [
        (Period(5, 5), ALMATY, 5, "PERIOD_EMPTY"),
        (Period(0, (PERIOD_MAX_DAYS + 1) * DAY_MS), ALMATY, 5, "PERIOD_TOO_LONG"),
        (MARCH, "Asia/Sauda", 5, "ZONE_UNKNOWN"),
        (MARCH, ALMATY, 101, "PAGE_SIZE_OUT_OF_RANGE"),
    ],
)
async def test_what_cannot_be_bounded_is_refused(period: Period, zone: str, count: int, code: str) -> None:
    async with open_shop() as shop, shop.app.database.reading(shop.principal) as reader:

        async def both() -> None:
            await sales_over_time(reader, period, SalesStep.DAY, zone=zone)
            await best_sellers(reader, period, count)

        with pytest.raises(Refusal) as refused:
            await both()

    assert refused.value.code == code


LIST = "query ($filter: SalesFilter) { sales(first: 9, filter: $filter) { nodes { lines { name } } } }"


async def test_receipts_are_found_by_product_sum_sign_and_cashier_inside_a_period() -> None:
    async with open_shop() as shop:
        await sell(shop, "Нан", cash="200", at_ms=NIGHT)
        await sell(shop, "Дәрі", cash="2000", at_ms=NIGHT)
        period = {"since": "2026-01-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}

        async def found(**wish: str) -> list[str]:
            nodes = (await ask(shop, LIST, filter=period | wish))["sales"]["nodes"]
            return sorted(line["name"] for node in nodes for line in node["lines"])

        assert await found(product="на") == ["Нан"]
        assert await found(product="%") == []
        assert await found(totalTo="200") == ["Нан"]
        assert await found(sign="1234567890") == ["Дәрі", "Нан"]
        assert await found(sign="1") == []
        assert await found(operatorId=to_global("Operator", shop.operator_id)) == ["Дәрі", "Нан"]
        assert await found(operatorId=to_global("Operator", new_id())) == []
        with pytest.raises(AssertionError, match="93 дней"):
            await ask(shop, LIST, filter={"product": "Нан"})
