"""The database goes away and comes back: nobody waits for ever, nothing is half done, no fault is made up."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pymysql
import pytest

from kernel.data.database import Database
from kernel.data.failures import is_away, is_conflict
from kernel.data.tests.conftest import ALMA, MODELS, make_database
from kernel.data.tests.test_work import names, pack
from kernel.data.work import Work
from kernel.errors import Unavailable
from kernel.testing.schema import create_tables

WRITES = 40  # of each of two processes
WRITER = """
import asyncio, sys
from kernel.data.tests.conftest import ALMA, make_database
from kernel.data.tests.test_work import pack

async def main():
    async with make_database(sys.argv[1]).opened() as database:
        for number in range(int(sys.argv[2])):
            await database.transact(pack, f"other-{number:03}", principal=ALMA)

asyncio.run(main())
"""


async def nothing(work: Work) -> None:
    """Take the writer's turn."""


async def fill(work: Work) -> None:
    """Write more than the disk may hold."""
    for number in range(2_000):
        await pack(work, f"{number:05}" + "x" * 35)


def shrink_disk(database: Database) -> None:
    """Leave hardly a page: SQLite then answers as it does on a full disk."""
    assert database._transaction is not None
    assert database._transaction.connection is not None
    connection = database._transaction.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages + 2}")


async def test_two_processes_write_to_one_file_and_neither_is_told_that_it_is_locked(tmp_path: Path) -> None:
    database = make_database(f"sqlite:///{tmp_path / 'one.db'}")
    await create_tables(f"sqlite:///{tmp_path / 'one.db'}", MODELS)
    async with database.opened():
        other = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, f"sqlite:///{tmp_path / 'one.db'}", str(WRITES)
        )
        while not await names(database):  # the other process is up and writing
            await database.transact(nothing, principal=ALMA)
        for number in range(WRITES):
            await database.transact(pack, f"own-{number:03}", principal=ALMA)
        assert await other.wait() == 0

        kinds = [name.partition("-")[0] for name in await names(database)]

    assert (kinds.count("own"), kinds.count("other")) == (WRITES, WRITES)


async def test_a_full_disk_is_told_to_everybody_of_the_group_and_the_next_work_runs(
    database: Database,
) -> None:
    await database.transact(pack, "before", principal=ALMA)
    shrink_disk(database)

    outcomes = await asyncio.wait_for(
        asyncio.gather(
            database.transact(pack, "a", principal=ALMA),
            database.transact(fill, principal=ALMA),
            database.transact(pack, "b", principal=ALMA),
            return_exceptions=True,
        ),
        timeout=60,
    )
    assert database._transaction is not None
    assert database._transaction.connection is not None
    database._transaction.connection.execute("PRAGMA max_page_count=1000000")
    await database.transact(pack, "z after", principal=ALMA)

    stored = await names(database)
    assert isinstance(outcomes[1], Unavailable)
    for name, outcome in (("a", outcomes[0]), ("b", outcomes[2])):  # told the truth, whichever it is
        assert (name in stored) is isinstance(outcome, str)
        assert isinstance(outcome, str | Unavailable)
    assert {"before", "z after"} <= set(stored)
    assert not [name for name in stored if name.startswith("0")]


async def test_a_transaction_that_sqlite_undid_itself_leaves_nobody_waiting(database: Database) -> None:
    async def undone(work: Work) -> None:
        assert database._transaction is not None
        assert database._transaction.connection is not None
        await pack(work, "b")
        database._transaction.connection.execute("ROLLBACK")  # as SQLite does after a failed write
        raise sqlite3.OperationalError("disk I/O error")

    outcomes = await asyncio.wait_for(
        asyncio.gather(
            database.transact(pack, "a", principal=ALMA),
            database.transact(undone, principal=ALMA),
            database.transact(pack, "c", principal=ALMA),
            return_exceptions=True,
        ),
        timeout=60,
    )

    assert [type(each) for each in outcomes] == [sqlite3.OperationalError, sqlite3.OperationalError, str]
    assert await names(database) == ["c"]


async def test_a_callback_that_breaks_does_not_keep_the_group_waiting(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def break_it() -> None:
        raise LookupError

    async def careless(work: Work) -> str:
        work.after_commit(break_it)
        return await pack(work, "a")

    outcomes = await asyncio.wait_for(
        asyncio.gather(
            database.transact(careless, principal=ALMA), database.transact(pack, "b", principal=ALMA)
        ),
        timeout=60,
    )

    assert len(outcomes) == 2
    assert await names(database) == ["a", "b"]
    assert "what should follow a commit failed" in caplog.text


@pytest.mark.mariadb
async def test_a_killed_connection_in_the_middle_of_a_work_is_not_noticed_by_its_caller(
    mariadb: Database,
) -> None:
    runs = 0

    async def killed_once(work: Work) -> str:
        nonlocal runs
        runs += 1
        parcel = await pack(work, "a")
        if runs == 1:
            row = await work.row("SELECT CONNECTION_ID() AS id")
            assert row is not None
            async with mariadb.reading(ALMA) as reader:
                await reader.rows(f"KILL CONNECTION {row['id']}")
        await work.row("SELECT 1 AS one")
        return parcel

    await mariadb.transact(killed_once, principal=ALMA)

    assert runs == 2
    assert await names(mariadb) == ["a"]


@pytest.mark.mariadb
async def test_a_pool_whose_connections_were_all_killed_serves_on(mariadb: Database) -> None:
    async def connection_id(work: Work) -> int:
        row = await work.row("SELECT CONNECTION_ID() AS id")
        assert row is not None
        await asyncio.sleep(0)
        return int(row["id"])

    ids = set(await asyncio.gather(*(mariadb.transact(connection_id, principal=ALMA) for _ in range(8))))
    url = mariadb.url
    killer = pymysql.connect(host=url.host, port=url.port, user=url.user, password=url.password)
    with killer, killer.cursor() as cursor:
        for each in ids:
            cursor.execute(f"KILL CONNECTION {each}")

    for round_ in range(3):
        packed = (mariadb.transact(pack, f"{round_}-{each}", principal=ALMA) for each in range(60))
        await asyncio.wait_for(asyncio.gather(*packed), timeout=60)

    assert len(await names(mariadb)) == 180


@pytest.mark.mariadb
async def test_a_work_that_always_loses_its_connection_is_refused_for_now_and_loses_no_place(
    mariadb: Database,
) -> None:
    async def killed(work: Work) -> None:
        await work.rows(f"KILL CONNECTION {(await work.rows('SELECT CONNECTION_ID() AS id'))[0]['id']}")

    for _ in range(10):  # four connections each: more than the pool holds
        with pytest.raises(Unavailable) as refused:
            await mariadb.transact(killed, principal=ALMA)
    await asyncio.wait_for(mariadb.transact(pack, "a", principal=ALMA), timeout=60)

    assert refused.value.code == "DATABASE_UNAVAILABLE"
    assert await names(mariadb) == ["a"]


def test_conflicts_and_absences_are_told_apart_by_number() -> None:
    deadlock = pymysql.err.OperationalError(1213, "Deadlock found")
    gone = pymysql.err.OperationalError(2006, "MySQL server has gone away")
    wrong = pymysql.err.ProgrammingError(1064, "You have an error in your SQL syntax")

    assert [is_conflict(each) for each in (deadlock, gone, wrong)] == [True, False, False]
    assert [is_away(each) for each in (deadlock, gone, wrong)] == [False, True, False]
