"""What an agent gets: jobs taken in a transaction, their bytes made after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import PrintJob, TakeJobs
from addons.delivery.domain.printers import PrinterCard
from addons.delivery.services.report import report_impossible
from addons.delivery.services.take import give_back, take_jobs
from kernel.errors import Refusal, Unavailable
from kernel.printing.escpos import Encoding, EscposOptions, as_escpos
from kernel.printing.threads import drawn
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader
    from kernel.printing.paper import Paper
    from kernel.security.principal import Principal

ANSWER_BYTES_MAX = 4_000_000  # a picture of a long receipt has about 500 kB


@dataclass(frozen=True, slots=True)
class Order:
    """A job with what is to be sent to its printer."""

    printer: PrinterCard
    job: PrintJob
    content: bytes = field(repr=False)


async def hand_out(database: Database, principal: Principal, command: TakeJobs) -> list[Order]:
    """Take jobs and make their bytes; a job whose paper cannot be made ends, what would make the answer too
    large is given back. Raises what take_jobs raises.
    """
    taken = await database.transact(take_jobs, command, principal=principal)
    everybody = SYSTEM.within(principal.require_company())  # a device prints for all registers of its outlet
    orders: list[Order] = []
    unfit: list[PrintJob] = []
    size = 0
    for printer, job in taken:
        if unfit and unfit[-1].printer_id == printer.id:
            unfit.append(job)  # order within a printer is kept
            continue
        try:
            async with database.reading(everybody) as reader:
                content = await bytes_of(reader, printer, job)
        except Refusal as refusal:
            await database.transact(report_impossible, job.id, refusal.code, principal=principal)
            continue
        except Unavailable:  # too many papers are being drawn: next time
            unfit.append(job)
            continue
        size += len(content)
        if orders and size > ANSWER_BYTES_MAX:
            unfit.append(job)
        else:
            orders.append(Order(printer, job, content))
    if unfit:
        await database.transact(give_back, unfit, principal=principal)
    return orders


async def bytes_of(reader: Reader, printer: PrinterCard, job: PrintJob) -> bytes:
    """All copies, the second and further ones marked as duplicates.

    Raises Refusal: PAPER_KIND_UNKNOWN, and what the maker of the paper and the printer's options raise.
    """
    maker = reader.database.registry.paper_maker(job.kind)
    if maker is None:
        raise Refusal("PAPER_KIND_UNKNOWN", kind=job.kind)
    papers = [await maker(reader, job.subject_id, job.is_marked)]
    if job.copies > 1:
        papers += [await maker(reader, job.subject_id, True)] * (job.copies - 1)
    return await drawn(_escpos, papers, printer)


def _escpos(papers: list[Paper], printer: PrinterCard) -> bytes:
    parts = []
    for number, paper in enumerate(papers):
        options = EscposOptions(
            columns=printer.columns,
            encoding=Encoding(printer.encoding.value),
            profile=printer.profile,
            has_knife=printer.has_knife,
            opens_drawer=printer.opens_drawer and number == 0,
        )
        parts.append(as_escpos(paper, options))
    return b"".join(parts)
