"""Jobs of a lane run strictly in order, head only, under a lease."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kernel.clock import to_ms
from kernel.data.work import Work
from kernel.jobs import runner as runner_module
from kernel.jobs.drive import run_due
from kernel.jobs.lanes import HEAD_JOB_LENGTH_MAX, Job
from kernel.jobs.policy import BACKOFF_FIRST_MS, LEASE_MS, Again, Done
from kernel.jobs.runner import LaneRunner
from kernel.jobs.tests.conftest import Toys
from kernel.jobs.tests.toys import ALMA, OF_ALMA, START, Scribe, count, facts, forward, lane_row, put, waiting

KEY = "register:one"
PATIENCE_S = 10


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


async def test_a_performance_without_end_is_a_fault_of_its_job(
    embedded: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, registry = embedded
    monkeypatch.setattr(runner_module, "PERFORM_LIMIT_S", 0.01)
    scribe = registry.jobs["toy"] = Scribe(in_perform=lambda job: asyncio.sleep(PATIENCE_S))
    await database.transact(put, KEY, 1, principal=OF_ALMA)

    rest = await LaneRunner(database).run(KEY, ALMA)

    assert rest.due_ms == to_ms(START) + BACKOFF_FIRST_MS
    assert "TimeoutError" in (await lane_row(database, KEY))["last_error"]
    assert scribe.calls == [f"{KEY}:1"]
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_a_performance_that_is_cancelled_by_others_is_not_taken_for_a_long_one(
    embedded: Toys,
) -> None:
    database, registry = embedded
    begun = asyncio.Event()

    async def endless(job: Job) -> None:
        begun.set()
        await asyncio.sleep(PATIENCE_S)

    registry.jobs["toy"] = Scribe(in_perform=endless)
    await database.transact(put, KEY, 1, principal=OF_ALMA)
    task = asyncio.create_task(LaneRunner(database).run(KEY, ALMA))
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await lane_row(database, KEY))["attempts"] == 0


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
