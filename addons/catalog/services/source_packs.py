"""Barcodes of packs as an outside source tells them, for a batch of goods at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.commands import PackCode
from addons.catalog.domain.product import ProductId
from addons.catalog.domain.source import SourceKey
from addons.catalog.services.history import Changes, note_changes
from addons.catalog.services.product_values import clean_packs
from addons.catalog.services.tables import BARCODE, BARCODE_COLUMNS, in_lists, select_in
from addons.catalog.services.written import prices_written
from kernel.data.work import Work
from kernel.ids import new_ids
from kernel.quantity import Quantity

_PRESENT = (
    f"SELECT product_id, barcode, place, coefficient_thousandths FROM {BARCODE}"
    " WHERE product_id IN ({marks}) ORDER BY product_id, place"
)
_ONE = Quantity.ONE.thousandths


async def take_source_packs(
    work: Work, source: SourceKey, told: Mapping[ProductId, Sequence[PackCode]]
) -> int:
    """These packs in place of those the products had; how many products have others than before.

    Products are the company's. A code that stood on one unit becomes the pack's. Refusals of clean_packs.
    """
    present: dict[str, dict[str, int]] = {}
    for row in await select_in(work, _PRESENT, list(told)):
        present.setdefault(row["product_id"], {})[row["barcode"]] = row["coefficient_thousandths"]
    changed: dict[str, dict[str, int]] = {}
    changes: list[tuple[str, Changes]] = []
    for product_id, packs in told.items():
        before = present.get(product_id, {})
        boxes = {pack.barcode: pack.coefficient.thousandths for pack in clean_packs(packs)}
        single = {code: amount for code, amount in before.items() if amount == _ONE and code not in boxes}
        after = {**single, **boxes}
        if after != before:
            changed[product_id] = after
            changes.append((product_id, {"barcodes": (_text(before), _text(after))}))
    for marks, piece in in_lists(list(changed)):
        await work.execute(
            f"DELETE FROM {BARCODE} WHERE product_id IN ({marks}) AND company_id = ?", *piece, work.company_id
        )
    rows = [
        (work.company_id, product_id, barcode_key(code), code, place, amount)
        for product_id, codes in changed.items()
        for place, (code, amount) in enumerate(codes.items())
    ]
    ids = new_ids(len(rows))
    await work.insert_many(BARCODE, BARCODE_COLUMNS, [(i, *row) for i, row in zip(ids, rows, strict=True)])
    if changes:
        await note_changes(work, "imported", changes, source=source)
        await prices_written(work, changed)
    return len(changes)


def _text(codes: Mapping[str, int]) -> str:
    """As services.written tells barcodes."""
    return " ".join(
        code if amount == _ONE else f"{code}×{Quantity(amount)}" for code, amount in codes.items()
    )
