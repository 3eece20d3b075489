"""Commands about what registers see: prices, stock, assortment, packages, scale labels, pictures. Those about
products and groups are in commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.domain.scale_code import ScaleLabelRule
from addons.catalog.domain.source import UNSET, Unset
from kernel.money import Money
from kernel.quantity import Quantity

PriceTypeId = NewType("PriceTypeId", str)
BundleId = NewType("BundleId", str)
PictureId = NewType("PictureId", str)

PRICE_ROWS_MAX = 500  # in one command
STOCK_ROWS_MAX = 500
CHOSEN_GROUPS_MAX = 500  # of one register
REGISTERS_MAX = 200  # in one command
BUNDLE_LINES_MAX = 50
BUNDLES_MAX = 5_000  # of one company


@dataclass(frozen=True, slots=True)
class CreatePriceType:
    """A kind of price beside the ordinary one."""

    name: str


@dataclass(frozen=True, slots=True)
class UpdatePriceType:
    """Fields left UNSET stay as they are."""

    price_type_id: PriceTypeId
    name: str | Unset = UNSET
    is_archived: bool | Unset = UNSET


@dataclass(frozen=True, slots=True)
class PriceRow:
    """From that moment (epoch ms, None: now) a product has this price of this type (None: the ordinary one).

    price None: no price.
    """

    product_id: ProductId
    price: Money | None
    price_type_id: PriceTypeId | None = None
    from_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SetPrices:
    """Rows of the price list, each in place of one of the same product, type and moment."""

    rows: tuple[PriceRow, ...]


@dataclass(frozen=True, slots=True)
class CancelPrice:
    """A planned price will not come. from_ms: its moment; one that is due already is not cancelled."""

    product_id: ProductId
    from_ms: int
    price_type_id: PriceTypeId | None = None


@dataclass(frozen=True, slots=True)
class StockRow:
    """What an outlet has of a product, in thousandths of its unit, negative ones included; None: unknown."""

    product_id: ProductId
    outlet_id: str
    thousandths: int | None


@dataclass(frozen=True, slots=True)
class SetStock:
    """What outlets have, as counted or told by somebody."""

    rows: tuple[StockRow, ...]


@dataclass(frozen=True, slots=True)
class SetRegisterView:
    """What registers see; fields left UNSET stay as they are.

    group_ids: chosen groups, with everything below them. price_type_id None: the ordinary price.
    """

    register_ids: tuple[str, ...]
    is_all_goods: bool | Unset = UNSET
    group_ids: tuple[GroupId, ...] | Unset = UNSET
    percent_bp: int | Unset = UNSET
    step_tiyn: int | Unset = UNSET
    price_type_id: PriceTypeId | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class BundleLineAsked:
    """How much of a product is in a package."""

    product_id: ProductId
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class CreateBundle:
    """A package. register_ids None: sold at every register."""

    name: str
    lines: tuple[BundleLineAsked, ...]
    name_kk: str = ""
    barcode: str = ""
    register_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class UpdateBundle:
    """Fields left UNSET stay as they are. register_ids None: sold at every register."""

    bundle_id: BundleId
    name: str | Unset = UNSET
    name_kk: str | Unset = UNSET
    barcode: str | Unset = UNSET
    lines: tuple[BundleLineAsked, ...] | Unset = UNSET
    register_ids: tuple[str, ...] | Unset | None = UNSET
    is_archived: bool | Unset = UNSET


@dataclass(frozen=True, slots=True)
class SetScaleRules:
    """All rules of the company, in place of the former ones."""

    rules: tuple[ScaleLabelRule, ...]


@dataclass(frozen=True, slots=True)
class AddPicture:
    """A picture whose file is stored already. digest: SHA-256 of its bytes in hex."""

    product_id: ProductId
    digest: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class RemovePicture:
    """Take a picture off its product."""

    picture_id: PictureId


@dataclass(frozen=True, slots=True)
class OrderPictures:
    """All pictures of a product, the first one first."""

    product_id: ProductId
    picture_ids: tuple[PictureId, ...]
