"""What the journal remembers of an accepted ticket: everything that was sold, nothing about persons'
contacts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.trade.domain.ticket import TicketLine
from addons.trade.ports import CashOrder, TicketOrder

if TYPE_CHECKING:
    from kernel.journal.canonical import JSON


def accepted_body(order: TicketOrder) -> dict[str, JSON]:
    """Body of the entry `sale.accepted`; sums in tiyn, quantities in thousandths, zeros left out."""
    body: dict[str, JSON] = {
        "sale": order.sale_id,
        "key": order.sale_key,
        "kind": order.kind.value,
        "operator": order.operator.id,
        "lines": [_line(each) for each in order.lines],
        "payments": {each.kind.value: each.amount.tiyn for each in order.payments},
        "total": order.total.tiyn,
    }
    if order.discount.tiyn:
        body["discount"] = order.discount.tiyn
    if order.markup.tiyn:
        body["markup"] = order.markup.tiyn
    if order.taken.tiyn:
        body["taken"] = order.taken.tiyn
    if order.change.tiyn:
        body["change"] = order.change.tiyn
    if order.customer_bin:
        body["customer_bin"] = order.customer_bin
    if order.original is not None:
        body["original"] = order.original.sale_id
    return body


def cash_body(order: CashOrder) -> dict[str, JSON]:
    """Body of the entry `cash.accepted`."""
    return {
        "cash": order.cash_id,
        "key": order.cash_key,
        "direction": order.direction.value,
        "operator": order.operator.id,
        "amount": order.amount.tiyn,
    }


def _line(line: TicketLine) -> dict[str, JSON]:
    body: dict[str, JSON] = {
        "name": line.name,
        "quantity": line.quantity.thousandths,
        "price": line.price.tiyn,
        "total": line.total.tiyn,
    }
    if line.product_id:
        body["product"] = line.product_id
    if line.discount.tiyn:
        body["discount"] = line.discount.tiyn
    if line.markup.tiyn:
        body["markup"] = line.markup.tiyn
    if line.vat_bp is not None:
        body["vat_bp"] = line.vat_bp
        if line.vat.tiyn:
            body["vat"] = line.vat.tiyn
    if line.marks:
        body["marks"] = line.marks
    return body
