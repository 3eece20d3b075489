"""Put a paper into a printer's queue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import TEST_PAGE, PrintJob, PrintJobId, PrintPaper
from addons.delivery.domain.printers import PrinterCard
from addons.delivery.services import rows
from addons.delivery.services.printers import check_copies, register_printing
from addons.delivery.services.topics import QUEUE_TOPIC
from addons.organization.api import register_card
from addons.trade.api import FiscalState, receipt_card
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Work

_NEXT = "UPDATE dlv_printer SET last_number = last_number + 1 WHERE id = ? AND company_id = ?"
_LAST = "SELECT last_number FROM dlv_printer WHERE id = ?"
_ONCE = "SELECT id FROM dlv_job WHERE once_key = ? AND company_id = ?"
_EARLIER = (
    "SELECT id FROM dlv_job WHERE company_id = ? AND kind = ? AND subject_id = ? "
    "AND state NOT IN ('cancelled', 'late', 'impossible') LIMIT 1"
)
_MAYBE = (
    "SELECT id FROM dlv_job WHERE company_id = ? AND kind = ? AND subject_id = ? "
    "AND is_possibly_printed = 1 LIMIT 1"
)


async def print_paper(work: Work, command: PrintPaper) -> PrintJobId | None:
    """The job at the end of the printer's queue; None when the once_key has had its job already.

    A paper that an earlier job printed, is to print or may have printed is marked as a duplicate.
    Raises Refusal: REGISTER_FORBIDDEN, REGISTER_UNKNOWN, PRINTER_UNKNOWN, PRINTER_ELSEWHERE,
    PRINTER_NOT_CHOSEN, PRINTER_NONE, PRINT_COPIES_IMPOSSIBLE.
    """
    work.principal.require_register(command.register_id)
    check_copies(command.copies)
    register = await register_card(work, command.register_id)
    printer = await _printer(work, command, register.outlet_id)
    return await put(work, command, printer)


async def print_receipt(work: Work, command: PrintPaper) -> PrintJob:
    """A receipt because somebody asked for it, at the register of its sale.

    Raises Refusal: SALE_UNKNOWN, SALE_NOT_FISCAL_YET, SALE_REJECTED and those of print_paper.
    """
    card = await receipt_card(work, command.subject_id)
    if card.state is FiscalState.PENDING:
        raise Refusal("SALE_NOT_FISCAL_YET", field="saleId")
    if card.state is FiscalState.REJECTED:
        raise Refusal("SALE_REJECTED", field="saleId")
    job_id = await print_paper(work, replace(command, register_id=card.register_id))
    assert job_id is not None, "made without a once_key"
    return await rows.job(work, job_id)


async def print_any(work: Work, command: PrintPaper) -> PrintJob:
    """A paper of a kind that may be asked for; it is made once already, to see that it can be.

    Raises Refusal: PAPER_KIND_UNKNOWN, FORBIDDEN, what its maker raises, and those of print_paper.
    """
    registry = work.database.registry
    permission, maker = registry.paper_permission(command.kind), registry.paper_maker(command.kind)
    if permission is None or maker is None:
        raise Refusal("PAPER_KIND_UNKNOWN", field="kind", kind=command.kind[:64])
    work.principal.require(permission)
    await maker(work, command.subject_id, False)
    job_id = await print_paper(work, command)
    assert job_id is not None, "made without a once_key"
    return await rows.job(work, job_id)


async def print_trial(work: Work, command: PrintPaper) -> PrintJob:
    """The test page of a printer. Raises Refusal("PRINTER_UNKNOWN")."""
    printer = await rows.printer(work, command.subject_id)
    job_id = await put(work, command, printer)
    assert job_id is not None, "made without a once_key"
    return await rows.job(work, job_id)


async def put(work: Work, command: PrintPaper, printer: PrinterCard) -> PrintJobId | None:
    """The same for a printer at hand; its row stays locked, so numbers are given one after another."""
    await work.execute(_NEXT, printer.id, work.company_id)
    once_key = f"{work.company_id}:{command.once_key}" if command.once_key is not None else None
    if once_key is not None and await work.row(_ONCE, once_key, work.company_id) is not None:
        return None
    last = await work.row(_LAST, printer.id)
    assert last is not None
    asked = (work.company_id, command.kind, command.subject_id)
    is_duplicate = command.kind != TEST_PAGE and bool(
        await work.row(_EARLIER, *asked) or await work.row(_MAYBE, *asked)
    )
    job_id = PrintJobId(new_id())
    await work.insert(
        "dlv_job",
        {
            "id": job_id,
            "company_id": work.company_id,
            "outlet_id": printer.outlet_id,
            "printer_id": printer.id,
            "register_id": command.register_id or None,
            "number": last["last_number"],
            "kind": command.kind,
            "subject_id": command.subject_id,
            "once_key": once_key,  # each company has keys of its own
            "copies": command.copies,
            "is_duplicate": int(is_duplicate),
            "is_possibly_printed": 0,
            "state": "queued",
            "attempts": 0,
            "due_ms": work.now_ms,
            "created_ms": work.now_ms,
        },
    )
    work.notice(QUEUE_TOPIC, printer.outlet_id)
    return job_id


async def _printer(work: Work, command: PrintPaper, outlet_id: str) -> PrinterCard:
    """The one asked for, else the register's own, else the only one of the outlet."""
    printer_id = command.printer_id or (await register_printing(work, command.register_id)).printer_id
    if printer_id is not None:
        printer = await rows.printer(work, printer_id)
        if printer.outlet_id != outlet_id:
            raise Refusal("PRINTER_ELSEWHERE", field="printerId")
        return printer
    printers = await rows.printers_of_outlet(work, outlet_id)
    if not printers:
        raise Refusal("PRINTER_NONE", field="printerId")
    if len(printers) > 1:
        raise Refusal("PRINTER_NOT_CHOSEN", field="printerId")
    return printers[0]
