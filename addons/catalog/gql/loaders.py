"""Batch reads behind the types: one statement for all keys of a turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from addons.catalog.gql.types import ProductGroupType, ProductMaker, ProductType, group_type
from addons.catalog.services.tables import BARCODE, GROUP, GROUP_COLUMNS, PRODUCT, PRODUCT_COLUMNS, select_in
from kernel.data.work import Reader, SqlRow

PRODUCT_SELECT = f"SELECT {', '.join(PRODUCT_COLUMNS)} FROM {PRODUCT}"
GROUP_SELECT = f"SELECT {', '.join(GROUP_COLUMNS)} FROM {GROUP}"


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


async def _by_ids(reader: Reader, select: str, keys: Sequence[str]) -> dict[str, SqlRow]:
    """Rows of the reader's company by id. Beside "id IN" a condition on company_id would make SQLite walk the
    whole company, so strangers are left out here.
    """
    company_id = reader.company_id
    rows = await select_in(reader, f"{select} WHERE id IN ({{marks}})", keys)
    return {row["id"]: row for row in rows if row["company_id"] == company_id}
