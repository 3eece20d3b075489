"""When journals are verified besides shifts: the last shift of each register when a worker starts, all chains
from their beginning each night. The work itself is a job (jobs/watch.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.zones import zone_of
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.integrity import block_broken, verify_last_shift
from addons.fiscal_kz.services.jobs import lane_key
from kernel.clock import from_ms
from kernel.ids import CompanyId
from kernel.jobs.policy import DONE, Again, Settled
from kernel.journal.periods import ZONE
from kernel.journal.verify import LaneVerdict
from kernel.journal.watch import Slice, check_slice, lanes_waiting, save_slices
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work
    from kernel.jobs.lanes import Job

WATCH_JOB = "fiscal_kz.watch"
WATCH_LANE = "journal:watch"
NIGHT_HOURS = range(1, 5)  # local time
ROUND_MS = 20 * 3_600_000  # a chain verified within is left until the next night
OVERDUE_MS = 30 * 3_600_000  # the night was missed: any hour will do
SLICE_PAUSE_MS = 50
PAGE_REGISTERS = 200

_REGISTERS = (
    "SELECT id, company_id, register_id FROM fkz_kkm WHERE is_active = 1 AND id > ? ORDER BY id LIMIT ?"
)
_COMPANY = "SELECT company_id FROM kernel_lane WHERE lane_key = ?"


class Scope(StrEnum):
    """What a job verifies."""

    SHIFTS = "shifts"
    CHAINS = "chains"


@dataclass(frozen=True, slots=True)
class WatchPlan:
    """What to verify, outside of a transaction."""

    database: Database
    scope: Scope
    round_ms: int


@dataclass(frozen=True, slots=True)
class Found:
    """broken: verdicts of the last shifts; slices: parts of chains."""

    broken: tuple[LaneVerdict, ...] = ()
    slices: tuple[Slice, ...] = ()


async def watch_at_start(work: Work) -> None:
    """Have the last shift of every register verified."""
    lane = await work.lane(WATCH_LANE, company_id=None)
    lane.enqueue(WATCH_JOB, {"scope": Scope.SHIFTS.value})


async def watch_at_night(work: Work) -> None:
    """Have every chain verified from its beginning, once a night."""
    lane = await work.lane(WATCH_LANE, company_id=None)
    if lane.length:
        return
    hour = from_ms(work.now_ms).astimezone(zone_of(ZONE)).hour
    age_ms = ROUND_MS if hour in NIGHT_HOURS else OVERDUE_MS
    if await lanes_waiting(work, work.now_ms - age_ms, is_new_counted=hour in NIGHT_HOURS):
        lane.enqueue(WATCH_JOB, {"scope": Scope.CHAINS.value})


def plan_watch(work: Work, job: Job) -> WatchPlan:
    """What the job verifies next."""
    return WatchPlan(work.database, Scope(str(job.body["scope"])), job.enqueued_ms)


async def watch(plan: WatchPlan) -> Found:
    """Verify; nothing is written. The event loop breathes between pages."""
    async with plan.database.reading(SYSTEM) as reader:
        if plan.scope is Scope.CHAINS:
            return Found(slices=tuple(await check_slice(reader, plan.round_ms)))
        return Found(broken=tuple(await _broken_shifts(reader)))


async def settle_watch(work: Work, plan: WatchPlan, found: Found) -> Settled:
    """Block what is broken, remember how far it went."""
    broken = [*found.broken, *await save_slices(work, plan.round_ms, found.slices)]
    for verdict in broken:
        await _block(work, verdict)
    return Again(SLICE_PAUSE_MS) if found.slices else DONE


async def _broken_shifts(reader: Reader) -> list[LaneVerdict]:
    broken, after = [], ""
    while True:
        rows = await reader.rows(_REGISTERS, after, PAGE_REGISTERS)
        for row in rows:
            verdict = await verify_last_shift(reader, lane_key(row["register_id"]), row["id"])
            if not verdict.is_whole:
                broken.append(verdict)
        if len(rows) < PAGE_REGISTERS:
            return broken
        after = rows[-1]["id"]


async def _block(work: Work, verdict: LaneVerdict) -> None:
    row = await work.row(_COMPANY, verdict.lane_key)
    company_id = None if row is None else row["company_id"]
    register_id = verdict.lane_key.removeprefix("register:")
    if company_id is None or register_id == verdict.lane_key:
        return  # not a register's; `sauda journal verify` tells of it
    with work.acting_as(SYSTEM.within(CompanyId(company_id))) as own:
        lane = await own.lane(verdict.lane_key, company_id=company_id)
        kkm = await store.kkm_of_lane(own, lane, register_id)
        await block_broken(own, lane, kkm, verdict)
