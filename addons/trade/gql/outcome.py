"""Waiting for what becomes of a document: listen first, commit, wait for the notice, read the truth once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from tortoise.exceptions import IntegrityError

from addons.trade.domain.commands import MoveCash, RegisterPurchase, RegisterSale, ReturnSale, SaleId
from addons.trade.domain.kinds import FiscalState
from addons.trade.gql.types import CashOperationType, SaleType, cash_type, sale_type
from addons.trade.services import rows
from addons.trade.services.hearing import Ear
from addons.trade.services.move_cash import move_cash
from addons.trade.services.record_facts import CASH_TOPIC, SALE_TOPIC
from addons.trade.services.records import CashRecord, SaleRecord
from addons.trade.services.register_purchase import register_purchase
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from kernel import crash
from kernel.gql.context import GqlContext

if TYPE_CHECKING:
    from kernel.data.work import Work

Command = TypeVar("Command")
Result = TypeVar("Result")

# A lost notice costs a subscriber at most this long.
REREAD_S = 15.0


async def sold(
    context: GqlContext, command: RegisterSale | RegisterPurchase | ReturnSale, *, wait_ms: int
) -> SaleType:
    """Run the command and give the ticket with its outcome, or still PENDING after wait_ms."""
    async with context.app.bus.expect(SALE_TOPIC, command.sale_id) as waiter:
        with Ear(command.sale_id) as ear:
            if isinstance(command, RegisterSale):
                accepted = await _accepted(context, register_sale, command)
            elif isinstance(command, ReturnSale):
                accepted = await _accepted(context, return_sale, command)
            else:
                accepted = await _accepted(context, register_purchase, command)
            if accepted.ticket is not None and wait_ms:
                await waiter.wait(wait_ms / 1000)
    if accepted.ticket is None:
        return await _sold_before(context, accepted.sale_id, wait_ms=wait_ms)
    fiscal = ear.heard
    if fiscal is None:
        async with context.reading() as reader:  # the rest is what was accepted a moment ago
            fiscal = await rows.fiscal_of(reader, accepted.sale_id)
        assert fiscal is not None, "committed a moment ago"
    return sale_type(accepted.ticket.record(fiscal), lines=accepted.ticket.order.lines)


async def _sold_before(context: GqlContext, sale_id: SaleId, *, wait_ms: int) -> SaleType:
    """The ticket that was accepted earlier under the same key, waited for like a new one."""
    async with context.app.bus.expect(SALE_TOPIC, sale_id) as waiter:
        record = await read_sale(context, sale_id)
        if record.fiscal.state is FiscalState.PENDING and wait_ms:
            await waiter.wait(wait_ms / 1000)
            record = await read_sale(context, sale_id)
    return sale_type(record, replayed=True)


async def moved(context: GqlContext, command: MoveCash, *, wait_ms: int) -> CashOperationType:
    """The same for a cash operation."""
    async with context.app.bus.expect(CASH_TOPIC, command.cash_id) as waiter:
        accepted = await _accepted(context, move_cash, command)
        if wait_ms and not accepted.is_replay:
            await waiter.wait(wait_ms / 1000)
    async with context.reading() as reader:
        record: CashRecord | None = await rows.cash_by_id(reader, accepted.cash_id)
    assert record is not None, "committed a moment ago"
    return cash_type(record, replayed=accepted.is_replay)


async def _accepted(
    context: GqlContext, service: Callable[[Work, Command], Awaitable[Result]], command: Command
) -> Result:
    """What the service accepted; its key is known to the second call, should the first have met the same key
    on its way through another register.
    """
    try:
        accepted = await context.transact(service, command)
    except IntegrityError:
        accepted = await context.transact(service, command)
    crash.point("trade.after_commit")
    return accepted


async def read_sale(context: GqlContext, sale_id: str) -> SaleRecord:
    """A ticket that is known to exist, in one statement."""
    async with context.reading() as reader:
        record = await rows.sale_by_id(reader, sale_id)
    assert record is not None, "committed a moment ago"
    return record


async def states_of(context: GqlContext, sale_id: str) -> AsyncIterator[SaleRecord]:
    """The ticket now, then whenever its state changes, until it is final."""
    seen: FiscalState | None = None
    while True:
        async with context.app.bus.expect(SALE_TOPIC, sale_id) as waiter:
            record = await read_sale(context, sale_id)
            if record.fiscal.state is not seen:
                seen = record.fiscal.state
                yield record
                if seen.is_final:
                    return
            await waiter.wait(REREAD_S)
