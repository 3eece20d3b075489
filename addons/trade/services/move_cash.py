"""Money put into the drawer or taken out of it without a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.api import ApprovalAction, require_approval
from addons.trade.domain.commands import CashId, MoveCash, check_key
from addons.trade.domain.kinds import CashDirection
from addons.trade.ports import CashOrder, Fiscalizer
from addons.trade.services import rows
from addons.trade.services.accept import ask_all, desk_of, lane_of
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

    Refusals: CASH_AMOUNT_NOT_POSITIVE, SALE_KEY_MALFORMED, SALE_KEY_CONFLICT, everything of desk_of and
    require_approval, and those of the Fiscalizer (NOT_ENOUGH_CASH). IntegrityError as of register_sale.
    """
    check_key(command.cash_key, field="cashKey")
    digest = command.digest()
    known, desk = await ask_all(work, command, rows.ask_cash_key(work, command.cash_key))
    if known:
        if known[0]["body_digest"] != digest:
            raise Refusal("SALE_KEY_CONFLICT", field="cashKey")
        return CashAccepted(CashId(known[0]["id"]), is_replay=True)
    register, operator = desk_of(work, command, desk, permission="trade.cash")
    if command.amount.tiyn <= 0:
        raise Refusal("CASH_AMOUNT_NOT_POSITIVE", field="amount")
    if command.direction is CashDirection.WITHDRAWAL:
        await require_approval(
            work,
            ApprovalAction.CASH_WITHDRAWAL,
            register_id=register.id,
            token=command.approval,
            subject=f"cash:{command.cash_id}",
        )
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
    await rows.write_cash(work, order, body_digest=digest)
    lane.journal("cash.accepted", cash_body(order))
    fiscalizer = work.port(Fiscalizer)
    await fiscalizer.accept_cash(work, lane, order)
    crash.point("trade.accepted")
    return CashAccepted(order.cash_id, is_replay=False)
