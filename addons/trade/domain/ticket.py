"""Values of a calculated ticket: lines, payments and modifiers. How they are calculated is in cart.py."""

from __future__ import annotations

from addons.trade.domain.kinds import ModifierKind, PaymentKind
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.values import value


@value
class TicketLine:
    """One calculated position; total = sum − discount + markup, and the lines' totals add up to the ticket's
    total. sum is price × quantity, with VAT on top where the ticket's prices are without it.

    discount and markup already contain the line's part of the receipt's own modifiers (shared_discount,
    shared_markup say how much of them), so a ticket is complete with modifiers on lines alone.
    vat is inside total; vat_bp None means "without VAT", 0 means the rate of 0 %.
    """

    position: int  # from 1
    product_id: str | None
    name: str
    section: str
    quantity: Quantity
    price: Money  # of one unit
    sum: Money  # half up to one tiyn
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
    label: str = ""  # series and number of a paper excise stamp
    warehouse_id: str = ""  # the good in the virtual warehouse of ESF


@value
class CardDetails:
    """How a card paid (CPCR 2.0.3, CardPaymentFields); empty means "not told"."""

    terminal_id: str = ""
    card_type: str = ""
    authorization_code: str = ""
    rrn: str = ""
    receipt_number: str = ""


@value
class MobileDetails:
    """How a phone paid (CPCR 2.0.3, MobilePaymentFields)."""

    qr_type: str = ""
    qr_id: str = ""


@value
class TicketPayment:
    """What stays with the seller (or is handed back on a return) by one means; each kind appears once.

    details, is_elsewhere, operation_ids: told by who tenders; of a stored ticket the first two are in its
    TicketDetails. operation_ids: of the card terminals that took it.
    """

    kind: PaymentKind
    amount: Money
    details: CardDetails | MobileDetails | None = None
    is_elsewhere: bool = False
    operation_ids: tuple[str, ...] = ()


@value
class Modifier:
    """A discount or a markup in money, positive."""

    kind: ModifierKind
    amount: Money
