"""Schedules: services that run every so often, once among all workers. The next time is moved by compare-and-
set in the transaction that runs the service."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from kernel.jobs.lanes import ERROR_LENGTH_MAX
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.addons.entries import Schedule
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work

log = logging.getLogger(__name__)

_DUE = "SELECT name, due_ms FROM kernel_schedule WHERE due_ms <= ?"
_NAMES = "SELECT name FROM kernel_schedule"
_INSERT = "INSERT INTO kernel_schedule (name, due_ms, runs) VALUES (?, ?, 0) "
_CREATE = {
    "sqlite": _INSERT + "ON CONFLICT DO NOTHING",
    "mysql": _INSERT + "ON DUPLICATE KEY UPDATE name = name",
}
_DUE_NOW = "UPDATE kernel_schedule SET due_ms = ? WHERE name = ? AND due_ms > ?"
_RAN = (
    "UPDATE kernel_schedule SET due_ms = ?, ran_ms = ?, runs = runs + 1, last_error = NULL "
    "WHERE name = ? AND due_ms = ?"
)
_FAILED = "UPDATE kernel_schedule SET due_ms = ?, last_error = ? WHERE name = ? AND due_ms = ?"


def next_due_ms(due_ms: int, every: timedelta, now_ms: int) -> int:
    """The next time after now in the rhythm of `due_ms`; missed times are not made up for."""
    every_ms = every // timedelta(milliseconds=1)
    return due_ms + max(1, (now_ms - due_ms) // every_ms + 1) * every_ms


async def ensure_schedules(work: Work, schedules: Sequence[Schedule]) -> None:
    """Give every schedule its row; a new one is due at once."""
    known = {row["name"] for row in await work.rows(_NAMES)}
    for schedule in schedules:
        if schedule.name not in known:  # several workers may begin at once
            await work.execute(_CREATE[work.dialect], schedule.name, work.now_ms)


async def begin_schedules(work: Work, schedules: Sequence[Schedule]) -> None:
    """A worker starts: what is asked to run then is due at once."""
    await ensure_schedules(work, schedules)
    for schedule in schedules:
        if schedule.at_start:
            await work.execute(_DUE_NOW, work.now_ms, schedule.name, work.now_ms)


async def due_schedules(reader: Reader) -> dict[str, int]:
    """Schedules whose time has come, with that time."""
    return {row["name"]: row["due_ms"] for row in await reader.rows(_DUE, reader.now_ms)}


async def run_schedule(database: Database, schedule: Schedule, due_ms: int) -> bool:
    """Run the service if nobody did since `due_ms`; False when somebody was first or it failed.

    A failure is noted in the row and logged; the schedule waits for its next time.
    """
    try:
        return await database.transact(_run, schedule, due_ms, principal=SYSTEM)
    except Exception as error:
        log.error("schedule %s failed", schedule.name, exc_info=error)
        await database.transact(_fail, schedule, due_ms, f"{type(error).__name__}: {error}", principal=SYSTEM)
        return False


async def _run(work: Work, schedule: Schedule, due_ms: int) -> bool:
    following = next_due_ms(due_ms, schedule.every, work.now_ms)
    if not await work.execute(_RAN, following, work.now_ms, schedule.name, due_ms):
        return False
    await schedule.service(work)
    return True


async def _fail(work: Work, schedule: Schedule, due_ms: int, error: str) -> None:
    following = next_due_ms(due_ms, schedule.every, work.now_ms)
    await work.execute(_FAILED, following, error[:ERROR_LENGTH_MAX], schedule.name, due_ms)
