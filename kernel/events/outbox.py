"""The outbox: events written in the transaction that makes them true. kernel.events.dispatch turns them into
jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kernel.journal.canonical import JSON, canonical_json

if TYPE_CHECKING:
    from kernel.data.work import Work

OUTBOX_TOPIC = "outbox"  # notices: there is something to dispatch


async def append(work: Work, kind: str, subject_id: str, body: Mapping[str, JSON]) -> None:
    """Write an event for the company of the principal; each subscriber gets it at least once, in order per
    company.

    An event nobody subscribes to in this set of add-ons leaves no row: who subscribes later starts from then.
    """
    if not work.database.registry.subscribers(kind):
        return
    await work.insert(
        "kernel_outbox",
        {
            "company_id": work.principal.company_id,
            "kind": kind,
            "subject_id": subject_id,
            "body": canonical_json(body),
            "at_ms": work.now_ms,
        },
    )
    work.notice(OUTBOX_TOPIC, "")
