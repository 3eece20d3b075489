"""Money put into the drawer or taken out of it without a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from addons.trade.domain.commands import CashId, MoveCash, check_key
from addons.trade.ports import CashOrder, Fiscalizer
from addons.trade.services import rows
from addons.trade.services.accept import desk_of, lane_of
from addons.trade.services.journal_text import cash_body
from kernel import crash
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class CashAccepted:
    """A cash operation in its lane. is_replay: it was accepted earlier under the same key."""

    cash_id: CashId
    is_replay: bool


async def move_cash(work: Work, command: MoveCash) -> CashAccepted:
    """Accept a deposit or withdrawal into the register's lane.

    Refusals: CASH_AMOUNT_NOT_POSITIVE, SALE_KEY_MALFORMED, SALE_KEY_CONFLICT, everything of desk_of and those
    of the Fiscalizer (NOT_ENOUGH_CASH).
    """
    check_key(command.cash_key, field="cashKey")
    digest = command.digest()
    known = await _replay(work, command.cash_key, digest)
    if known is not None:
        return known
    register, operator = await desk_of(
        work, command.register_id, command.operator_id, permission="trade.cash"
    )
    if command.amount.tiyn <= 0:
        raise Refusal("CASH_AMOUNT_NOT_POSITIVE", field="amount")
    lane = await lane_of(work, register)
    order = CashOrder(
        cash_id=command.cash_id,
        cash_key=command.cash_key,
        company_id=register.company_id,
        register=register,
        operator=operator,
        direction=command.direction,
        amount=command.amount,
        created_ms=work.now_ms,
    )
    try:
        await rows.insert_cash(work, order, body_digest=digest)
    except IntegrityError:
        known = await _replay(work, command.cash_key, digest)
        assert known is not None, "the key was taken a moment ago"
        return known
    lane.journal("cash.accepted", cash_body(order))
    fiscalizer = work.port(Fiscalizer)
    await fiscalizer.accept_cash(work, lane, order)
    crash.point("trade.accepted")
    return CashAccepted(order.cash_id, is_replay=False)


async def _replay(work: Work, cash_key: str, digest: str) -> CashAccepted | None:
    row = await work.row(
        "SELECT id, body_digest FROM trd_cash WHERE company_id = ? AND cash_key = ?",
        work.company_id,
        cash_key,
    )
    if row is None:
        return None
    if row["body_digest"] != digest:
        raise Refusal("SALE_KEY_CONFLICT", field="cashKey")
    return CashAccepted(CashId(row["id"]), is_replay=True)
