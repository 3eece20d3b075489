"""The job that verifies journals, outside of transactions and in slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services.watch_journals import Found, WatchPlan, plan_watch, settle_watch, watch
from kernel.jobs.policy import Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


class WatchJob:
    """JobHandler in three phases."""

    is_prepared_at_once = False

    async def prepare(self, work: Work, job: Job) -> WatchPlan:
        """Nothing is to be made durable before."""
        return plan_watch(work, job)

    async def perform(self, plan: WatchPlan) -> Found:
        """Read and compare."""
        return await watch(plan)

    async def settle(self, work: Work, job: Job, plan: WatchPlan, result: Found) -> Settled:
        """Block what is broken."""
        return await settle_watch(work, plan, result)
