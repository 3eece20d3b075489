"""Which handler runs a job of which kind: the kernel's letters, the add-ons' own kinds and one kind for each
subscription to an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kernel.jobs.policy import AnyJobHandler

if TYPE_CHECKING:
    from kernel.addons.registry import Registry


def handlers_of(registry: Registry) -> Mapping[str, AnyJobHandler]:
    """All handlers of the loaded add-ons by job kind."""
    from kernel.events.subscribers import handler_of, job_kind  # subscribers are built on jobs
    from kernel.mail.job import LetterJob  # letters too
    from kernel.mail.post import JOB_KIND

    table: dict[str, Any] = {JOB_KIND: LetterJob(), **registry.jobs}
    for subscriber in registry.all_subscribers:
        table[job_kind(subscriber.kind, subscriber.name)] = handler_of(subscriber.handler)
    return table
