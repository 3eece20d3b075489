"""The port Fiscalizer of trade: its orders become documents of the register's lane."""

from __future__ import annotations

from bisect import bisect
from dataclasses import asdict
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import CashBody, Line, Parent, TicketBody
from addons.fiscal_kz.domain.kinds import DocumentKind, Means, Operation, Placement
from addons.fiscal_kz.domain.rarities import (
    CardPaid,
    DomainType,
    LineCodes,
    MobilePaid,
    Rarities,
    Stornoed,
)
from addons.fiscal_kz.domain.rarities import DomainBlock as KkmDomainBlock
from addons.fiscal_kz.services.accept import accept_document
from addons.trade.api import CashOrder, DomainBlock, PaymentKind, SaleKind, TicketLine, TicketOrder

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane

OPERATIONS = {each: Operation(each.value) for each in SaleKind}
MEANS = {each: Means(each.value) for each in PaymentKind}
DEFAULT_SECTION = "1"
DEFAULT_UNIT = "796"  # piece, ESF classifier


class KzFiscalizer:
    """Implements trade.api.Fiscalizer."""

    async def accept_ticket(self, work: Work, lane: Lane, order: TicketOrder) -> None:
        """Take the ticket to the tail of its lane, or issue it autonomously at once."""
        await accept_document(
            work,
            lane,
            register_id=order.register.id,
            outlet=order.register.outlet,
            kind=DocumentKind.TICKET,
            body=ticket_body(order),
            total=order.total.tiyn,
            created_ms=order.created_ms,
            subject_id=order.sale_id,
        )

    async def accept_cash(self, work: Work, lane: Lane, order: CashOrder) -> None:
        """The same for a cash operation."""
        body = CashBody(
            placement=Placement(order.direction.value),
            amount=order.amount.tiyn,
            operator_code=order.operator.code,
            operator_name=order.operator.name,
        )
        await accept_document(
            work,
            lane,
            register_id=order.register.id,
            outlet=order.register.outlet,
            kind=DocumentKind.CASH,
            body=body,
            total=order.amount.tiyn,
            created_ms=order.created_ms,
            subject_id=order.cash_id,
        )


def ticket_body(order: TicketOrder) -> TicketBody:
    """The order in the form that is kept until its bytes are built."""
    original = order.original
    parent = None
    if original is not None:
        parent = Parent(
            subject_id=original.sale_id,
            sign=original.sign,
            at_ms=original.at_ms,
            registration_number=original.kkm_registration_number,
            total=original.total.tiyn,
            is_offline=original.is_offline,
        )
    return TicketBody(
        operation=OPERATIONS[order.kind],
        operator_code=order.operator.code,
        operator_name=order.operator.name,
        lines=tuple([_line(each) for each in order.lines]),
        payments=tuple([(MEANS[each.kind], each.amount.tiyn) for each in order.payments]),
        total=order.total.tiyn,
        # Of a return nothing is tendered; on the wire taken − change is the cash that moves, whichever way.
        taken=order.paid_by(PaymentKind.CASH).tiyn + order.change.tiyn,
        change=order.change.tiyn,
        customer_bin=order.customer_bin or "",
        customer_email=order.customer_email or "",
        customer_phone=order.customer_phone or "",
        parent=parent,
        rarities=_rarities(order),
    )


def _rarities(order: TicketOrder) -> Rarities | None:
    """What is special about the ticket, None as on most."""
    details = order.details
    codes = [
        LineCodes(index, each.label, each.warehouse_id)
        for index, each in enumerate(order.lines)
        if each.label or each.warehouse_id
    ]
    if details is None:
        return Rarities(codes=tuple(codes)) if codes else None
    card, mobile = details.card, details.mobile
    positions = [each.position for each in order.lines]
    return Rarities(
        domain=None if details.domain is None else _domain(details.domain),
        card=None if card is None else CardPaid(**asdict(card)),
        mobile=None if mobile is None else MobilePaid(**asdict(mobile)),
        is_vat_on_top=details.is_vat_on_top,
        stornoed=tuple(
            Stornoed(bisect(positions, each.position), _line(each), each.label, each.warehouse_id)
            for each in details.stornoed
        ),
        codes=tuple(codes),
    )


def _domain(block: DomainBlock) -> KkmDomainBlock:
    return KkmDomainBlock(
        type=DomainType(block.domain.value),
        account_number=block.account_number,
        correction_number=block.correction_number,
        correction_sum=None if block.correction_sum is None else block.correction_sum.tiyn,
        card_number=block.card_number,
        car_number=block.car_number,
        is_order=bool(block.is_order),
        current_fee=0 if block.current_fee is None else block.current_fee.tiyn,
        begin_ms=block.begin_ms,
        end_ms=block.end_ms,
    )


def _line(line: TicketLine) -> Line:
    return Line(
        name=line.name,
        section=line.section or DEFAULT_SECTION,
        quantity=line.quantity.thousandths,
        price=line.price.tiyn,
        sum=line.sum.tiyn,
        discount=line.discount.tiyn,
        markup=line.markup.tiyn,
        total=line.total.tiyn,
        vat_bp=line.vat_bp,
        vat=line.vat.tiyn,
        unit_code=line.unit_code or DEFAULT_UNIT,
        barcode=line.barcode,
        ntin=line.ntin,
        marks=line.marks,
    )
