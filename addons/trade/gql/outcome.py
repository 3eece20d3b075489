"""Waiting for what becomes of a document: listen first, commit, wait for the notice, read the truth once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

from addons.trade.domain.commands import MoveCash, RegisterSale, ReturnSale
from addons.trade.domain.kinds import FiscalState
from addons.trade.gql.types import CashOperationType, SaleType, cash_type, sale_type
from addons.trade.services import rows
from addons.trade.services.accept import Accepted
from addons.trade.services.move_cash import move_cash
from addons.trade.services.record_facts import CASH_TOPIC, SALE_TOPIC
from addons.trade.services.records import CashRecord, SaleRecord
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from kernel import crash
from kernel.gql.context import GqlContext

# A lost notice costs a subscriber at most this long.
REREAD_S = 15.0


async def sold(context: GqlContext, command: RegisterSale | ReturnSale, *, wait_ms: int) -> SaleType:
    """Run the command and give the ticket with its outcome, or still PENDING after wait_ms."""
    async with AsyncExitStack() as ears:
        waiter = await ears.enter_async_context(context.app.bus.expect(SALE_TOPIC, command.sale_id))
        accepted: Accepted
        if isinstance(command, RegisterSale):
            accepted = await context.transact(register_sale, command)
        else:
            accepted = await context.transact(return_sale, command)
        crash.point("trade.after_commit")
        if accepted.is_replay:
            waiter = await ears.enter_async_context(context.app.bus.expect(SALE_TOPIC, accepted.sale_id))
            record = await read_sale(context, accepted.sale_id)
            if record.fiscal.state is not FiscalState.PENDING:
                return sale_type(record, replayed=True)
        if wait_ms:
            await waiter.wait(wait_ms / 1000)
    if accepted.record is None:
        return sale_type(await read_sale(context, accepted.sale_id), replayed=True)
    async with context.reading() as reader:  # the rest is what was accepted a moment ago
        fiscal = await rows.fiscal_of(reader, accepted.sale_id)
    assert fiscal is not None, "committed a moment ago"
    return sale_type(replace(accepted.record, fiscal=fiscal), lines=accepted.lines)


async def moved(context: GqlContext, command: MoveCash, *, wait_ms: int) -> CashOperationType:
    """The same for a cash operation."""
    async with context.app.bus.expect(CASH_TOPIC, command.cash_id) as waiter:
        accepted = await context.transact(move_cash, command)
        crash.point("trade.after_commit")
        if wait_ms and not accepted.is_replay:
            await waiter.wait(wait_ms / 1000)
    async with context.reading() as reader:
        record: CashRecord | None = await rows.cash_by_id(reader, accepted.cash_id)
    assert record is not None, "committed a moment ago"
    return cash_type(record, replayed=accepted.is_replay)


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
