"""The job of a register's lane: one document, poll or INFO exchange with the OFD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services.ports import Ofd, OfdOutcome
from addons.fiscal_kz.services.turns import SendPlan, prepare_turn, settle_turn
from kernel import crash
from kernel.jobs.policy import Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


class DocumentJob:
    """JobHandler in three phases; see architecture.md §6, rows 5–7."""

    is_prepared_at_once = True  # the acceptance of a sale and its intent to send share a commit

    def __init__(self, ofd: Ofd) -> None:
        self.ofd = ofd

    async def prepare(self, work: Work, job: Job) -> SendPlan | Settled:
        """The intent becomes durable."""
        return await prepare_turn(work, job)

    async def perform(self, plan: SendPlan) -> OfdOutcome:
        """One exchange; silence is an outcome."""
        crash.point("fiscal_kz.before_send")
        outcome = await self.ofd.exchange(plan.shipment)
        crash.point("fiscal_kz.after_answer")
        return outcome

    async def settle(self, work: Work, job: Job, plan: SendPlan, result: OfdOutcome) -> Settled:
        """The facts become durable."""
        return await settle_turn(work, job, plan, result)
