"""What only few tickets carry beside goods and sums: line of trade, how a card or a phone paid, VAT on top,
stornoed positions, codes of single positions. Whoever has none of it has None instead of Rarities.

Sums in tiyn, times in epoch ms. Sources: CPCR 2.0.2 §4.5 (Domain), CPCR 2.0.3 (payment details).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from kernel.values import value


class DomainType(StrEnum):
    """Line of trade (DomainTypeEnum)."""

    TRADING = "TRADING"
    SERVICES = "SERVICES"
    GASOIL = "GASOIL"
    HOTELS = "HOTELS"
    TAXI = "TAXI"
    PARKING = "PARKING"


# The first field a ticket of that line must tell; a ticket that tells none of them cannot be sent.
FIRST_WANTED = {
    DomainType.SERVICES: "accountNumber",
    DomainType.HOTELS: "accountNumber",
    DomainType.TAXI: "carNumber",
    DomainType.PARKING: "beginAt",
}


class Line(NamedTuple):
    """One position; total = sum − discount + markup; vat lies inside total, vat_bp None means without VAT."""

    name: str
    section: str
    quantity: int
    price: int
    sum: int
    discount: int
    markup: int
    total: int
    vat_bp: int | None
    vat: int
    unit_code: str
    barcode: str
    ntin: str
    marks: tuple[str, ...]


@value
class DomainBlock:
    """A line of trade with its own facts."""

    type: DomainType
    account_number: str = ""
    correction_number: str = ""
    correction_sum: int | None = None
    card_number: str = ""
    car_number: str = ""
    is_order: bool = False
    current_fee: int = 0
    begin_ms: int | None = None
    end_ms: int | None = None


@value
class CardPaid:
    """How a card paid."""

    terminal_id: str
    card_type: str
    authorization_code: str
    rrn: str
    receipt_number: str


@value
class MobilePaid:
    """How a phone paid."""

    qr_type: str
    qr_id: str


@value
class Stornoed:
    """A position rung up and taken off again. place: how many other positions stand before it."""

    place: int
    line: Line
    label: str = ""
    warehouse_id: str = ""


@value
class LineCodes:
    """Codes of the position with that index: paper excise stamp, good in the virtual warehouse."""

    index: int
    label: str
    warehouse_id: str


@value
class Rarities:
    """All of it."""

    domain: DomainBlock | None = None
    card: CardPaid | None = None
    mobile: MobilePaid | None = None
    is_vat_on_top: bool = False
    stornoed: tuple[Stornoed, ...] = ()
    codes: tuple[LineCodes, ...] = ()


def split_by_marks(line: Line) -> tuple[Line, ...]:
    """The line as lines of one piece with one marking code each, as protocol 2.0.2 wants them.

    Sums, modifiers and VAT of the pieces add up to the line's own; where a sum cannot be divided evenly, the
    pieces differ by a tiyn.
    """
    count = len(line.marks)
    if count < 2:
        return (line,)
    assert line.quantity == count * 1000  # one code per piece was checked when it was sold
    pieces = []
    for index, mark in enumerate(line.marks):
        amount, discount, markup = (
            whole * (index + 1) // count - whole * index // count
            for whole in (line.sum, line.discount, line.markup)
        )
        pieces.append(
            line._replace(
                quantity=1000,
                sum=amount,
                discount=discount,
                markup=markup,
                total=amount - discount + markup,
                vat=line.vat * (index + 1) // count - line.vat * index // count,
                marks=(mark,),
            )
        )
    return tuple(pieces)
