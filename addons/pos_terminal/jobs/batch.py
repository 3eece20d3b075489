"""The job that compares a batch with the host, in three phases. Lane `pos-batch:<terminal>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.pos_terminal.domain.driver import DriverOutcome
from addons.pos_terminal.services.batches import ClosePlan, prepare_close, settle_close
from kernel.data.work import forbid_in_transaction

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job
    from kernel.jobs.policy import Settled


class CloseBatchJob:
    """JobHandler: a repeat sends the same numbers again, and the host answers with its former result."""

    async def prepare(self, work: Work, job: Job) -> ClosePlan | Settled:
        """Totals and the number of the attempt become durable."""
        return await prepare_close(work, job)

    async def perform(self, plan: ClosePlan) -> DriverOutcome:
        """Ask the host."""
        forbid_in_transaction()
        return await plan.driver.perform(plan.order)

    async def settle(self, work: Work, job: Job, plan: ClosePlan, result: DriverOutcome) -> Settled:
        """Whether the sums agree."""
        return await settle_close(work, plan, result)
