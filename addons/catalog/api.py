"""The door of the catalogue: what other add-ons may import."""

from __future__ import annotations

from addons.catalog.domain.barcode import barcode_key, check_digit, is_gtin
from addons.catalog.domain.commands import (
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    CreateVariant,
    PackCode,
    UpdateGroup,
    UpdateProduct,
)
from addons.catalog.domain.commands_view import (
    AddPicture,
    BundleId,
    BundleLineAsked,
    CreateBundle,
    CreatePriceType,
    PriceRow,
    PriceTypeId,
    SetPrices,
    SetRegisterView,
    SetScaleRules,
    SetStock,
    StockRow,
)
from addons.catalog.domain.mark import MarkKind, MarkRead, read_mark
from addons.catalog.domain.picture import PICTURE_BYTES_MAX, media_type_of
from addons.catalog.domain.product import (
    FREE_POSITION_CODE,
    FREE_POSITION_GROUP,
    GroupId,
    ProductCard,
    ProductId,
)
from addons.catalog.domain.scale_code import ScaleLabelRule, ScaleValue
from addons.catalog.domain.source import (
    EXTERNAL_ID_LENGTH_MAX,
    UNSET,
    Aspect,
    GoodsRow,
    GroupRow,
    SourceKey,
    Unset,
    UpsertReport,
)
from addons.catalog.domain.units import PIECE_CODE, Unit, unit_by_code, unit_by_name
from addons.catalog.domain.vat import VatKind, VatTable, day_of
from addons.catalog.domain.view import BundleCard, PriceToCome, Scanned, ScannedProduct, ViewCard, ViewRules
from addons.catalog.services.bundles import create_bundle
from addons.catalog.services.cards import (
    ask_products,
    product_by_barcode,
    product_by_code,
    products_by_ids,
    products_found,
    today,
    vat_table,
)
from addons.catalog.services.external_ids import external_ids, external_ids_for_sale, product_ids_of
from addons.catalog.services.groups import create_group, update_group
from addons.catalog.services.known_digests import known_digests
from addons.catalog.services.leave_bundles import EVENT_BUNDLE_SHRUNK
from addons.catalog.services.marks import (
    MarkAsked,
    give_back_marks,
    note_practice,
    release_marks,
    take_marks,
    taken_marks,
)
from addons.catalog.services.name_policy import keep_name_policy
from addons.catalog.services.picture_files import PictureFiles
from addons.catalog.services.pictures import add_picture
from addons.catalog.services.price_types import create_price_type
from addons.catalog.services.prices import set_prices
from addons.catalog.services.products import archive_product, create_product, update_product
from addons.catalog.services.register_view import set_register_view
from addons.catalog.services.scale_rules import set_scale_rules
from addons.catalog.services.scan import ask_scans, bundle_card, scan, scan_found, scans_found
from addons.catalog.services.source_groups import has_source_groups, take_source_groups
from addons.catalog.services.source_packs import take_source_packs
from addons.catalog.services.source_prices import (
    price_types_named,
    take_source_prices,
    take_source_stock,
)
from addons.catalog.services.stock import set_stock
from addons.catalog.services.upsert_goods import upsert_goods
from addons.catalog.services.upsert_groups import upsert_groups
from addons.catalog.services.variants import create_variant
from addons.catalog.services.view import (
    ask_view,
    prices_to_come,
    rules_of,
    view_by_code,
    view_by_ids,
    view_found,
)
from addons.catalog.settings import CatalogSettings

__all__ = [
    "EVENT_BUNDLE_SHRUNK",
    "EXTERNAL_ID_LENGTH_MAX",
    "FREE_POSITION_CODE",
    "FREE_POSITION_GROUP",
    "PICTURE_BYTES_MAX",
    "PIECE_CODE",
    "UNSET",
    "AddPicture",
    "ArchiveProduct",
    "Aspect",
    "BundleCard",
    "BundleId",
    "BundleLineAsked",
    "CatalogSettings",
    "CreateBundle",
    "CreateGroup",
    "CreatePriceType",
    "CreateProduct",
    "CreateVariant",
    "GoodsRow",
    "GroupId",
    "GroupRow",
    "MarkAsked",
    "MarkKind",
    "MarkRead",
    "PackCode",
    "PictureFiles",
    "PriceRow",
    "PriceToCome",
    "PriceTypeId",
    "ProductCard",
    "ProductId",
    "ScaleLabelRule",
    "ScaleValue",
    "Scanned",
    "ScannedProduct",
    "SetPrices",
    "SetRegisterView",
    "SetScaleRules",
    "SetStock",
    "SourceKey",
    "StockRow",
    "Unit",
    "Unset",
    "UpdateGroup",
    "UpdateProduct",
    "UpsertReport",
    "VatKind",
    "VatTable",
    "ViewCard",
    "ViewRules",
    "add_picture",
    "archive_product",
    "ask_products",
    "ask_scans",
    "ask_view",
    "barcode_key",
    "bundle_card",
    "check_digit",
    "create_bundle",
    "create_group",
    "create_price_type",
    "create_product",
    "create_variant",
    "day_of",
    "external_ids",
    "external_ids_for_sale",
    "give_back_marks",
    "has_source_groups",
    "is_gtin",
    "keep_name_policy",
    "known_digests",
    "media_type_of",
    "note_practice",
    "price_types_named",
    "prices_to_come",
    "product_by_barcode",
    "product_by_code",
    "product_ids_of",
    "products_by_ids",
    "products_found",
    "read_mark",
    "release_marks",
    "rules_of",
    "scan",
    "scan_found",
    "scans_found",
    "set_prices",
    "set_register_view",
    "set_scale_rules",
    "set_stock",
    "take_marks",
    "take_source_groups",
    "take_source_packs",
    "take_source_prices",
    "take_source_stock",
    "taken_marks",
    "today",
    "unit_by_code",
    "unit_by_name",
    "update_group",
    "update_product",
    "upsert_goods",
    "upsert_groups",
    "vat_table",
    "view_by_code",
    "view_by_ids",
    "view_found",
]
