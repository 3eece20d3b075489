"""What an agent says became of a job. Saying it twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import (
    RECEIPT,
    JobState,
    PrintJob,
    ReportFailed,
    ReportPrinted,
    ReportPrinter,
    retry_ms,
)
from addons.delivery.domain.printers import PaperState, PrinterCard, Problem
from addons.delivery.services import rows
from addons.delivery.services.mail_receipt import mail_unprinted
from addons.delivery.services.problems import clear_problem, note_problem
from addons.delivery.services.take import holder_of, outlet_of_device
from addons.delivery.services.topics import JOB_TOPIC, QUEUE_TOPIC
from kernel.errors import Refusal
from kernel.security.principal import SYSTEM
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Work

# An agent prints in order: what it has in hand behind a paper that did not come out was never begun.
_GIVE_BACK = (
    "UPDATE dlv_job SET state = 'queued', holder = NULL, lease_until_ms = NULL "
    "WHERE printer_id = ? AND company_id = ? AND state = 'taken' AND holder = ? AND number > ?"
)
_TRY_NOW = "UPDATE dlv_job SET due_ms = ? WHERE printer_id = ? AND company_id = ? AND state = 'queued'"


async def report_printed(work: Work, command: ReportPrinted) -> PrintJob:
    """All of it lies on paper. Believed also after the lease ran out, as long as nobody else has the job.

    Raises Refusal: ONLY_FOR_DEVICES, PRINT_JOB_UNKNOWN, PRINT_JOB_NOT_YOURS.
    """
    job, printer = await _own(work, command.job_id, command.holder)
    if job.state in (JobState.TAKEN, JobState.QUEUED, JobState.LATE):
        await rows.end_job(work, job.id, JobState.PRINTED, problem=None)
        work.notice(JOB_TOPIC, job.id)
        work.notice(QUEUE_TOPIC, job.outlet_id)
    await clear_problem(work, job.printer_id)
    if printer is not None and command.paper is not printer.paper:
        await rows.change_printer(work, printer.id, paper=command.paper.value)
    return await rows.job(work, job.id)


async def report_failed(work: Work, command: ReportFailed) -> PrintJob:
    """Not printed: it stays the head of its queue and is given out again after a pause, marked as a duplicate
    when it had been begun. The status board says what is wrong.

    Raises Refusal: ONLY_FOR_DEVICES, PRINT_JOB_UNKNOWN, PRINT_JOB_NOT_YOURS.
    """
    job, printer = await _own(work, command.job_id, command.holder)
    if job.state is not JobState.TAKEN and not (job.state is JobState.QUEUED and command.is_begun):
        return job
    await work.execute(_GIVE_BACK, job.printer_id, work.company_id, job.holder, job.number)
    await rows.change_job(
        work,
        job.id,
        state=JobState.QUEUED.value,
        holder=None,
        lease_until_ms=None,
        problem=command.problem.value,
        is_possibly_printed=int(job.is_possibly_printed or command.is_begun),
        due_ms=work.now_ms + (0 if command.problem is Problem.CUT_OFF else retry_ms(job.attempts)),
    )
    if printer is not None:
        paper = PaperState.OUT if command.problem is Problem.NO_PAPER else command.paper
        if paper is not printer.paper:
            await rows.change_printer(work, printer.id, paper=paper.value)
        if command.problem is not Problem.CUT_OFF:
            await note_problem(work, printer, command.problem, one_line(command.text), job.register_id)
    if job.kind == RECEIPT and job.attempts <= 1:
        with work.acting_as(
            SYSTEM.within(work.company_id)
        ) as inner:  # also for other registers of the outlet
            await mail_unprinted(inner, job.subject_id)
    work.notice(JOB_TOPIC, job.id)
    work.notice(QUEUE_TOPIC, job.outlet_id)
    return await rows.job(work, job.id)


async def report_printers(work: Work, commands: Sequence[ReportPrinter]) -> None:
    """How idle printers are: what is wrong is shown before somebody needs them, and is over when they say so.

    Raises Refusal("ONLY_FOR_DEVICES"). A printer that is not of this outlet any more is passed over.
    """
    outlet_id = await outlet_of_device(work)
    known = {each.id: each for each in await rows.printers_of_outlet(work, outlet_id, is_locked=True)}
    for command in commands:
        printer = known.get(command.printer_id)
        if printer is None:
            continue
        if command.paper is not printer.paper:
            await rows.change_printer(work, printer.id, paper=command.paper.value)
        if command.problem is not None:
            await note_problem(work, printer, command.problem, one_line(command.text), None)
        elif printer.problem is not None:
            await clear_problem(work, printer.id)
            await work.execute(_TRY_NOW, work.now_ms, printer.id, work.company_id)
            work.notice(QUEUE_TOPIC, outlet_id)


async def report_impossible(work: Work, job_id: str, code: str) -> None:
    """The paper cannot be made; trying again would not help."""
    await rows.end_job(work, job_id, JobState.IMPOSSIBLE, problem=code[:64])
    work.notice(JOB_TOPIC, job_id)


async def cancel_job(work: Work, job_id: str) -> PrintJob:
    """A person does not want the paper any more. Raises Refusal: PRINT_JOB_UNKNOWN, PRINT_JOB_ENDED,
    REGISTER_FORBIDDEN.
    """
    job = await rows.job(work, job_id)
    if job.register_id is not None:
        work.principal.require_register(job.register_id)
    if job.state not in (JobState.QUEUED, JobState.TAKEN):
        raise Refusal("PRINT_JOB_ENDED", field="jobId")
    is_maybe = job.is_possibly_printed or job.state is JobState.TAKEN
    await rows.end_job(work, job.id, JobState.CANCELLED, is_possibly_printed=int(is_maybe))
    work.notice(JOB_TOPIC, job.id)
    work.notice(QUEUE_TOPIC, job.outlet_id)
    return await rows.job(work, job.id)


async def _own(work: Work, job_id: str, holder: str) -> tuple[PrintJob, PrinterCard | None]:
    """The job, locked with its printer, as long as it is not in another's hand."""
    outlet_id = await outlet_of_device(work)
    printers = await rows.printers_of_outlet(work, outlet_id, is_locked=True)
    job = await rows.job(work, job_id)
    if job.outlet_id != outlet_id:
        raise Refusal("PRINT_JOB_UNKNOWN", field="jobId")
    is_strange = job.attempts == 0 or (job.state is JobState.TAKEN and job.holder != holder_of(work, holder))
    if is_strange:
        raise Refusal("PRINT_JOB_NOT_YOURS", field="jobId")
    return job, next((each for each in printers if each.id == job.printer_id), None)
