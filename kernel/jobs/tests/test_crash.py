"""Killed at any boundary of a job, the next worker goes on: nothing lost, nothing doubled, order kept."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from kernel.crash import VARIABLE, CrashPlan, planned
from kernel.jobs.drive import run_due
from kernel.jobs.leases import take_from_dead
from kernel.jobs.tests.conftest import Toys
from kernel.jobs.tests.toys import OF_ALMA, Scribe, count, facts, put
from kernel.journal.verify import verify_lane
from kernel.security.principal import SYSTEM

KEY = "register:one"
ROOT = Path(__file__).parents[3]


def test_a_point_kills_at_the_asked_pass_only() -> None:
    plan = CrashPlan("jobs.after_perform:3")

    passes = [plan.passes(name) for name in ("jobs.after_perform", "other", *["jobs.after_perform"] * 3)]

    assert passes == [False, False, False, True, False]
    assert CrashPlan("here").passes("here")


def test_a_file_may_name_the_point_later_and_only_one_process_dies_for_it(tmp_path: Path) -> None:
    order = tmp_path / "crash"
    here, there = planned(f"@{order}"), planned(f"@{order}")
    assert here is not None
    assert there is not None

    unarmed = here.passes("jobs.after_perform")
    order.write_text("jobs.after_perform:2")
    passes = [plan.passes("jobs.after_perform") for plan in (here, there, here, there)]

    assert not unarmed
    assert passes == [False, True, False, False]
    assert not order.exists()
    assert planned(None) is None


@pytest.mark.parametrize(
    ("point", "done", "performed_again"),
    [
        ("jobs.before_prepare_commit:2", 0, 0),  # the settlement of 0 shares the commit that was lost
        ("jobs.after_prepare:2", 1, 1),
        ("jobs.after_perform:2", 1, 1),
        ("jobs.before_settle_commit:2", 1, 1),
        ("jobs.after_settle:2", 2, 2),
    ],
)
async def test_work_goes_on_after_a_kill(embedded: Toys, point: str, done: int, performed_again: int) -> None:
    database, registry = embedded
    await database.transact(put, KEY, *range(4), principal=OF_ALMA)

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kernel.jobs.tests.crashing",
        f"sqlite:///{database.url.path}",
        cwd=ROOT,
        env={**os.environ, VARIABLE: point},
    )
    assert await process.wait() == -signal.SIGKILL
    before = await facts(database, KEY)
    scribe = registry.jobs["toy"] = Scribe()
    taken = await database.transact(take_from_dead, 10, principal=SYSTEM)
    await run_due(database)

    assert before == list(range(done))
    assert taken == 1
    assert scribe.calls[:1] == [f"{KEY}:{performed_again}"]
    assert await facts(database, KEY) == list(range(4))
    assert await count(database, "kernel_job") == 0
    async with database.reading(SYSTEM) as reader:
        assert (await verify_lane(reader, KEY)).is_whole
