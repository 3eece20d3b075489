"""Batch reads behind the types: one statement for all keys of a turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from addons.catalog.domain.amount import amount_text
from addons.catalog.domain.picture import picture_path
from addons.catalog.gql.types import (
    PriceTypeType,
    ProductCodeType,
    ProductGroupType,
    ProductMaker,
    ProductPictureType,
    ProductPriceType,
    ProductStockType,
    ProductType,
    group_type,
    price_type_type,
)
from addons.catalog.services.tables import (
    BARCODE,
    BARCODE_COLUMNS,
    EXTRA_GROUP,
    GROUP,
    GROUP_COLUMNS,
    PICTURE,
    PRICE,
    PRICE_TYPE,
    PRODUCT,
    PRODUCT_COLUMNS,
    STOCK,
    select_in,
)
from kernel.clock import from_ms
from kernel.data.work import Reader, SqlRow
from kernel.gql.ids import to_global
from kernel.money import Money
from kernel.quantity import Quantity

Item = TypeVar("Item")

PRODUCT_SELECT = f"SELECT {', '.join(PRODUCT_COLUMNS)} FROM {PRODUCT}"
GROUP_SELECT = f"SELECT {', '.join(GROUP_COLUMNS)} FROM {GROUP}"
PRICE_TYPE_SELECT = f"SELECT id, company_id, name, is_archived, source FROM {PRICE_TYPE}"


async def product_by_id(reader: Reader, keys: Sequence[str]) -> list[ProductType | None]:
    """Products of the reader's company; None for others."""
    make = ProductMaker(reader)
    rows = await _by_ids(reader, PRODUCT_SELECT, keys)
    return [make(rows[key]) if key in rows else None for key in keys]


async def group_by_id(reader: Reader, keys: Sequence[str]) -> list[ProductGroupType | None]:
    """Groups of the reader's company; None for others."""
    rows = await _by_ids(reader, GROUP_SELECT, keys)
    return [group_type(rows[key]) if key in rows else None for key in keys]


async def barcodes_by_product(reader: Reader, keys: Sequence[str]) -> list[list[str]]:
    """Scan codes of products, the main one first."""
    company_id = reader.company_id
    sql = f"SELECT company_id, product_id, barcode FROM {BARCODE} WHERE product_id IN ({{marks}})"
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for row in await select_in(reader, f"{sql} ORDER BY place", keys):
        if row["company_id"] == company_id:
            codes[row["product_id"]].append(row["barcode"])
    return [codes[key] for key in keys]


async def extra_groups_by_product(reader: Reader, keys: Sequence[str]) -> list[list[ProductGroupType]]:
    """Further groups of products, by their codes."""
    columns = ", ".join(f"g.{column}" for column in GROUP_COLUMNS)
    sql = f"""SELECT {columns}, e.product_id FROM {EXTRA_GROUP} e JOIN {GROUP} g ON g.id = e.group_id
    WHERE e.product_id IN ({{marks}}) ORDER BY g.code"""
    return await _grouped(reader, sql, keys, group_type)


async def variants_by_product(reader: Reader, keys: Sequence[str]) -> list[list[ProductType]]:
    """Variants of products, by their codes."""
    sql = f"{PRODUCT_SELECT} WHERE base_id IN ({{marks}}) ORDER BY code"
    return await _grouped(reader, sql, keys, ProductMaker(reader), column="base_id")


async def scan_codes_by_product(reader: Reader, keys: Sequence[str]) -> list[list[ProductCodeType]]:
    """What a scanner may read on products, the main code first."""

    def made(row: Mapping[str, Any]) -> ProductCodeType:
        return ProductCodeType(
            barcode=row["barcode"],
            normal=row["key_text"],
            coefficient=Quantity(row["coefficient_thousandths"]),
        )

    sql = f"SELECT {', '.join(BARCODE_COLUMNS)} FROM {BARCODE} WHERE product_id IN ({{marks}}) ORDER BY place"
    return await _grouped(reader, sql, keys, made)


async def prices_by_product(reader: Reader, keys: Sequence[str]) -> list[list[ProductPriceType]]:
    """Rows of the price list of products, by type and moment."""
    now_ms = reader.now_ms

    def made(row: Mapping[str, Any]) -> ProductPriceType:
        return ProductPriceType(
            price=None if row["price_tiyn"] is None else Money(row["price_tiyn"]),
            from_=from_ms(row["from_ms"]),
            is_in_force=row["from_ms"] <= now_ms,
            price_type_key=row["price_type_id"],
        )

    sql = f"""SELECT company_id, product_id, price_type_id, from_ms, price_tiyn FROM {PRICE}
    WHERE product_id IN ({{marks}}) ORDER BY price_type_id, from_ms"""
    return await _grouped(reader, sql, keys, made)


async def stock_by_product(reader: Reader, keys: Sequence[str]) -> list[list[ProductStockType]]:
    """What outlets have of products."""

    def made(row: Mapping[str, Any]) -> ProductStockType:
        return ProductStockType(
            outlet_id=to_global("Outlet", row["outlet_id"]),
            quantity=amount_text(row["thousandths"]),
            updated_at=from_ms(row["updated_ms"]),
        )

    sql = f"""SELECT company_id, product_id, outlet_id, thousandths, updated_ms FROM {STOCK}
    WHERE product_id IN ({{marks}}) ORDER BY outlet_id"""
    return await _grouped(reader, sql, keys, made)


async def pictures_by_product(reader: Reader, keys: Sequence[str]) -> list[list[ProductPictureType]]:
    """Pictures of products in their order."""

    def made(row: Mapping[str, Any]) -> ProductPictureType:
        return ProductPictureType(
            key=row["id"],
            media_type=row["media_type"],
            size_bytes=row["size_bytes"],
            url=picture_path(row["id"]),
        )

    sql = f"""SELECT id, company_id, product_id, media_type, size_bytes FROM {PICTURE}
    WHERE product_id IN ({{marks}}) ORDER BY place"""
    return await _grouped(reader, sql, keys, made)


async def price_type_by_id(reader: Reader, keys: Sequence[str]) -> list[PriceTypeType | None]:
    """Price types of the reader's company; None for others."""
    rows = await _by_ids(reader, PRICE_TYPE_SELECT, keys)
    return [price_type_type(rows[key]) if key in rows else None for key in keys]


async def _grouped(
    reader: Reader,
    sql: str,
    keys: Sequence[str],
    made: Callable[[Mapping[str, Any]], Item],
    *,
    column: str = "product_id",
) -> list[list[Item]]:
    """One list for each key: what is made of the rows of the reader's company."""
    company_id = reader.company_id
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for row in await select_in(reader, sql, keys):
        if row["company_id"] == company_id:
            found[row[column]].append(made(row))
    return [found[key] for key in keys]


async def _by_ids(reader: Reader, select: str, keys: Sequence[str]) -> dict[str, SqlRow]:
    """Rows of the reader's company by id. Beside "id IN" a condition on company_id would make SQLite walk the
    whole company, so strangers are left out here.
    """
    company_id = reader.company_id
    rows = await select_in(reader, f"{select} WHERE id IN ({{marks}})", keys)
    return {row["id"]: row for row in rows if row["company_id"] == company_id}
