"""An agent takes work: in order per printer, leased, never silently twice.

A lease that ran out comes back as possibly printed: its paper is then marked as a duplicate.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import TAKE_MAX, JobState, PrintJob, TakeJobs
from addons.delivery.domain.printers import PrinterCard
from addons.delivery.services import rows
from addons.delivery.services.problems import clear_problem
from addons.delivery.settings import DeliverySettings
from addons.organization.api import register_card
from kernel.errors import Refusal
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

LOCAL_PREFIX = "local:"  # and an outlet's id: subject of the principal that `sauda up` prints with
HOLDER_LENGTH_MAX = 36
SEEN_EVERY_MS = 30_000  # an agent's sign of life is written this often

_EXPIRED = (
    "UPDATE dlv_job SET state = 'queued', is_possibly_printed = 1, holder = NULL, lease_until_ms = NULL "
    "WHERE printer_id = ? AND company_id = ? AND state = 'taken' AND lease_until_ms <= ?"
)


async def outlet_of_device(reader: Reader) -> str:
    """The outlet whose queue this device may print.

    Raises Refusal: ONLY_FOR_DEVICES for any other caller.
    """
    principal = reader.principal
    if principal.subject_id.startswith(LOCAL_PREFIX):
        return principal.subject_id.removeprefix(LOCAL_PREFIX)
    if principal.kind is not PrincipalKind.DEVICE or not principal.register_ids:
        raise Refusal("ONLY_FOR_DEVICES")
    card = await register_card(reader, min(principal.register_ids))
    return card.outlet_id


def is_this_machine(reader: Reader) -> bool:
    """True for the agent inside `sauda up`: it serves printers marked local, the others do not."""
    return reader.principal.subject_id.startswith(LOCAL_PREFIX)


async def take_jobs(work: Work, command: TakeJobs) -> list[tuple[PrinterCard, PrintJob]]:
    """The heads of the outlet's queues, leased to this holder; what it has in hand already comes again.

    A printer whose head is in another's hand, or waits for a pause to pass, gives nothing.
    Raises Refusal: ONLY_FOR_DEVICES, PRINT_HOLDER_MALFORMED.
    """
    if not 0 < len(command.holder) <= HOLDER_LENGTH_MAX:
        raise Refusal("PRINT_HOLDER_MALFORMED", field="holder")
    outlet_id = await outlet_of_device(work)
    holder = f"{work.principal.subject_id}/{command.holder}"
    taken: list[tuple[PrinterCard, PrintJob]] = []
    for printer in await rows.printers_of_outlet(work, outlet_id, is_locked=True):
        if printer.is_local != is_this_machine(work):
            continue
        if printer.seen_ms is None or work.now_ms - printer.seen_ms >= SEEN_EVERY_MS:
            await rows.change_printer(work, printer.id, seen_ms=work.now_ms)
            if printer.problem is None:
                await clear_problem(work, printer.id)  # nobody took its jobs, and now somebody does
        taken += [
            (printer, job)
            for job in await _take_of(work, printer, holder, min(max(command.count, 1), TAKE_MAX))
        ]
    return taken


async def give_back(work: Work, jobs: list[PrintJob]) -> None:
    """Taken a moment ago and never handed out: nobody can have printed it."""
    for job in jobs:
        await rows.change_job(work, job.id, state="queued", holder=None, lease_until_ms=None)


def holder_of(reader: Reader, holder: str) -> str:
    """How the holder of this device is written down."""
    return f"{reader.principal.subject_id}/{holder}"


async def _take_of(work: Work, printer: PrinterCard, holder: str, count: int) -> list[PrintJob]:
    settings = work.settings(DeliverySettings)
    lease_until_ms = work.now_ms + settings.lease_ms // timedelta(milliseconds=1)
    await work.execute(_EXPIRED, printer.id, work.company_id, work.now_ms)
    taken: list[PrintJob] = []
    for job in await rows.open_jobs(work, printer.id, TAKE_MAX):
        if len(taken) == count:
            break
        if job.state is JobState.TAKEN and job.holder != holder:
            break
        if job.state is JobState.QUEUED:
            if job.created_ms + settings.late_ms // timedelta(milliseconds=1) <= work.now_ms:
                await rows.end_job(work, job.id, JobState.LATE)
                continue
            if job.due_ms > work.now_ms:
                break
        changed = replace(
            job,
            state=JobState.TAKEN,
            holder=holder,
            lease_until_ms=lease_until_ms,
            attempts=job.attempts + (job.state is JobState.QUEUED),
        )
        await rows.change_job(
            work,
            job.id,
            state=changed.state.value,
            holder=holder,
            lease_until_ms=lease_until_ms,
            attempts=changed.attempts,
        )
        taken.append(changed)
    return taken
