"""Jobs of a terminal that talk to it: an operation, a reversal, a wish to stop. Three phases each.

A driver that raises has not answered: the job runs again and finds the operation sent without an outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.pos_terminal.domain.driver import DriverOutcome
from addons.pos_terminal.services import operation_turns as turns
from addons.pos_terminal.services.operation_turns import StepPlan
from kernel import crash
from kernel.data.work import forbid_in_transaction

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job
    from kernel.jobs.policy import Settled


class OperationJob:
    """A purchase, void or refund, and the questions about it. Lane `pos:<terminal>`."""

    is_prepared_at_once = True

    async def prepare(self, work: Work, job: Job) -> StepPlan | Settled:
        """The number, the reversal image and the state SENT become durable; the card is dropped."""
        return await turns.prepare_operation(work, job)

    async def perform(self, plan: StepPlan) -> DriverOutcome:
        """One step."""
        return await _perform(plan)

    async def settle(self, work: Work, job: Job, plan: StepPlan, result: DriverOutcome) -> Settled:
        """The outcome becomes durable."""
        return await turns.settle_operation(work, job, plan, result)


class ReversalJob:
    """A reversal, repeated until it is answered. Lane `pos-saf:<terminal>`."""

    async def prepare(self, work: Work, job: Job) -> StepPlan | Settled:
        """The number of the attempt becomes durable."""
        return await turns.prepare_reversal(work, job)

    async def perform(self, plan: StepPlan) -> DriverOutcome:
        """One attempt."""
        return await _perform(plan)

    async def settle(self, work: Work, job: Job, plan: StepPlan, result: DriverOutcome) -> Settled:
        """Taken, or again after a pause."""
        return await turns.settle_reversal(work, job, plan, result)


class AbortJob:
    """A wish to stop what is going on. Lane `pos-abort:<terminal>`, beside the operation's own step."""

    async def prepare(self, work: Work, job: Job) -> StepPlan | Settled:
        """Only while it still goes on."""
        return await turns.prepare_abort(work, job)

    async def perform(self, plan: StepPlan) -> DriverOutcome:
        """Ask the terminal."""
        return await _perform(plan)

    async def settle(self, work: Work, job: Job, plan: StepPlan, result: DriverOutcome) -> Settled:
        """Whether it agreed."""
        return await turns.settle_abort(work, job, plan, result)


async def _perform(plan: StepPlan) -> DriverOutcome:
    forbid_in_transaction()
    crash.point(f"pos_terminal.before_{plan.order.step.value}")
    outcome = await plan.driver.perform(plan.order)
    crash.point(f"pos_terminal.after_{plan.order.step.value}")
    return outcome
