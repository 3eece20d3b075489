"""From the outbox to jobs: each event becomes one job per subscriber, in the transaction that removes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.events.subscribers import Event, job_kind, lane_key
from kernel.journal.canonical import parse

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

DISPATCH_LANE = "kernel.outbox"  # its lock lets one dispatcher work at a time; it has no jobs
DISPATCH_EVENTS_MAX = 200  # per transaction
_DUE = "SELECT id, company_id, kind, subject_id, body, at_ms FROM kernel_outbox ORDER BY id LIMIT ?"
_OLDEST = "SELECT at_ms FROM kernel_outbox ORDER BY id LIMIT 1"
_DELETE = "DELETE FROM kernel_outbox WHERE id = ?"


async def dispatch_events(work: Work, limit: int = DISPATCH_EVENTS_MAX) -> int:
    """Turn the oldest events into jobs and delete them; how many were taken (less than `limit`: none is
    left).

    Rows are deleted one by one, not up to the last id: a transaction that got a lower id may commit later.
    """
    await work.lane(DISPATCH_LANE, company_id=None)
    rows = await work.rows(_DUE, limit)
    jobs: list[tuple[str, str, Event]] = []
    for row in rows:
        event = Event(
            row["id"], row["kind"], row["company_id"], row["subject_id"], parse(row["body"]), row["at_ms"]
        )
        for subscriber in work.database.registry.subscribers(event.kind):
            key = lane_key(subscriber.name, event.company_id)
            jobs.append((key, job_kind(event.kind, subscriber.name), event))
    companies = {key: event.company_id for key, _, event in jobs}
    lanes = {key: await work.lane(key, company_id=companies[key]) for key in sorted(companies)}
    for key, kind, event in jobs:
        lanes[key].enqueue(kind, event.as_job())
    await work.execute_many(_DELETE, [(row["id"],) for row in rows])
    return len(rows)


async def oldest_event_ms(reader: Reader) -> int | None:
    """When the oldest event that waits was written, epoch ms; None when there is none."""
    row = await reader.row(_OLDEST)
    return None if row is None else int(row["at_ms"])
