"""The job that asks an OFD about data that were entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services.entering import Question, prepare_question, settle_question
from addons.fiscal_kz.services.ports import Ofd, OfdOutcome
from kernel.jobs.policy import Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


class EnteringJob:
    """JobHandler in three phases; a question changes nothing at the OFD, so it may be asked again."""

    def __init__(self, ofd: Ofd) -> None:
        self.ofd = ofd

    async def prepare(self, work: Work, job: Job) -> Question | Settled:
        """Build the request."""
        return await prepare_question(work, job)

    async def perform(self, plan: Question) -> OfdOutcome:
        """One exchange; silence is an outcome."""
        return await self.ofd.exchange(plan.shipment)

    async def settle(self, work: Work, job: Job, plan: Question, result: OfdOutcome) -> Settled:
        """Keep the data, or the reason why not."""
        return await settle_question(work, job, plan, result)
