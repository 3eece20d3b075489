"""A quick job begins in the transaction that enqueued it; what goes wrong there happens to the job alone."""

from __future__ import annotations

import asyncio

from kernel.jobs.lanes import LANE_TOPIC
from kernel.jobs.tests.toys import OF_ALMA, Scribe, facts, lane_row, put, waiting
from worker.run import working
from worker.tests.conftest import ToyHost
from worker.tests.test_worker import idle, until

KEY = "register:one"


class QuickScribe(Scribe):
    """A handler of the kind that may be prepared at once."""

    is_prepared_at_once = True


async def at_work(host: ToyHost) -> None:
    """Wait until the worker takes lanes."""

    async def is_taking() -> bool:
        return host.database.taker is not None

    await until(is_taking)


async def test_a_quick_job_is_prepared_before_the_commit_and_wakes_nobody(host: ToyHost) -> None:
    is_seen = asyncio.Event()
    host.registry.jobs["toy"] = QuickScribe(in_perform=lambda _: is_seen.wait())
    woken: list[str] = []
    host.bus.tap(LANE_TOPIC, woken.append)

    async with working(host):
        await at_work(host)
        await host.database.transact(put, KEY, 1, principal=OF_ALMA)
        leased = (await lane_row(host.database, KEY))["lease_owner"]
        is_seen.set()
        await until(lambda: idle(host))

    assert woken == []
    assert leased is not None
    assert await facts(host.database, KEY) == [1]


async def test_a_slow_kind_is_left_to_its_notice(host: ToyHost) -> None:
    host.registry.jobs["toy"] = Scribe()
    woken: list[str] = []
    host.bus.tap(LANE_TOPIC, woken.append)

    async with working(host):
        await at_work(host)
        await host.database.transact(put, KEY, 1, principal=OF_ALMA)
        await until(lambda: idle(host))

    assert woken == [KEY]


async def test_what_fails_in_the_preparation_fails_the_job_and_not_who_enqueued_it(host: ToyHost) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("cannot be prepared")

    host.registry.jobs["toy"] = QuickScribe(in_prepare=broken)

    async with working(host):
        await at_work(host)
        await host.database.transact(put, KEY, 1, principal=OF_ALMA)

        async def is_noted() -> bool:
            return bool((await lane_row(host.database, KEY))["faults"])

        await until(is_noted)

    assert await waiting(host.database) == 1


async def test_jobs_behind_the_first_follow_in_order(host: ToyHost) -> None:
    scribe = QuickScribe()
    host.registry.jobs["toy"] = scribe

    async with working(host):
        await at_work(host)
        await host.database.transact(put, KEY, 1, 2, principal=OF_ALMA)
        await host.database.transact(put, KEY, 3, principal=OF_ALMA)
        await until(lambda: idle(host))

    assert scribe.calls == [f"{KEY}:{number}" for number in (1, 2, 3)]
