"""Take sold goods back, or give bought ones back: a return linked to the ticket it undoes.

A sale is annulled by a return of all that is left of it: CANCEL_TICKET of the protocol is never sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from addons.catalog.api import read_mark
from addons.organization.api import ApprovalAction, OperatorCard, RegisterCard, require_approval
from addons.trade.domain.commands import MARKS_MAX, LineBack, ReturnSale, check_key
from addons.trade.domain.details import details_of
from addons.trade.domain.kinds import PaymentKind, SaleKind
from addons.trade.domain.payment import pay_back
from addons.trade.domain.returns import SoldLine, take_back
from addons.trade.domain.ticket import TicketLine
from addons.trade.ports import TicketOrder
from addons.trade.services import rows
from addons.trade.services.accept import Accepted, accept_ticket, ask_all, desk_of, known_sale, lane_of
from addons.trade.services.claim_cards import claim_cards, names_operations
from addons.trade.services.records import SaleRecord, StoredLine, sale_record, stored_line
from addons.trade.services.sale_original import original_ticket
from kernel.errors import Refusal
from kernel.money import Money

if TYPE_CHECKING:
    from kernel.data.work import SqlRow, Work

_RETURNED_BY = {SaleKind.SELL: SaleKind.SELL_RETURN, SaleKind.BUY: SaleKind.BUY_RETURN}


async def return_sale(work: Work, command: ReturnSale) -> Accepted:
    """Accept a return into the lane of the register it is made at, which may be another than the sale's.

    Refusals: SALE_KEY_CONFLICT, everything of desk_of and require_approval, SALE_UNKNOWN, RETURN_OF_RETURN,
    RETURN_OF_OTHER_KIND, SALE_NOT_FISCAL_YET, SALE_REJECTED, RETURN_NOTHING_LEFT, RETURN_POSITION_UNKNOWN,
    RETURN_POSITION_REPEATED, MARK_MALFORMED, SALE_MARKS_TOO_MANY, those of take_back, pay_back and
    claim_cards, and those of the Fiscalizer. IntegrityError as of register_sale.
    """
    check_key(command.sale_key, field="saleKey")
    digest = command.digest()
    known, desk, sold, lines = await ask_all(
        work,
        command,
        rows.ask_key(work, command.sale_key),
        rows.ask_locked_sale(work, command.original_id),
        rows.ask_lines(work, [command.original_id]),
    )
    earlier = known_sale(known, body_digest=digest)
    if earlier is not None:
        return earlier
    permission = "trade.return" if command.kind is SaleKind.SELL_RETURN else "trade.purchase"
    register, operator = desk_of(work, command, desk, permission=permission)
    await require_approval(
        work,
        ApprovalAction.RETURN,
        register_id=register.id,
        token=command.approval,
        subject=f"sale:{command.sale_id}",
    )
    lane = await lane_of(work, register)
    order = _take_back(work, command, register, operator, sold, lines)
    if names_operations(command.payments):
        order = await _with_cards(work, command, order)
    accepted = await accept_ticket(work, lane, order, body_digest=digest)
    await rows.move_returned(work, command.original_id, payments=order.payments, lines=order.lines, sign=1)
    return accepted


async def _with_cards(work: Work, command: ReturnSale, order: TicketOrder) -> TicketOrder:
    """The same ticket, paid back by operations of card terminals."""
    payments = await claim_cards(
        work,
        command.payments,
        sale_id=order.sale_id,
        register_id=order.register.id,
        kind=order.kind,
        original_id=command.original_id,
    )
    known = order.details
    details = details_of(
        payments,
        domain=None if known is None else known.domain,
        is_vat_on_top=known is not None and known.is_vat_on_top,
    )
    return replace(order, details=details)


def _take_back(
    work: Work,
    command: ReturnSale,
    register: RegisterCard,
    operator: OperatorCard,
    found: Sequence[SqlRow],
    found_lines: Sequence[SqlRow],
) -> TicketOrder:
    """The ticket of the return; the original's row stays locked: two returns cannot share goods."""
    if not found:
        raise Refusal("SALE_UNKNOWN", field="originalId")
    sold = sale_record(found[0])
    if sold.kind.is_return:
        raise Refusal("RETURN_OF_RETURN", field="originalId")
    if _RETURNED_BY[sold.kind] is not command.kind:
        raise Refusal("RETURN_OF_OTHER_KIND", field="originalId", kind=sold.kind.value)
    original = original_ticket(sold, field="originalId")
    is_on_top = sold.details is not None and sold.details.is_vat_on_top
    stored = [stored_line(row) for row in found_lines]
    lines = _lines_back(command.lines, stored, is_vat_on_top=is_on_top)
    total = Money(sum(line.total.tiyn for line in lines))
    return TicketOrder(
        sale_id=command.sale_id,
        sale_key=command.sale_key,
        company_id=register.company_id,
        register=register,
        operator=operator,
        kind=command.kind,
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
        details=details_of(
            command.payments,
            domain=None if sold.details is None else sold.details.domain,
            is_vat_on_top=is_on_top,
        ),
    )


def _lines_back(
    asked: Sequence[LineBack], stored: Sequence[StoredLine], *, is_vat_on_top: bool
) -> tuple[TicketLine, ...]:
    sold = {each.line.position: SoldLine(each.line, each.returned, each.returned_marks) for each in stored}
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
        lines.append(
            take_back(
                sold[back.position],
                back.quantity,
                position=index + 1,
                field=field,
                marks=_known_marks(sold[back.position], back, field=f"{field}.marks"),
                is_vat_on_top=is_vat_on_top,
            )
        )
    return tuple(lines)


def _known_marks(sold: SoldLine, back: LineBack, *, field: str) -> list[str]:
    """Marks as the sale has them, however the scanner gave them now; strange ones as they came."""
    if not back.marks:
        return []
    if len(back.marks) > MARKS_MAX:
        raise Refusal("SALE_MARKS_TOO_MANY", field=field, max=MARKS_MAX)
    by_key = {read_mark(each, field=field).key: each for each in sold.line.marks}
    asked = [read_mark(each, field=f"{field}.{place}") for place, each in enumerate(back.marks)]
    return [by_key.get(each.key, each.text) for each in asked]


def _refundable(sold: SaleRecord) -> dict[PaymentKind, Money]:
    paid = {payment.kind: payment.amount for payment in sold.payments}
    return {kind: paid.get(kind, Money.ZERO) - sold.returned[kind] for kind in PaymentKind}
