"""The job that asks a time server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services.clock import ClockPlan, Measured, TimeSource, plan_clock, settle_clock
from kernel.jobs.policy import Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


class ClockJob:
    """JobHandler in three phases."""

    is_prepared_at_once = False

    def __init__(self, source: TimeSource) -> None:
        self.source = source

    async def prepare(self, work: Work, job: Job) -> ClockPlan | Settled:
        """Whom to ask."""
        return plan_clock(work, job)

    async def perform(self, plan: ClockPlan) -> Measured | None:
        """One question."""
        return await self.source.measure(plan.host, plan.port, plan.clock)

    async def settle(self, work: Work, job: Job, plan: ClockPlan, result: Measured | None) -> Settled:
        """Tell the registers."""
        return await settle_clock(work, result)
