"""Further groups of products as an outside source tells them, for a batch of goods at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from addons.catalog.domain.product import ProductId
from addons.catalog.domain.source import SourceKey
from addons.catalog.services.feed_notes import note_cards
from addons.catalog.services.history import Changes, note_changes
from addons.catalog.services.tables import EXTRA_GROUP, GROUP, in_lists, select_in
from kernel.data.work import Reader, Work
from kernel.ids import new_ids

_COLUMNS = ("id", "company_id", "product_id", "group_id")
_ANY = (
    f"SELECT 1 FROM {GROUP} g JOIN {EXTRA_GROUP} e ON e.group_id = g.id AND e.company_id = g.company_id"
    " WHERE g.company_id = ? AND g.source = ? LIMIT 1"
)
_GROUPS = (
    f"SELECT id, external_id FROM {GROUP} WHERE company_id = ? AND source = ? AND external_id IN ({{marks}})"
)
_PRESENT = f"""SELECT e.id, e.product_id, e.group_id, g.source FROM {EXTRA_GROUP} e
JOIN {GROUP} g ON g.id = e.group_id WHERE e.product_id IN ({{marks}})"""


async def has_source_groups(reader: Reader, source: SourceKey) -> bool:
    """Whether any product has a further group of that source: then a row with one group has to say so too."""
    return await reader.row(_ANY, reader.company_id, source) is not None


async def take_source_groups(work: Work, source: SourceKey, told: Mapping[ProductId, Sequence[str]]) -> int:
    """These groups of the source beside the product's own one, in place of those of the source it had; how
    many products have others than before.

    Products are the company's. Groups that people gave stay; unknown groups are left out.
    """
    wanted = {external_id for groups in told.values() for external_id in groups}
    rows = await select_in(work, _GROUPS, wanted, before=[work.company_id, source]) if wanted else []
    ids = {row["external_id"]: row["id"] for row in rows}
    present: dict[str, dict[str, str]] = {}
    given: dict[str, set[str]] = {}  # by people
    for row in await select_in(work, _PRESENT, list(told)):
        if row["source"] == source:
            present.setdefault(row["product_id"], {})[row["group_id"]] = row["id"]
        else:
            given.setdefault(row["product_id"], set()).add(row["group_id"])
    gone: list[str] = []
    fresh: list[tuple[str, str]] = []
    changes: list[tuple[str, Changes]] = []
    for product_id, groups in told.items():
        before = present.get(product_id, {})
        after = {ids[each] for each in groups if each in ids} - given.get(product_id, set())
        if after == before.keys():
            continue
        gone.extend(row_id for group_id, row_id in before.items() if group_id not in after)
        fresh.extend((product_id, group_id) for group_id in sorted(after - before.keys()))
        changes.append((product_id, {"extra_groups": (" ".join(sorted(before)), " ".join(sorted(after)))}))
    for marks, piece in in_lists(gone):
        await work.execute(
            f"DELETE FROM {EXTRA_GROUP} WHERE id IN ({marks}) AND company_id = ?", *piece, work.company_id
        )
    await work.insert_many(
        EXTRA_GROUP,
        _COLUMNS,
        (
            (row_id, work.company_id, product_id, group_id)
            for row_id, (product_id, group_id) in zip(new_ids(len(fresh)), fresh, strict=True)
        ),
    )
    if changes:
        await note_changes(work, "updated", changes, source=source)
        await note_cards(work, [product_id for product_id, _ in changes], is_moved=True)
    return len(changes)
