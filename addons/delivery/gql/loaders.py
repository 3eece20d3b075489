"""Batches for DataLoaders: one statement each, as far as the caller may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import RECEIPT, PrintJob
from addons.delivery.domain.printers import PrinterCard
from addons.delivery.services.printers import RegisterPrinting
from addons.delivery.services.rows import SELECT_JOB, SELECT_PRINTER, marks, print_job, printer_card

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def printer_by_id(reader: Reader, keys: Sequence[str]) -> list[PrinterCard | None]:
    """Printers in use."""
    sql = f"{SELECT_PRINTER} WHERE id IN ({marks(keys)}) AND company_id = ? AND removed_ms IS NULL"
    found = {row["id"]: printer_card(row) for row in await reader.rows(sql, *keys, reader.company_id)}
    return [found.get(key) for key in keys]


async def printers_by_outlet(reader: Reader, keys: Sequence[str]) -> list[list[PrinterCard]]:
    """Printers in use of each outlet, oldest first."""
    sql = (
        f"{SELECT_PRINTER} WHERE outlet_id IN ({marks(keys)}) AND company_id = ? AND removed_ms IS NULL "
        "ORDER BY id"
    )
    found: dict[str, list[PrinterCard]] = defaultdict(list)
    for row in await reader.rows(sql, *keys, reader.company_id):
        found[row["outlet_id"]].append(printer_card(row))
    return [found[key] for key in keys]


async def job_by_id(reader: Reader, keys: Sequence[str]) -> list[PrintJob | None]:
    """Print jobs of registers within the caller's reach."""
    sql = f"{SELECT_JOB} WHERE id IN ({marks(keys)}) AND company_id = ?"
    found = {row["id"]: print_job(row) for row in await reader.rows(sql, *keys, reader.company_id)}
    return [job if job is None or _reaches(reader, job) else None for job in map(found.get, keys)]


async def jobs_by_sale(reader: Reader, keys: Sequence[str]) -> list[list[PrintJob]]:
    """Print jobs of each receipt, oldest first."""
    sql = f"{SELECT_JOB} WHERE company_id = ? AND kind = ? AND subject_id IN ({marks(keys)}) ORDER BY id"
    found: dict[str, list[PrintJob]] = defaultdict(list)
    for row in await reader.rows(sql, reader.company_id, RECEIPT, *keys):
        found[row["subject_id"]].append(print_job(row))
    return [found[key] for key in keys]


async def printing_by_register(reader: Reader, keys: Sequence[str]) -> list[RegisterPrinting]:
    """What each register does with its receipts."""
    sql = f"""SELECT id, printer_id, prints_receipts, copies FROM dlv_register
              WHERE id IN ({marks(keys)}) AND company_id = ?"""
    found = {
        row["id"]: RegisterPrinting(row["printer_id"], bool(row["prints_receipts"]), row["copies"])
        for row in await reader.rows(sql, *keys, reader.company_id)
    }
    return [found.get(key, RegisterPrinting()) for key in keys]


def _reaches(reader: Reader, job: PrintJob) -> bool:
    allowed = reader.principal.register_ids
    return allowed is None or job.register_id in allowed
