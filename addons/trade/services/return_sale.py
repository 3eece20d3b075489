"""Take sold goods back: a SELL_RETURN ticket linked to the sale it undoes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.organization.api import OperatorCard, RegisterCard
from addons.trade.domain.commands import LineBack, ReturnSale, check_key
from addons.trade.domain.kinds import PaymentKind, SaleKind
from addons.trade.domain.payment import pay_back
from addons.trade.domain.returns import SoldLine, take_back
from addons.trade.domain.ticket import TicketLine
from addons.trade.ports import TicketOrder
from addons.trade.services import rows
from addons.trade.services.accept import Accepted, accept_ticket, desk_of, lane_of, replay
from addons.trade.services.records import SaleRecord, StoredLine
from addons.trade.services.sale_original import original_ticket
from kernel.errors import Refusal
from kernel.money import Money

if TYPE_CHECKING:
    from kernel.data.work import Work


async def return_sale(work: Work, command: ReturnSale) -> Accepted:
    """Accept a return into the lane of the register it is made at, which may be another than the sale's.

    Refusals: SALE_KEY_CONFLICT, everything of desk_of, SALE_UNKNOWN, RETURN_OF_RETURN, SALE_NOT_FISCAL_YET,
    SALE_REJECTED, RETURN_NOTHING_LEFT, RETURN_POSITION_UNKNOWN, RETURN_POSITION_REPEATED, those of take_back
    and pay_back, and those of the Fiscalizer.
    """
    check_key(command.sale_key, field="saleKey")
    digest = command.digest()
    known = await replay(work, command.sale_key, body_digest=digest)
    if known is not None:
        return known
    register, operator = await desk_of(
        work, command.register_id, command.operator_id, permission="trade.return"
    )
    lane = await lane_of(work, register)
    order = await _take_back(work, command, register, operator)
    accepted = await accept_ticket(work, lane, order, body_digest=digest)
    if accepted is None:
        known = await replay(work, command.sale_key, body_digest=digest)
        assert known is not None, "the key was taken a moment ago"
        return known
    await rows.move_returned(work, command.original_id, payments=order.payments, lines=order.lines, sign=1)
    return accepted


async def _take_back(
    work: Work, command: ReturnSale, register: RegisterCard, operator: OperatorCard
) -> TicketOrder:
    """The ticket of the return; the original's row stays locked: two returns cannot share goods."""
    sold = await rows.locked_sale(work, command.original_id)
    if sold is None:
        raise Refusal("SALE_UNKNOWN", field="originalId")
    if sold.kind.is_return:
        raise Refusal("RETURN_OF_RETURN", field="originalId")
    original = original_ticket(sold, field="originalId")
    lines = _lines_back(command.lines, await rows.lines_of(work, sold.id))
    total = Money(sum(line.total.tiyn for line in lines))
    return TicketOrder(
        sale_id=command.sale_id,
        sale_key=command.sale_key,
        company_id=register.company_id,
        register=register,
        operator=operator,
        kind=SaleKind.SELL_RETURN,
        lines=lines,
        discount=Money.ZERO,
        markup=Money.ZERO,
        total=total,
        taken=Money.ZERO,
        change=Money.ZERO,
        payments=pay_back(total, command.payments, refundable=_refundable(sold)),
        customer_bin=sold.header.customer.bin,
        customer_email=sold.header.customer.email,
        customer_phone=sold.header.customer.phone,
        created_ms=work.now_ms,
        original=original,
    )


def _lines_back(asked: Sequence[LineBack], stored: Sequence[StoredLine]) -> tuple[TicketLine, ...]:
    sold = {each.line.position: SoldLine(each.line, each.returned) for each in stored}
    if not asked:
        asked = [LineBack(position, each.left) for position, each in sold.items() if each.left.thousandths]
        if not asked:
            raise Refusal("RETURN_NOTHING_LEFT", field="originalId")
    seen: set[int] = set()
    lines = []
    for index, back in enumerate(asked):
        field = f"lines.{index}"
        if back.position not in sold:
            raise Refusal("RETURN_POSITION_UNKNOWN", field=f"{field}.position", position=back.position)
        if back.position in seen:
            raise Refusal("RETURN_POSITION_REPEATED", field=f"{field}.position", position=back.position)
        seen.add(back.position)
        lines.append(take_back(sold[back.position], back.quantity, position=index + 1, field=field))
    return tuple(lines)


def _refundable(sold: SaleRecord) -> dict[PaymentKind, Money]:
    paid = {payment.kind: payment.amount for payment in sold.payments}
    return {kind: paid.get(kind, Money.ZERO) - sold.returned[kind] for kind in PaymentKind}
