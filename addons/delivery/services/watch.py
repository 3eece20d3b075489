"""Looks after the print queue: jobs nobody takes, agents that went away with a job in hand, jobs too old."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import JobState
from addons.delivery.services.problems import note_silence
from addons.delivery.services.rows import SELECT_PRINTER, printer_card
from addons.delivery.services.topics import QUEUE_TOPIC
from addons.delivery.settings import DeliverySettings
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.work import Work

EVERY = timedelta(seconds=20)
TIDY_EVERY = timedelta(hours=1)
SILENT_AFTER_MS = 60_000
PRINTERS_MAX = 500  # looked after in one round
JOBS_MAX = 1_000  # deleted in one round

_EXPIRED = "SELECT id, outlet_id FROM dlv_job WHERE state = 'taken' AND lease_until_ms <= ? LIMIT ?"
_COME_BACK = (
    "UPDATE dlv_job SET state = 'queued', is_possibly_printed = 1, holder = NULL, lease_until_ms = NULL "
    "WHERE id = ? AND state = 'taken' AND lease_until_ms <= ?"
)
_WAITING = (
    "SELECT company_id, printer_id, MIN(created_ms) AS since_ms, COUNT(*) AS jobs FROM dlv_job "
    "WHERE state = 'queued' AND created_ms <= ? GROUP BY company_id, printer_id LIMIT ?"
)
_LATE = (
    "UPDATE dlv_job SET state = ?, ended_ms = ? "
    "WHERE printer_id = ? AND state = 'queued' AND created_ms <= ? AND company_id = ?"
)
_OLD = "SELECT id FROM dlv_job WHERE ended_ms < ? LIMIT ?"


async def watch(work: Work) -> None:
    """One round over all companies."""
    for row in await work.rows(_EXPIRED, work.now_ms, PRINTERS_MAX):
        await work.execute(_COME_BACK, row["id"], work.now_ms)
        work.notice(QUEUE_TOPIC, row["outlet_id"])
    for row in await work.rows(_WAITING, work.now_ms - SILENT_AFTER_MS, PRINTERS_MAX):
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as inner:
            await _look_at(inner, row["printer_id"], row["since_ms"], row["jobs"])


async def tidy(work: Work) -> None:
    """Forget jobs that ended long ago."""
    before_ms = work.now_ms - work.settings(DeliverySettings).keep_ms // timedelta(milliseconds=1)
    old = await work.rows(_OLD, before_ms, JOBS_MAX)
    await work.execute_many("DELETE FROM dlv_job WHERE id = ?", [(row["id"],) for row in old])


async def _look_at(work: Work, printer_id: str, since_ms: int, jobs: int) -> None:
    late_ms = work.now_ms - work.settings(DeliverySettings).late_ms // timedelta(milliseconds=1)
    if since_ms <= late_ms:
        await work.execute(_LATE, JobState.LATE.value, work.now_ms, printer_id, late_ms, work.company_id)
    found = await work.row(f"{SELECT_PRINTER} WHERE id = ? AND company_id = ?", printer_id, work.company_id)
    if found is None or found["problem"] is not None:
        return
    printer = printer_card(found)
    if printer.seen_ms is None or printer.seen_ms <= work.now_ms - SILENT_AFTER_MS:
        await note_silence(work, printer, since_ms, jobs)
