"""The history of products: who changed what, when, from where. Kept for a time, never edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import orjson

from addons.catalog.services.tables import CHANGE
from addons.catalog.settings import CatalogSettings
from kernel.clock import to_ms
from kernel.data.work import Work
from kernel.ids import new_ids
from kernel.security.origin import current_origin

TEXT_MAX = 200  # characters of a value in the history
FORGET_ROWS = 5_000  # in one run of the schedule
FORGET_EVERY = timedelta(hours=1)
SOURCE_PREFIX = "source:"
_COLUMNS = (
    "id",
    "company_id",
    "product_id",
    "at_ms",
    "action",
    "actor_kind",
    "actor_id",
    "origin",
    "changes",
)
_OLD = f"SELECT id FROM {CHANGE} WHERE at_ms < ? ORDER BY at_ms LIMIT ?"

Changes = Mapping[str, tuple[str | None, str | None]]  # field → before, after


async def note_changes(
    work: Work, action: str, changes: Iterable[tuple[str, Changes]], *, source: str = ""
) -> None:
    """A line for each (product, its changes); source: the key of what keeps the goods, for an import."""
    origin = f"{SOURCE_PREFIX}{source}" if source else current_origin().address
    noted = list(changes)
    actor = work.principal
    await work.insert_many(
        CHANGE,
        _COLUMNS,
        (
            (
                change_id, work.company_id, product_id, work.now_ms, action, actor.kind.value,
                actor.subject_id, origin, orjson.dumps(said).decode(),
            )
            for change_id, (product_id, said) in zip(new_ids(len(noted)), noted, strict=True)
        ),
    )  # fmt: skip


def differences(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Changes:
    """What is another in two states of a product."""
    return {
        name: (_short(before.get(name)), _short(value))
        for name, value in after.items()
        if before.get(name) != value
    }


async def forget_old_changes(work: Work) -> None:
    """Schedule: lines older than the settings say go, some at a time."""
    until = work.now - work.settings(CatalogSettings).history_keep_ms
    rows = await work.rows(_OLD, to_ms(until), FORGET_ROWS)
    await work.execute_many(f"DELETE FROM {CHANGE} WHERE id = ?", ((row["id"],) for row in rows))


def _short(text: str | None) -> str | None:
    return None if text is None else text[:TEXT_MAX]
