"""Writes the ticket part of a request. Arithmetic (sums, taxes, modifiers) is the caller's."""

from __future__ import annotations

from collections.abc import Iterable

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.codes import TAX_VAT, V203, V204
from protocols.ofd.errors import WrongVersion
from protocols.ofd.moments import write_moment
from protocols.ofd.money import write_money
from protocols.ofd.values import Domain, Line, Modifier, Parent, Payment, Ticket, Vat


def write_ticket(target: pb.TicketRequest, ticket: Ticket, version: int) -> None:
    """Fill a TicketRequest. Raises WrongVersion for several marks on one line before 2.0.3."""
    target.operation = ticket.operation  # type: ignore[assignment]
    write_moment(target.date_time, ticket.at)
    operator = target.operator
    operator.code = ticket.operator_code
    if ticket.operator_name:
        operator.name = ticket.operator_name
    _write_domain(target.domain, ticket.domain)
    for line in ticket.lines:
        _write_line(target, line, version)
    for payment in ticket.payments:
        _write_payment(target.payments.add(), payment, version)
    _write_taxes(target.taxes, ticket.taxes)
    _write_amounts(target.amounts, ticket)
    _write_customer(target, ticket)
    if ticket.offline_number is not None:
        target.offline_ticket_number = ticket.offline_number
    if ticket.printed_ticket:
        target.printed_ticket = ticket.printed_ticket
    if ticket.shift_number is not None:
        target.fr_shift_number = ticket.shift_number
    if ticket.shift_document_number is not None and version < V204:
        target.shift_document_number = ticket.shift_document_number
    if ticket.document_number is not None:
        target.printed_document_number = ticket.document_number
    if ticket.parent is not None and version >= V203:
        _write_parent(target.parent_ticket, ticket.parent)


def _write_line(target: pb.TicketRequest, line: Line, version: int) -> None:
    item = target.items.add()
    commodity: pb.TicketRequest.Item.Commodity | pb.TicketRequest.Item.StornoCommodity
    if line.is_storno:
        item.type = pb.ITEM_STORNO_COMMODITY
        commodity = item.storno_commodity
    else:
        item.type = pb.ITEM_COMMODITY
        commodity = item.commodity
    commodity.name = line.name
    commodity.section_code = line.section
    commodity.quantity = line.quantity
    write_money(commodity.price, line.price)
    write_money(commodity.sum, line.sum)
    if line.vat_bp is not None:
        _write_vat(commodity.taxes.add(), line.vat_bp, line.vat, line.is_vat_inside)
    commodity.measure_unit_code = line.unit_code
    if line.barcode:
        commodity.barcode = line.barcode
    if line.physical_label:
        commodity.physical_label = line.physical_label
    if line.product_id:
        commodity.product_id = line.product_id
    if line.marks:
        _write_marks(commodity, line.marks, version)
    if line.ntin and version >= V203:
        commodity.ntin = line.ntin
    if line.commodity_type is not None and version >= V204:
        commodity.commodity_type = line.commodity_type  # type: ignore[assignment]
    if line.discount:
        item = target.items.add()
        item.type = pb.ITEM_STORNO_DISCOUNT if line.is_storno else pb.ITEM_DISCOUNT
        modifier = item.storno_discount if line.is_storno else item.discount
        _write_line_modifier(modifier, line, line.discount_name, sum=line.discount, vat=line.discount_vat)
    if line.markup:
        item = target.items.add()
        item.type = pb.ITEM_STORNO_MARKUP if line.is_storno else pb.ITEM_MARKUP
        modifier = item.storno_markup if line.is_storno else item.markup
        _write_line_modifier(modifier, line, line.markup_name, sum=line.markup, vat=line.markup_vat)


def _write_marks(
    commodity: pb.TicketRequest.Item.Commodity | pb.TicketRequest.Item.StornoCommodity,
    marks: tuple[str, ...],
    version: int,
) -> None:
    if version >= V203:
        commodity.list_excise_stamp.extend(marks)
    elif len(marks) == 1:
        commodity.excise_stamp = marks[0]
    else:
        raise WrongVersion("before 2.0.3 a line carries one marking code: split the line")


def _write_line_modifier(
    target: pb.TicketRequest.Modifier, line: Line, name: str, *, sum: int, vat: int
) -> None:
    target.name = name
    write_money(target.sum, sum)
    if line.vat_bp is not None:
        _write_vat(target.taxes.add(), line.vat_bp, vat, line.is_vat_inside)


def _write_vat(target: pb.TicketRequest.Tax, bp: int, tax: int, is_inside: bool = True) -> None:
    target.tax_type = TAX_VAT
    target.percent = bp * 10  # thousandths of a percent
    write_money(target.sum, tax)
    target.is_in_total_sum = is_inside


def _write_taxes(target: Iterable[pb.TicketRequest.Tax], taxes: tuple[Vat, ...]) -> None:
    for tax in taxes:
        _write_vat(target.add(), tax.bp, tax.sum, tax.is_inside)  # type: ignore[attr-defined]


def _write_payment(target: pb.TicketRequest.Payment, payment: Payment, version: int) -> None:
    target.type = payment.type  # type: ignore[assignment]
    write_money(target.sum, payment.sum)
    if version < V203:
        return
    if payment.card is not None:
        card, fields = payment.card, target.card_payment_fields
        fields.SetInParent()
        if card.terminal_id:
            fields.pos_terminal_id = card.terminal_id
        if card.card_type:
            fields.pos_card_type = card.card_type
        if card.authorization_code is not None:
            fields.pos_autorization_code = card.authorization_code
        if card.rrn is not None:
            fields.pos_rrn = card.rrn
        if card.receipt_number is not None:
            fields.pos_receipt_number = card.receipt_number
    if payment.mobile is not None:
        mobile = target.mobile_payment_fields
        mobile.SetInParent()
        if payment.mobile.qr_type:
            mobile.qr_type = payment.mobile.qr_type
        if payment.mobile.qr_id:
            mobile.qr_id = payment.mobile.qr_id


def _write_amounts(target: pb.TicketRequest.Amounts, ticket: Ticket) -> None:
    write_money(target.total, ticket.total)
    if ticket.taken is not None:
        write_money(target.taken, ticket.taken)
    if ticket.change is not None:
        write_money(target.change, ticket.change)
    if ticket.markup is not None:
        _write_modifier(target.markup, ticket.markup)
    if ticket.discount is not None:
        _write_modifier(target.discount, ticket.discount)


def _write_modifier(target: pb.TicketRequest.Modifier, modifier: Modifier) -> None:
    target.name = modifier.name
    write_money(target.sum, modifier.sum)
    _write_taxes(target.taxes, modifier.taxes)


def _write_customer(target: pb.TicketRequest, ticket: Ticket) -> None:
    if not (ticket.customer_email or ticket.customer_phone or ticket.customer_bin):
        return
    options = target.extension_options
    if ticket.customer_email:
        options.customer_email = ticket.customer_email
    if ticket.customer_phone:
        options.customer_phone = ticket.customer_phone
    if ticket.customer_bin:
        options.customer_iin_or_bin = ticket.customer_bin


def _write_parent(target: pb.TicketRequest.ParentTicket, parent: Parent) -> None:
    target.parent_ticket_number = parent.sign
    write_moment(target.parent_ticket_data_time, parent.at)
    target.kgd_kkm_id = parent.kgd_number
    write_money(target.parent_ticket_total, parent.total)
    target.parent_ticket_is_offline = parent.is_offline


def _write_domain(target: pb.TicketRequest.Domain, domain: Domain) -> None:
    target.type = domain.type  # type: ignore[assignment]
    match domain.type:
        case pb.DOMAIN_SERVICES | pb.DOMAIN_HOTELS:
            target.services.account_number = domain.account_number
        case pb.DOMAIN_GASOIL:
            gasoil = target.gasoil
            gasoil.SetInParent()
            if domain.correction_number:
                gasoil.correction_number = domain.correction_number
            if domain.correction_sum is not None:
                write_money(gasoil.correction_sum, domain.correction_sum)
            if domain.card_number:
                gasoil.card_number = domain.card_number
        case pb.DOMAIN_TAXI:
            target.taxi.car_number = domain.car_number
            target.taxi.is_order = domain.is_order
            write_money(target.taxi.current_fee, domain.current_fee)
        case pb.DOMAIN_PARKING:
            if domain.parking_begin is None or domain.parking_end is None:
                raise WrongVersion("a parking ticket carries both moments")
            write_moment(target.parking.begin_time, domain.parking_begin)
            write_moment(target.parking.end_time, domain.parking_end)
