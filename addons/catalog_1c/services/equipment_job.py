"""The job of an equipment link and the schedule that asks for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from addons.catalog_1c.domain.equipment import LinkSnapshot, LinkWay
from addons.catalog_1c.models import EquipmentLink
from addons.catalog_1c.services.equipment_folder_run import FolderRun
from addons.catalog_1c.services.equipment_links import LINK_TOPIC, RUN_JOB, link_snapshot
from addons.catalog_1c.services.equipment_ports import EquipmentTools
from addons.catalog_1c.services.equipment_service_run import ServiceRun
from addons.catalog_1c.services.exchanges import lane_of
from addons.catalog_1c.settings import Catalog1cSettings
from addons.organization.api import find_company
from kernel.errors import Refusal, Unavailable
from kernel.ids import CompanyId
from kernel.jobs.policy import DONE, Again, Settled
from kernel.security.principal import SYSTEM, Principal

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

WATCH_EVERY = timedelta(seconds=5)
LINKS_MAX = 200  # asked to run in one round
NOT_FORMED_MS = 5_000  # 1C is forming its list
TRIES_MAX = 5  # of a silent service in one run; then the schedule begins another one
_BUSY = "C1C_IMPORT_RUNNING"
_OF_FILES = ("C1C_DEVICE_", "C1C_XML_", "C1C_FILE_")  # codes of what is wrong with a file of goods
_BUSY_MS = 3_000

_DUE = (
    "SELECT id, company_id, connection_id, way, folder, every_s FROM c1c_equipment_link"
    " WHERE is_enabled = 1 AND due_ms <= ? ORDER BY due_ms LIMIT ?"
)
_PUT_OFF = "UPDATE c1c_equipment_link SET due_ms = ? WHERE company_id = ? AND id = ?"


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run of a link. folder: of the link, None for a service."""

    database: Database
    principal: Principal
    link: LinkSnapshot
    folder: Path | None
    again: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """How the run ended; again_ms: it goes on after a while. has_read: goods came and were stored."""

    trouble: Refusal | Unavailable | None = None
    again_ms: int | None = None
    has_read: bool = True


class LinkJob:
    """Handler of `catalog_1c.equipment` jobs; body: the id of the link."""

    def __init__(self, tools: EquipmentTools) -> None:
        self._tools = tools

    async def prepare(self, work: Work, job: Job) -> RunPlan | Settled:
        """Read the link; nothing is to be done when it is gone or has no folder."""
        link = await link_snapshot(work, str(job.body["link"]))
        if link is None:
            return DONE
        folder: Path | None = None
        if link.command.way is LinkWay.FOLDER:
            root = work.settings(Catalog1cSettings).equipment_folder
            if not root or not link.command.folder:
                return DONE
            try:
                company = await find_company(work, link.company_id)
            except Refusal:  # closed meanwhile
                return DONE
            folder = Path(root) / company.bin / link.command.folder
        return RunPlan(
            database=work.database,
            principal=work.principal,
            link=link,
            folder=folder,
            again=bool(job.body.get("again")),
            attempts=job.attempts,
        )

    async def perform(self, plan: RunPlan) -> RunResult:
        """Look into the folder, or talk to 1C. Every outcome that people may meet is a result."""
        try:
            if plan.folder is not None:
                await asyncio.to_thread(make_folder, plan.folder)
                folder = self._tools.folder(plan.folder, plan.link.command.names, plan.link.command.format)
                run = FolderRun(
                    plan.database,
                    plan.principal,
                    plan.link,
                    folder=folder,
                    tools=self._tools,
                    again=plan.again,
                )
                await run.run()
                return RunResult(has_read=run.has_read)
            return await self._talk(plan)
        except Refusal as refusal:
            return RunResult(refusal, _BUSY_MS if refusal.code == _BUSY else None)
        except Unavailable as silence:
            again_ms = None if plan.attempts + 1 >= TRIES_MAX else NOT_FORMED_MS << plan.attempts
            return RunResult(silence, again_ms)

    async def settle(self, work: Work, job: Job, plan: RunPlan, result: RunResult) -> Settled:
        """Write what stands in the way now, if anything does."""
        link = await EquipmentLink.get_or_none(id=plan.link.id)
        if link is not None:
            trouble = result.trouble
            is_told = trouble is not None or result.has_read or not link.trouble_code.startswith(_OF_FILES)
            if is_told:  # a file that was refused stays the trouble until another one is read
                link.trouble_code = "" if trouble is None else trouble.code
                link.trouble_facts = "{}" if trouble is None else orjson.dumps(trouble.facts).decode()
            link.ran_at = work.now
            link.due_ms = work.now_ms + link.every_s * 1000
            await link.save(update_fields=["trouble_code", "trouble_facts", "ran_at", "due_ms"])
            work.notice(LINK_TOPIC, link.id)
        return DONE if result.again_ms is None else Again(result.again_ms)

    async def _talk(self, plan: RunPlan) -> RunResult:
        assert plan.link.command.service is not None
        service = self._tools.service(plan.link.command.service)
        try:
            run = ServiceRun(plan.database, plan.principal, plan.link, service=service, tools=self._tools)
            is_ready = await run.run()
        finally:
            await service.close()
        return RunResult(again_ms=None if is_ready else NOT_FORMED_MS)


async def watch_links(work: Work) -> None:
    """Ask every link whose time has come to run, unless it is at work still."""
    has_root = bool(work.settings(Catalog1cSettings).equipment_folder)
    for row in await work.rows(_DUE, work.now_ms, LINKS_MAX):
        due_ms = work.now_ms + row["every_s"] * 1000
        await work.execute(_PUT_OFF, due_ms, row["company_id"], row["id"])
        if row["way"] == LinkWay.FOLDER and not (has_root and row["folder"]):
            continue
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as own:
            lane = await own.lane(lane_of(row["connection_id"]), company_id=row["company_id"])
            if lane.length == 0 and not lane.is_blocked:
                lane.enqueue(RUN_JOB, {"link": row["id"], "again": False})


def make_folder(folder: Path) -> None:
    """The folder of a link, made when it is missing, under that of its company.

    Raises Refusal C1C_LINK_FOLDER; also when it is a link to somewhere else.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_elsewhere = folder.is_symlink() or folder.parent.is_symlink()
    except OSError as error:
        raise Refusal("C1C_LINK_FOLDER", reason=error.strerror or type(error).__name__) from error
    if is_elsewhere:
        raise Refusal("C1C_LINK_FILE_KIND", file=folder.name)
