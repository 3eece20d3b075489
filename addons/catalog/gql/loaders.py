"""Batch reads behind the types: one statement for all keys of a turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from addons.catalog.gql.types import ProductGroupType, ProductMaker, ProductType, group_type
from addons.catalog.services.tables import BARCODE, GROUP, GROUP_COLUMNS, PRODUCT, PRODUCT_COLUMNS, select_in
from kernel.data.work import Reader

PRODUCT_SELECT = f"SELECT {', '.join(PRODUCT_COLUMNS)} FROM {PRODUCT}"
GROUP_SELECT = f"SELECT {', '.join(GROUP_COLUMNS)} FROM {GROUP}"


async def product_by_id(reader: Reader, keys: Sequence[str]) -> list[ProductType | None]:
    """Products of the reader's company; None for others."""
    make = ProductMaker(reader)
    sql = f"{PRODUCT_SELECT} WHERE company_id = ? AND id IN ({{marks}})"
    found = {row["id"]: make(row) for row in await select_in(reader, sql, keys, before=[reader.company_id])}
    return [found.get(key) for key in keys]


async def group_by_id(reader: Reader, keys: Sequence[str]) -> list[ProductGroupType | None]:
    """Groups of the reader's company; None for others."""
    sql = f"{GROUP_SELECT} WHERE company_id = ? AND id IN ({{marks}})"
    rows = await select_in(reader, sql, keys, before=[reader.company_id])
    found = {row["id"]: group_type(row) for row in rows}
    return [found.get(key) for key in keys]


async def barcodes_by_product(reader: Reader, keys: Sequence[str]) -> list[list[str]]:
    """Scan codes of products, the main one first."""
    sql = (
        f"SELECT product_id, barcode FROM {BARCODE} WHERE company_id = ? AND product_id IN ({{marks}})"
        " ORDER BY product_id, place"
    )
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for row in await select_in(reader, sql, keys, before=[reader.company_id]):
        codes[row["product_id"]].append(row["barcode"])
    return [codes[key] for key in keys]
