"""Goods that are archived leave the packages they were part of."""

from __future__ import annotations

from collections.abc import Iterable

from addons.catalog.services.feed_notes import note_bundles
from addons.catalog.services.tables import BUNDLE, BUNDLE_LINE, in_lists, select_in
from kernel.data.work import Work

EVENT_BUNDLE_SHRUNK = "catalog.bundle_shrunk"  # body: the goods that left, whether the package is empty now


async def leave_bundles(work: Work, product_ids: Iterable[str]) -> None:
    """Take these goods out of every package; one left empty is archived.

    Each is shown as shrunk until somebody changes it, and an event tells of it.
    """
    found = await select_in(
        work,
        f"SELECT company_id, bundle_id, product_id FROM {BUNDLE_LINE} WHERE product_id IN ({{marks}})",
        product_ids,
    )
    left: dict[str, list[str]] = {}
    for row in found:
        if row["company_id"] == work.company_id:
            left.setdefault(row["bundle_id"], []).append(row["product_id"])
    if not left:
        return
    for marks, piece in in_lists(row["product_id"] for row in found):
        await work.execute(f"DELETE FROM {BUNDLE_LINE} WHERE product_id IN ({marks})", *piece)
    rows = await select_in(
        work, f"SELECT DISTINCT bundle_id FROM {BUNDLE_LINE} WHERE bundle_id IN ({{marks}})", left
    )
    filled = {row["bundle_id"] for row in rows}
    for bundle_id, goods in left.items():
        is_empty = bundle_id not in filled
        await work.execute(
            f"UPDATE {BUNDLE} SET updated_ms = ?, shrunk_ms = ?,"
            " is_archived = CASE WHEN ? = 1 THEN 1 ELSE is_archived END WHERE id = ? AND company_id = ?",
            work.now_ms,
            work.now_ms,
            int(is_empty),
            bundle_id,
            work.company_id,
        )
        await work.event(EVENT_BUNDLE_SHRUNK, bundle_id, {"products": goods, "isEmpty": is_empty})
        await work.audit("catalog.bundle_shrunk", bundle_id, {"products": goods, "isEmpty": is_empty})
    await note_bundles(work, left)
    work.notice("catalog", work.company_id)
