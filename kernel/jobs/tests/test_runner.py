"""Jobs of a lane run strictly in order, head only, under a lease; a fault stops its own lane only."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import FrozenClock, to_ms
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.errors import Refusal, Unavailable
from kernel.jobs import runner as runner_module
from kernel.jobs.drive import run_due
from kernel.jobs.lanes import HEAD_JOB_LENGTH_MAX, Job
from kernel.jobs.leases import unpark
from kernel.jobs.policy import FAULT_ATTEMPTS_MAX, LEASE_MS, Again, Block, Done, backoff_ms, transaction_job
from kernel.jobs.runner import LaneRunner
from kernel.jobs.tests.conftest import Toys
from kernel.jobs.tests.toys import ALMA, OF_ALMA, START, Scribe, count, facts, lane_row, put, waiting
from kernel.journal.verify import verify_lane
from kernel.security.principal import SYSTEM

KEY = "register:one"


def forward(database: Database, ms: int) -> None:
    clock = database.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(milliseconds=ms))


async def test_jobs_run_in_order_and_leave_nothing_but_the_journal(toys: Toys) -> None:
    database, registry = toys
    scribe = registry.jobs["toy"] = Scribe()
    await database.transact(put, KEY, *range(7), principal=OF_ALMA)
    assert await waiting(database) == 7

    runner = await run_due(database)

    assert await facts(database, KEY) == list(range(7))
    assert scribe.calls == [f"{KEY}:{number}" for number in range(7)]
    assert (await count(database, "kernel_job"), await waiting(database)) == (0, 0)
    row = await lane_row(database, KEY)
    assert (row["due_ms"], row["lease_owner"], row["head_seq"], row["tail_seq"]) == (None, None, 8, 7)
    assert runner.stats.done == 7


TRICKY = "«Нан» 🥖 \\ \" \n \t \x01 ' % ? {} ж"


@pytest.mark.parametrize("size", [1, HEAD_JOB_LENGTH_MAX * 2])
async def test_bodies_come_back_as_they_were_put(toys: Toys, size: int) -> None:
    database, registry = toys
    bodies: list[Any] = []
    sent = [{"text": TRICKY * size, "n": number} for number in range(3)]

    async def put_all(work: Work) -> None:
        lane = await work.lane(KEY, company_id=ALMA)
        for body in sent:
            lane.enqueue("toy", body)

    registry.jobs["toy"] = Scribe(in_perform=lambda job: bodies.append(job.body))
    await database.transact(put_all, principal=OF_ALMA)
    rows = await count(database, "kernel_job")
    await run_due(database)

    assert bodies == sent
    assert rows == (2 if size == 1 else 3)  # a small first job needs no row of its own
    assert await count(database, "kernel_job") == 0


async def test_a_steady_flow_costs_one_transaction_per_job(
    embedded: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, registry = embedded
    registry.jobs["toy"] = Scribe()
    await database.transact(put, KEY, *range(10), principal=OF_ALMA)
    transactions = 0
    transact = database.transact

    async def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal transactions
        transactions += 1
        return await transact(*args, **kwargs)

    monkeypatch.setattr(database, "transact", counted)
    await LaneRunner(database).run(KEY, ALMA)

    assert transactions == 1 + 10


async def test_a_long_queue_makes_place_for_others_now_and_then(
    embedded: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, registry = embedded
    monkeypatch.setattr(runner_module, "TURN_MAX", 4)
    registry.jobs["toy"] = Scribe()
    await database.transact(put, KEY, *range(10), principal=OF_ALMA)
    runner = LaneRunner(database)

    rests = [(await runner.run(KEY, ALMA)).due_ms for _ in range(3)]

    assert rests == [to_ms(START), to_ms(START), None]
    assert await facts(database, KEY) == list(range(10))


async def test_two_workers_never_work_one_lane_at_once(toys: Toys) -> None:
    database, registry = toys
    scribe = registry.jobs["toy"] = Scribe()
    keys = [f"register:{index}" for index in range(6)]
    for key in keys:
        await database.transact(put, key, *range(5), principal=OF_ALMA)
    one, two = LaneRunner(database), LaneRunner(database)

    await asyncio.gather(*(runner.run(key, ALMA) for key in keys for runner in (one, two)))

    assert scribe.overlaps == 0
    assert sorted(scribe.calls) == sorted(f"{key}:{number}" for key in keys for number in range(5))
    for key in keys:
        assert await facts(database, key) == list(range(5))


async def test_a_worker_that_wakes_late_writes_nothing(toys: Toys) -> None:
    database, registry = toys
    asleep, wake = asyncio.Event(), asyncio.Event()

    async def sleep_once(job: Job) -> None:
        if not asleep.is_set():
            asleep.set()
            await wake.wait()

    scribe = registry.jobs["toy"] = Scribe(in_perform=sleep_once)
    await database.transact(put, KEY, 1, 2, principal=OF_ALMA)
    late = LaneRunner(database)
    running = asyncio.create_task(late.run(KEY, ALMA))
    await asleep.wait()

    forward(database, LEASE_MS)
    await LaneRunner(database).run(KEY, ALMA)
    after_takeover = await lane_row(database, KEY)
    wake.set()
    rest = await running

    assert rest.due_ms is None
    assert late.stats.leases_lost == 1
    assert scribe.calls == [f"{KEY}:1", f"{KEY}:1", f"{KEY}:2"]
    assert await facts(database, KEY) == [1, 2]
    assert await lane_row(database, KEY) == after_takeover


async def test_a_lease_that_ended_unnoticed_is_still_good(embedded: Toys) -> None:
    database, registry = embedded
    registry.jobs["toy"] = Scribe(in_perform=lambda job: forward(database, LEASE_MS * 2))
    await database.transact(put, KEY, 1, principal=OF_ALMA)

    await LaneRunner(database).run(KEY, ALMA)

    assert await facts(database, KEY) == [1]


async def test_a_long_performance_keeps_its_lease_by_renewing(toys: Toys) -> None:
    database, registry = toys
    scribe = registry.jobs["toy"] = Scribe()
    runner, other = LaneRunner(database), LaneRunner(database)
    attempts: list[Any] = []

    async def long(job: Job) -> None:
        for _ in range(3):
            forward(database, LEASE_MS - 1)
            await runner.renew_long(1.0)
            attempts.append(await other.run(KEY, ALMA))

    scribe.in_perform = long
    await database.transact(put, KEY, 1, principal=OF_ALMA)
    await runner.run(KEY, ALMA)

    assert len(attempts) == 3
    assert scribe.calls == [f"{KEY}:1"]
    assert await facts(database, KEY) == [1]


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


async def test_again_keeps_the_head_and_waits(toys: Toys) -> None:
    database, registry = toys
    answers: list[Any] = [Again(5_000), Again(5_000), None, None]
    seen: list[int] = []

    def answer(job: Job) -> Any:
        seen.append(job.attempts)
        return answers.pop(0)

    scribe = registry.jobs["toy"] = Scribe(in_settle=answer)
    await database.transact(put, KEY, 1, 2, principal=OF_ALMA)

    await run_due(database)
    waiting = await lane_row(database, KEY)
    forward(database, 4_999)
    await run_due(database)
    too_early = list(scribe.calls)
    for _ in range(2):
        forward(database, 5_000)
        await run_due(database)

    assert (waiting["due_ms"], waiting["lease_owner"]) == (to_ms(START) + 5_000, None)
    assert too_early == [f"{KEY}:1"]
    assert seen == [0, 1, 2, 0]
    assert await facts(database, KEY) == [1, 2]


async def test_prepare_may_settle_without_performing(embedded: Toys) -> None:
    database, registry = embedded
    scribe = registry.jobs["toy"] = Scribe(in_prepare=lambda job: Done() if job.body["n"] != 3 else None)
    await database.transact(put, KEY, *range(30), principal=OF_ALMA)

    runner = await run_due(database)

    assert scribe.calls == [f"{KEY}:3"]
    assert runner.stats.done == 30
    assert await count(database, "kernel_job") == 0


async def test_a_job_waits_for_its_time_even_behind_others(embedded: Toys) -> None:
    database, registry = embedded
    scribe = registry.jobs["toy"] = Scribe()
    await database.transact(put, KEY, 1, principal=OF_ALMA)
    await database.transact(put, KEY, 2, due_ms=to_ms(START) + 60_000, principal=OF_ALMA)
    await database.transact(put, KEY, 3, principal=OF_ALMA)

    await run_due(database)
    first = list(scribe.calls)
    forward(database, 60_000)
    await run_due(database)

    assert first == [f"{KEY}:1"]
    assert await facts(database, KEY) == [1, 2, 3]


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


async def test_a_draining_runner_begins_no_other_job(embedded: Toys) -> None:
    database, registry = embedded
    runner_of: list[LaneRunner] = []

    def drain(job: Job) -> None:
        runner_of[0].is_draining = True

    registry.jobs["toy"] = Scribe(in_perform=drain)
    await database.transact(put, KEY, 1, 2, principal=OF_ALMA)
    runner_of.append(LaneRunner(database))

    rest = await runner_of[0].run(KEY, ALMA)

    assert await facts(database, KEY) == [1]
    assert rest.due_ms == to_ms(START)
    assert (await lane_row(database, KEY))["lease_owner"] is None
