"""What an outside source calls our products, for those who answer it in its own words."""

from __future__ import annotations

from collections.abc import Sequence

from addons.catalog.domain.product import ProductId
from addons.catalog.domain.source import SourceKey
from addons.catalog.services.tables import PRODUCT, select_in
from kernel.data.work import Reader

_SQL = f"SELECT id, company_id, source, external_id FROM {PRODUCT} WHERE id IN ({{marks}})"
_OURS = (
    f"SELECT id, external_id FROM {PRODUCT} WHERE company_id = ? AND source = ?"
    " AND external_id IN ({marks})"
)

_FOR_SALE = (
    f"SELECT external_id FROM {PRODUCT} WHERE company_id = ? AND source = ? AND is_archived = 0"
    " AND external_id > ? ORDER BY external_id LIMIT ?"
)


async def external_ids(
    reader: Reader, source: SourceKey, product_ids: Sequence[ProductId]
) -> dict[ProductId, str]:
    """Identifiers in that source of the reader's products; those it does not keep are absent."""
    # No company_id beside "id IN": see cards.py.
    rows = await select_in(reader, _SQL, product_ids)
    return {
        ProductId(row["id"]): row["external_id"]
        for row in rows
        if row["company_id"] == reader.company_id and row["source"] == source and row["external_id"]
    }


async def product_ids_of(reader: Reader, source: SourceKey, wanted: Sequence[str]) -> dict[str, ProductId]:
    """Products that source keeps by its identifiers; unknown ones are absent."""
    rows = await select_in(reader, _OURS, wanted, before=[reader.company_id, source])
    return {row["external_id"]: ProductId(row["id"]) for row in rows}


async def external_ids_for_sale(reader: Reader, source: SourceKey, after: str, limit: int) -> list[str]:
    """Identifiers of goods of that source that are not archived, in their order, behind one of them."""
    rows = await reader.rows(_FOR_SALE, reader.company_id, source, after, limit)
    return [str(row["external_id"]) for row in rows]
