"""What is forgotten after its time: received files, then their rows, sign-ins and reports of imports;
pictures that never came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from addons.catalog_1c.services.file_job import ShelfMaker
from addons.catalog_1c.settings import Catalog1cSettings

if TYPE_CHECKING:
    from kernel.data.work import Work

EVERY = timedelta(hours=1)
ROWS_PER_STEP = 500  # of each table, in one transaction
_OLD_FILES = (
    "SELECT id, company_id, connection_id FROM c1c_file WHERE is_kept = ? AND received_ms < ?"
    f" ORDER BY received_ms LIMIT {ROWS_PER_STEP}"
)
_OLD_EXCHANGES = (
    f"SELECT id, company_id FROM c1c_exchange WHERE seen_ms < ? ORDER BY seen_ms LIMIT {ROWS_PER_STEP}"
)
# Identifiers begin with their time, so the oldest reports are the first of the primary key.
_OLD_SESSIONS = (
    "SELECT id, company_id FROM c1c_session WHERE id < ? AND state <> 'running'"
    f" ORDER BY id LIMIT {ROWS_PER_STEP}"
)
_OLD_AWAITED = (
    f"SELECT id, company_id FROM c1c_awaited_picture WHERE id < ? ORDER BY id LIMIT {ROWS_PER_STEP}"
)


def forget_old(shelf_of: ShelfMaker) -> Callable[[Work], Awaitable[None]]:
    """The schedule for a shelf."""

    async def forget(work: Work) -> None:
        settings = work.settings(Catalog1cSettings)
        shelf = shelf_of(settings)
        for row in await work.rows(_OLD_FILES, 1, work.now_ms - settings.keep_ms // _MS):
            await work.execute(
                "UPDATE c1c_file SET is_kept = 0 WHERE company_id = ? AND id = ?",
                row["company_id"],
                row["id"],
            )
            work.after_commit(partial(shelf.forget, shelf.path(row["connection_id"], row["id"])))
        awaited_id = _oldest_id(work.now_ms - settings.keep_ms // _MS)
        await _delete(work, "c1c_awaited_picture", _OLD_AWAITED, awaited_id)
        before_ms = work.now_ms - settings.keep_reports_ms // _MS
        await _delete(work, "c1c_file", _OLD_FILES, 0, before_ms)
        await _delete(work, "c1c_exchange", _OLD_EXCHANGES, before_ms)
        await _delete(work, "c1c_session", _OLD_SESSIONS, _oldest_id(before_ms))

    return forget


_MS = timedelta(milliseconds=1)


def _oldest_id(ms: int) -> str:
    """No identifier made from that moment on sorts before it."""
    digits = f"{max(0, ms):012x}"
    return f"{digits[:8]}-{digits[8:]}"


async def _delete(work: Work, table: str, old: str, *params: str | int) -> None:
    rows = await work.rows(old, *params)
    await work.execute_many(
        f"DELETE FROM {table} WHERE company_id = ? AND id = ?",
        [(row["company_id"], row["id"]) for row in rows],
    )
