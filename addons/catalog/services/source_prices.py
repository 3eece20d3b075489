"""Prices of types and stock as an outside source tells them, for a batch of goods at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from addons.catalog.domain.commands_view import CreatePriceType, PriceRow, PriceTypeId, StockRow
from addons.catalog.domain.source import SourceKey
from addons.catalog.models import PriceType
from addons.catalog.services.history import Changes, note_changes
from addons.catalog.services.price_types import create_price_type
from addons.catalog.services.stock import STOCK_MAX, store_stock
from addons.catalog.services.tables import PRICE, in_lists, select_in
from addons.catalog.services.written import prices_written
from kernel.data.work import Work
from kernel.ids import new_ids
from kernel.money import Money

_COLUMNS = ("id", "company_id", "product_id", "price_type_id", "from_ms", "price_tiyn", "is_told")
_PRESENT = f"""SELECT id, company_id, product_id, price_type_id, from_ms, price_tiyn FROM {PRICE}
WHERE product_id IN ({{marks}})"""


async def price_types_named(work: Work, names: Iterable[str]) -> dict[str, PriceTypeId]:
    """Types of those names, made when they are new. Refusals of create_price_type."""
    wanted = list(dict.fromkeys(names))
    found = {row.name: PriceTypeId(row.id) for row in await PriceType.filter(name__in=wanted)}
    for name in wanted:
        if name not in found:
            found[name] = await create_price_type(work, CreatePriceType(name))
    return found


async def take_source_prices(work: Work, source: SourceKey, rows: Sequence[PriceRow]) -> int:
    """Prices of types that hold from now on, None for no price; how many are other than before.

    Each row names a product of the company and a type; the last of two about the same holds. Prices planned
    for later stay planned.
    """
    told = {(str(row.product_id), str(row.price_type_id)): row.price for row in rows}
    present: dict[tuple[str, str], list[tuple[int, str, int | None]]] = {}
    for row in await select_in(work, _PRESENT, [product_id for product_id, _ in told]):
        if row["company_id"] == work.company_id and row["from_ms"] <= work.now_ms:
            key = (row["product_id"], row["price_type_id"])
            present.setdefault(key, []).append((row["from_ms"], row["id"], row["price_tiyn"]))
    gone: list[str] = []
    fresh: list[tuple[str, str, int]] = []
    changes: list[tuple[str, Changes]] = []
    for (product_id, type_id), price in told.items():
        earlier = sorted(present.get((product_id, type_id), ()))
        before = earlier[-1][2] if earlier else None
        tiyn = None if price is None else price.tiyn
        if before == tiyn:
            continue
        gone.extend(row_id for _, row_id, _ in earlier)
        if tiyn is not None:
            fresh.append((product_id, type_id, tiyn))
        changes.append((product_id, {f"price:{type_id}": (_text(before), _text(tiyn))}))
    for marks, piece in in_lists(gone):
        await work.execute(
            f"DELETE FROM {PRICE} WHERE id IN ({marks}) AND company_id = ?", *piece, work.company_id
        )
    await work.insert_many(
        PRICE,
        _COLUMNS,
        (
            (row_id, work.company_id, product_id, type_id, work.now_ms, tiyn, 1)
            for row_id, (product_id, type_id, tiyn) in zip(new_ids(len(fresh)), fresh, strict=True)
        ),
    )
    if changes:
        await note_changes(work, "priced", changes, source=source)
        await prices_written(work, dict.fromkeys(product_id for product_id, _ in changes))
    return len(changes)


async def take_source_stock(work: Work, rows: Sequence[StockRow]) -> int:
    """What outlets have, as the source counts it; how many rows are other than before.

    Products and outlets are the company's. Amounts beyond STOCK_MAX are left out.
    """
    sane = [row for row in rows if row.thousandths is None or abs(row.thousandths) <= STOCK_MAX]
    return await store_stock(work, sane) if sane else 0


def _text(tiyn: int | None) -> str | None:
    return None if tiyn is None else str(Money(tiyn))
