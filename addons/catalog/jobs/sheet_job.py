"""The job that works on an uploaded file of goods, turn by turn, and the one that throws old files away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from addons.catalog.services.sheet_imports import SheetImportId, SheetTask, begin_turn
from addons.catalog.services.sheet_ports import SheetFormats, sheet_path, sweep_sheets
from addons.catalog.services.sheet_run import Ran, SheetRun
from addons.catalog.settings import CatalogSettings
from kernel.data.database import Database
from kernel.jobs.policy import DONE, Again, Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

SWEEP_JOB = "catalog.sweep_sheets"
SWEEP_EVERY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One turn of work on one file."""

    database: Database
    task: SheetTask
    path: Path


class SheetJob:
    """JobHandler in three phases; the transactions of its batches are its own."""

    is_prepared_at_once = False

    def __init__(self, formats: SheetFormats) -> None:
        self._formats = formats

    async def prepare(self, work: Work, job: Job) -> SheetPlan | Settled:
        """Read what is to be done; nothing is when the import was stopped or is given up."""
        task = await begin_turn(work, SheetImportId(str(job.body["import_id"])))
        if task is None:
            return DONE
        folder = work.settings(CatalogSettings).sheets_folder
        return SheetPlan(work.database, task, sheet_path(folder, task.company_id, task.import_id))

    async def perform(self, plan: SheetPlan) -> Ran:
        """Work for a turn."""
        return await SheetRun(plan.database, plan.task, plan.path, formats=self._formats).run()

    async def settle(self, work: Work, job: Job, plan: SheetPlan, result: Ran) -> Settled:
        """Go on, or be done."""
        return Again(0) if result is Ran.NOT_YET else DONE


class SweepJob:
    """JobHandler that throws away files of sheets nobody will read any more."""

    is_prepared_at_once = False

    async def prepare(self, work: Work, job: Job) -> str:
        """The folder."""
        return work.settings(CatalogSettings).sheets_folder

    async def perform(self, plan: str) -> int:
        """Sweep it."""
        return await asyncio.to_thread(sweep_sheets, plan)

    async def settle(self, work: Work, job: Job, plan: str, result: int) -> Settled:
        """Nothing is written down."""
        return DONE


async def order_sweep(work: Work) -> None:
    """Schedule: one sweep at a time."""
    lane = await work.lane(SWEEP_JOB, company_id=None)
    if not lane.length:
        lane.enqueue(SWEEP_JOB, {})
