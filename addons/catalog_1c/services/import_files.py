"""The import of a set of files: first look at all of them, then batch after batch, each in its own
transaction.

Files are read in a thread of their own, beside a database server while it works on the batch before. Running
the same files again changes nothing; an import that was cut off is finished by running it again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from addons.catalog.api import (
    Aspect,
    GoodsRow,
    SourceKey,
    has_source_groups,
    known_digests,
    today,
    vat_table,
)
from addons.catalog_1c.domain.commands import (
    ImportFiles,
    ImportResult,
    OpenSession,
    Progress,
    ProgressListener,
)
from addons.catalog_1c.domain.encoding import properties_text, with_records
from addons.catalog_1c.domain.prices import PriceChoice
from addons.catalog_1c.domain.records import Batch, Extras, FileCard, Part, Warehouse
from addons.catalog_1c.domain.report import PICTURE_WAITS, ImportReport, Note
from addons.catalog_1c.services.awaited_pictures import still_awaited
from addons.catalog_1c.services.keep_pictures import FolderKeeper, PictureKeeper, ReceivedKeeper
from addons.catalog_1c.services.map_row import RowMapper
from addons.catalog_1c.services.ports import CatalogueFile, CatalogueFormat, Shelf
from addons.catalog_1c.services.sessions import (
    SEEN_EVERY_S,
    CloseSession,
    OpenedSession,
    close_session,
    open_session,
    touch_session,
)
from addons.catalog_1c.services.store_batch import BatchOutcome, StoreBatch, WouldBe, store_batch
from kernel.data.database import Database
from kernel.errors import Refusal
from kernel.security.principal import Principal

# In one transaction: on SQLite the writer is the event loop itself, so a batch is also the longest wait of a
# sale.
BATCH_ROWS = 500
FILES_MAX = 1_000  # in one import
DRY_ROWS_MAX = 200_000  # new goods a dry run remembers

NO_PICTURES = "no pictures"

T = TypeVar("T")


async def import_files(
    database: Database,
    command: ImportFiles,
    *,
    format: CatalogueFormat,
    principal: Principal,
    progress: ProgressListener | None = None,
    shelf: Shelf | None = None,
    picture_folders: Sequence[Path] = (),
) -> ImportResult:
    """Import the files into the company of the principal and say what became of every row.

    shelf: where pictures of the connection are received. picture_folders: where names of pictures begin that
    lie on this machine. Without either nobody looks for pictures.

    Goods go before offers whatever the order of the files. Nothing at all is stored when any file is broken,
    unsafe or of another format. Raises the Refusals of the format and of open_session, C1C_NO_FILES,
    C1C_FILES_TOO_MANY, C1C_PRICE_TYPE_NOT_CHOSEN and C1C_PRICE_TYPE_UNKNOWN; a refusal after the session
    began is kept in its report.
    """
    if not command.paths:
        raise Refusal("C1C_NO_FILES")
    if len(command.paths) > FILES_MAX:
        raise Refusal("C1C_FILES_TOO_MANY", max=FILES_MAX)
    names = command.names or tuple(path.name for path in command.paths)
    opened = await database.transact(
        open_session,
        OpenSession(
            connection=command.connection,
            price_type=command.price_type,
            default_vat=command.default_vat,
            files=names,
            connection_id=command.connection_id,
            session_id=command.session_id,
            is_dry=command.is_dry,
        ),
        principal=principal,
    )
    run = _Run(
        database,
        opened,
        format=format,
        principal=principal,
        progress=progress,
        is_dry=command.is_dry,
        keeper=_keeper(database, opened, shelf, picture_folders, principal=principal)
        if opened.options.takes_pictures and not command.is_dry
        else None,
    )
    refusal: Refusal | None = None
    try:
        await run.read_all(command)
        await run.keep_pictures()
    except Refusal as error:
        refusal = _renamed(error, command.paths, names)
    waiting = await database.transact(close_session, run.closing(refusal), principal=principal)
    if refusal is not None:
        raise refusal
    return ImportResult(opened.session_id, opened.connection_id, names, run.report, waiting)


class _Run:
    """One import on its way."""

    def __init__(
        self,
        database: Database,
        opened: OpenedSession,
        *,
        format: CatalogueFormat,
        principal: Principal,
        progress: ProgressListener | None,
        is_dry: bool,
        keeper: PictureKeeper | None,
    ) -> None:
        self.report = ImportReport()
        self._would_create: set[str] | None = set() if is_dry else None
        self._database = database
        self._opened = opened
        self._format = format
        self._principal = principal
        self._listener = progress
        self._keeper = keeper
        self._progress = Progress(report=self.report)
        self._properties = dict(opened.properties)
        self._prices = PriceChoice(opened.options.price_type, opened.price_types)
        self._warehouses: list[Warehouse] = []
        self._waiting = opened.waiting
        self._seen = database.clock.monotonic()
        self._bytes_before = 0

    def closing(self, refusal: Refusal | None) -> CloseSession:
        """How the import ended."""
        total = self._progress.bytes_total
        declared = self._prices.declared
        return CloseSession(
            self._opened.session_id, self.report, refusal, total, declared, tuple(self._warehouses)
        )

    async def read_all(self, command: ImportFiles) -> None:
        """Look at every file, then read them, those with goods first."""
        # One thread: elements of a parser may not be touched by two threads at once.
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-1c") as thread:
            self._thread = thread
            cards = [await self._in_thread(partial(self._format.look, path)) for path in command.paths]
            self._progress.bytes_total = sum(card.bytes for card in cards)
            for card in sorted(cards, key=_order):
                await self._read(card)
                self._bytes_before += card.bytes

    async def keep_pictures(self) -> None:
        """Give the goods of the connection their pictures that have come; say which have not."""
        if self._keeper is None:
            return
        opened = self._opened
        async for notes in self._keeper.keep(session_id=opened.session_id):
            for note in notes:
                self.report.settle_picture(note)
            await self._touch()
        async with self._database.reading(self._principal) as reader:
            count, waiting = await still_awaited(reader, opened.session_id)
        for note in waiting:
            self.report.settle_picture(note)
        self.report.pictures_left += count - len(waiting)
        self.report.reasons[PICTURE_WAITS] += count - len(waiting)
        self.report.reasons += Counter()  # zeros go

    async def _read(self, card: FileCard) -> None:
        options = self._opened.options
        async with self._database.reading(self._principal) as reader:
            tells_groups = await has_source_groups(reader, SourceKey(self._opened.connection_id))
            mapper = RowMapper(options, prices=self._prices, table=vat_table(reader), day=today(reader))
        mapper.tells_groups = tells_groups
        mapper.takes_pictures = self._keeper is not None
        self._progress.file = card.path
        # Rows that were read without looking for pictures are read again once somebody looks.
        blind = NO_PICTURES if self._keeper is None else ""
        salt = options.salt(more=properties_text(self._properties) + blind)
        file = await self._in_thread(
            lambda: self._format.open(
                card, salt=salt, names=options.all_names(), known_properties=self._properties
            )
        )
        try:
            batch = await self._in_thread(lambda: file.next_batch(BATCH_ROWS))
            while batch is not None:
                batch = await self._one(file, batch, mapper)
        finally:
            await self._in_thread(file.close)

    async def _one(self, file: CatalogueFile, batch: Batch, mapper: RowMapper) -> Batch | None:
        """Store a batch and read the next one; the next one."""
        self._take_preamble(batch)
        if batch.is_offers and batch.has_price_types:
            self._prices.settle()
        rows = await self._changed_rows(file, batch, mapper)
        extras, mapper.extras = mapper.extras, {}
        if self._database.dialect == "sqlite":
            # SQLite works in this very process: reading beside it would only fight over the interpreter's
            # lock.
            outcome = await self._store(batch, rows, extras)
            ahead = await self._in_thread(lambda: file.next_batch(BATCH_ROWS))
        else:
            reading = asyncio.ensure_future(self._in_thread(lambda: file.next_batch(BATCH_ROWS)))
            try:
                outcome = await self._store(batch, rows, extras)
            finally:
                await asyncio.wait([reading])
            ahead = reading.result()
        self._count(batch, rows, outcome, mapper)
        await self._tell(batch)
        return ahead

    async def _changed_rows(self, file: CatalogueFile, batch: Batch, mapper: RowMapper) -> list[GoodsRow]:
        """Rows whose digest the catalogue does not have; the others are not even looked into."""
        async with self._database.reading(self._principal) as reader:
            known = await known_digests(
                reader,
                SourceKey(self._opened.connection_id),
                batch.external_ids,
                aspect=Aspect.OFFER if batch.is_offers else Aspect.CARD,
            )
        wanted = [
            place
            for place, (external_id, digest) in enumerate(zip(batch.external_ids, batch.digests, strict=True))
            if known.get(external_id) != digest
        ]
        if not wanted:
            return []
        return await self._in_thread(lambda: [mapper.row(record) for record in file.records(wanted)])

    async def _store(
        self, batch: Batch, rows: Sequence[GoodsRow], extras: Mapping[str, Extras]
    ) -> BatchOutcome:
        preamble = batch.preamble
        if not rows and preamble.is_empty:
            return BatchOutcome()
        command = StoreBatch(
            connection_id=self._opened.connection_id,
            session_id=self._opened.session_id,
            groups=preamble.groups,
            rows=rows,
            waiting=self._waiting,
            properties=self._properties if preamble.properties else None,
            price_types=self._prices.declared if preamble.price_types else None,
            would_create=self._would_create,
            extras=extras,
        )
        try:
            return await self._database.transact(store_batch, command, principal=self._principal)
        except WouldBe as dry:
            assert self._would_create is not None
            self._would_create.update(dry.outcome.new_ids)
            if len(self._would_create) > DRY_ROWS_MAX:
                raise Refusal("C1C_DRY_TOO_LARGE", max=DRY_ROWS_MAX) from None
            return dry.outcome

    def _take_preamble(self, batch: Batch) -> None:
        self._properties = with_records(self._properties, batch.preamble.properties)
        self._prices.declare(batch.preamble.price_types)
        self._warehouses.extend(batch.preamble.warehouses)

    def _count(
        self, batch: Batch, rows: Sequence[GoodsRow], outcome: BatchOutcome, mapper: RowMapper
    ) -> None:
        report = self.report
        report.read += len(batch) + batch.nameless
        report.unchanged += len(batch) - len(rows) + outcome.unchanged
        report.created += outcome.created
        report.updated += outcome.updated
        report.archived += outcome.archived
        report.pending += outcome.held
        report.attached += outcome.attached
        report.groups_created += outcome.groups_created
        report.groups_updated += outcome.groups_updated
        report.prices += outcome.prices
        report.stock += outcome.stock
        report.pictures_left += outcome.pictures_left
        report.add(Note("C1C_ID_MISSING", "", is_skip=True) for _ in range(batch.nameless))
        report.add(batch.notes)
        report.add(mapper.notes)
        report.add(outcome.notes)
        mapper.notes.clear()
        self._waiting += outcome.held - outcome.attached

    async def _tell(self, batch: Batch) -> None:
        self._progress.bytes_read = self._bytes_before + batch.bytes_read
        await self._touch()

    async def _touch(self) -> None:
        if self._listener is not None:
            self._listener(self._progress)
        now = self._database.clock.monotonic()
        if now - self._seen >= SEEN_EVERY_S:
            self._seen = now
            await self._database.transact(
                touch_session, self._opened.session_id, self._progress, principal=self._principal
            )

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _keeper(
    database: Database,
    opened: OpenedSession,
    shelf: Shelf | None,
    folders: Sequence[Path],
    *,
    principal: Principal,
) -> PictureKeeper | None:
    if shelf is not None:
        return ReceivedKeeper(database, shelf, opened.connection_id, principal=principal)
    if folders:
        return FolderKeeper(database, folders, opened.connection_id, principal=principal)
    return None


def _order(card: FileCard) -> int:
    """Files with goods or groups before files with offers only."""
    return 0 if Part.CATALOGUE in card.parts else 1 if Part.OFFERS not in card.parts else 2


def _renamed(refusal: Refusal, paths: Sequence[Path], names: Sequence[str]) -> Refusal:
    """The refusal with the sender's name of the file in place of ours."""
    ours = {name: given for path, given in zip(paths, names, strict=True) for name in (path.name, str(path))}
    facts = refusal.facts
    if facts.get("file") not in ours:
        return refusal
    return Refusal(refusal.code, field=refusal.field, **{**facts, "file": ours[str(facts["file"])][:80]})
