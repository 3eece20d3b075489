"""The door of the catalogue: what other add-ons may import."""

from __future__ import annotations

from addons.catalog.domain.barcode import barcode_key, check_digit, is_gtin
from addons.catalog.domain.commands import (
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    UpdateGroup,
    UpdateProduct,
)
from addons.catalog.domain.product import (
    FREE_POSITION_CODE,
    FREE_POSITION_GROUP,
    GroupId,
    ProductCard,
    ProductId,
)
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
from addons.catalog.services.cards import (
    product_by_barcode,
    product_by_code,
    products_by_ids,
    today,
    vat_table,
)
from addons.catalog.services.groups import create_group, update_group
from addons.catalog.services.known_digests import known_digests
from addons.catalog.services.products import archive_product, create_product, update_product
from addons.catalog.services.upsert_goods import upsert_goods
from addons.catalog.services.upsert_groups import upsert_groups

__all__ = [
    "EXTERNAL_ID_LENGTH_MAX",
    "FREE_POSITION_CODE",
    "FREE_POSITION_GROUP",
    "PIECE_CODE",
    "UNSET",
    "ArchiveProduct",
    "Aspect",
    "CreateGroup",
    "CreateProduct",
    "GoodsRow",
    "GroupId",
    "GroupRow",
    "ProductCard",
    "ProductId",
    "SourceKey",
    "Unit",
    "Unset",
    "UpdateGroup",
    "UpdateProduct",
    "UpsertReport",
    "VatKind",
    "VatTable",
    "archive_product",
    "barcode_key",
    "check_digit",
    "create_group",
    "create_product",
    "day_of",
    "is_gtin",
    "known_digests",
    "product_by_barcode",
    "product_by_code",
    "products_by_ids",
    "today",
    "unit_by_code",
    "unit_by_name",
    "update_group",
    "update_product",
    "upsert_goods",
    "upsert_groups",
    "vat_table",
]
