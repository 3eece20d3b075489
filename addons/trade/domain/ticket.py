"""Values of a calculated ticket: lines, payments and modifiers. How they are calculated is in cart.py."""

from __future__ import annotations

from dataclasses import dataclass

from addons.trade.domain.kinds import ModifierKind, PaymentKind
from kernel.money import Money
from kernel.quantity import Quantity


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One calculated position; total = sum − discount + markup, and the lines' totals add up to the ticket's
    total.

    discount and markup already contain the line's part of the receipt's own modifiers (shared_discount,
    shared_markup say how much of them), so a ticket is complete with modifiers on lines alone.
    vat is inside total; vat_bp None means "without VAT", 0 means the rate of 0 %.
    """

    position: int  # from 1
    product_id: str | None
    name: str
    section: str
    quantity: Quantity
    price: Money  # of one unit, VAT inside
    sum: Money  # price × quantity, half up to one tiyn
    discount: Money
    markup: Money
    total: Money
    vat_bp: int | None
    vat: Money
    unit_code: str
    barcode: str
    ntin: str
    marks: tuple[str, ...]
    unit_name: str = ""
    shared_discount: Money = Money.ZERO
    shared_markup: Money = Money.ZERO
    original_position: int | None = None  # of a return: the position of the original that comes back


@dataclass(frozen=True, slots=True)
class TicketPayment:
    """What stays with the seller (or is handed back on a return) by one means; each kind appears once."""

    kind: PaymentKind
    amount: Money


@dataclass(frozen=True, slots=True)
class Modifier:
    """A discount or a markup in money, positive."""

    kind: ModifierKind
    amount: Money
