"""Returns are tied to their sale and never exceed it; cash goes in and out once per key; facts are
remembered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from addons.trade.api import (
    CashDirection,
    CashFiscalFacts,
    CashId,
    FiscalState,
    OriginalTicket,
    PaymentKind,
    SaleId,
    SaleKind,
    ShiftOperation,
    ShiftSummaryFacts,
    TicketPayment,
    record_cash_fiscal,
    record_shift_summary,
    sale_original,
)
from addons.trade.domain.cart import Percent
from addons.trade.domain.commands import LineBack, MoveCash, ReturnSale
from addons.trade.services import rows
from addons.trade.services.move_cash import move_cash
from addons.trade.services.records import shift_record
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from addons.trade.tests.shop import BINS, Shop, furnish, open_shop
from kernel.errors import Fault, Refusal
from kernel.ids import new_id
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.security.principal import SYSTEM


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def sold(shop: Shop, *, state: FiscalState | None = FiscalState.FISCALIZED) -> SaleId:
    """Two loaves and a litre of milk with a tenth off, 600 by card, the rest in cash."""
    basket = (shop.line("Нан", "2"), "Сүт 1 л")
    command = shop.buy(*basket, cash="400", card="600", discount=Percent(1000))
    accepted = await shop.run(register_sale, command)
    if state is not None:
        await shop.report(accepted.sale_id, state)
    return accepted.sale_id


def back(shop: Shop, original: SaleId, *lines: tuple[int, str], **paid: str) -> ReturnSale:
    return ReturnSale(
        sale_id=SaleId(new_id()),
        sale_key=new_id(),
        register_id=shop.register_id,
        operator_id=None,
        original_id=original,
        lines=tuple(LineBack(position, Quantity.parse(quantity)) for position, quantity in lines),
        payments=tuple(
            TicketPayment(PaymentKind(kind.upper()), Money.parse(sum_)) for kind, sum_ in paid.items()
        ),
    )


async def code_of(shop: Shop, service: Any, command: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await shop.run(service, command)
    return refused.value.code


async def test_whole_return_mirrors_the_sale_and_names_it(shop: Shop) -> None:
    sale_id = await sold(shop)

    accepted = await shop.run(return_sale, back(shop, sale_id))

    sale, order = shop.fiscalizer.tickets
    assert order.kind is SaleKind.SELL_RETURN
    assert (order.total, order.payments) == (sale.total, sale.payments)
    assert order.original == OriginalTicket(
        sale_id, "1234567890", 1_768_451_400_000, "010100000123", sale.total, is_offline=False
    )
    assert [line.vat for line in order.lines] == [line.vat for line in sale.lines]
    record = await shop.sale(accepted.sale_id)
    assert (record.kind, record.original_id) == (SaleKind.SELL_RETURN, sale_id)
    assert (await shop.sale(sale_id)).returned_total == sale.total
    assert await code_of(shop, return_sale, back(shop, sale_id)) == "RETURN_NOTHING_LEFT"


async def test_parts_come_back_until_nothing_is_left(shop: Shop) -> None:
    sale_id = await sold(shop)
    total = shop.fiscalizer.tickets[0].total

    await shop.run(return_sale, back(shop, sale_id, (1, "1"), card="180"))
    assert (
        await code_of(shop, return_sale, back(shop, sale_id, (1, "2"), card="180")) == "RETURN_MORE_THAN_SOLD"
    )
    await shop.run(return_sale, back(shop, sale_id, (2, "1"), card="420", cash="164.55"))
    await shop.run(return_sale, back(shop, sale_id))

    orders = shop.fiscalizer.tickets[1:]
    assert sum(order.total.tiyn for order in orders) == total.tiyn
    assert orders[-1].payments == (TicketPayment(PaymentKind.CASH, Money.tenge(180)),)


async def test_pieces_come_back_by_their_marks_and_a_rejected_return_frees_them(shop: Shop) -> None:
    marks = tuple(f"0104870001234567215{each}" for each in ("abc", "def", "ghi"))
    command = shop.buy(shop.line("Темекі", "3", marks=marks), cash="2700")
    sale_id = (await shop.run(register_sale, command)).sale_id
    await shop.report(sale_id, FiscalState.FISCALIZED)

    def some(*chosen: str) -> ReturnSale:
        lines = (LineBack(1, Quantity.pieces(len(chosen)), chosen),)
        return replace(back(shop, sale_id), lines=lines)

    assert await code_of(shop, return_sale, some("0104870001234567215xyz")) == "RETURN_MARK_UNKNOWN"
    first = await shop.run(return_sale, some(f"]d2{marks[1]}"))  # as another scanner gives it
    assert await code_of(shop, return_sale, some(marks[1])) == "RETURN_MARK_RETURNED"
    rejected = await shop.run(return_sale, some(marks[0]))
    await shop.report(rejected.sale_id, FiscalState.REJECTED)
    await shop.report(rejected.sale_id, FiscalState.REJECTED)
    rest = await shop.run(return_sale, back(shop, sale_id))

    by_id = {order.sale_id: order for order in shop.fiscalizer.tickets}
    assert by_id[first.sale_id].lines[0].marks == (marks[1],)
    assert by_id[rest.sale_id].lines[0].marks == (marks[0], marks[2])
    assert by_id[rest.sale_id].total == Money.tenge(1800)
    async with shop.app.database.reading(shop.principal) as reader:
        (line,) = await rows.lines_of(reader, sale_id)
    assert (line.returned, sorted(line.returned_marks)) == (Quantity.pieces(3), sorted(marks))


async def test_same_return_key_gives_the_same_return(shop: Shop) -> None:
    command = back(shop, await sold(shop))
    first = await shop.run(return_sale, command)

    again = await shop.run(return_sale, replace(command, sale_id=SaleId(new_id())))

    assert (again.sale_id, again.is_replay) == (first.sale_id, True)
    other = replace(command, lines=(LineBack(1, Quantity.ONE),))
    assert await code_of(shop, return_sale, other) == "SALE_KEY_CONFLICT"


async def test_two_returns_at_once_cannot_share_the_same_goods(shop: Shop) -> None:
    sale_id = await sold(shop)

    outcomes = await asyncio.gather(
        *(shop.run(return_sale, back(shop, sale_id)) for _ in range(3)), return_exceptions=True
    )

    refused = [each for each in outcomes if isinstance(each, Refusal)]
    assert [each.code for each in refused] == ["RETURN_NOTHING_LEFT"] * 2
    assert await shop.count("trd_sale") == 2


@pytest.mark.parametrize(
    ("lines", "paid", "code"),
    [
        ([(1, "3")], {}, "RETURN_MORE_THAN_SOLD"),
        ([(7, "1")], {}, "RETURN_POSITION_UNKNOWN"),
        ([(1, "1"), (1, "1")], {}, "RETURN_POSITION_REPEATED"),
        ([(1, "0")], {}, "SALE_LINE_ZERO"),
        ([(1, "1")], {}, "RETURN_PAYMENT_MISSING"),
        ([(1, "1")], {"cash": "179"}, "RETURN_PAYMENT_MISMATCH"),
        ([], {"card": "944.55"}, "RETURN_KIND_EXCEEDED"),
        ([(1, "1")], {"mobile": "180"}, "RETURN_KIND_EXCEEDED"),
    ],
)
async def test_returns_that_do_not_fit_the_sale_are_refused(
    shop: Shop, lines: Sequence[tuple[int, str]], paid: dict[str, str], code: str
) -> None:
    sale_id = await sold(shop)

    assert await code_of(shop, return_sale, back(shop, sale_id, *lines, **paid)) == code
    assert (await shop.sale(sale_id)).returned_total == Money.ZERO


@pytest.mark.parametrize(
    ("state", "code"), [(None, "SALE_NOT_FISCAL_YET"), (FiscalState.REJECTED, "SALE_REJECTED")]
)
async def test_only_a_fiscal_sale_can_be_returned(shop: Shop, state: FiscalState | None, code: str) -> None:
    sale_id = await sold(shop, state=state)

    assert await code_of(shop, return_sale, back(shop, sale_id)) == code


async def test_offline_sale_is_returned_by_its_offline_number(shop: Shop) -> None:
    sale_id = await sold(shop, state=FiscalState.OFFLINE)

    async with shop.app.database.reading(shop.principal) as reader:
        original = await sale_original(reader, sale_id)

    assert (original.sign, original.is_offline) == ("77", True)


async def test_a_return_cannot_be_returned(shop: Shop) -> None:
    accepted = await shop.run(return_sale, back(shop, await sold(shop)))
    await shop.report(accepted.sale_id, FiscalState.FISCALIZED)

    assert await code_of(shop, return_sale, back(shop, accepted.sale_id)) == "RETURN_OF_RETURN"


async def test_rejected_return_gives_its_goods_back_to_the_sale(shop: Shop) -> None:
    sale_id = await sold(shop)
    rejected = await shop.run(return_sale, back(shop, sale_id))

    for _ in range(2):  # the engine may report twice
        await shop.report(rejected.sale_id, FiscalState.REJECTED)

    record = await shop.sale(sale_id)
    assert record.returned_total == Money.ZERO
    assert not (await shop.run(return_sale, back(shop, sale_id))).is_replay


async def test_sale_of_another_company_cannot_be_returned(shop: Shop) -> None:
    sale_id = await sold(shop)
    other = await furnish(shop.app, shop.fiscalizer, BINS[1])

    assert await code_of(other, return_sale, back(other, sale_id)) == "SALE_UNKNOWN"


async def test_return_needs_its_own_right(shop: Shop) -> None:
    sale_id = await sold(shop)
    seller = replace(shop, principal=replace(shop.principal, permissions=frozenset({"trade.sell"})))

    assert await code_of(seller, return_sale, back(shop, sale_id)) == "FORBIDDEN"


async def test_listeners_hear_of_each_report_and_read_the_latest(shop: Shop) -> None:
    sale_id = await sold(shop, state=None)
    for state in (FiscalState.OFFLINE, FiscalState.FISCALIZED):
        async with shop.app.bus.expect("sale", sale_id) as waiter:
            await shop.report(sale_id, state)
            assert await waiter.wait(1)
        assert (await shop.sale(sale_id)).fiscal.state is state


async def test_facts_of_an_unknown_sale_are_a_fault(shop: Shop) -> None:
    with pytest.raises(Fault, match="unknown sale"):
        await shop.report(SaleId(new_id()), FiscalState.FISCALIZED)


def cash(shop: Shop, amount: str = "5000", direction: CashDirection = CashDirection.DEPOSIT) -> MoveCash:
    return MoveCash(
        CashId(new_id()), new_id(), shop.register_id, None, Money.parse(amount), direction=direction
    )


async def test_cash_goes_in_once_per_key(shop: Shop) -> None:
    command = cash(shop)

    answers = await asyncio.gather(
        *(shop.run(move_cash, replace(command, cash_id=new_id())) for _ in range(4))
    )

    assert len({answer.cash_id for answer in answers}) == 1
    assert {order.amount for order in shop.fiscalizer.cash} == {Money.tenge(5000)}
    async with shop.app.database.reading(shop.principal) as reader:
        stored = await reader.rows("SELECT id FROM trd_cash")
    assert [row["id"] for row in stored] == [answers[0].cash_id]
    assert await code_of(shop, move_cash, replace(command, amount=Money.tenge(1))) == "SALE_KEY_CONFLICT"
    other_way = replace(command, direction=CashDirection.WITHDRAWAL)
    assert await code_of(shop, move_cash, other_way) == "SALE_KEY_CONFLICT"


@pytest.mark.parametrize("amount", ["0", "-1"])
async def test_cash_amount_is_above_zero(shop: Shop, amount: str) -> None:
    assert await code_of(shop, move_cash, cash(shop, amount)) == "CASH_AMOUNT_NOT_POSITIVE"


async def test_refused_cash_leaves_nothing(shop: Shop) -> None:
    shop.fiscalizer.mood = "refuse"

    assert await code_of(shop, move_cash, cash(shop, direction=CashDirection.WITHDRAWAL)) == "KKM_NOT_ACTIVE"
    assert await shop.count("trd_cash") == 0


async def test_cash_facts_are_remembered(shop: Shop) -> None:
    accepted = await shop.run(move_cash, cash(shop))
    reported = CashFiscalFacts(accepted.cash_id, FiscalState.FISCALIZED, shift_number=3, document_number=5)

    await shop.app.database.transact(record_cash_fiscal, reported, principal=SYSTEM.within(shop.company_id))

    async with shop.app.database.reading(shop.principal) as reader:
        record = await rows.cash_by_id(reader, accepted.cash_id)
    assert record is not None
    assert record.fiscal == reported


async def test_shift_summary_is_replaced_by_each_report(shop: Shop) -> None:
    engine = SYSTEM.within(shop.company_id)
    opened = ShiftSummaryFacts(new_id(), shop.register_id, shop.company_id, number=3, opened_ms=1000)
    operation = ShiftOperation(SaleKind.SELL, count=2, total=Money.tenge(10), cash=Money.tenge(10))
    closed = replace(opened, closed_ms=2000, documents=2, drawer=Money.tenge(10), operations=(operation,))

    for each in (opened, closed):
        await shop.app.database.transact(record_shift_summary, each, principal=engine)

    async with shop.app.database.reading(shop.principal) as reader:
        (row,) = await reader.rows(rows.SELECT_SHIFT)
    assert shift_record(row).facts == closed
