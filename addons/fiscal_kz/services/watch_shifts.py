"""Which shifts come near their end: looked for each minute, page by page and outside of transactions; only
those that have no job yet get one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.fiscal_kz.services.auto_close import SHIFT_JOB, shift_lane
from addons.fiscal_kz.settings import CLOSE_MINUTES_MIN, FiscalSettings
from kernel.ids import CompanyId
from kernel.jobs.policy import DONE, Again, Settled
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.data.database import Database
    from kernel.data.work import Reader, SqlRow, Work

WATCH_SHIFTS_JOB = "fiscal_kz.watch_shifts"
WATCH_SHIFTS_LANE = "shift:watch"
PAGE_REGISTERS = 200
FOUND_MAX = 100  # shifts that get their jobs in one transaction; the others in the next
MINUTE_MS = 60_000

_OPEN = """SELECT id, company_id, register_id, shift_id, shift_opened_ms FROM fkz_kkm
WHERE shift_opened_ms <= ? AND shift_id IS NOT NULL AND id > ? ORDER BY id LIMIT ?"""
_WITH_JOB = "SELECT lane_key FROM kernel_lane WHERE tail_seq >= head_seq AND lane_key IN ({marks})"


@dataclass(frozen=True, slots=True)
class LongShift:
    """A shift somebody has to look after."""

    company_id: str
    register_id: str
    shift_id: str


async def watch_shifts(work: Work) -> None:
    """Have the open shifts looked through, unless they are being just now."""
    lane = await work.lane(WATCH_SHIFTS_LANE, company_id=None)
    if not lane.length:
        lane.enqueue(WATCH_SHIFTS_JOB, {})


async def long_shifts(database: Database) -> list[LongShift]:
    """Shifts near their end without a job, at most FOUND_MAX."""
    found: list[LongShift] = []
    after = ""
    async with database.reading(SYSTEM) as reader:
        youngest_ms = reader.now_ms - CLOSE_MINUTES_MIN * MINUTE_MS
        while len(found) < FOUND_MAX:
            rows = await reader.rows(_OPEN, youngest_ms, after, PAGE_REGISTERS)
            found += await _without_job(reader, rows)
            if len(rows) < PAGE_REGISTERS:
                break
            after = rows[-1]["id"]
    return found[:FOUND_MAX]


async def look_after(work: Work, shifts: Sequence[LongShift]) -> Settled:
    """Give each of them its job, once."""
    for each in shifts:
        with work.acting_as(SYSTEM.within(CompanyId(each.company_id))) as own:
            lane = await own.lane(shift_lane(each.register_id), company_id=each.company_id)
            if not lane.length:
                lane.enqueue(SHIFT_JOB, {"register": each.register_id, "shift": each.shift_id})
    return Again(0) if len(shifts) == FOUND_MAX else DONE


async def _without_job(reader: Reader, rows: Sequence[SqlRow]) -> list[LongShift]:
    due = {shift_lane(row["register_id"]): row for row in rows if _is_near_its_end(reader, row)}
    if not due:
        return []
    marks = ", ".join("?" * len(due))
    busy = {row["lane_key"] for row in await reader.rows(_WITH_JOB.replace("{marks}", marks), *due)}
    return [
        LongShift(row["company_id"], row["register_id"], row["shift_id"])
        for key, row in due.items()
        if key not in busy
    ]


def _is_near_its_end(reader: Reader, row: SqlRow) -> bool:
    settings = reader.database.choices.settings_of(FiscalSettings, CompanyId(row["company_id"]))
    return reader.now_ms >= settings.shift_clock(row["shift_opened_ms"]).first_ms
