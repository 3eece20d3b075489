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
        "discount": order.discount.tiyn,
        "markup": order.markup.tiyn,
        "taken": order.taken.tiyn,
        "change": order.change.tiyn,
        "customer_bin": order.customer_bin,
        "original": None if order.original is None else order.original.sale_id,
    }
    return {key: value for key, value in body.items() if value or key == "total"}


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
        "product": line.product_id,
        "name": line.name,
        "quantity": line.quantity.thousandths,
        "price": line.price.tiyn,
        "discount": line.discount.tiyn,
        "markup": line.markup.tiyn,
        "total": line.total.tiyn,
        "vat_bp": line.vat_bp,
        "vat": line.vat.tiyn,
        "marks": list(line.marks),
    }
    return {key: value for key, value in body.items() if value or (key == "vat_bp" and value == 0)}
