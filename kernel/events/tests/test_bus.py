"""Notices reach who listens at the time; who does not, reads the truth later. The same promises on memory and
on Redis.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from kernel.events import bus as bus_module
from kernel.events import redis_bus
from kernel.events.bus import Bus, MemoryBus
from kernel.events.redis_bus import RedisBus, decode, encode
from kernel.ids import new_id

REDIS_URL = "redis://127.0.0.1:6379/0"
PATIENCE_S = 60.0

Pair = tuple[Bus, Bus]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Where notices are told and where they are heard: one memory bus, or two processes' ends of Redis."""
    if request.param == "memory":
        bus = MemoryBus()
        yield bus, bus
        await bus.close()
        return
    channel = f"sauda:test:{new_id()}"
    teller, hearer = RedisBus(REDIS_URL, channel=channel), RedisBus(REDIS_URL, channel=channel)
    async with AsyncExitStack() as stack:
        for each in (teller, hearer):
            await each.start()
            stack.push_async_callback(each.close)
            assert each.is_connected
        yield teller, hearer


async def test_a_waiter_hears_the_notice_it_expects(pair: Pair) -> None:
    teller, hearer = pair

    async with hearer.expect("sale", "1") as waiter:
        teller.publish("sale", "2")
        teller.publish("sale", "1")
        heard = await waiter.wait(PATIENCE_S)

    assert heard


async def test_a_notice_told_before_waiting_begins_is_not_missed(pair: Pair) -> None:
    teller, hearer = pair

    async with hearer.expect("sale", "1") as waiter, hearer.expect("sale", "last") as last:
        teller.publish("sale", "1")
        teller.publish("sale", "last")
        assert await last.wait(PATIENCE_S)
        heard = await waiter.wait(0)

    assert heard


async def test_waiting_ends_at_its_limit(pair: Pair) -> None:
    _, hearer = pair

    async with hearer.expect("sale", "1") as waiter:
        assert not await waiter.wait(0.001)
        assert not await waiter.wait(0)


async def test_several_waiters_for_one_id_all_hear(pair: Pair) -> None:
    teller, hearer = pair

    async with hearer.expect("sale", "1") as one, hearer.expect("sale", "1") as two:
        teller.publish("sale", "1")
        heard = await asyncio.gather(one.wait(PATIENCE_S), two.wait(PATIENCE_S))

    assert heard == [True, True]


async def test_a_listener_gets_its_topic_only_and_in_order(pair: Pair) -> None:
    teller, hearer = pair
    heard: list[str] = []

    async with hearer.listen("sale") as ids:
        for number in range(2_500):
            teller.publish("sale", str(number))
            teller.publish("shift", str(number))
        async with asyncio.timeout(PATIENCE_S):
            async for subject_id in ids:
                heard.append(subject_id)
                if subject_id == "2499":
                    break

    assert heard == [str(number) for number in range(2_500)]


async def test_equal_notices_that_wait_are_told_once(pair: Pair) -> None:
    teller, hearer = pair

    async with hearer.listen("sale") as ids, hearer.expect("sale", "end") as end:
        for subject_id in ("1", "2", "1", "1", "end"):
            teller.publish("sale", subject_id)
        assert await end.wait(PATIENCE_S)
        heard = [await anext(ids) for _ in range(3)]

    assert heard == ["1", "2", "end"]


async def test_closing_the_bus_ends_its_listeners(pair: Pair) -> None:
    _, hearer = pair

    async with hearer.listen("sale") as ids:
        await hearer.close()
        heard = [subject_id async for subject_id in ids]

    assert heard == []


async def test_a_tap_that_was_ended_hears_no_more(pair: Pair) -> None:
    _, hearer = pair
    heard: list[str] = []
    end: Callable[[], None] = hearer.tap("lane", heard.append)

    hearer.publish("lane", "1")
    end()
    end()
    hearer.publish("lane", "2")

    assert heard == ["1"]


async def test_a_slow_listener_loses_the_oldest_notices_and_keeps_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bus_module, "LISTENER_IDS_MAX", 3)
    bus = MemoryBus()

    async with bus.listen("sale") as ids:
        for number in range(10):
            bus.publish("sale", str(number))
        await bus.close()
        heard = [subject_id async for subject_id in ids]

    assert heard == ["7", "8", "9"]


async def test_nothing_is_left_behind_by_waiters_and_listeners() -> None:
    bus = MemoryBus()

    async with bus.expect("sale", "1"), bus.listen("sale"):
        pass

    assert (bus._waiters, bus._taps, bus._listeners) == ({}, {}, set())


async def test_a_bus_without_redis_serves_its_own_process(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    class Watched(RedisBus):
        async def _send(self, redis: Redis, notices: list[tuple[str, str]]) -> None:
            tried.set()
            await super()._send(redis, notices)

    bus = Watched(f"redis://127.0.0.1:{unused_tcp_port}/0")
    monkeypatch.setattr(redis_bus, "CONNECT_TIMEOUT_S", 0.05)
    await bus.start()
    try:
        async with bus.expect("sale", "1") as waiter:
            bus.publish("sale", "1")
            assert await waiter.wait(PATIENCE_S)
            await tried.wait()
        assert not bus.is_connected
    finally:
        await bus.close()


@pytest.mark.redis
async def test_a_cut_connection_is_made_again() -> None:
    channel = f"sauda:test:{new_id()}"
    teller, hearer = RedisBus(REDIS_URL, channel=channel), RedisBus(REDIS_URL, channel=channel)
    await teller.start()
    await hearer.start()
    try:
        async with hearer._client() as redis:
            clients = [
                client
                for client in await redis.client_list(_type="pubsub")
                if client["name"].endswith(hearer._sender)
            ]
            assert len(clients) == 1
            await redis.client_kill_filter(_id=clients[0]["id"])
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with hearer.expect("sale", "1") as waiter:
                    teller.publish("sale", "1")
                    if await waiter.wait(0.05):
                        break
    finally:
        await teller.close()
        await hearer.close()


def test_a_message_carries_its_notices_and_senseless_lines_are_skipped() -> None:
    assert decode(encode("me", [("sale", "1"), ("lane", "register:2")])) == (
        "me",
        [("sale", "1"), ("lane", "register:2")],
    )
    assert decode(b"me\nnonsense\n\xff\nsale\t1") == ("me", [("sale", "1")])
