"""Whatever goes wrong stops its own lane only, and nothing is lost, doubled or overtaken."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from kernel.data.work import Work
from kernel.errors import Refusal, Unavailable
from kernel.jobs import runner as runner_module
from kernel.jobs.drive import run_due
from kernel.jobs.lanes import Job
from kernel.jobs.leases import unpark
from kernel.jobs.policy import FAULT_ATTEMPTS_MAX, LEASE_MS, Again, Block, backoff_ms, transaction_job
from kernel.jobs.runner import LaneRunner
from kernel.jobs.tests.conftest import Toys
from kernel.jobs.tests.toys import ALMA, OF_ALMA, Scribe, facts, forward, lane_row, put, waiting
from kernel.journal.verify import verify_lane
from kernel.security.principal import SYSTEM

KEY = "register:one"
JOBS = 5


@pytest.mark.parametrize("phase", ["in_prepare", "in_perform", "in_settle"])
async def test_a_failed_head_blocks_its_lane_and_only_its_lane(toys: Toys, phase: str) -> None:
    database, registry = toys

    def break_two(job: Job) -> None:
        if job.lane_key == KEY and job.body["n"] == 2:
            raise ZeroDivisionError("broken")

    registry.jobs["toy"] = Scribe(**{phase: break_two})  # type: ignore[arg-type]
    for key in (KEY, "register:two"):
        await database.transact(put, key, 1, 2, 3, principal=OF_ALMA)

    for _ in range(FAULT_ATTEMPTS_MAX):
        await run_due(database)
        forward(database, backoff_ms(FAULT_ATTEMPTS_MAX))

    row = await lane_row(database, KEY)
    assert (row["blocked_code"], row["due_ms"], row["lease_owner"]) == ("JOB_FAULT", None, None)
    assert row["last_error"] == "ZeroDivisionError: broken"
    assert (await facts(database, KEY), await facts(database, "register:two")) == ([1], [1, 2, 3])
    assert row["tail_seq"] - row["head_seq"] == 1


async def test_an_unblocked_lane_goes_on_where_it_stopped(embedded: Toys) -> None:
    database, registry = embedded
    scribe = registry.jobs["toy"] = Scribe(in_settle=lambda job: Block("SHIFT_TOO_LONG"))
    await database.transact(put, KEY, 1, 2, principal=OF_ALMA)
    await run_due(database)
    blocked = (await lane_row(database, KEY))["blocked_code"]

    async def unblock(work: Work) -> None:
        (await work.lane(KEY, company_id=ALMA)).unblock()

    scribe.in_settle = lambda job: None
    await database.transact(unblock, principal=OF_ALMA)
    await run_due(database)

    assert blocked == "SHIFT_TOO_LONG"
    assert await facts(database, KEY) == [1, 2]


async def test_a_refused_job_blocks_with_the_code_of_its_refusal(embedded: Toys) -> None:
    database, registry = embedded

    async def refuse(work: Work, job: Job) -> None:
        raise Refusal("COMPANY_CLOSED")

    registry.jobs["toy"] = transaction_job(refuse)
    await database.transact(put, KEY, 1, principal=OF_ALMA)
    for _ in range(FAULT_ATTEMPTS_MAX):
        await run_due(database)
        forward(database, backoff_ms(FAULT_ATTEMPTS_MAX))

    assert (await lane_row(database, KEY))["blocked_code"] == "COMPANY_CLOSED"


async def test_a_silent_partner_never_blocks_a_lane(embedded: Toys) -> None:
    database, registry = embedded

    def silent(job: Job) -> None:
        raise Unavailable("PARTNER_SILENT")

    scribe = registry.jobs["toy"] = Scribe(in_perform=silent)
    await database.transact(put, KEY, 1, principal=OF_ALMA)
    for _ in range(FAULT_ATTEMPTS_MAX * 3):
        await run_due(database)
        forward(database, 30_000)

    scribe.in_perform = lambda job: None
    await run_due(database)
    assert await facts(database, KEY) == [1]


async def test_jobs_of_an_inactive_addon_are_parked_and_run_when_it_is_back(toys: Toys) -> None:
    database, registry = toys
    await database.transact(put, KEY, 1, 2, principal=OF_ALMA)
    await run_due(database)
    parked = await lane_row(database, KEY)

    registry.jobs["toy"] = Scribe()
    await database.transact(unpark, principal=SYSTEM)
    await run_due(database)

    assert (parked["blocked_code"], parked["due_ms"]) == ("JOB_PARKED", None)
    assert await facts(database, KEY) == [1, 2]


@pytest.mark.parametrize(
    ("phase", "end"),
    [
        ("in_prepare", ZeroDivisionError),
        ("in_perform", ZeroDivisionError),
        ("in_perform", asyncio.CancelledError),  # transactions are shielded by the database
        ("in_settle", ZeroDivisionError),
    ],
)
async def test_order_and_completeness_survive_a_break_at_every_phase(
    toys: Toys, phase: str, end: type[BaseException]
) -> None:
    database, registry = toys
    broken: set[int] = set()

    def break_once(job: Job) -> None:
        number = job.body["n"]
        assert isinstance(number, int)
        if number % 2 and number not in broken:
            broken.add(number)
            raise end("cut")

    registry.jobs["toy"] = Scribe(**{phase: break_once})  # type: ignore[arg-type]
    await database.transact(put, KEY, *range(6), principal=OF_ALMA)

    for _ in range(8):
        runner = LaneRunner(database)
        try:
            await runner.run(KEY, ALMA)
        except asyncio.CancelledError:
            await runner.close()
        forward(database, LEASE_MS)

    assert broken == {1, 3, 5}
    assert await facts(database, KEY) == list(range(6))
    async with database.reading(SYSTEM) as reader:
        assert (await verify_lane(reader, KEY)).is_whole


async def test_a_cut_off_runner_gives_its_lanes_back_at_once(toys: Toys) -> None:
    database, registry = toys
    begun = asyncio.Event()

    async def hang(job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    scribe = registry.jobs["toy"] = Scribe(in_perform=hang)
    await database.transact(put, KEY, 1, principal=OF_ALMA)
    runner = LaneRunner(database)
    task = asyncio.create_task(runner.run(KEY, ALMA))
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await runner.close()

    scribe.in_perform = lambda job: None
    await run_due(database)
    assert await facts(database, KEY) == [1]


@pytest.mark.parametrize("seed", range(4))
async def test_in_any_disorder_every_job_is_done_once_and_in_order(
    toys: Toys, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, registry = toys
    chance = random.Random(seed)
    monkeypatch.setattr(runner_module, "FAULT_ATTEMPTS_MAX", 1_000)

    def mishap(job: Job) -> Any:
        if chance.random() < 0.1:
            raise ZeroDivisionError("cut")
        return Again(chance.randrange(3_000)) if chance.random() < 0.1 else None

    async def slow(job: Job) -> None:
        if chance.random() < 0.2:
            forward(database, LEASE_MS + 1)  # the lease ends while its holder is busy
        for _ in range(chance.randrange(20)):
            await asyncio.sleep(0)
        if chance.random() < 0.1:
            raise ConnectionResetError

    registry.jobs["toy"] = Scribe(mishap, slow, mishap)
    keys = [f"register:{index}" for index in range(4)]
    for key in keys:
        await database.transact(put, key, *range(8), principal=OF_ALMA)

    async def tireless(runner: LaneRunner) -> None:
        for _ in range(500):
            await asyncio.gather(*(runner.run(key, ALMA) for key in keys))
            forward(database, chance.randrange(20_000))
            if not await waiting(database):
                return

    runners = [LaneRunner(database) for _ in range(3)]
    await asyncio.gather(*(tireless(runner) for runner in runners))

    for key in keys:
        assert await facts(database, key) == list(range(8))
        async with database.reading(SYSTEM) as reader:
            assert (await verify_lane(reader, key)).is_whole


@pytest.mark.parametrize("lost", [1, 3, JOBS])
async def test_a_settlement_whose_answer_was_lost_is_not_made_twice(
    toys: Toys, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """The server committed and the connection broke before it said so: whoever asks again must not settle
    the next job, which that commit prepared, with the outcome of this one."""
    database, registry = toys
    scribe = registry.jobs["toy"] = Scribe()
    await database.transact(put, KEY, *range(JOBS), principal=OF_ALMA)
    transact, settled = database.transact, 0

    async def deaf(service: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal settled
        result = await transact(service, *args, **kwargs)
        settled += service.__name__ == "_settle"
        if service.__name__ == "_settle" and settled == lost:
            raise Unavailable("DATABASE_UNAVAILABLE")
        return result

    monkeypatch.setattr(database, "transact", deaf)
    await run_due(database)

    assert await facts(database, KEY) == list(range(JOBS))
    assert scribe.calls == [f"{KEY}:{number}" for number in range(JOBS)]
    row = await lane_row(database, KEY)
    assert (await waiting(database), row["faults"], row["lease_owner"]) == (0, 0, None)
