"""A worker finds what is due, works many lanes at once within its limit, and stops in order.

Long because all stories stand in the same small world of toy jobs.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from kernel.addons.entries import Schedule
from kernel.clock import FrozenClock, to_ms
from kernel.config_sections import WorkerSettings
from kernel.data.work import Work
from kernel.events.bus import MemoryBus
from kernel.events.subscribers import Event
from kernel.jobs.lanes import Job
from kernel.jobs.policy import LEASE_MS, Again
from kernel.jobs.tests.toys import (
    ALMA,
    OF_ALMA,
    START,
    Scribe,
    count,
    facts,
    lane_row,
    put,
    waiting,
)
from kernel.security.principal import ANONYMOUS, SYSTEM, acting, current_principal
from worker import worker as worker_module
from worker.heartbeat import beat
from worker.run import run_worker, working
from worker.tests.conftest import ToyHost
from worker.worker import Worker

KEY = "register:one"
PATIENCE_S = 60.0


def forward(host: ToyHost, ms: int) -> None:
    clock = host.database.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(milliseconds=ms))


class Countdown:
    """An event that comes after a number of calls."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.over = asyncio.Event()

    def __call__(self, _: object = None) -> None:
        self.left -= 1
        if self.left == 0:
            self.over.set()

    async def wait(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.over.wait()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Turn the loop until the database says so."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 -- what is waited for is in the database
            await asyncio.sleep(0)


async def idle(host: ToyHost) -> bool:
    return not await waiting(host.database)


async def test_jobs_are_worked_on_notice(host: ToyHost) -> None:
    host.registry.jobs["toy"] = Scribe()
    keys = [f"register:{index}" for index in range(10)]

    async with working(host):
        for number in range(5):
            for key in keys:
                await host.database.transact(put, key, number, principal=OF_ALMA)
        await until(lambda: idle(host))

    for key in keys:
        assert await facts(host.database, key) == list(range(5))


async def test_lanes_nobody_told_of_are_found_by_looking(host: ToyHost, impatient: None) -> None:
    done = Countdown(3)
    host.registry.jobs["toy"] = Scribe(in_perform=done)
    host.database.bus = MemoryBus()  # notices go where no worker listens
    told = ToyHost(host.database, host.registry)

    async with working(told):
        host.database.bus = MemoryBus()
        await host.database.transact(put, KEY, 1, 2, 3, principal=OF_ALMA)
        await done.wait()

    assert await facts(host.database, KEY) == [1, 2, 3]


async def test_two_workers_share_the_lanes_and_never_meet_in_one(host: ToyHost, impatient: None) -> None:
    scribe = host.registry.jobs["toy"] = Scribe()
    keys = [f"register:{index}" for index in range(12)]

    async with working(host) as one, working(host) as two:
        for number in range(6):
            await asyncio.gather(
                *(host.database.transact(put, key, number, principal=OF_ALMA) for key in keys)
            )
        forward(host, worker_module.OTHERS_LANE_OVERDUE_MS)
        await until(lambda: idle(host))

    assert scribe.overlaps == 0
    assert one.runner.stats.done + two.runner.stats.done == 72
    for key in keys:
        assert await facts(host.database, key) == list(range(6))


async def test_no_more_lanes_at_once_than_allowed(embedded: ToyHost) -> None:
    running = peak = 0
    done = Countdown(20)

    async def busy(job: Job) -> None:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0)
        running -= 1
        done()

    embedded.registry.jobs["toy"] = Scribe(in_perform=busy)
    worker = Worker(embedded, settings=WorkerSettings(lanes_max=3))
    task = asyncio.create_task(worker.run())
    for index in range(20):
        await embedded.database.transact(put, f"register:{index}", 1, principal=OF_ALMA)
    await done.wait()
    worker.stop()
    await task

    assert peak <= 3


async def test_a_hanging_lane_does_not_hold_up_others(embedded: ToyHost) -> None:
    done = Countdown(2)
    hanging = asyncio.Event()

    async def hang_one(job: Job) -> None:
        if job.lane_key == KEY:
            hanging.set()
            await done.over.wait()
        else:
            done()

    embedded.registry.jobs["toy"] = Scribe(in_perform=hang_one)
    async with working(embedded):
        await embedded.database.transact(put, KEY, 1, principal=OF_ALMA)
        await hanging.wait()
        await embedded.database.transact(put, "register:two", 1, 2, principal=OF_ALMA)
        await done.wait()

    assert await facts(embedded.database, "register:two") == [1, 2]


async def test_a_stopping_worker_finishes_its_job_and_begins_no_other(host: ToyHost) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slow(job: Job) -> None:
        begun.set()
        await finish.wait()

    host.registry.jobs["toy"] = Scribe(in_perform=slow)
    async with working(host) as worker:
        await host.database.transact(put, KEY, 1, 2, principal=OF_ALMA)
        await begun.wait()
        worker.stop()
        finish.set()

    assert await facts(host.database, KEY) == [1]
    row = await lane_row(host.database, KEY)
    assert (row["lease_owner"], row["due_ms"]) == (None, to_ms(START))
    assert await count(host.database, "kernel_worker") == 0


async def test_a_job_that_outlasts_the_drain_is_cut_off_and_its_lane_given_back(embedded: ToyHost) -> None:
    begun = asyncio.Event()

    async def endless(job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    embedded.registry.jobs["toy"] = Scribe(in_perform=endless)
    worker = Worker(embedded, settings=WorkerSettings(drain_ms=timedelta(0)))
    task = asyncio.create_task(worker.run())
    await embedded.database.transact(put, KEY, 1, principal=OF_ALMA)
    await begun.wait()
    worker.stop()
    await task

    row = await lane_row(embedded.database, KEY)
    assert (row["lease_owner"], row["due_ms"], row["head_seq"]) == (None, to_ms(START), 1)


async def test_sigterm_ends_the_process_in_order(embedded: ToyHost) -> None:
    def terminate(job: Job) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    embedded.registry.jobs["toy"] = Scribe(in_perform=terminate)
    await embedded.database.transact(put, KEY, 1, principal=OF_ALMA)

    async with asyncio.timeout(PATIENCE_S):
        await run_worker(embedded)

    assert await facts(embedded.database, KEY) == [1]


async def test_a_restarted_worker_takes_the_lanes_of_its_killed_forerunner_at_once(host: ToyHost) -> None:
    done = Countdown(1)
    host.registry.jobs["toy"] = Scribe(in_perform=done)
    await host.database.transact(put, KEY, 1, principal=OF_ALMA)

    async def leased_by_a_dead_process(work: Work) -> None:
        lane = await work.lane(KEY, company_id=ALMA)
        assert lane.claim(f"{os.uname().nodename[:48]}:{os.getpid()}:gone", lease_ms=30_000)

    await host.database.transact(leased_by_a_dead_process, principal=SYSTEM)
    async with working(host):
        await done.wait()

    assert await facts(host.database, KEY) == [1]


async def test_a_killed_forerunner_has_no_share_of_the_lanes(embedded: ToyHost) -> None:
    embedded.registry.jobs["toy"] = Scribe()
    gone = f"{os.uname().nodename[:48]}:{os.getpid()}:gone"
    elsewhere = "other-host:1:abcd"
    for name in (gone, elsewhere):
        await embedded.database.transact(beat, name, 0, principal=SYSTEM)

    async with working(embedded) as worker:
        await until(lambda: _knows_others(worker))

    assert set(worker._peers) == {worker.runner.owner, elsewhere}


async def _knows_others(worker: Worker) -> bool:
    await asyncio.sleep(0)
    return len(worker._peers) > 1


async def test_a_lane_leased_on_another_host_is_left_alone(embedded: ToyHost, impatient: None) -> None:
    scribe = embedded.registry.jobs["toy"] = Scribe()
    beaten = Countdown(1)

    async def leased_elsewhere(work: Work) -> None:
        lane = await work.lane(KEY, company_id=ALMA)
        assert lane.claim("other-host:1:abcd", lease_ms=30_000)

    await embedded.database.transact(put, KEY, 1, principal=OF_ALMA)
    await embedded.database.transact(leased_elsewhere, principal=SYSTEM)
    async with working(embedded) as worker:
        worker.wake(KEY)
        embedded.registry.jobs["other"] = Scribe(in_perform=beaten)
        await until(lambda: _no_lane_runs(worker))

    assert scribe.calls == []


async def _no_lane_runs(worker: Worker) -> bool:
    await asyncio.sleep(0)
    return worker.lanes_running == 0


async def test_a_lane_of_anothers_share_waits_until_it_is_overdue(
    embedded: ToyHost, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Countdown(1)
    embedded.registry.jobs["toy"] = Scribe(in_perform=done)
    monkeypatch.setattr(Worker, "_is_mine", lambda self, key: False)

    async with working(embedded) as worker:
        await embedded.database.transact(put, KEY, 1, principal=OF_ALMA)
        assert worker.lanes_running == 0
        forward(embedded, worker_module.OTHERS_LANE_OVERDUE_MS)
        await done.wait()


async def test_a_job_put_off_briefly_is_woken_by_a_timer(embedded: ToyHost) -> None:
    done = Countdown(2)
    answers: list[Any] = [Again(10), None]

    def settle(job: Job) -> Any:
        done()
        return answers.pop(0)

    embedded.registry.jobs["toy"] = Scribe(in_settle=settle)
    async with working(embedded) as worker:
        await embedded.database.transact(put, KEY, 1, principal=OF_ALMA)
        await until(lambda: _has_timer(worker))
        forward(embedded, 10)
        await done.wait()

    assert answers == []


async def _has_timer(worker: Worker) -> bool:
    await asyncio.sleep(0)
    return worker._timers == 1


async def test_events_reach_subscribers_and_jobs_do_not_act_for_who_made_them(
    host: ToyHost, impatient: None
) -> None:
    told = Countdown(3)
    principals: set[object] = set()

    async def hear(work: Work, event: Event) -> None:
        principals.add(current_principal())
        work.after_commit(told)

    async def sell(work: Work, number: int) -> None:
        await work.event("trade.sale_fiscalized", str(number), {"n": number})

    host.registry.subscribe("trade.sale_fiscalized", "ear", hear)
    async with working(host):
        with acting(ANONYMOUS):
            for number in range(3):
                await host.database.transact(sell, number, principal=OF_ALMA)
        await told.wait()

    assert principals == {OF_ALMA}


async def test_of_many_workers_one_runs_a_schedule_and_again_at_its_next_time(
    host: ToyHost, impatient: None
) -> None:
    runs: list[int] = []
    second = Countdown(2)

    async def tidy(work: Work) -> None:
        work.after_commit(lambda: runs.append(work.now_ms))
        work.after_commit(second)

    host.registry.schedules.append(Schedule("toy", "toy.tidy", timedelta(hours=1), tidy))
    async with working(host), working(host), working(host):
        await until(lambda: _has(runs, 1))
        forward(host, 3_599_999)
        await asyncio.sleep(0)
        early = len(runs)
        forward(host, 1)
        await second.wait()

    assert early == 1
    assert runs == [to_ms(START), to_ms(START) + 3_600_000]


async def _has(found: list[int], size: int) -> bool:
    await asyncio.sleep(0)
    return len(found) >= size


async def test_a_failing_schedule_notes_its_error_and_stops_nobody(
    embedded: ToyHost, impatient: None
) -> None:
    healthy = Countdown(1)

    async def broken(work: Work) -> None:
        raise ZeroDivisionError("tidy")

    async def fine(work: Work) -> None:
        work.after_commit(healthy)

    for name, service in (("toy.broken", broken), ("toy.fine", fine)):
        embedded.registry.schedules.append(Schedule("toy", name, timedelta(hours=1), service))
    async with working(embedded):
        await healthy.wait()

    async with embedded.database.reading(SYSTEM) as reader:
        row = await reader.row("SELECT * FROM kernel_schedule WHERE name = ?", "toy.broken")
    assert row is not None
    assert (row["last_error"], row["due_ms"], row["runs"]) == (
        "ZeroDivisionError: tidy",
        to_ms(START) + 3_600_000,
        0,
    )


async def test_a_worker_that_cannot_begin_ends_its_block_with_the_error(embedded: ToyHost) -> None:
    async def gone(work: Work) -> None:
        await work.execute("DROP TABLE kernel_schedule")

    await embedded.database.transact(gone, principal=SYSTEM)

    with pytest.raises(Exception, match="kernel_schedule"):
        async with asyncio.timeout(PATIENCE_S), working(embedded):
            await asyncio.Event().wait()


async def test_the_lease_is_as_long_as_the_settings_say(embedded: ToyHost) -> None:
    worker = Worker(embedded, settings=WorkerSettings(lease_ms=timedelta(seconds=2)))

    assert worker.runner.lease_ms == 2_000
    assert Worker(embedded).runner.lease_ms == LEASE_MS
