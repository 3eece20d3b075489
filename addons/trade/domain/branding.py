"""What is printed on receipts besides the receipt: advertising texts of the OFD and of the company."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import Refusal

TEXT_LENGTH_MAX = 500
TEXT_LINES_MAX = 12
TEXTS_MAX = 2_000  # of one company; more are forgotten


class AdvertKind(StrEnum):
    """Whose text it is, in the order of printing (CPCR 2.0.2 §4.11 TicketAdTypeEnum without INFO)."""

    OFD = "OFD"
    ORGANIZATION = "ORGANIZATION"
    OUTLET = "OUTLET"
    KKM = "KKM"


class AdvertSource(StrEnum):
    """Who wrote it: the OFD for one register, or the company for all of it, an outlet or a register."""

    OFD = "OFD"
    COMPANY = "COMPANY"


@dataclass(frozen=True, slots=True)
class Advert:
    """One text. place_id: of a company, an outlet or a register, by kind and source."""

    kind: AdvertKind
    source: AdvertSource
    place_id: str
    text: str


def checked_text(text: str) -> str:
    """The text as it is kept: no empty ends, no signs that print as commands.

    Raises Refusal("RECEIPT_TEXT_TOO_LONG").
    """
    lines = [
        "".join(char for char in line if char.isprintable()).strip() for line in text.strip().splitlines()
    ]
    cleaned = "\n".join(lines)
    if len(cleaned) > TEXT_LENGTH_MAX or len(lines) > TEXT_LINES_MAX:
        raise Refusal("RECEIPT_TEXT_TOO_LONG", field="text", max=TEXT_LENGTH_MAX, lines=TEXT_LINES_MAX)
    return cleaned


def in_order(adverts: Iterable[Advert]) -> tuple[Advert, ...]:
    """In the order of printing: the OFD's own first, then from the company down to the register."""
    kinds, sources = list(AdvertKind), list(AdvertSource)
    return tuple(sorted(adverts, key=lambda each: (kinds.index(each.kind), sources.index(each.source))))


def texts_for(
    adverts: Iterable[Advert], *, company_id: str, outlet_id: str | None, register_id: str
) -> tuple[str, ...]:
    """Texts that a receipt of that register carries, in their order, each once."""
    places = {company_id, outlet_id, register_id}
    return tuple(dict.fromkeys(each.text for each in adverts if each.place_id in places and each.text))
