"""The database throws a running worker out again and again: every job is done once, no lane is at fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pymysql
import pytest
from tortoise.exceptions import OperationalError

from kernel.data.database import Database
from kernel.data.failures import is_away
from kernel.jobs.lanes import Job
from kernel.jobs.tests.toys import OF_ALMA, Scribe, facts, forward, lane_row, open_toys, put, waiting
from worker.run import working
from worker.tests.conftest import ToyHost

LANES = 12
JOBS = 5
PATIENCE_S = 60.0
ROUND_MS = 50  # of the frozen clock, between two looks


@pytest.fixture
async def on_mysql(tmp_path: Path) -> AsyncIterator[ToyHost]:
    async with open_toys("mysql", tmp_path) as (database, registry):
        yield ToyHost(database, registry)


def kill_all(database: Database) -> int:
    """Cut every connection to the database, as a restart of the server does; how many there were."""
    url = database.url
    killer = pymysql.connect(host=url.host, port=url.port, user=url.user, password=url.password)
    with killer, killer.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (url.path,))
        found = [int(row[0]) for row in cursor.fetchall()]
        for each in found:
            try:
                cursor.execute(f"KILL CONNECTION {each}")
            except pymysql.err.OperationalError as error:
                if error.args[0] != 1094:  # it ended by itself
                    raise
    return len(found)


async def is_idle(database: Database) -> bool:
    """No job is left; false when the question itself was cut off."""
    try:
        return not await waiting(database)
    except OperationalError as error:
        if not is_away(error):
            raise
        return False


@pytest.mark.mariadb
@pytest.mark.usefixtures("impatient")
async def test_a_worker_survives_the_loss_of_all_its_connections(on_mysql: ToyHost) -> None:
    database = on_mysql.database
    killed: list[int] = []

    def cut(job: Job) -> None:
        if job.body["n"] == 3:
            killed.append(kill_all(database))

    on_mysql.registry.jobs["toy"] = Scribe(in_perform=cut)
    lanes = [f"register:{number:02}" for number in range(LANES)]
    for key in lanes:
        await database.transact(put, key, *range(JOBS), principal=OF_ALMA)

    async with working(on_mysql), asyncio.timeout(PATIENCE_S):
        while not await is_idle(database):
            forward(database, ROUND_MS)  # a lane that failed four times in a row rests a second
            await asyncio.sleep(0)

    assert sum(killed) > 0
    for key in lanes:
        assert await facts(database, key) == list(range(JOBS))
        row = await lane_row(database, key)
        assert (row["faults"], row["blocked_code"]) == (0, None)
