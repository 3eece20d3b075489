"""What is wrong with a printer, shown on the status board of the registers that print on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.delivery.domain.printers import PrinterCard, Problem
from addons.delivery.services import rows
from addons.organization.api import Severity, report_status

if TYPE_CHECKING:
    from kernel.data.work import Work

SOURCE = "delivery.printer"
CODE_OK = "OK"
SILENT = "PRINT_AGENT_SILENT"  # jobs wait and nobody takes them
REGISTERS_MAX = 100  # of one printer
TEXT_MAX = 250

_WORKERS = "SELECT id FROM dlv_register WHERE printer_id = ? AND company_id = ? ORDER BY id LIMIT ?"
_SHOWN = (
    "SELECT problem, problem_since_ms, problem_registers FROM dlv_printer WHERE id = ? AND company_id = ?"
)


async def note_problem(
    work: Work, printer: PrinterCard, problem: Problem, text: str, register_id: str | None
) -> None:
    """The printer does not print now; whoever prints on it sees that."""
    known = await work.row(_SHOWN, printer.id, work.company_id)
    assert known is not None
    since_ms = known["problem_since_ms"] if known["problem"] == problem.value else work.now_ms
    registers = sorted(
        {*known["problem_registers"].split(), *await _workers(work, printer)}
        | ({register_id} if register_id else set())
    )
    await rows.change_printer(
        work,
        printer.id,
        problem=problem.value,
        problem_since_ms=since_ms,
        problem_text=text[:TEXT_MAX],
        problem_registers=" ".join(registers),
    )
    await show(work, registers, problem.value, Severity.ERROR, since_ms, printer)


async def clear_problem(work: Work, printer_id: str) -> None:
    """The printer prints, or is not asked to any more."""
    known = await work.row(_SHOWN, printer_id, work.company_id)
    if known is None or (known["problem"] is None and not known["problem_registers"]):
        return
    for register_id in known["problem_registers"].split():
        await report_status(
            work, register_id, source=SOURCE, severity=Severity.OK, code=CODE_OK, since_ms=work.now_ms
        )
    await rows.change_printer(
        work, printer_id, problem=None, problem_since_ms=None, problem_text="", problem_registers=""
    )


async def note_silence(work: Work, printer: PrinterCard, since_ms: int, jobs: int) -> None:
    """Jobs wait and no agent takes them."""
    registers = await _workers(work, printer)
    await rows.change_printer(work, printer.id, problem_registers=" ".join(registers))
    await show(work, registers, SILENT, Severity.WARNING, since_ms, printer, jobs=jobs)


async def show(
    work: Work,
    registers: list[str],
    code: str,
    severity: Severity,
    since_ms: int,
    printer: PrinterCard,
    **facts: int,
) -> None:
    """Put a line on the board of each register."""
    for register_id in registers:
        await report_status(
            work,
            register_id,
            source=SOURCE,
            severity=severity,
            code=code,
            since_ms=since_ms,
            facts={"printer": printer.name, **facts},
        )


async def _workers(work: Work, printer: PrinterCard) -> list[str]:
    found = await work.rows(_WORKERS, printer.id, work.company_id, REGISTERS_MAX)
    return [row["id"] for row in found]
