"""Commands that people give about products and groups. What importers bring lives in source."""

from __future__ import annotations

from dataclasses import dataclass

from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.domain.source import UNSET, Unset
from addons.catalog.domain.units import PIECE_CODE
from kernel.money import Money
from kernel.quantity import Quantity


@dataclass(frozen=True, slots=True)
class PackCode:
    """A barcode of several units of a product: a box of ten has coefficient 10."""

    barcode: str
    coefficient: Quantity


@dataclass(frozen=True, slots=True)
class CreateProduct:
    """vat_bp: rate of today in basis points, None = without VAT. code None: the next free one. price None:
    typed at the till. group_id: the first group; own_register_id: sold at that register only.
    """

    name: str
    name_kk: str = ""
    code: int | None = None
    price: Money | None = None
    vat_bp: int | None = None
    unit_code: str = PIECE_CODE
    barcodes: tuple[str, ...] = ()
    packs: tuple[PackCode, ...] = ()
    group_id: GroupId | None = None
    extra_group_ids: tuple[GroupId, ...] = ()
    own_register_id: str | None = None
    purchase_price: Money | None = None
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
    packs: tuple[PackCode, ...] | Unset = UNSET
    group_id: GroupId | Unset | None = UNSET
    extra_group_ids: tuple[GroupId, ...] | Unset = UNSET
    own_register_id: str | Unset | None = UNSET
    purchase_price: Money | Unset | None = UNSET
    characteristic: str | Unset = UNSET
    section: int | Unset = UNSET
    article: str | Unset = UNSET
    ntin: str | Unset = UNSET
    gtin: str | Unset = UNSET
    is_marked: bool | Unset = UNSET
    is_price_editable: bool | Unset = UNSET
    discount_bp: int | Unset = UNSET
    markup_bp: int | Unset = UNSET


@dataclass(frozen=True, slots=True)
class CreateVariant:
    """A variant of a product: what sets it apart, with a name, code, barcodes and price of its own.

    name "": the product's name with the characteristic. Group, VAT, unit and section are the product's, now
    and later.
    """

    base_id: ProductId
    characteristic: str
    name: str = ""
    name_kk: str = ""
    code: int | None = None
    price: Money | None = None
    purchase_price: Money | None = None
    barcodes: tuple[str, ...] = ()
    packs: tuple[PackCode, ...] = ()
    article: str = ""
    ntin: str = ""
    gtin: str = ""


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
