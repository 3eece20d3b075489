"""Commands that people give about products and groups. What importers bring lives in source."""

from __future__ import annotations

from dataclasses import dataclass

from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.domain.source import UNSET, Unset
from addons.catalog.domain.units import PIECE_CODE
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class CreateProduct:
    """vat_bp: rate of today in basis points, None = without VAT. code None: the next free one. price None:
    typed at the till."""

    name: str
    name_kk: str = ""
    code: int | None = None
    price: Money | None = None
    vat_bp: int | None = None
    unit_code: str = PIECE_CODE
    barcodes: tuple[str, ...] = ()
    group_id: GroupId | None = None
    section: int = 0
    article: str = ""
    ntin: str = ""
    gtin: str = ""
    is_marked: bool = False
    is_price_editable: bool = False
    discount_bp: int = 0
    markup_bp: int = 0


@dataclass(frozen=True, slots=True)
class UpdateProduct:
    """Fields left UNSET stay as they are."""

    product_id: ProductId
    name: str | Unset = UNSET
    name_kk: str | Unset = UNSET
    price: Money | Unset | None = UNSET
    vat_bp: int | Unset | None = UNSET
    unit_code: str | Unset = UNSET
    barcodes: tuple[str, ...] | Unset = UNSET
    group_id: GroupId | Unset | None = UNSET
    section: int | Unset = UNSET
    article: str | Unset = UNSET
    ntin: str | Unset = UNSET
    gtin: str | Unset = UNSET
    is_marked: bool | Unset = UNSET
    is_price_editable: bool | Unset = UNSET
    discount_bp: int | Unset = UNSET
    markup_bp: int | Unset = UNSET


@dataclass(frozen=True, slots=True)
class ArchiveProduct:
    """Take a product out of sale, or bring it back (is_archived false). Products are never deleted."""

    product_id: ProductId
    is_archived: bool = True


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """code "": the next number under the parent."""

    name: str
    name_kk: str = ""
    parent_id: GroupId | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class UpdateGroup:
    """Fields left UNSET stay as they are."""

    group_id: GroupId
    name: str | Unset = UNSET
    name_kk: str | Unset = UNSET
    parent_id: GroupId | Unset | None = UNSET
    is_archived: bool | Unset = UNSET
