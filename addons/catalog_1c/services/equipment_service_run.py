"""One conversation of an equipment link with the EquipmentService of 1C: the price list in, reports of sales
out.

What we are about to ask is durable before we ask. A package whose answer was lost is not known to have been
served, so the transfer begins again from its first package; rows that are stored already are recognised by
their digests. A document whose answer was lost is posted again, the same, under the same UUID.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from addons.catalog_1c.domain.commands import ImportFiles
from addons.catalog_1c.domain.device_files import DeviceFormat, ReadOptions
from addons.catalog_1c.domain.equipment import LinkId, LinkSnapshot, ReportState
from addons.catalog_1c.models import EquipmentLink
from addons.catalog_1c.services.equipment_ports import EquipmentService, EquipmentTools, Package
from addons.catalog_1c.services.equipment_reports import (
    NoteReport,
    PlannedReport,
    note_posted,
    note_report,
    plan_report,
    take_report,
)
from addons.catalog_1c.services.import_files import import_files
from kernel.data.work import Work
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.security.principal import Principal

PACKAGES_MAX = 10_000  # of one transfer
PACKAGED_SINCE = 2000  # versions of the interface before this give the list in one answer
LIST_NAME = "PriceList"
_FAULT = "C1C_SERVICE_FAULT"


@dataclass(frozen=True, slots=True)
class NoteTransfer:
    """Where the transfer of the price list stands. is_over: nothing is left to fetch. is_lost: 1C knows it no
    more, so what it held is known again only from a full list."""

    link_id: LinkId
    transfer_id: str
    asked: int
    done: int
    is_over: bool = False
    is_lost: bool = False


async def note_transfer(work: Work, note: NoteTransfer) -> None:
    """Make it durable."""
    link = await EquipmentLink.get(id=note.link_id)
    link.transfer_id = "" if note.is_over else note.transfer_id
    link.package_asked, link.package_done = (0, 0) if note.is_over else (note.asked, note.done)
    link.wants_full = note.is_lost or (link.wants_full and not note.is_over)
    await link.save(update_fields=["transfer_id", "package_asked", "package_done", "wants_full"])


class ServiceRun:
    """One conversation."""

    def __init__(
        self,
        database: Database,
        principal: Principal,
        link: LinkSnapshot,
        *,
        service: EquipmentService,
        tools: EquipmentTools,
    ) -> None:
        self._database = database
        self._principal = principal
        self._link = link
        self._service = service
        self._tools = tools

    async def run(self) -> bool:
        """Talk; False when 1C has not formed its list yet and wants to be asked again.

        Raises Unavailable, and the Refusals of the service and of the import. Sales go out whatever becomes
        of the goods.
        """
        if not await self._service.connect():
            device_id = self._link.command.service.device_id if self._link.command.service else ""
            raise Refusal("C1C_SERVICE_DEVICE", value=device_id)
        refusal: Refusal | None = None
        is_ready = True
        try:
            is_ready = await self._fetch()
        except Refusal as error:
            refusal = error
        await self._post()
        if refusal is not None:
            raise refusal
        return is_ready

    async def _fetch(self) -> bool:
        link = self._link
        if await self._service.version() < PACKAGED_SINCE:
            await self._import(await self._service.price_list())
            return True
        transfer_id, done = link.transfer_id, link.package_done
        is_restart = link.package_asked != done
        if not transfer_id:
            transfer_id, done, is_restart = await self._service.prepare(is_full=link.wants_full), 0, False
            await self._note(transfer_id, asked=0, done=0)
        for _ in range(PACKAGES_MAX):
            if is_restart:
                done = 0
            await self._note(transfer_id, asked=done + 1, done=done)
            try:
                package = await self._service.package(transfer_id, is_restart=is_restart)
            except Refusal as refusal:
                if refusal.code == _FAULT:
                    await self._note("", asked=0, done=0, is_lost=True)
                raise
            if package.content is None:
                await self._note(transfer_id, asked=done, done=done)
                return False
            if package.number != done + 1:
                if is_restart:
                    raise Refusal("C1C_SERVICE_STRANGE", operation="GetPriceListPackage")
                is_restart = True  # one of them was served to nobody
                continue
            is_restart = False
            if self._tools.has_goods(package.content) or link.wants_full:
                await self._import(package.content)
            done = package.number
            await self._note(transfer_id, asked=done, done=done, is_over=_is_last(package))
            if _is_last(package):
                return True
        raise Refusal("C1C_SERVICE_STRANGE", operation="GetPriceListPackage")

    async def _import(self, content: bytes) -> None:
        command = self._link.command
        with tempfile.TemporaryDirectory(prefix="sauda-1c-") as folder:
            path = Path(folder) / f"{LIST_NAME}.xml"
            await asyncio.to_thread(path.write_bytes, content)
            await import_files(
                self._database,
                ImportFiles((path,), names=(LIST_NAME,), connection_id=self._link.connection_id),
                format=self._tools.goods(
                    DeviceFormat.EQUIPMENT, ReadOptions(command.encoding, command.taxes)
                ),
                principal=self._principal,
            )

    async def _post(self) -> None:
        planned = await self._database.transact(plan_report, self._link, principal=self._principal)
        while planned is not None:
            await self._post_shifts(planned)
            await self._database.transact(take_report, self._link, planned.id, principal=self._principal)
            if not planned.offer.is_more:
                return
            planned = await self._database.transact(plan_report, self._link, principal=self._principal)

    async def _post_shifts(self, planned: PlannedReport) -> None:
        for shift in planned.offer.shifts:
            key = f"{shift.facts.shift_id}:{shift.version}"
            if key in planned.posted:
                continue
            document = await asyncio.to_thread(self._tools.sale_report, shift, planned.options)
            reason = await self._service.post_sales(document)
            if reason is not None:
                note = NoteReport(planned.id, ReportState.REFUSED)
                await self._database.transact(note_report, self._link, note, principal=self._principal)
                raise Refusal("C1C_SERVICE_REFUSED", shift=shift.facts.number, reason=reason)
            await self._database.transact(note_posted, self._link, key, principal=self._principal)

    async def _note(
        self, transfer_id: str, *, asked: int, done: int, is_over: bool = False, is_lost: bool = False
    ) -> None:
        note = NoteTransfer(self._link.id, transfer_id, asked, done, is_over, is_lost)
        await self._database.transact(note_transfer, note, principal=self._principal)


def _is_last(package: Package) -> bool:
    return package.number >= package.total
