"""What a product is to others, and the rules every product keeps. Storage and import do not belong here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from kernel.errors import Refusal
from kernel.money import BASIS_POINTS, Money
from kernel.texts import one_line

ProductId = NewType("ProductId", str)
GroupId = NewType("GroupId", str)

NAME_LENGTH_MAX = 255
ARTICLE_LENGTH_MAX = 64
CHARACTERISTIC_LENGTH_MAX = 128
CODE_MAX = 2_147_483_647
SECTION_MAX = 99
BARCODES_MAX = 50
GROUPS_OF_PRODUCT_MAX = 20
# The default item of every company: sold by hand-typed name and price.
FREE_POSITION_CODE = 9999
FREE_POSITION_GROUP = "9.9"
FREE_POSITION_NAME = "Свободная позиция"
FREE_POSITION_NAME_KK = "Еркін позиция"


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product as others see it.

    vat_bp: rate of the company's present day, None = without VAT. price: zero when has_price is false (the
    cashier types it).
    discount_bp, markup_bp: share of the price in basis points, applied by default. base_id, characteristic:
    of which good it is a variant, and what sets it apart; else None and "".
    """

    id: ProductId
    code: int
    name: str
    name_kk: str
    barcode: str
    price: Money
    has_price: bool
    vat_bp: int | None
    unit_code: str
    unit_name: str
    article: str
    ntin: str
    gtin: str
    is_marked: bool
    is_price_editable: bool
    discount_bp: int
    markup_bp: int
    group_code: str
    section: int
    is_archived: bool
    base_id: ProductId | None
    characteristic: str


def clean_name(name: str, *, field: str) -> str:
    """The name as one line. Raises Refusal("PRODUCT_NAME_EMPTY" | "PRODUCT_NAME_TOO_LONG")."""
    cleaned = one_line(name)
    if not cleaned:
        raise Refusal("PRODUCT_NAME_EMPTY", field=field)
    if len(cleaned) > NAME_LENGTH_MAX:
        raise Refusal("PRODUCT_NAME_TOO_LONG", field=field, max=NAME_LENGTH_MAX)
    return cleaned


def check_code(code: int, *, field: str) -> int:
    """Raises Refusal("PRODUCT_CODE_OUT_OF_RANGE") unless 1 ≤ code ≤ CODE_MAX."""
    if not 1 <= code <= CODE_MAX:
        raise Refusal("PRODUCT_CODE_OUT_OF_RANGE", field=field, max=CODE_MAX)
    return code


def check_percent(basis_points: int, *, field: str) -> int:
    """Raises Refusal("PRODUCT_PERCENT_OUT_OF_RANGE") unless 0–100 %, in basis points."""
    if not 0 <= basis_points <= BASIS_POINTS:
        raise Refusal("PRODUCT_PERCENT_OUT_OF_RANGE", field=field)
    return basis_points


def check_price(price: Money | None, *, field: str) -> Money | None:
    """Raises Refusal("PRODUCT_PRICE_NEGATIVE"). None means "no price"."""
    if price is not None and price < Money.ZERO:
        raise Refusal("PRODUCT_PRICE_NEGATIVE", field=field)
    return price


def check_section(section: int, *, field: str) -> int:
    """Raises Refusal("PRODUCT_SECTION_OUT_OF_RANGE") unless 0 ≤ section ≤ SECTION_MAX."""
    if not 0 <= section <= SECTION_MAX:
        raise Refusal("PRODUCT_SECTION_OUT_OF_RANGE", field=field, max=SECTION_MAX)
    return section
