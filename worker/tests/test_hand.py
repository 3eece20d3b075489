"""A gateway's own hand: what it takes, and what it leaves to workers."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from kernel.clock import to_ms
from kernel.config_sections import WorkerSettings
from kernel.data.work import Work
from kernel.jobs.lanes import LANE_TOPIC, Job
from kernel.jobs.policy import Again
from kernel.jobs.tests.toys import ALMA, OF_ALMA, START, ToyRegistry, facts, lane_row, put, waiting
from worker.hand import helping
from worker.tests.conftest import ToyHost
from worker.tests.test_taking import QuickScribe
from worker.tests.test_worker import Countdown, idle, until

KEY = "register:one"


async def test_what_is_accepted_here_is_worked_here_and_wakes_nobody(host: ToyHost) -> None:
    host.registry.jobs["toy"] = QuickScribe()
    woken: list[str] = []
    host.bus.tap(LANE_TOPIC, woken.append)

    async with helping(host):
        await host.database.transact(put, KEY, 1, 2, principal=OF_ALMA)
        await until(lambda: idle(host))

    assert woken == []
    assert await facts(host.database, KEY) == [1, 2]
    assert (await lane_row(host.database, KEY))["lease_owner"] is None


async def test_what_must_be_tried_again_is_left_to_workers(host: ToyHost) -> None:
    later_ms = 60_000
    tried = Countdown(1)

    def again(_: Job) -> Again:
        tried()
        return Again(later_ms)

    host.registry.jobs["toy"] = QuickScribe(in_settle=again)

    async with helping(host):
        await host.database.transact(put, KEY, 1, principal=OF_ALMA)
        await tried.wait()

    lane = await lane_row(host.database, KEY)
    assert (lane["lease_owner"], lane["due_ms"]) == (None, to_ms(START) + later_ms)
    assert await waiting(host.database) == 1


async def test_a_gateway_that_ends_finishes_what_it_sends_and_tells_of_the_rest(host: ToyHost) -> None:
    sending, may_end = Countdown(1), asyncio.Event()

    async def slowly(_: Job) -> None:
        sending()
        await may_end.wait()

    host.registry.jobs["toy"] = QuickScribe(in_perform=slowly)
    woken: list[str] = []
    host.bus.tap(LANE_TOPIC, woken.append)

    async with helping(host):
        await host.database.transact(put, KEY, 1, 2, principal=OF_ALMA)
        await sending.wait()
        asyncio.get_running_loop().call_soon(may_end.set)

    assert await facts(host.database, KEY) == [1]
    assert woken == [KEY]
    assert (await lane_row(host.database, KEY))["lease_owner"] is None


async def test_what_a_killed_process_of_this_host_held_is_given_back(host: ToyHost) -> None:
    async def leased_by_a_dead_process(work: Work) -> None:
        lane = await work.lane(KEY, company_id=ALMA)
        lane.enqueue("toy", {"n": 1})
        lane.claim(f"{socket.gethostname()[:48]}:{os.getpid()}:gone", lease_ms=60_000)

    await host.database.transact(leased_by_a_dead_process, principal=OF_ALMA)

    async def is_free() -> bool:
        return (await lane_row(host.database, KEY))["lease_owner"] is None

    async with helping(host):
        await until(is_free)

    assert (await lane_row(host.database, KEY))["due_ms"] == to_ms(START)


async def test_nothing_is_taken_where_workers_alone_reach_partners(
    host: ToyHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.registry.jobs["toy"] = QuickScribe()
    known = ToyRegistry.settings_of

    def settings_of(registry: ToyRegistry, section: type[object]) -> object:
        if section is WorkerSettings:
            return WorkerSettings(in_gateways=False)
        return known(registry, section)

    monkeypatch.setattr(ToyRegistry, "settings_of", settings_of)

    async with helping(host):
        await host.database.transact(put, KEY, 1, principal=OF_ALMA)

        assert (await lane_row(host.database, KEY))["lease_owner"] is None
    assert await waiting(host.database) == 1
