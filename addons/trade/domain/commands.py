"""What callers ask of trade, as frozen values; where they come from is not known here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NewType

import orjson

from addons.trade.domain.cart import Percent, Reduction
from addons.trade.domain.kinds import CashDirection
from addons.trade.domain.ticket import TicketPayment
from kernel.errors import Refusal
from kernel.ids import is_uuid
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.texts import one_line

SaleId = NewType("SaleId", str)
CashId = NewType("CashId", str)

CONTACT_LENGTH_MAX = 128
MARK_LENGTH_MAX = 256
MARKS_MAX = 500  # of one line

Plain = dict[str, "Plain"] | list["Plain"] | str | int | None


@dataclass(frozen=True, slots=True)
class VatAsked:
    """VAT of a free line; bp None means "without VAT"."""

    bp: int | None


@dataclass(frozen=True, slots=True)
class LineAsked:
    """One position as asked: a product by exactly one of id, code, barcode, or a free line with name and
    price.

    discount and markup None mean the product's defaults; a zero means none at all.
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

    @property
    def is_free(self) -> bool:
        """True when no product is named."""
        return self.product_id is None and self.code is None and self.barcode is None


@dataclass(frozen=True, slots=True)
class Customer:
    """What the buyer leaves: BIN or IIN for the ticket, contacts for its delivery."""

    bin: str | None = None
    email: str | None = None
    phone: str | None = None

    def checked(self) -> Customer:
        """Itself, contacts as one line; the BIN is checked by who knows its rules. Raises
        SALE_CONTACT_TOO_LONG.
        """
        email, phone = one_line(self.email or ""), one_line(self.phone or "")
        for name, contact in (("email", email), ("phone", phone)):
            if len(contact) > CONTACT_LENGTH_MAX:
                raise Refusal("SALE_CONTACT_TOO_LONG", field=f"customer.{name}", max=CONTACT_LENGTH_MAX)
        return Customer(self.bin, email or None, phone or None)


NOBODY = Customer()


@dataclass(frozen=True, slots=True)
class RegisterSale:
    """Sell. sale_id is chosen by the caller before the transaction, so that it can listen for the outcome.

    operator_id None means the acting operator. expected_total, when given, must equal the calculated one.
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

    def digest(self) -> str:
        """SHA-256 of what was asked, without who asks: the same key with another digest is another sale."""
        return _digest(
            {
                "register": self.register_id,
                "lines": [_line(each) for each in self.lines],
                "payments": _payments(self.payments),
                "discount": _reduction(self.discount),
                "markup": _reduction(self.markup),
                "customer": [self.customer.bin, self.customer.email, self.customer.phone],
                "expected": None if self.expected_total is None else self.expected_total.tiyn,
            }
        )


@dataclass(frozen=True, slots=True)
class LineBack:
    """How much of a sold position comes back."""

    position: int
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class ReturnSale:
    """Take goods of one earlier sale back.

    No lines means all that is left, no payments the way it was paid.
    """

    sale_id: SaleId
    sale_key: str
    register_id: str
    operator_id: str | None
    original_id: SaleId
    lines: tuple[LineBack, ...] = ()
    payments: tuple[TicketPayment, ...] = ()

    def digest(self) -> str:
        """As RegisterSale.digest."""
        lines: list[Plain] = [[each.position, each.quantity.thousandths] for each in self.lines]
        return _digest(
            {
                "register": self.register_id,
                "original": self.original_id,
                "lines": lines,
                "payments": _payments(self.payments),
            }
        )


@dataclass(frozen=True, slots=True)
class MoveCash:
    """Put money into the drawer or take it out."""

    cash_id: CashId
    cash_key: str
    register_id: str
    operator_id: str | None
    amount: Money
    direction: CashDirection = field(kw_only=True)

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
    return [[each.kind.value, each.amount.tiyn] for each in payments]


def _line(line: LineAsked) -> Plain:
    """Absent things are left out, so that a field added later does not change the digest of older bodies."""
    plain: dict[str, Plain] = {
        "quantity": line.quantity.thousandths,
        "id": line.product_id,
        "code": line.code,
        "barcode": line.barcode,
        "name": line.name,
        "price": None if line.price is None else line.price.tiyn,
        "discount": _reduction(line.discount),
        "markup": _reduction(line.markup),
        "vat": None if line.vat is None else [line.vat.bp],
        "marks": list(line.marks) or None,
    }
    return {key: value for key, value in plain.items() if value is not None}
