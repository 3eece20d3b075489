"""The job that looks after a long shift, and the one that finds such shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services.auto_close import ShiftPlan, keep_shift, plan_shift, read_shift
from addons.fiscal_kz.services.watch_shifts import LongShift, long_shifts, look_after
from kernel.jobs.policy import Settled

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


class ShiftJob:
    """JobHandler in three phases."""

    is_prepared_at_once = False

    async def prepare(self, work: Work, job: Job) -> ShiftPlan:
        """Nothing is to be made durable before."""
        return plan_shift(work, job)

    async def perform(self, plan: ShiftPlan) -> None:
        """Read the journal of the shift."""
        await read_shift(plan)

    async def settle(self, work: Work, job: Job, plan: ShiftPlan, result: None) -> Settled:
        """Warn or close."""
        return await keep_shift(work, plan)


class ShiftWatchJob:
    """JobHandler in three phases."""

    is_prepared_at_once = False

    async def prepare(self, work: Work, job: Job) -> Database:
        """Nothing is to be made durable before."""
        return work.database

    async def perform(self, plan: Database) -> list[LongShift]:
        """Read the open shifts."""
        return await long_shifts(plan)

    async def settle(self, work: Work, job: Job, plan: Database, result: list[LongShift]) -> Settled:
        """Give them their jobs."""
        return await look_after(work, result)
