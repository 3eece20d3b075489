"""The job of one received file: an archive is unpacked, a file with goods imported, one with orders kept.

It may run again from the start after its process died: the import goes on in the same session, and rows that
were stored are recognised by their digests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from addons.catalog.api import PICTURE_BYTES_MAX
from addons.catalog_1c.domain.choices import read_choices
from addons.catalog_1c.domain.commands import ConnectionId, ImportFiles, SessionId
from addons.catalog_1c.domain.exchange import StoredEntry, UnpackLimits
from addons.catalog_1c.models import (
    Connection,
    Exchange,
    ExchangeFile,
    ExchangeKind,
    FileKind,
    FileState,
    ImportSession,
    SessionState,
)
from addons.catalog_1c.services.awaited_pictures import IN_LIST, is_awaited
from addons.catalog_1c.services.exchanges import (
    EXCHANGE_TOPIC,
    FILES_MAX,
    PICTURES_JOB,
    note_refusal,
    pictures_lane_of,
)
from addons.catalog_1c.services.import_files import import_files
from addons.catalog_1c.services.keep_pictures import TOO_LARGE
from addons.catalog_1c.services.ports import CatalogueFormat, Shelf
from addons.catalog_1c.settings import Catalog1cSettings
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.jobs.policy import DONE, Again, Settled
from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

BUSY_AGAIN_MS = 3_000  # while the same base is imported by a command
RUNS_MAX = 4  # of one file whose import breaks off each time; a lane is blocked after five faults
_NOT_GOODS = "C1C_NOTHING_TO_IMPORT"
_WAITS = "C1C_IMPORT_RUNNING"

ShelfMaker = Callable[[Catalog1cSettings], Shelf]


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What to do with a file. paths: of an archive with its place; of an import the file under its name."""

    database: Database
    principal: Principal
    shelf: Shelf
    path: Path
    name: str
    kind: FileKind
    is_of_sales: bool
    limits: UnpackLimits
    connection_id: ConnectionId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class FileResult:
    """entries: of an archive. refusal: why the file was not taken."""

    digest: str = ""
    entries: Sequence[StoredEntry] = ()
    refusal: Refusal | None = None


class FileJob:
    """Handler of `catalog_1c.file` jobs; body: the id of the file."""

    def __init__(self, format: CatalogueFormat, shelf_of: ShelfMaker) -> None:
        self._format = format
        self._shelf_of = shelf_of

    async def prepare(self, work: Work, job: Job) -> FilePlan | Settled:
        """Note that the file is being looked into; nothing is left to do when it is over."""
        file = await ExchangeFile.get_or_none(id=str(job.body["file"]))
        if file is None or file.state not in (FileState.QUEUED, FileState.RUNNING):
            return DONE
        file.runs += 1
        if file.runs > RUNS_MAX:
            await self._give_up(work, file)
            return DONE
        exchange = await Exchange.get(id=file.exchange_id)
        file.state = FileState.RUNNING
        file.session_id = file.session_id or new_id()
        await file.save(force_update=True)
        settings = work.settings(Catalog1cSettings)
        shelf = self._shelf_of(settings)
        return FilePlan(
            database=work.database,
            principal=work.principal,
            shelf=shelf,
            path=shelf.path(file.connection_id, file.id),
            name=file.name,
            kind=file.kind,
            is_of_sales=exchange.kind is ExchangeKind.SALE,
            limits=UnpackLimits(
                settings.entries_max,
                settings.session_bytes_max,
                settings.ratio_max,
                pictures_max=await _room_for_pictures(exchange),
                picture_bytes_max=PICTURE_BYTES_MAX,
            ),
            connection_id=ConnectionId(file.connection_id),
            session_id=SessionId(file.session_id),
        )

    async def perform(self, plan: FilePlan) -> FileResult:
        """Unpack or import; a refusal is a result."""
        digest = await asyncio.to_thread(plan.shelf.digest, plan.path)
        if not digest:
            return FileResult(refusal=Refusal("C1C_FILE_GONE", file=plan.name[:80]))
        try:
            if plan.kind is FileKind.ARCHIVE:
                entries = await asyncio.to_thread(plan.shelf.unpack, plan.path, plan.limits)
                return FileResult(digest, entries)
            if plan.is_of_sales:
                await asyncio.to_thread(self._look_at_orders, plan)
            else:
                await self._import(plan)
        except Refusal as refusal:
            return FileResult(digest, refusal=refusal)
        return FileResult(digest)

    async def settle(self, work: Work, job: Job, plan: FilePlan, result: FileResult) -> Settled:
        """Write what became of it, and the files an archive brought."""
        file = await ExchangeFile.get(id=str(job.body["file"]))
        work.notice(EXCHANGE_TOPIC, file.exchange_id)
        refusal = result.refusal
        if refusal is not None and refusal.code == _WAITS:
            file.runs, file.state = 0, FileState.QUEUED
            await file.save(force_update=True)
            return Again(BUSY_AGAIN_MS)
        file.digest, file.finished_at = result.digest, work.now
        file.state = FileState.DONE if refusal is None else FileState.REFUSED
        if refusal is not None:
            note_refusal(file, refusal)
        await file.save(force_update=True)
        await self._write_entries(work, file, result.entries)
        return DONE

    async def _give_up(self, work: Work, file: ExchangeFile) -> None:
        """Every run broke off: say so, so that nobody waits for ever."""
        refusal = Refusal("C1C_IMPORT_BROKE", file=file.name[:80])
        file.state, file.finished_at = FileState.REFUSED, work.now
        note_refusal(file, refusal)
        await file.save(force_update=True)
        await ImportSession.filter(id=file.session_id, state=SessionState.RUNNING).update(
            state=SessionState.REFUSED, refusal_code=refusal.code, finished_at=work.now
        )
        work.notice(EXCHANGE_TOPIC, file.exchange_id)

    def _look_at_orders(self, plan: FilePlan) -> None:
        """Orders are kept for people; only a file that is broken or unsafe is refused."""
        try:
            self._format.look(plan.path)
        except Refusal as refusal:
            if refusal.code != _NOT_GOODS:
                raise

    async def _import(self, plan: FilePlan) -> None:
        command = ImportFiles(
            (plan.path,),
            names=(plan.name,),
            connection_id=plan.connection_id,
            session_id=plan.session_id,
        )
        await import_files(
            plan.database, command, format=self._format, principal=plan.principal, shelf=plan.shelf
        )

    async def _write_entries(self, work: Work, archive: ExchangeFile, entries: Sequence[StoredEntry]) -> None:
        known = {each.name for each in await ExchangeFile.filter(archive_id=archive.id)}
        taken = [each for each in entries if each.is_picture and each.name not in known]
        await _write_pictures(work, archive, taken)
        pictures = 0
        for entry in entries:
            if not entry.file_id:
                pictures += 1
            elif entry.name not in known and not entry.is_picture:
                await ExchangeFile(
                    id=entry.file_id,
                    company_id=work.company_id,
                    exchange_id=archive.exchange_id,
                    connection_id=archive.connection_id,
                    archive_id=archive.id,
                    name=entry.name,
                    generation=archive.generation,
                    kind=FileKind.XML,
                    state=FileState.RECEIVED,
                    bytes=entry.bytes,
                    digest=entry.digest,
                    refusal_facts="{}",
                    received_ms=work.now_ms,
                ).save(force_create=True)
        if pictures:
            await work.execute(
                "UPDATE c1c_exchange SET pictures = pictures + ? WHERE company_id = ? AND id = ?",
                pictures,
                work.company_id,
                archive.exchange_id,
            )


async def _room_for_pictures(exchange: Exchange) -> int:
    """How many pictures of an archive are taken; none when the connection wants none, or of orders."""
    connection = await Connection.get(id=exchange.connection_id)
    if exchange.kind is ExchangeKind.SALE or not read_choices(connection.choices).takes_pictures:
        return 0
    return max(0, FILES_MAX - await ExchangeFile.filter(exchange_id=exchange.id, is_picture=True).count())


_PICTURE_COLUMNS = (
    "id", "company_id", "exchange_id", "connection_id", "archive_id", "name", "generation", "kind", "state",
    "bytes", "digest", "refusal_code", "refusal_facts", "is_kept", "runs", "received_ms", "is_picture",
)  # fmt: skip
_INSERT_PICTURE = (
    f"INSERT INTO c1c_file ({', '.join(_PICTURE_COLUMNS)}) VALUES ({', '.join('?' * len(_PICTURE_COLUMNS))})"
)


async def _write_pictures(work: Work, archive: ExchangeFile, entries: Sequence[StoredEntry]) -> None:
    """Pictures of an archive; those that were too large with the reason. Goods that wait for one are told."""
    names = [each.name for each in entries]
    slices = (names[start : start + IN_LIST] for start in range(0, len(names), IN_LIST))
    is_wanted = False
    for each in slices:
        is_wanted = is_wanted or await is_awaited(work, archive.connection_id, each)
    if is_wanted:
        lane = await work.lane(pictures_lane_of(archive.connection_id), company_id=work.company_id)
        lane.enqueue(PICTURES_JOB, {"connection": archive.connection_id, "name": ""})
    facts = orjson.dumps({"max": PICTURE_BYTES_MAX // 1024**2}).decode()
    rows = []
    for entry in entries:
        is_whole = bool(entry.file_id)
        rows.append(
            (
                entry.file_id or new_id(),
                work.company_id,
                archive.exchange_id,
                archive.connection_id,
                archive.id,
                entry.name,
                archive.generation,
                FileKind.OTHER.value,
                (FileState.RECEIVED if is_whole else FileState.CUT).value,
                entry.bytes if is_whole else 0,
                entry.digest,
                "" if is_whole else TOO_LARGE,
                "{}" if is_whole else facts,
                int(is_whole),
                0,
                work.now_ms,
                1,
            )
        )
    await work.execute_many(_INSERT_PICTURE, rows)
