"""What callers ask of trade, as frozen values; where they come from is not known here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import field
from typing import NewType

import orjson

from addons.trade.domain.cart import Percent, Reduction
from addons.trade.domain.details import DomainBlock
from addons.trade.domain.kinds import CashDirection, SaleKind
from addons.trade.domain.ticket import CardDetails, MobileDetails, TicketPayment
from kernel.errors import Refusal
from kernel.ids import is_uuid
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.texts import one_line
from kernel.values import value

SaleId = NewType("SaleId", str)
CashId = NewType("CashId", str)

CONTACT_LENGTH_MAX = 128
MARK_LENGTH_MAX = 256
MARKS_MAX = 500  # of one line

Plain = dict[str, "Plain"] | list["Plain"] | str | int | None


@value
class VatAsked:
    """VAT of a free line; bp None means "without VAT"."""

    bp: int | None


@value
class LineAsked:
    """One position as asked: a product by exactly one of id, code, barcode, or a free line with name and
    price.

    discount and markup None mean the product's defaults; a zero means none at all. section None means the
    product's. is_storno: it was rung up and taken off again before payment.
    """

    quantity: Quantity
    product_id: str | None = None
    code: int | None = None
    barcode: str | None = None
    name: str | None = None
    price: Money | None = None
    discount: Reduction | None = None
    markup: Reduction | None = None
    vat: VatAsked | None = None
    marks: tuple[str, ...] = ()
    section: str | None = None
    label: str = ""
    warehouse_id: str = ""
    is_storno: bool = False

    @property
    def is_free(self) -> bool:
        """True when no product is named."""
        return self.product_id is None and self.code is None and self.barcode is None


@value
class Customer:
    """What the buyer leaves: BIN or IIN for the ticket, contacts for its delivery."""

    bin: str | None = None
    email: str | None = None
    phone: str | None = None

    def checked(self) -> Customer:
        """Itself, contacts as one line; the BIN is checked by who knows its rules. Raises
        SALE_CONTACT_TOO_LONG.
        """
        if self.email is None and self.phone is None:
            return self
        email, phone = one_line(self.email or ""), one_line(self.phone or "")
        for name, contact in (("email", email), ("phone", phone)):
            if len(contact) > CONTACT_LENGTH_MAX:
                raise Refusal("SALE_CONTACT_TOO_LONG", field=f"customer.{name}", max=CONTACT_LENGTH_MAX)
        return Customer(self.bin, email or None, phone or None)


NOBODY = Customer()


@value
class RegisterSale:
    """Sell. sale_id is chosen by the caller before the transaction, so that it can listen for the outcome.

    operator_id None means the acting operator. expected_total, when given, must equal the calculated one.
    sold_ms: when the till sold it, if it waited there for a connection (epoch ms).
    """

    sale_id: SaleId
    sale_key: str
    register_id: str
    operator_id: str | None
    lines: tuple[LineAsked, ...]
    payments: tuple[TicketPayment, ...]
    discount: Reduction | None = None
    markup: Reduction | None = None
    customer: Customer = NOBODY
    expected_total: Money | None = None
    domain: DomainBlock | None = None
    is_vat_on_top: bool | None = None  # None: as the company chose
    sold_ms: int | None = None

    def digest(self) -> str:
        """SHA-256 of what was asked, without who asks and when: the same key with another digest is another
        sale.
        """
        body: dict[str, Plain] = {
            "register": self.register_id,
            "lines": [_line(each) for each in self.lines],
            "payments": _payments(self.payments),
            "discount": _reduction(self.discount),
            "markup": _reduction(self.markup),
            "customer": [self.customer.bin, self.customer.email, self.customer.phone],
            "expected": None if self.expected_total is None else self.expected_total.tiyn,
        }
        if self.domain is not None:
            body["domain"] = _domain(self.domain)
        if self.is_vat_on_top is not None:
            body["vat_on_top"] = self.is_vat_on_top
        return _digest(body)


@value
class RegisterPurchase:
    """Buy from a person or a company: money goes out, goods come in. Every line names its price.

    customer: whom it is bought from; payments add up to the total exactly, there is no change.
    """

    sale_id: SaleId
    sale_key: str
    register_id: str
    operator_id: str | None
    lines: tuple[LineAsked, ...]
    payments: tuple[TicketPayment, ...]
    customer: Customer = NOBODY
    expected_total: Money | None = None
    domain: DomainBlock | None = None

    def digest(self) -> str:
        """As RegisterSale.digest."""
        body: dict[str, Plain] = {
            "kind": SaleKind.BUY.value,
            "register": self.register_id,
            "lines": [_line(each) for each in self.lines],
            "payments": _payments(self.payments),
            "customer": [self.customer.bin, self.customer.email, self.customer.phone],
            "expected": None if self.expected_total is None else self.expected_total.tiyn,
        }
        if self.domain is not None:
            body["domain"] = _domain(self.domain)
        return _digest(body)


@value
class LineBack:
    """How much of a sold position comes back. marks: which pieces of a marked one, as a scanner read them."""

    position: int
    quantity: Quantity
    marks: tuple[str, ...] = ()


@value
class ReturnSale:
    """Take goods of one earlier sale back, or give goods of one earlier purchase back (kind BUY_RETURN).

    No lines means all that is left, no payments the way it was paid. approval: an administrator's word, where
    the company asks for it.
    """

    sale_id: SaleId
    sale_key: str
    register_id: str
    operator_id: str | None
    original_id: SaleId
    lines: tuple[LineBack, ...] = ()
    payments: tuple[TicketPayment, ...] = ()
    kind: SaleKind = SaleKind.SELL_RETURN
    approval: str | None = field(default=None, repr=False)

    def digest(self) -> str:
        """As RegisterSale.digest; the original's kind says which return it is."""
        lines: list[Plain] = [[each.position, each.quantity.thousandths, *each.marks] for each in self.lines]
        return _digest(
            {
                "register": self.register_id,
                "original": self.original_id,
                "lines": lines,
                "payments": _payments(self.payments),
            }
        )


@value
class MoveCash:
    """Put money into the drawer or take it out. approval: as of ReturnSale, for taking out."""

    cash_id: CashId
    cash_key: str
    register_id: str
    operator_id: str | None
    amount: Money
    direction: CashDirection = field(kw_only=True)
    approval: str | None = field(default=None, repr=False, kw_only=True)

    def digest(self) -> str:
        """As RegisterSale.digest."""
        return _digest(
            {"register": self.register_id, "direction": self.direction.value, "amount": self.amount.tiyn}
        )


def check_key(key: str, *, field: str) -> str:
    """Itself. Raises Refusal("SALE_KEY_MALFORMED") unless it is a lower-case UUID."""
    if not is_uuid(key):
        raise Refusal("SALE_KEY_MALFORMED", field=field)
    return key


def _digest(body: Plain) -> str:
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _reduction(asked: Reduction | None) -> Plain:
    if asked is None:
        return None
    return ["bp", asked.bp] if isinstance(asked, Percent) else ["tiyn", asked.tiyn]


def _payments(payments: Sequence[TicketPayment]) -> Plain:
    return [_payment(each) for each in payments]


def _payment(payment: TicketPayment) -> Plain:
    """As _line."""
    plain: list[Plain] = [payment.kind.value, payment.amount.tiyn]
    if payment.is_elsewhere:
        plain.append("elsewhere")
    match payment.details:
        case CardDetails() as card:
            plain += [
                card.terminal_id, card.card_type, card.authorization_code, card.rrn, card.receipt_number,
            ]  # fmt: skip
        case MobileDetails() as mobile:
            plain += [mobile.qr_type, mobile.qr_id]
    if payment.operation_ids:
        plain.append(list(payment.operation_ids))
    return plain


def _domain(block: DomainBlock) -> Plain:
    return [
        block.domain.value, block.account_number, block.correction_number, _tiyn(block.correction_sum),
        block.card_number, block.car_number, block.is_order, _tiyn(block.current_fee), block.begin_ms,
        block.end_ms,
    ]  # fmt: skip


def _tiyn(amount: Money | None) -> int | None:
    return None if amount is None else amount.tiyn


def _line(line: LineAsked) -> Plain:
    """Absent things are left out, so that a field added later does not change the digest of older bodies."""
    plain: dict[str, Plain] = {"quantity": line.quantity.thousandths}
    if line.product_id is not None:
        plain["id"] = line.product_id
    if line.code is not None:
        plain["code"] = line.code
    if line.barcode is not None:
        plain["barcode"] = line.barcode
    if line.name is not None:
        plain["name"] = line.name
    if line.price is not None:
        plain["price"] = line.price.tiyn
    if line.discount is not None:
        plain["discount"] = _reduction(line.discount)
    if line.markup is not None:
        plain["markup"] = _reduction(line.markup)
    if line.vat is not None:
        plain["vat"] = [line.vat.bp]
    if line.marks:
        plain["marks"] = list(line.marks)
    if line.section is not None:
        plain["section"] = line.section
    if line.label:
        plain["label"] = line.label
    if line.warehouse_id:
        plain["warehouse"] = line.warehouse_id
    if line.is_storno:
        plain["storno"] = True
    return plain
