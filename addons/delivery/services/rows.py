"""The SQL of printers and print jobs, always of the principal's company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import JobState, PrintJob, PrintJobId
from addons.delivery.domain.printers import Encoding, PaperState, PrinterCard, PrinterId, Problem
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

PRINTER_COLUMNS = (
    "id, outlet_id, name, connection, columns, encoding, profile, has_knife, opens_drawer, is_local, "
    "problem, problem_since_ms, problem_text, paper, seen_ms"
)
JOB_COLUMNS = (
    "id, outlet_id, printer_id, register_id, number, kind, subject_id, copies, is_duplicate, "
    "is_possibly_printed, state, attempts, problem, holder, lease_until_ms, due_ms, created_ms, ended_ms"
)
SELECT_PRINTER = f"SELECT {PRINTER_COLUMNS} FROM dlv_printer"
SELECT_JOB = f"SELECT {JOB_COLUMNS} FROM dlv_job"


async def printer(reader: Reader, printer_id: str, *, field: str = "printerId") -> PrinterCard:
    """A printer in use. Raises Refusal("PRINTER_UNKNOWN")."""
    sql = f"{SELECT_PRINTER} WHERE id = ? AND company_id = ? AND removed_ms IS NULL"
    row = await reader.row(sql, printer_id, reader.company_id)
    if row is None:
        raise Refusal("PRINTER_UNKNOWN", field=field)
    return printer_card(row)


async def printers_of_outlet(reader: Reader, outlet_id: str, *, is_locked: bool = False) -> list[PrinterCard]:
    """Printers in use, oldest first; locked until the commit when asked."""
    lock = " FOR UPDATE" if is_locked and reader.dialect == "mysql" else ""
    sql = f"{SELECT_PRINTER} WHERE company_id = ? AND outlet_id = ? AND removed_ms IS NULL ORDER BY id{lock}"
    return [printer_card(row) for row in await reader.rows(sql, reader.company_id, outlet_id)]


async def job(reader: Reader, job_id: str) -> PrintJob:
    """A print job. Raises Refusal("PRINT_JOB_UNKNOWN")."""
    row = await reader.row(f"{SELECT_JOB} WHERE id = ? AND company_id = ?", job_id, reader.company_id)
    if row is None:
        raise Refusal("PRINT_JOB_UNKNOWN", field="jobId")
    return print_job(row)


async def open_jobs(reader: Reader, printer_id: str, limit: int) -> list[PrintJob]:
    """The first jobs of a printer's queue, in order."""
    sql = (
        f"{SELECT_JOB} WHERE printer_id = ? AND state IN ('queued', 'taken') AND company_id = ? "
        "ORDER BY number LIMIT ?"
    )
    return [print_job(row) for row in await reader.rows(sql, printer_id, reader.company_id, limit)]


async def change_printer(work: Work, printer_id: str, **values: Param) -> None:
    """Set columns of a printer."""
    await _change(work, "dlv_printer", printer_id, values)


async def change_job(work: Work, job_id: str, **values: Param) -> None:
    """Set columns of a job."""
    await _change(work, "dlv_job", job_id, values)


async def end_job(work: Work, job_id: str, state: JobState, **values: Param) -> None:
    """The job leaves the queue for good."""
    values |= {"holder": None, "lease_until_ms": None}
    await change_job(work, job_id, state=state.value, ended_ms=work.now_ms, **values)


async def _change(work: Work, table: str, row_id: str, values: dict[str, Param]) -> None:
    columns = ", ".join(f"{name} = ?" for name in values)
    sql = f"UPDATE {table} SET {columns} WHERE id = ? AND company_id = ?"
    await work.execute(sql, *values.values(), row_id, work.company_id)


def printer_card(row: SqlRow) -> PrinterCard:
    """A printer out of its row."""
    return PrinterCard(
        id=PrinterId(row["id"]),
        outlet_id=row["outlet_id"],
        name=row["name"],
        connection=row["connection"],
        columns=row["columns"],
        encoding=Encoding(row["encoding"]),
        profile=row["profile"],
        has_knife=bool(row["has_knife"]),
        opens_drawer=bool(row["opens_drawer"]),
        is_local=bool(row["is_local"]),
        problem=None if row["problem"] is None else Problem(row["problem"]),
        problem_since_ms=row["problem_since_ms"],
        problem_text=row["problem_text"],
        paper=PaperState(row["paper"]),
        seen_ms=row["seen_ms"],
    )


def print_job(row: SqlRow) -> PrintJob:
    """A job out of its row."""
    return PrintJob(
        id=PrintJobId(row["id"]),
        outlet_id=row["outlet_id"],
        printer_id=PrinterId(row["printer_id"]),
        register_id=row["register_id"],
        number=row["number"],
        kind=row["kind"],
        subject_id=row["subject_id"],
        copies=row["copies"],
        is_duplicate=bool(row["is_duplicate"]),
        is_possibly_printed=bool(row["is_possibly_printed"]),
        state=JobState(row["state"]),
        attempts=row["attempts"],
        problem=row["problem"],
        holder=row["holder"],
        lease_until_ms=row["lease_until_ms"],
        due_ms=row["due_ms"],
        created_ms=row["created_ms"],
        ended_ms=row["ended_ms"],
    )


def marks(values: Sequence[object]) -> str:
    """Placeholders for a list."""
    return ", ".join("?" * len(values))
