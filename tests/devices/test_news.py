"""News to many devices: one stream for all who hear the same, and nobody waits for the slowest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from strawberry.types.execution import ExecutionResult

from addons.catalog.api import CreateProduct, create_product
from examples.device.device import HEAD
from examples.device.server import Refused, Server
from kernel.gql.broadcast import Broadcasts
from tests.devices.stage import Stage, new_company, open_stage

WAIT_S = 60.0


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr("addons.catalog.gql.feed_heads.NEWS_EVERY_S", 0)
    async with open_stage() as stage:
        yield stage


class Listener:
    """A device that only listens."""

    def __init__(self, stage: Stage, token: str, document: str = HEAD) -> None:
        self.server = Server(stage.address, token)
        self.told: list[Any] = []
        self.task = asyncio.create_task(self._listen(document))

    async def _listen(self, document: str) -> None:
        async for each in self.server.news(document):
            self.told.append(each)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.told) < count:  # noqa: ASYNC110 -- a socket fills it
                await asyncio.sleep(0.01)

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.server.close()


async def test_devices_of_a_company_share_one_stream_until_the_last_one_leaves(stage: Stage) -> None:
    other = await new_company(stage.app, stage.address, 1)
    devices = [Listener(stage, await stage.token(str(n))) for n in range(6)]
    strangers = [Listener(other, await other.token(str(n))) for n in range(2)]
    otherwise = Listener(stage, await stage.token("x"), "subscription Named { catalogHead { seq } }")
    broadcasts = stage.app.schema.broadcasts
    for each in (*devices, *strangers, otherwise):
        await each.has(1)
    before, circles = [len(each.told) for each in devices], len(broadcasts)

    await stage.run(create_product, CreateProduct("Чай"))
    for each, count in zip(devices, before, strict=True):
        await each.has(count + 1)
    last = [each.told[-1] for each in devices]
    late = Listener(stage, await stage.token("late"))
    await late.has(1)
    for each in (*devices, *strangers, otherwise, late):
        await each.leave()
    async with asyncio.timeout(WAIT_S):
        while len(broadcasts):  # noqa: ASYNC110 -- sockets empty it
            await asyncio.sleep(0.01)

    assert circles == 3
    assert all(each == last[0] for each in last)
    assert otherwise.told[-1] == {"seq": last[0]["seq"]}
    assert late.told[-1] == last[0]
    assert int(strangers[0].told[-1]["seq"]) < int(last[0]["seq"])


async def test_who_may_not_follow_is_told_so(stage: Stage) -> None:
    for token, document in (
        (await stage.token(), "subscription { catalogExchangeChanged { id } }"),
        ("sauda_device_0", HEAD),
    ):
        listener = Listener(stage, token, document)
        async with asyncio.timeout(WAIT_S):
            error = (await asyncio.gather(listener.task, return_exceptions=True))[0]
        await listener.server.close()

        assert isinstance(error, Refused) or "4403" in str(error)


async def test_a_slow_follower_misses_what_was_told_meanwhile_but_the_newest() -> None:
    broadcasts = Broadcasts()
    go_on, gates = asyncio.Event(), asyncio.Queue[int]()
    quick: list[str] = []
    slow: list[str] = []

    async def events() -> Any:
        while True:
            number = await gates.get()
            if number < 0:
                return
            yield ExecutionResult(data={"n": number}, errors=None)

    async def opened() -> Any:
        return events()

    async def hear(payload: str) -> None:
        quick.append(payload)

    async def hear_slowly(payload: str) -> None:
        slow.append(payload)
        await go_on.wait()

    followers = [asyncio.create_task(broadcasts.follow("k", opened, each)) for each in (hear, hear_slowly)]
    for number in range(4):
        gates.put_nowait(number)
        for _ in range(10):
            await asyncio.sleep(0)
    go_on.set()
    for _ in range(10):
        await asyncio.sleep(0)
    gates.put_nowait(-1)
    await asyncio.gather(*followers)

    assert quick == ['{"data":{"n":0}}', '{"data":{"n":1}}', '{"data":{"n":2}}', '{"data":{"n":3}}']
    assert slow == [quick[0], quick[3]]
    assert len(broadcasts) == 0


async def test_news_are_pushed_and_one_who_cannot_take_them_is_sent_the_newest_in_order() -> None:
    broadcasts, gates, room = Broadcasts(), asyncio.Queue[int](), asyncio.Event()
    heard: list[str] = []

    async def events() -> Any:
        while (number := await gates.get()) >= 0:
            yield ExecutionResult(data=number, errors=None)

    async def opened() -> Any:
        return events()

    async def send(payload: str) -> None:
        await room.wait()
        heard.append(f"sent {payload}")

    def push(payload: str) -> bool:
        if room.is_set():
            heard.append(f"pushed {payload}")
        return room.is_set()

    async def settled() -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    follower = asyncio.create_task(broadcasts.follow("k", opened, send, push))
    for number, has_room in enumerate([True, False, False, False, True, True]):
        if has_room and not room.is_set():
            room.set()
            await settled()
        elif not has_room:
            room.clear()
        gates.put_nowait(number)
        await settled()
    gates.put_nowait(-1)
    await follower

    assert heard == [
        'pushed {"data":0}',
        'sent {"data":1}',
        'sent {"data":3}',
        'pushed {"data":4}',
        'pushed {"data":5}',
    ]
