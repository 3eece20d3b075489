"""SQLite's log is copied beside the Works and begins anew; nothing of it is lost, nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from threading import Event

import pytest

from kernel.data import checkpoints
from kernel.data.checkpoints import Checkpoints
from kernel.data.database import Database
from kernel.data.questions import About, KeptQuestion
from kernel.data.tests.conftest import ALMA, MODELS
from kernel.data.tests.log_writer import add
from kernel.data.work import Work
from kernel.testing.schema import create_tables, sqlite_url

ROWS_BETWEEN, LOG_PAGES_MAX = 20, 60
PAGE_IN_LOG = 4096 + 24  # bytes
PARCELS = About("toy_parcel", on_servers=False)
COUNT = "SELECT COUNT(*) AS n FROM toy_parcel"


@pytest.fixture(autouse=True)
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "ROWS_BETWEEN", ROWS_BETWEEN)
    monkeypatch.setattr(checkpoints, "LOG_PAGES_MAX", LOG_PAGES_MAX)


async def add_rows(database: Database, count: int, *, begin: int = 0) -> None:
    """Five at a time."""
    for first in range(begin, begin + count, 5):
        names = map(str, range(first, first + 5))
        await asyncio.gather(*(database.transact(add, name, principal=ALMA) for name in names))


def copied(database: Database) -> tuple[int, int]:
    """Pages in the log and how many of them are copied, as SQLite itself keeps count.

    At bytes 16 and 96 of the file -shm, sqlite.org/walformat.html.
    """
    index = Path(f"{database.url.path}-shm").read_bytes()
    return struct.unpack_from("=I", index, 16)[0], struct.unpack_from("=I", index, 96)[0]


async def test_the_log_of_a_busy_writer_begins_anew(database: Database) -> None:
    await add_rows(database, 2_000)

    log = os.stat(f"{database.url.path}-wal").st_size
    assert log < 5 * LOG_PAGES_MAX * PAGE_IN_LOG  # of some 2,000 pages that were written
    with closing(sqlite3.connect(database.url.path)) as beside:
        assert beside.execute(COUNT).fetchone() == (2_000,)


async def test_a_pass_begins_with_pages_to_copy_and_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else SQLite's WAL-reset bug could meet us."""
    begun: list[tuple[int, int]] = []
    running = [0]
    copy = checkpoints._copied

    def watched(connection: Callable[[], sqlite3.Connection]) -> int:
        running[0] += 1
        assert running[0] == 1
        begun.append(copied(database))
        pages = copy(connection)
        running[0] -= 1
        return pages

    monkeypatch.setattr(checkpoints, "_copied", watched)
    await add_rows(database, 2_000)

    assert 20 < len(begun) <= 2 * 2_000 / ROWS_BETWEEN
    assert all(done < pages for pages, done in begun)


async def test_works_go_on_during_a_pass(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, passes = Event(), []
    copy = Checkpoints._copy

    def slow(self: Checkpoints) -> int:
        passes.append(1)
        assert may_end.wait(10)
        return copy(self)

    monkeypatch.setattr(Checkpoints, "_copy", slow)
    await add_rows(database, 10 * ROWS_BETWEEN)  # ends, although the first pass does not

    assert passes == [1]
    may_end.set()


async def test_the_writer_does_not_wait_for_who_reads_an_old_state(database: Database) -> None:
    await add_rows(database, 10)
    with closing(sqlite3.connect(database.url.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute(COUNT).fetchone() == (10,)

        await add_rows(database, 500, begin=10)

        assert reader.execute(COUNT).fetchone() == (10,)
        pages, done = copied(database)
        assert pages > 5 * LOG_PAGES_MAX > done
    await add_rows(database, 500, begin=510)

    assert copied(database)[0] < 5 * LOG_PAGES_MAX


async def test_a_pass_is_no_change(database: Database) -> None:
    """Answers are still known behind it."""
    asked: list[int] = []

    async def look(work: Work) -> int:
        (rows,) = await work.together(KeptQuestion(COUNT, (), PARCELS))
        return int(rows[0]["n"])

    async def only_look(work: Work) -> int:
        transaction = database._transaction
        assert transaction is not None
        asked.append(transaction.kept.of(KeptQuestion(COUNT, (), PARCELS)) is None)
        return await look(work)

    await add_rows(database, 10)
    await database.transact(look, principal=ALMA)
    with closing(sqlite3.connect(database.url.path)) as beside:
        beside.execute(checkpoints.COPY)
    assert await database.transact(only_look, principal=ALMA) == 10

    assert asked == [False]


async def test_a_pass_that_fails_costs_a_line_in_the_log(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    group = database._group
    assert group is not None
    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(group._checkpoints, "_connect", full)
        await add_rows(database, 200)
    assert "committed pages stay in the log for now" in caplog.text
    await add_rows(database, 500, begin=200)

    assert copied(database)[0] < 5 * LOG_PAGES_MAX
    with closing(sqlite3.connect(database.url.path)) as beside:
        assert beside.execute(COUNT).fetchone() == (700,)


@pytest.mark.parametrize("seed", range(3))
async def test_a_process_killed_while_its_log_is_copied_loses_nothing(
    tmp_path: Path, scale: int, seed: int
) -> None:
    url = sqlite_url(tmp_path)
    await create_tables(url, MODELS)
    random = Random(seed)
    told: set[str] = set()
    for _ in range(2 * scale):
        told |= await asyncio.to_thread(_until_killed, url, random.randrange(50, 1_500))

        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert told <= {name for (name,) in database.execute("SELECT name FROM toy_parcel")}


def _until_killed(url: str, rows: int) -> set[str]:
    """Names of rows a process has told of before it was killed."""
    command = [sys.executable, "-m", "kernel.data.tests.log_writer", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = {writer.stdout.readline().strip() for _ in range(rows)}
        writer.send_signal(signal.SIGKILL)
        told |= {line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line[-1] == "\n"}
        return told
