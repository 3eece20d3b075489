"""The job runner: takes a lane's lease, works its head in three phases, writes the outcome under the fence,
goes on.

The steady flow costs one commit per job: the transaction that settles a job also prepares the next. A step
that fails inside such a shared transaction is repeated alone, so a fault is always the fault of one job.
Finding lanes and owning tasks is the worker's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from kernel import crash
from kernel.data.failures import is_away, is_conflict
from kernel.errors import Refusal, Unavailable
from kernel.ids import CompanyId
from kernel.jobs import figures
from kernel.jobs.handlers import handlers_of
from kernel.jobs.lanes import Job, Lane, LeaseLost
from kernel.jobs.leases import Lease, give_back, new_owner, renew, retire_owner
from kernel.jobs.policy import (
    BLOCKED_BY_FAULT,
    BLOCKED_WITHOUT_HANDLER,
    CHAIN_MAX,
    FAULT_ATTEMPTS_MAX,
    LEASE_MS,
    PASSING_PAUSE_MAX_MS,
    PERFORM_LIMIT_S,
    TURN_MAX,
    Again,
    AnyJobHandler,
    Block,
    Done,
    Settled,
    backoff_ms,
)
from kernel.security.principal import SYSTEM, Principal
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work

log = logging.getLogger(__name__)

_SETTLED = (Done, Again, Block)


@value
class Step:
    """A prepared head: what is durable and shall now be performed."""

    job: Job
    handler: AnyJobHandler
    plan: Any
    lease: Lease
    principal: Principal


@value
class Rest:
    """The lane is left. due_ms: when to look at it again; None when it is empty, blocked or another's."""

    due_ms: int | None = None


@value
class Failed:
    """A performance that raised."""

    error: Exception


class _Limit:
    """What asyncio.timeout does, for a limit that is hardly ever reached, at a fraction of its price."""

    __slots__ = ("_cancelling", "_is_reached", "_task")

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task
        self._cancelling = task.cancelling()
        self._is_reached = False

    def __call__(self) -> None:
        self._is_reached = True
        self._task.cancel()

    def is_meant(self) -> bool:
        """True when the cancellation that is being raised is this limit's and nobody else's."""
        return self._is_reached and self._task.uncancel() <= self._cancelling


class JobOutcome(StrEnum):
    """How a run of a job ended, for metrics."""

    DONE = "done"
    AGAIN = "again"
    BLOCK = "block"
    FAILED = "failed"


@dataclass(slots=True)
class RunnerStats:
    """Counts of one runner since its start; the process's own are in kernel.jobs.figures."""

    outcomes: dict[JobOutcome, int] = field(default_factory=lambda: dict.fromkeys(JobOutcome, 0))
    leases_lost: int = 0

    @property
    def done(self) -> int:
        """Jobs finished."""
        return self.outcomes[JobOutcome.DONE]

    def count(self, kind: str, outcome: JobOutcome) -> None:
        """A run of a job of that kind ended so."""
        self.outcomes[outcome] += 1
        figures.jobs_ended.add(kind, outcome.value)


@dataclass(slots=True)
class _Held:
    lease: Lease
    begun: float  # monotonic seconds
    since: float  # when the lease was last prolonged


@dataclass(slots=True)
class LaneRunner:
    """Works lanes for one owner. `run` may be called for many lanes at once, but once at a time for each."""

    database: Database
    lease_ms: int = LEASE_MS
    owner: str = field(default_factory=new_owner)
    stats: RunnerStats = field(default_factory=RunnerStats)
    is_draining: bool = False  # finish the job at hand, begin no other
    _handlers: dict[str, AnyJobHandler] = field(default_factory=dict)
    _held: dict[str, _Held] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._handlers = dict(handlers_of(self.database.registry))

    async def take(self, work: Work, lane: Lane) -> Step | None:
        """Claim a lane that has just become due and prepare its head inside the same Work.

        None when the job is not of the kind for it or has nothing to perform. Raising undoes the Work.
        """
        handler = self._handlers.get((await lane.head(work)).kind)
        if not getattr(handler, "is_prepared_at_once", False):
            return None
        with work.acting_as(_system_of(lane.company_id)) as inner:
            if not lane.claim(self.owner, lease_ms=self.lease_ms):
                return None
            outcome = await self._advance(inner, lane, 1)
        if isinstance(outcome, Step):
            lane.wakes = False
            return outcome
        lane.wakes = outcome.due_ms is not None and outcome.due_ms <= work.now_ms
        return None

    async def run(self, key: str, company_id: str | None, step: Step | None = None) -> Rest:
        """Work the lane until it is empty, blocked, waiting or lost, or it is the turn of others.

        step: what `take` has prepared already. Raises only what the database raises.
        """
        principal = _system_of(company_id)
        try:
            outcome: Step | Rest = step or await self._begin(key, principal)
            turns = 0
            while isinstance(outcome, Step):
                step, turns = outcome, turns + 1
                result = await self._perform(step)
                crash.point("jobs.after_perform")
                outcome = await self._finish(step, result, CHAIN_MAX if turns < TURN_MAX else 0)
                crash.point("jobs.after_settle")
            return outcome
        except LeaseLost as lost:
            self.stats.leases_lost += 1
            figures.leases_lost.inc()
            log.warning("lease lost: %s", lost)
            return Rest()

    async def renew_long(self, older_than_s: float) -> None:
        """Prolong the leases of performances that have been running for longer."""
        now = self.database.clock.monotonic()
        long = {key: held for key, held in self._held.items() if now - held.since >= older_than_s}
        if not long:
            return
        leases = [held.lease for held in long.values()]
        lost = await self.database.transact(renew, leases, self.lease_ms, principal=SYSTEM)
        for held in long.values():
            held.since = now
        for lease in lost:
            log.warning("lease of lane %s was lost while performing", lease.lane_key)

    async def close(self) -> None:
        """Give back the leases of performances that were cut off; call when no `run` is left."""
        leases = [held.lease for held in self._held.values()]
        self._held.clear()
        retire_owner(self.owner)
        if leases:
            await self.database.transact(give_back, leases, principal=SYSTEM)

    # Transactions of a lane: begin (claim and prepare), finish (settle, and prepare the next), failure

    async def _begin(self, key: str, principal: Principal) -> Step | Rest:
        for chain in (CHAIN_MAX, 1):  # if one of several heads fails, find out which
            outcome = await self._attempt(principal, self._claim, key, chain)
            if not isinstance(outcome, Failed):
                return outcome
            error = outcome.error
        return await self._failure(key, None, error, principal)

    async def _finish(self, step: Step, result: Any, chain_max: int) -> Step | Rest:
        key = step.job.lane_key
        try:
            if isinstance(result, Failed):
                return await self._failure(key, step, result.error, step.principal)
            for chain in (chain_max, 0):  # the settlement or the next job's preparation: find out which
                outcome = await self._attempt(step.principal, self._settle, step, result, chain)
                if not isinstance(outcome, Failed):
                    return outcome
                error = outcome.error
            return await self._failure(key, step, error, step.principal)
        finally:
            held = self._held.get(key)
            if held is not None and held.lease is step.lease:
                del self._held[key]
                figures.job_seconds.observe(step.job.kind, self.database.clock.monotonic() - held.begun)

    async def _attempt(
        self, principal: Principal, service: Callable[..., Awaitable[Step | Rest]], *args: Any
    ) -> Step | Rest | Failed:
        try:
            return await self.database.transact(service, *args, principal=principal)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 -- the edge: the fault is recorded on its lane
            return Failed(error)

    async def _failure(self, key: str, step: Step | None, error: Exception, principal: Principal) -> Rest:
        if not is_passing(error):
            log.error("job at the head of lane %s failed", key, exc_info=error)
        return await self.database.transact(self._record_failure, key, step, error, principal=principal)

    async def _perform(self, step: Step) -> Any:
        crash.point("jobs.after_prepare")
        task = asyncio.current_task()
        assert task is not None
        limit = _Limit(task)
        timer = asyncio.get_running_loop().call_later(PERFORM_LIMIT_S, limit)
        try:
            return await step.handler.perform(step.plan)
        except asyncio.CancelledError:
            if not limit.is_meant():
                raise
            return Failed(TimeoutError(f"not performed within {PERFORM_LIMIT_S} s"))
        except Exception as error:  # noqa: BLE001 -- the edge: a broken handler stops its own lane only
            return Failed(error)
        finally:
            timer.cancel()

    # Services; each may be repeated by the database

    async def _claim(self, work: Work, key: str, chain: int) -> Step | Rest:
        lane = await work.lane(key, company_id=None)
        if not lane.claim(self.owner, lease_ms=self.lease_ms):
            return Rest()
        return await self._advance(work, lane, chain)

    async def _settle(self, work: Work, step: Step, result: Any, chain: int) -> Step | Rest:
        lane = await work.lane_as_left(step.job.lane_key)
        lane.check_lease(step.lease.epoch)
        if lane.head_id != step.job.id:
            return _settled_before(work, lane)
        settled = await step.handler.settle(work, step.job, step.plan, result)
        outcome: Step | Rest
        if self._apply(work, lane, step.job.kind, settled):
            outcome = await self._advance(work, lane, chain)
        else:
            outcome = Rest(lane.due_ms)
        crash.point("jobs.before_settle_commit")
        return outcome

    async def _advance(self, work: Work, lane: Lane, chain: int) -> Step | Rest:
        """Prepare heads under the held lease until one has something to perform."""
        while lane.length and not lane.is_blocked:
            stored = await lane.head(work)
            handler = self._handlers.get(stored.kind)
            if chain == 0 or self.is_draining:
                lane.release(work.now_ms)
                return Rest(lane.due_ms)
            if stored.due_ms > work.now_ms:
                lane.release(stored.due_ms)
                return Rest(lane.due_ms)
            if handler is None:
                lane.block(BLOCKED_WITHOUT_HANDLER)
                break
            job = lane.opened(stored)
            plan = await handler.prepare(work, job)
            if not isinstance(plan, _SETTLED):
                lane.hold(self.lease_ms)
                return self._prepared(work, lane, Step(job, handler, plan, self._lease(lane), work.principal))
            if not self._apply(work, lane, job.kind, plan):
                return Rest(lane.due_ms)
            chain -= 1
        lane.release()
        return Rest()

    async def _record_failure(self, work: Work, key: str, step: Step | None, error: Exception) -> Rest:
        lane = await work.lane(key, company_id=None)
        if step is not None:
            lane.check_lease(step.lease.epoch)
            if lane.head_id != step.job.id:
                return _settled_before(work, lane)
        elif not lane.claim(self.owner, lease_ms=self.lease_ms):
            return Rest()
        kind = (await lane.head(work)).kind
        if is_passing(error):
            pause_ms = min(PASSING_PAUSE_MAX_MS, backoff_ms(lane.attempts + 1))
        else:
            lane.faults += 1
            pause_ms = backoff_ms(lane.faults)
        if lane.faults >= FAULT_ATTEMPTS_MAX:
            lane.block(error.code if isinstance(error, Refusal) else BLOCKED_BY_FAULT)
        work.after_commit(partial(self.stats.count, kind, JobOutcome.FAILED))
        lane.postpone(pause_ms, error=f"{type(error).__name__}: {error}")
        return Rest(lane.due_ms)

    # Straight helpers

    def _prepared(self, work: Work, lane: Lane, step: Step) -> Step:
        now = self.database.clock.monotonic()
        held = _Held(step.lease, now, now)
        work.after_commit(partial(self._held.__setitem__, lane.key, held))
        crash.point("jobs.before_prepare_commit")
        return step

    def _lease(self, lane: Lane) -> Lease:
        return Lease(lane.key, self.owner, lane.lease_epoch)

    def _apply(self, work: Work, lane: Lane, kind: str, settled: Settled) -> bool:
        """Write an outcome into the lane; True when the next job may run under the same lease."""
        match settled:
            case Done():
                outcome = JobOutcome.DONE
                lane.complete()
            case Again(after_ms):
                outcome = JobOutcome.AGAIN
                lane.faults = 0
                lane.postpone(after_ms)
            case Block(code):
                outcome = JobOutcome.BLOCK
                lane.block(code)
                lane.release()
        work.after_commit(partial(self.stats.count, kind, outcome))
        return outcome is JobOutcome.DONE


def _settled_before(work: Work, lane: Lane) -> Rest:
    """The job was settled under this lease by a commit whose answer was lost; the head that was prepared with
    it is prepared anew, as after a crash.
    """
    lane.release(work.now_ms)
    return Rest(lane.due_ms)


@lru_cache(maxsize=4_096)
def _system_of(company_id: str | None) -> Principal:
    return SYSTEM if company_id is None else SYSTEM.within(CompanyId(company_id))


def is_passing(error: Exception) -> bool:
    """True for failures that say nothing about the job itself: a silent partner, a database that is away or
    in conflict.
    """
    return isinstance(error, Unavailable) or is_conflict(error) or is_away(error)
