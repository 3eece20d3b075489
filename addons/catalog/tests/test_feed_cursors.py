"""Where a device stands in the feed: cursors that are old, damaged or of others, pages kept for many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from addons.catalog.domain.commands_view import SetRegisterView
from addons.catalog.services import feed_pages
from addons.catalog.services.feed_tidy import compact_feed
from addons.catalog.services.register_view import set_register_view
from addons.catalog.tests.feed_devices import CHANGES, Chain, chain_of, new_chain, run
from addons.catalog.tests.makers import good
from kernel.clock import FrozenClock
from kernel.gql.ids import to_global
from kernel.security.principal import SYSTEM


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with new_chain() as chain:
        yield chain


def later(chain: Chain, **time: int) -> None:
    clock = chain.app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(**time))


async def test_goods_of_sixty_days_are_caught_up_with_and_of_a_hundred_loaded_anew(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(4)))
    away, longer = await chain.device("away"), await chain.device("longer")
    await away.catch_up()
    await longer.catch_up()
    await chain.upsert(good("g0", "d2", is_deleted=True), good("g1", "d2", name="Иной"))

    later(chain, days=60)
    await chain.app.database.transact(compact_feed, principal=SYSTEM)
    told = await away.catch_up()
    later(chain, days=40)
    await chain.app.database.transact(compact_feed, principal=SYSTEM)
    await longer.catch_up()
    await away.catch_up()

    assert told == 2
    assert (away.refetches, longer.refetches) == ([], ["TOO_OLD"])
    assert away.rows == longer.rows
    assert away.names() == ["Иной", "Товар 2", "Товар 3"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda cursor: "",
        lambda cursor: "x" * 40,
        lambda cursor: cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
        lambda cursor: "B" + cursor[1:],
        lambda cursor: cursor * 20,
        lambda cursor: "кириллица",
    ],
)
async def test_a_damaged_cursor_means_beginning_anew(chain: Chain, damage) -> None:  # type: ignore[no-untyped-def]
    device = await chain.device()
    await device.catch_up()
    assert device.cursor is not None

    device.cursor = damage(device.cursor)
    await device.catch_up()

    assert device.refetches == ["CURSOR_UNKNOWN"]


async def test_a_cursor_of_another_company_or_time_is_not_believed(chain: Chain) -> None:
    other = await (await chain_of(chain, "230140000021")).device()
    device = await chain.device()
    await other.catch_up()
    await chain.upsert(good())
    await device.catch_up()
    ahead = device.cursor

    async def restore(work, epoch: str) -> None:  # type: ignore[no-untyped-def]
        head = "UPDATE cat_feed_head SET seq = 1, epoch = ? WHERE company_id = ?"
        await work.execute(head, epoch, work.company_id)

    heads = await chain.rows("SELECT epoch FROM cat_feed_head ORDER BY seq DESC")
    device.cursor = other.cursor
    await device.step()
    await chain.run(restore, heads[0]["epoch"])
    device.cursor = ahead
    await device.step()
    await chain.run(restore, "00000000")
    device.cursor = ahead
    await device.step()

    assert device.refetches == ["CURSOR_UNKNOWN", "AHEAD_OF_SERVER", "EPOCH_CHANGED"]


async def test_goods_older_than_the_feed_are_loaded_too(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(3)), good("off", name="Б"))
    await chain.upsert(good("off", "d2", is_deleted=True))

    async def forget(work) -> None:  # type: ignore[no-untyped-def]
        await work.execute("DELETE FROM cat_feed WHERE company_id = ?", work.company_id)
        await work.execute("DELETE FROM cat_feed_head WHERE company_id = ?", work.company_id)

    device = await chain.device()
    await chain.run(forget)
    await device.catch_up(limit=2)
    await chain.upsert(good("g1", "d2", name="Иной"))
    await device.catch_up()

    assert device.names() == ["Иной", "Товар 0", "Товар 2"]


async def test_a_page_is_read_once_for_all_devices_that_see_the_same(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(30)))
    devices = [await chain.device(str(n)) for n in range(5)]
    own = await chain.device("own")
    await chain.run(set_register_view, SetRegisterView((own.register_id,), percent_bp=5_000))
    read = 0
    original = feed_pages.read_page

    async def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
        nonlocal read
        read += 1
        return await original(*args, **kwargs)

    monkeypatch.setattr(feed_pages, "read_page", counted)
    for device in [*devices, own]:
        await device.catch_up(limit=20)

    assert all(device.rows == devices[0].rows for device in devices)
    assert read == 4  # two pages for each of two views


async def test_a_page_kept_for_others_brings_nothing_back_to_a_later_load(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(9)))
    first, later_one = await chain.device("first"), await chain.device("later")
    await first.catch_up(limit=2)

    await chain.upsert(good("g1", "d2", is_deleted=True), good("g2", "d2", name="Иной"))
    await later_one.catch_up(limit=2)

    assert "Товар 1" not in later_one.names()
    assert later_one.refetches == []


async def test_a_device_sees_its_own_register_only(chain: Chain) -> None:
    one, two = await chain.device("one"), await chain.device("two")
    document = "query($id: ID!, $limit: Int) { catalogChanges(registerId: $id, limit: $limit) { upToDate } }"
    theirs = to_global("Register", two.register_id)

    refused = await run(chain, one.principal, document, id=theirs)
    huge = await run(chain, one.principal, document, id=to_global("Register", one.register_id), limit=2_001)
    nobody = await run(chain, chain.principal, CHANGES, limit=10)
    other = await chain_of(chain, "230140000021")
    stranger = await run(chain, other.principal, document, id=theirs, limit=10)

    codes = [result.errors[0].extensions["code"] for result in (refused, huge, nobody, stranger)]
    assert codes == [
        "REGISTER_FORBIDDEN",
        "FEED_LIMIT_OUT_OF_RANGE",
        "FEED_REGISTER_NEEDED",
        "REGISTER_UNKNOWN",
    ]
