"""Jobs about keys that talk to somebody: the exchange with the host, and forgetting a key in its store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.pos_terminal.services import keys_update as updates
from addons.pos_terminal.services.keys_store import store_of
from kernel import crash
from kernel.data.work import forbid_in_transaction
from kernel.jobs.policy import DONE

if TYPE_CHECKING:
    from addons.pos_terminal.services.keys_update import Exchanged, ExchangePlan
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job
    from kernel.jobs.policy import Settled


class KeysJob:
    """An exchange of working keys. Lane `pos:<terminal>`, so that no payment is between its two halves."""

    is_prepared_at_once = False

    async def prepare(self, work: Work, job: Job) -> ExchangePlan | Settled:
        """The numbers of the messages become durable."""
        return await updates.prepare_exchange(work, job)

    async def perform(self, plan: ExchangePlan) -> Exchanged:
        """Both keys from the host, proved."""
        forbid_in_transaction()
        crash.point("pos_terminal.before_keys")
        exchanged = await updates.exchange(plan)
        crash.point("pos_terminal.after_keys")
        return exchanged

    async def settle(self, work: Work, job: Job, plan: ExchangePlan, result: Exchanged) -> Settled:
        """Into force, both or none."""
        return await updates.settle_exchange(work, job, plan, result)


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """What is to be destroyed, and where."""

    database: Database
    store: str
    kept: str = field(repr=False)


class ForgetJob:
    """A key whose row is gone. Lane `pos-keys:<terminal>`."""

    is_prepared_at_once = False

    async def prepare(self, work: Work, job: Job) -> ForgetPlan:
        """Nothing to make durable."""
        return ForgetPlan(work.database, str(job.body["store"]), str(job.body["kept"]))

    async def perform(self, plan: ForgetPlan) -> None:
        """Destroy it; it may be gone already."""
        forbid_in_transaction()
        await store_of(plan.database, plan.store).forget(plan.database, plan.kept)

    async def settle(self, work: Work, job: Job, plan: ForgetPlan, result: None) -> Settled:
        """Over."""
        return DONE
