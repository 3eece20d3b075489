"""Many writers at once on a server: numbers of the feed rise in the order of commits, and none is passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from addons.catalog.api import CreateProduct, create_product
from addons.catalog.domain.commands import UpdateProduct
from addons.catalog.domain.exchange import ExchangeKind, ExchangeState, OrderExchange, ReportExchange
from addons.catalog.services.feed_notes import note_cards
from addons.catalog.services.feed_tidy import compact_feed, fail_overdue
from addons.catalog.services.order_exchange import order_exchange
from addons.catalog.services.products import update_product
from addons.catalog.services.report_exchange import report_exchange
from addons.catalog.tests.feed_devices import Chain, chain_of, new_chain
from addons.catalog.tests.makers import good
from kernel.clock import FrozenClock
from kernel.data.work import Work
from kernel.security.principal import SYSTEM
from kernel.testing import mysql_database

pytestmark = pytest.mark.mariadb

IMPORTS, BATCHES, ROWS = 4, 6, 40


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with mysql_database() as url, new_chain(url) as chain:
        yield chain


async def head_of(chain: Chain) -> int:
    rows = await chain.rows("SELECT seq FROM cat_feed_head")
    return int(rows[0]["seq"])


class Pause:
    """A last step that holds its Work open, once its changes are numbered."""

    reached: asyncio.Event
    go_on: asyncio.Event

    async def run(self, work: Work) -> None:
        self.reached.set()
        await self.go_on.wait()


async def test_devices_follow_parallel_imports_without_a_lost_change(chain: Chain) -> None:
    await chain.upsert(*(good(f"0 {n}", name=f"Товар {n}") for n in range(ROWS)))
    devices = [await chain.device(str(n)) for n in range(3)]
    for device in devices:
        device.is_alone = False
    before = await head_of(chain)
    done = asyncio.Event()

    async def import_(source: int) -> None:
        for batch in range(BATCHES):
            rows = [
                good(f"{(source + batch) % 3} {n}", f"{source} {batch}", name=f"Товар {source} {batch} {n}")
                for n in range(ROWS)
            ]
            await chain.upsert(*rows)

    async def follow(place: int) -> None:
        while not done.is_set():
            await devices[place].catch_up(limit=17 + place)
            await asyncio.sleep(0)
        await devices[place].catch_up()

    async with asyncio.TaskGroup() as group:
        for place in range(len(devices)):
            group.create_task(follow(place))
        imports = [asyncio.create_task(import_(source)) for source in range(IMPORTS)]
        people = [chain.run(create_product, CreateProduct(f"Новый {n}")) for n in range(20)]
        await asyncio.gather(*imports, *people)
        done.set()

    numbers = [row["seq"] for row in await chain.rows("SELECT seq FROM cat_feed ORDER BY seq")]
    assert len(set(numbers)) == len(numbers) == 20 + 3 * ROWS + 2  # the free position and its group
    assert numbers[-1] == await head_of(chain) == before + 20 + IMPORTS * BATCHES * ROWS
    for device in devices:
        assert device.rows == await device.fresh()
        assert device.refetches == []


async def test_orders_old_entries_and_lag_on_mariadb(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(5)))
    device, other = await chain.device("one"), await chain.device("two")
    for each in (device, other):
        await each.catch_up()
        await each.ack()
    command = OrderExchange(ExchangeKind.SEND_GOODS, (device.register_id, other.register_id))
    (exchange, _) = await chain.run(order_exchange, command)
    await chain.upsert(good("g0", "d2", is_deleted=True), good("g1", "d2", name="Иной"))
    behind = await device.ack()
    await device.catch_up()
    await device.ack()

    reported = ReportExchange(exchange, ExchangeState.APPLIED, moved_count=4)
    await chain.app.database.transact(report_exchange, reported, principal=device.principal)
    clock = chain.app.clock
    assert isinstance(clock, FrozenClock)
    for later, service in ((1, fail_overdue), (100, compact_feed)):
        clock.advance(timedelta(days=later))
        await chain.app.database.transact(service, principal=SYSTEM)
    await device.catch_up()
    await other.catch_up()

    states = await chain.rows("SELECT state, reason, moved_count FROM cat_exchange ORDER BY id")
    assert behind == {"waitingCount": 2, "isVerified": True}
    assert [tuple(row.values()) for row in states] == [("applied", "", 4), ("failed", "device_silent", 0)]
    assert (device.refetches, other.refetches) == ([], ["TOO_OLD"])
    assert device.rows == other.rows


async def test_a_number_is_not_seen_before_a_smaller_one_is_committed(chain: Chain) -> None:
    first = await chain.run(create_product, CreateProduct("Первый"))
    second = await chain.run(create_product, CreateProduct("Второй"))
    device = await chain.device()
    await device.catch_up()
    Pause.reached, Pause.go_on = asyncio.Event(), asyncio.Event()

    async def change_and_wait(work: Work) -> None:
        await update_product(work, UpdateProduct(first, name="Первый иной"))
        work.at_end(Pause)

    async def change(work: Work) -> None:
        """Takes no other lock than that of the feed's head: only it makes this one wait."""
        await work.execute("UPDATE cat_product SET name = ? WHERE id = ?", "Второй иной", second)
        await note_cards(work, [second])

    slow = asyncio.create_task(chain.run(change_and_wait))
    await Pause.reached.wait()
    quick = asyncio.create_task(chain.run(change))
    told_meanwhile = await device.catch_up()
    is_waiting = not quick.done()
    Pause.go_on.set()
    await asyncio.gather(slow, quick)
    told = await device.catch_up()

    assert (told_meanwhile, is_waiting, told) == (0, True, 2)
    assert device.names() == ["Второй иной", "Первый иной"]
    assert int(device.card("Первый иной")["version"]) < int(device.card("Второй иной")["version"])

    await begin_at_once(await chain_of(chain, "230140000021"))


async def begin_at_once(chain: Chain) -> None:
    """A feed that many begin in the same moment begins once."""
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(30)))
    devices = [await chain.device(str(n)) for n in range(4)]
    for device in devices:
        device.is_alone = False

    async def forget(work: Work) -> None:
        await work.execute("DELETE FROM cat_feed WHERE company_id = ?", work.company_id)
        await work.execute("DELETE FROM cat_feed_head WHERE company_id = ?", work.company_id)

    await chain.run(forget)
    await asyncio.gather(
        *(device.catch_up() for device in devices),
        *(chain.run(create_product, CreateProduct(f"Новый {n}")) for n in range(5)),
    )
    for device in devices:
        await device.catch_up()

    assert all(device.rows == devices[0].rows for device in devices)
    assert len(devices[0].names()) == 35
