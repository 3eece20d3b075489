"""Batches for DataLoaders: tickets and their lines, one statement each, as far as the caller may see."""

from __future__ import annotations

from collections.abc import Sequence

from addons.trade.domain.receipt_paper import Branding
from addons.trade.services import rows
from addons.trade.services.branding import brandings
from addons.trade.services.records import SaleRecord, StoredLine
from kernel.data.work import Reader


async def sale_by_id(reader: Reader, keys: Sequence[str]) -> list[SaleRecord | None]:
    """One ticket or None per id; tickets of registers out of the caller's reach are not there."""
    allowed = reader.principal.register_ids
    found = await rows.sales_by_ids(reader, keys)
    return [
        each if each is None or allowed is None or each.register_id in allowed else None for each in found
    ]


async def lines_by_sale(reader: Reader, keys: Sequence[str]) -> list[tuple[StoredLine, ...]]:
    """Lines of each ticket."""
    return await rows.lines_by_sales(reader, keys)


async def branding_by_register(reader: Reader, keys: Sequence[str]) -> list[Branding]:
    """What receipts of each register carry besides the receipt."""
    return await brandings(reader, keys)
