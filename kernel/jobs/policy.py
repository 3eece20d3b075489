"""What a job handler is, how its outcome is said, and how long to wait after which failure. Nothing here
touches the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

LEASE_MS = 30_000  # how long a silent worker keeps a lane from others
PERFORM_LIMIT_S = 15 * 60  # the last resort; handlers set their own, much shorter deadlines
CHAIN_MAX = 20  # heads settled without a network step in one transaction
TURN_MAX = 100  # performances before a lane makes place for others
FAULT_ATTEMPTS_MAX = 5  # then the lane is blocked
BACKOFF_FIRST_MS = 1_000
BACKOFF_MAX_MS = 5 * 60_000
PASSING_PAUSE_MAX_MS = 30_000  # between tries while a partner or the database is silent

BLOCKED_BY_FAULT = "JOB_FAULT"
BLOCKED_WITHOUT_HANDLER = "JOB_PARKED"  # its add-on is not active; undone when it is


@dataclass(frozen=True, slots=True)
class Done:
    """The job is finished; the next of its lane may run."""


@dataclass(frozen=True, slots=True)
class Again:
    """The job stays the head and runs again not before after_ms milliseconds from now."""

    after_ms: int


@dataclass(frozen=True, slots=True)
class Block:
    """The lane stops here, with a code for people, until somebody unblocks it."""

    code: str


Settled: TypeAlias = Done | Again | Block
DONE = Done()

Plan = TypeVar("Plan")
Result = TypeVar("Result")


class JobHandler(Protocol[Plan, Result]):
    """Three phases of a job that talks to somebody; see architecture.md §6.

    Any phase may be repeated after a crash: `prepare` must find what an earlier run has already made durable.

    A handler with `is_prepared_at_once = True` may be prepared inside the very Work that enqueued its job
    into an empty lane, when a worker of the same process has a place: one commit less before the exchange.
    Its `prepare` must be as quick as a sale.
    """

    async def prepare(self, work: Work, job: Job) -> Plan | Settled:
        """Make durable what is about to be done; or settle at once when nothing is to be sent."""
        ...

    async def perform(self, plan: Plan) -> Result:
        """Talk to the outside, under a deadline and outside of a transaction. Expected outcomes, unknown
        included, are results.
        """
        ...

    async def settle(self, work: Work, job: Job, plan: Plan, result: Result) -> Settled:
        """Write the facts. Not called when another worker has taken the lane."""
        ...


AnyJobHandler: TypeAlias = JobHandler[Any, Any]
JobService: TypeAlias = Callable[["Work", "Job"], Awaitable[Settled | None]]


class TransactionJob(Generic[Plan, Result]):
    """A job that is one transaction: all of it happens in `prepare`."""

    def __init__(self, service: JobService) -> None:
        self._service = service

    async def prepare(self, work: Work, job: Job) -> Settled:
        """Run the service; None counts as done."""
        settled = await self._service(work, job)
        return DONE if settled is None else settled

    async def perform(self, plan: Any) -> Any:
        """Never called."""
        raise AssertionError("settled in prepare")

    async def settle(self, work: Work, job: Job, plan: Any, result: Any) -> Settled:
        """Never called."""
        raise AssertionError("settled in prepare")


def transaction_job(service: JobService) -> AnyJobHandler:
    """A handler for `async def service(work, job) -> None | Settled` that needs no network."""
    return TransactionJob[None, None](service)


def backoff_ms(attempts: int) -> int:
    """Pause before the next try after `attempts` failures: 1, 2, 4 … seconds, at most BACKOFF_MAX_MS."""
    assert attempts >= 1
    return min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS << min(attempts - 1, 20))
