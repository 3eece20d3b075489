"""One look of an equipment link into its folder: goods in, then the report of sales out.

Every step is its own transaction and may be repeated after a crash: goods are recognised by their digests, a
report by its number. A report that may have left is never made again under its number, so that a mark of 1C
always speaks of the bytes that were offered.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from addons.catalog_1c.domain.commands import ImportFiles
from addons.catalog_1c.domain.device_files import ReadOptions
from addons.catalog_1c.domain.equipment import LinkSnapshot, ReportState, TakenWhen
from addons.catalog_1c.services.equipment_absent import archive_absent
from addons.catalog_1c.services.equipment_ports import (
    DeviceFolder,
    EquipmentTools,
    FoundReport,
    ReportRequest,
)
from addons.catalog_1c.services.equipment_reports import (
    NoteReport,
    StandingReport,
    note_report,
    plan_report,
    standing_report,
    take_report,
)
from addons.catalog_1c.services.import_files import import_files
from addons.catalog_1c.services.sales_out import forget_acknowledgements
from kernel.clock import to_ms
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.security.principal import Principal

# Nothing is said about the file itself: it stays claimed, and the next look tries again.
_LATER = frozenset({"C1C_IMPORT_RUNNING", "C1C_FILE_UNREADABLE"})
_ZONES_MS = 6 * 3_600_000  # a day of an outlet begins so much before the day of UTC, at most
REREADS_MAX = 3  # of a goods file that is written to while it is read; then the next look goes on


class FolderRun:
    """One look. again: write the standing report once more. has_read: a file of goods was stored."""

    def __init__(
        self,
        database: Database,
        principal: Principal,
        link: LinkSnapshot,
        *,
        folder: DeviceFolder,
        tools: EquipmentTools,
        again: bool = False,
    ) -> None:
        self._database = database
        self._principal = principal
        self._link = link
        self._folder = folder
        self._tools = tools
        self._again = again
        self.has_read = False

    async def run(self) -> None:
        """Take what came, tell what was sold. Raises the Refusal that people have to know of.

        A goods file that was refused does not keep the report back.
        """
        refusal: Refusal | None = None
        try:
            await self.take_goods()
        except Refusal as error:
            refusal = error
        await self.tell_sales()
        if refusal is not None:
            raise refusal

    async def take_goods(self) -> None:
        """Import the goods file, if there is a whole and unread one. Raises the Refusals of the import."""
        for _ in range(REREADS_MAX):
            claim = await asyncio.to_thread(self._folder.claim_goods)
            if claim is None:
                return
            refusal: Refusal | None = None
            try:
                await self._import(claim.path)
            except Refusal as error:
                if error.code in _LATER:
                    raise
                refusal = error
            is_done = await asyncio.to_thread(self._folder.finish_goods, claim, is_taken=refusal is None)
            if is_done and refusal is not None:
                raise refusal
            if is_done:
                return

    async def _import(self, path: Path) -> None:
        link = self._link
        command = link.command
        format = self._tools.goods(command.format, ReadOptions(command.encoding, command.taxes))
        asked = ImportFiles((path,), names=(command.names.goods,), connection_id=link.connection_id)
        result = await import_files(self._database, asked, format=format, principal=self._principal)
        self.has_read = True
        present = format.named_by_full_load
        if present is not None and command.archives_absent:
            await archive_absent(
                self._database,
                self._principal,
                connection_id=link.connection_id,
                session_id=result.session_id,
                present=present,
            )

    async def tell_sales(self) -> None:
        """Write the next report when 1C has taken the one before. Raises Refusals C1C_REPORT_LOST,
        C1C_REPORT_FOREIGN."""
        request = await asyncio.to_thread(self._folder.request)
        found = await asyncio.to_thread(self._folder.report)
        standing = await self._standing()
        if standing is not None and await self._is_taken(standing, found):
            await self._database.transact(take_report, self._link, standing.id, principal=self._principal)
            standing = None
        is_asked = self._again or request is not None
        if standing is not None and not is_asked and not await self._may_write(standing, found):
            return
        if standing is None and found is not None and not found.is_taken and not is_asked:
            raise Refusal("C1C_REPORT_FOREIGN", file=self._link.command.names.report)
        await self._write(request, is_asked=is_asked)

    async def _is_taken(self, standing: StandingReport, found: FoundReport | None) -> bool:
        if found is None:
            is_out = standing.state is ReportState.WRITTEN
            return is_out and self._link.command.taken_when is TakenWhen.REMOVED
        return found.is_taken and _is_of(standing, found)

    async def _may_write(self, standing: StandingReport, found: FoundReport | None) -> bool:
        """True when the standing report surely has not left; notes what is known of it."""
        if found is not None and _is_of(standing, found):
            if standing.state is not ReportState.WRITTEN:
                await self._note(standing, ReportState.WRITTEN)
            return False
        if standing.state is ReportState.PLANNED:
            is_removed = self._link.command.taken_when is TakenWhen.REMOVED
            if found is None and not (is_removed and standing.may_have_left):
                return True
        if standing.state is not ReportState.LOST:
            await self._note(standing, ReportState.LOST)
        raise Refusal("C1C_REPORT_LOST", number=standing.number, file=self._link.command.names.report)

    async def _write(self, request: ReportRequest | None, *, is_asked: bool) -> None:
        link, principal = self._link, self._principal
        if is_asked:
            await self._take_away()
        if request is not None and request.since is not None:
            since = to_ms(datetime.combine(request.since, datetime.min.time(), tzinfo=UTC)) - _ZONES_MS
            await self._database.transact(
                forget_acknowledgements, link.connection_id, since, principal=principal
            )
        planned = await self._database.transact(
            plan_report, link, is_asked=request is not None, principal=principal
        )
        if planned is not None:
            written = await asyncio.to_thread(
                self._tools.write, link.command.format, planned.offer.shifts, planned.head, planned.options
            )
            note = NoteReport(
                planned.id,
                ReportState.PLANNED,
                transactions=written.transactions,
                digest=sha256(written.content).hexdigest(),
                unknown_lines=written.unknown_lines,
                purchases=written.purchases,
            )
            await self._database.transact(note_report, link, note, principal=principal)
            await asyncio.to_thread(self._folder.write_report, written.content)
            note = NoteReport(planned.id, ReportState.WRITTEN)
            await self._database.transact(note_report, link, note, principal=principal)
        if request is not None:
            await asyncio.to_thread(self._folder.drop_request)

    async def _take_away(self) -> None:
        """The report file makes way for another one; a mark that 1C has put on it meanwhile counts."""
        found = await asyncio.to_thread(self._folder.remove_report)
        standing = await self._standing()
        if found is not None and standing is not None and found.is_taken and _is_of(standing, found):
            await self._database.transact(take_report, self._link, standing.id, principal=self._principal)

    async def _standing(self) -> StandingReport | None:
        async with self._database.reading(self._principal) as reader:
            return await standing_report(reader, self._link)

    async def _note(self, standing: StandingReport, state: ReportState) -> None:
        note = NoteReport(standing.id, state)
        await self._database.transact(note_report, self._link, note, principal=self._principal)


def _is_of(standing: StandingReport, found: FoundReport) -> bool:
    return found.number is None or found.number == standing.number
