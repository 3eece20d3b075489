"""Events as their subscribers see them: one job per event and subscriber, on a lane per subscriber and
company.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from kernel.errors import Fault
from kernel.jobs.policy import AnyJobHandler, Settled, transaction_job
from kernel.journal.canonical import JSON

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


@dataclass(frozen=True, slots=True)
class Event:
    """Something that became true. A subscriber may be told twice; `id` is the same then."""

    id: int
    kind: str
    company_id: str | None
    subject_id: str
    body: Mapping[str, JSON]
    at_ms: int

    @classmethod
    def of(cls, job: Job) -> Event:
        """The event a subscriber's job carries."""
        match job.body:
            case {
                "id": int(event_id),
                "kind": str(kind),
                "subject": str(subject_id),
                "at_ms": int(at_ms),
                "body": Mapping() as body,
            }:
                return cls(event_id, kind, job.company_id, subject_id, body, at_ms)
        raise Fault(f"job {job.id} carries no event")

    def as_job(self) -> Mapping[str, JSON]:
        """Body of the job that carries this event."""
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject_id,
            "at_ms": self.at_ms,
            "body": self.body,
        }


EventService: TypeAlias = Callable[["Work", Event], Awaitable[Settled | None]]


def job_kind(event_kind: str, subscriber: str) -> str:
    """Kind of the jobs that bring events of a kind to a subscriber."""
    return f"{event_kind}>{subscriber}"


def lane_key(subscriber: str, company_id: str | None) -> str:
    """The lane on which a subscriber gets the events of a company, in their order."""
    return f"event:{subscriber}:{company_id or 'system'}"


def handler_of(subscriber: Any) -> AnyJobHandler:
    """A subscriber is `async (work, event) -> None | Settled`, or a JobHandler reading `Event.of(job)`."""
    if hasattr(subscriber, "prepare"):
        handler: AnyJobHandler = subscriber
        return handler
    service: EventService = subscriber

    async def told(work: Work, job: Job) -> Settled | None:
        return await service(work, Event.of(job))

    return transaction_job(told)
