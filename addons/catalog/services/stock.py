"""What outlets have of products, as somebody told. Sales do not change it: who told it counts them."""

from __future__ import annotations

from collections.abc import Sequence

from addons.catalog.domain.commands_view import STOCK_ROWS_MAX, SetStock, StockRow
from addons.catalog.services.tables import PRODUCT, STOCK, in_lists, select_in
from addons.organization.api import outlet_card
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_ids

STOCK_MAX = 10**12  # thousandths
_COLUMNS = ("id", "company_id", "product_id", "outlet_id", "thousandths", "updated_ms")
_OF_PRODUCTS = f"""SELECT id, company_id, product_id, outlet_id, thousandths FROM {STOCK}
WHERE product_id IN ({{marks}})"""


async def set_stock(work: Work, command: SetStock) -> None:
    """Write what outlets have.

    Refusals STOCK_TOO_MANY, PRODUCT_UNKNOWN, OUTLET_UNKNOWN, STOCK_OUT_OF_RANGE.
    """
    rows = command.rows
    if len(rows) > STOCK_ROWS_MAX:
        raise Refusal("STOCK_TOO_MANY", field="rows", max=STOCK_ROWS_MAX)
    for outlet_id in {row.outlet_id for row in rows}:
        await outlet_card(work, outlet_id)
    asked = f"SELECT id, company_id FROM {PRODUCT} WHERE id IN ({{marks}})"
    found = await select_in(work, asked, [row.product_id for row in rows])
    known = {row["id"] for row in found if row["company_id"] == work.company_id}
    for place, row in enumerate(rows):
        if row.product_id not in known:
            raise Refusal("PRODUCT_UNKNOWN", field=f"rows.{place}.productId")
        if row.thousandths is not None and abs(row.thousandths) > STOCK_MAX:
            raise Refusal("STOCK_OUT_OF_RANGE", field=f"rows.{place}.quantity", max=STOCK_MAX // 1000)
    await store_stock(work, rows)


async def store_stock(work: Work, rows: Sequence[StockRow]) -> int:
    """Write rows that were checked, only those that differ; how many did. The last of two about one place
    holds.
    """
    told = {(str(row.product_id), row.outlet_id): row.thousandths for row in rows}
    present: dict[tuple[str, str], tuple[str, int]] = {}
    for row in await select_in(work, _OF_PRODUCTS, [product_id for product_id, _ in told]):
        if row["company_id"] == work.company_id:
            present[row["product_id"], row["outlet_id"]] = row["id"], row["thousandths"]
    gone = [present[key][0] for key, amount in told.items() if amount is None and key in present]
    changed = [
        (amount, work.now_ms, present[key][0])
        for key, amount in told.items()
        if amount is not None and key in present and present[key][1] != amount
    ]
    fresh = [(key, amount) for key, amount in told.items() if amount is not None and key not in present]
    for marks, piece in in_lists(gone):
        await work.execute(f"DELETE FROM {STOCK} WHERE id IN ({marks})", *piece)
    await work.execute_many(f"UPDATE {STOCK} SET thousandths = ?, updated_ms = ? WHERE id = ?", changed)
    await work.insert_many(
        STOCK,
        _COLUMNS,
        (
            (row_id, work.company_id, *key, amount, work.now_ms)
            for row_id, (key, amount) in zip(new_ids(len(fresh)), fresh, strict=True)
        ),
    )
    return len(gone) + len(changed) + len(fresh)
