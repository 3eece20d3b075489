"""The work on one file of goods: the dry run, and the storing with its archive step.

The file is read in a thread of its own, batch by batch; each batch is a transaction that also says how far
the import is, so a process that dies leaves the rest to the next one. Nothing is remembered of the rows but
short marks: of keys, to find those that come twice, and of codes, to know which goods the file names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TypeVar

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.product import FREE_POSITION_CODE, ProductId
from addons.catalog.domain.sheet_profile import SheetFacts, SheetKey
from addons.catalog.domain.sheet_report import SheetReport, SheetState
from addons.catalog.domain.sheet_row import CellFault, RowReader, SheetRow
from addons.catalog.domain.source import PEOPLE, GoodsRow
from addons.catalog.services.sheet_batch import IMPORT, Batch, NoLonger, store_batch, try_batch
from addons.catalog.services.sheet_groups import known_groups, missing_groups
from addons.catalog.services.sheet_imports import SheetTask, check_ceiling, finish_sheet, restart_check
from addons.catalog.services.sheet_match import match_rows
from addons.catalog.services.sheet_ports import Line, SheetFormats
from addons.catalog.services.tables import PRODUCT
from addons.catalog.services.upsert_goods import upsert_goods
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.errors import Refusal

# In one transaction: on SQLite the writer is the event loop itself, so a batch is also the longest wait of a
# sale.
BATCH_ROWS = 500
RUN_LIMIT_S = 240  # then the job makes place and goes on where it was

T = TypeVar("T")
Progress = Callable[[SheetReport], None]


class Ran(Enum):
    """How a run ended. LOST: stopped by a person, or taken over by another process."""

    FINISHED = "finished"
    NOT_YET = "not yet"
    LOST = "lost"


class CodeMarks:
    """Which product codes were seen: a bit each, in pages that exist only where codes are."""

    _PAGE = 1 << 16

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, code: int) -> None:
        """Mark a code."""
        page, place = divmod(code, self._PAGE)
        bits = self._pages.setdefault(page, bytearray(self._PAGE // 8))
        bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, code: int) -> bool:
        page, place = divmod(code, self._PAGE)
        bits = self._pages.get(page)
        return bits is not None and bool(bits[place >> 3] & 1 << (place & 7))


class SheetRun:
    """One turn of work on one file. `run` may be called again, by anybody, until it says FINISHED."""

    def __init__(
        self,
        database: Database,
        task: SheetTask,
        path: Path,
        *,
        formats: SheetFormats,
        progress: Progress | None = None,
    ) -> None:
        self._database = database
        self._task = task
        self._path = path
        self._formats = formats
        self._progress = progress
        self._report = task.report
        self._until = database.clock.monotonic() + RUN_LIMIT_S
        self._keys: set[int] = set()

    async def run(self) -> Ran:
        """Work until it is done or the turn is over. What is wrong with the file ends the import, with its
        reason."""
        task = self._task
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sheet") as thread:
            self._thread = thread
            try:
                is_whole = await (self._check() if task.state is SheetState.CHECKING else self._store())
            except NoLonger:
                return Ran.LOST
            except Refusal as refusal:
                await self._transact(finish_sheet, task, self._report, SheetState.REFUSED, refusal)
                return Ran.FINISHED
        if not is_whole:
            return Ran.NOT_YET
        ended = SheetState.CHECKED if task.state is SheetState.CHECKING else SheetState.DONE
        await self._transact(finish_sheet, task, self._report, ended)
        return Ran.FINISHED

    # --- the dry run

    async def _check(self) -> bool:
        facts = await self._in_thread(self._formats.look, self._path, self._task.profile)
        self._report = SheetReport()
        await self._transact(restart_check, self._task, facts)
        named = CodeMarks()
        to_make: set[object] = set()
        async for batch in self._batches(facts, after_line=0):
            self._report, codes = await self._transact(try_batch, batch, self._report)
            for code in codes:
                named.add(code)
            if self._task.profile.does_make_groups:
                async with self._database.reading(self._task.actor) as reader:
                    to_make.update(missing_groups(await known_groups(reader), batch.rows))
            self._tell()
        self._report.groups_made = len(to_make)
        if self._task.options.replaces_all:
            await self._count_unnamed(named)
        return True

    async def _count_unnamed(self, named: CodeMarks) -> None:
        self._report.for_sale = self._report.to_archive = 0
        async for page in self._for_sale():
            self._report.for_sale += len(page)
            self._report.to_archive += sum(code not in named for code, _ in page)

    # --- the storing

    async def _store(self) -> bool:
        facts = self._task.facts
        assert facts is not None  # told by the dry run
        async for batch in self._batches(facts, after_line=self._task.line):
            if self._database.clock.monotonic() > self._until:
                return False
            self._report = await self._transact(store_batch, batch, self._report)
            self._tell()
        if self._task.options.replaces_all:
            await self._archive_unnamed(facts)
        return True

    async def _archive_unnamed(self, facts: SheetFacts) -> None:
        """Archive what the file does not name, as the catalogue is now. Raises Refusal of check_ceiling."""
        named = CodeMarks()
        self._keys.clear()
        async for batch in self._batches(facts, after_line=0):
            async with self._database.reading(self._task.actor) as reader:
                groups = await known_groups(reader)
                matched = await match_rows(
                    reader, batch.rows, key=batch.key, groups=groups, are_groups_to_come=True
                )
            for code in matched.codes.values():
                named.add(code)
        await self._count_unnamed(named)
        check_ceiling(self._report, self._task.options)
        async for page in self._for_sale():
            unnamed = [product_id for code, product_id in page if code not in named]
            if unnamed:
                self._report.archived += await self._transact(_archive, self._task, unnamed)
                self._tell()

    async def _for_sale(self) -> AsyncIterator[list[tuple[int, str]]]:
        """Pages of (code, id) of goods for sale, the free position and goods of one register left out."""
        last = 0
        while True:
            async with self._database.reading(self._task.actor) as reader:
                rows = await reader.rows(
                    f"SELECT code, id FROM {PRODUCT} WHERE company_id = ? AND code > ? AND is_archived = 0"
                    " AND code <> ? AND own_register_id IS NULL ORDER BY code LIMIT ?",
                    reader.company_id,
                    last,
                    FREE_POSITION_CODE,
                    BATCH_ROWS,
                )
            if not rows:
                return
            last = rows[-1]["code"]
            yield [(row["code"], row["id"]) for row in rows]

    # --- reading

    async def _batches(self, facts: SheetFacts, *, after_line: int) -> AsyncIterator[Batch]:
        """The rows behind a place of the file, batch by batch."""
        lines = self._formats.lines(self._path, facts)
        reader = RowReader(facts.places, key=self._task.profile.key, decimal=facts.decimal)
        try:
            while batch := await self._in_thread(self._next_batch, lines, reader, after_line):
                after_line = batch.until_line
                yield batch
        finally:
            await self._in_thread(getattr(lines, "close", _nothing))

    def _next_batch(self, lines: Iterator[Line], reader: RowReader, after_line: int) -> Batch | None:
        profile, task = self._task.profile, self._task
        batch = Batch(task.import_id, after_line, after_line, profile.key, profile.does_make_groups)
        for line, cells in lines:
            row = reader.read(line, cells)
            fault = self._twice(row) if isinstance(row, SheetRow) else None
            if line <= after_line:
                continue
            batch.until_line = line
            if isinstance(row, SheetRow) and fault is None:
                batch.rows.append(row)
            else:
                batch.faults.append([fault] if fault is not None else row)  # type: ignore[arg-type]
            if batch.read >= BATCH_ROWS:
                break
        return batch if batch.read else None

    def _twice(self, row: SheetRow) -> CellFault | None:
        """A fault when a row above named the same good."""
        is_by_code = self._task.profile.key is SheetKey.CODE and row.code is not None
        mark = hash(row.code if is_by_code else barcode_key(row.first_barcode))
        if mark not in self._keys:
            self._keys.add(mark)
            return None
        shown = str(row.code) if is_by_code else row.first_barcode
        return CellFault(row.line, "", "SHEET_KEY_TWICE", {"value": shown}, shown)

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._report)

    async def _in_thread(self, function: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(function, *args))

    async def _transact(self, service: Callable[..., Awaitable[T]], *args: object) -> T:
        return await self._database.transact(service, *args, principal=self._task.actor)


async def _archive(work: Work, task: SheetTask, product_ids: list[str]) -> int:
    """Archive goods; how many. Raises NoLonger when the import was stopped."""
    is_ours = await work.execute(
        f"UPDATE {IMPORT} SET seen_ms = ? WHERE id = ? AND company_id = ? AND state = ?",
        work.now_ms,
        task.import_id,
        work.company_id,
        SheetState.STORING.value,
    )
    if not is_ours:
        raise NoLonger(f"import {task.import_id} was stopped")
    rows = [
        GoodsRow(external_id=str(place), digest="", product_id=ProductId(product_id), is_archived=True)
        for place, product_id in enumerate(product_ids)
    ]
    return (await upsert_goods(work, PEOPLE, rows)).archived


def _nothing() -> None:
    """What closes an iterator that needs no closing."""
