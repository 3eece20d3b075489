"""Works that ask nothing are written together; the outcome is what it would be had each run alone."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from random import Random

import pytest

from kernel.data.conversation import ONE_ROW, Said
from kernel.data.database import Database
from kernel.data.gathered import together
from kernel.data.revisions import STILL
from kernel.data.work import Work
from kernel.errors import AssumedWrong, Unavailable
from kernel.jobs.tests.shops import Wire, assert_whole, sell, set_price, sold, stored, warm
from kernel.jobs.tests.toys import ALMA, OF_ALMA

pytestmark = pytest.mark.mariadb


async def test_works_that_wait_are_written_in_one_transaction(shops: list[Database], wire: Wire) -> None:
    here, _ = shops
    lanes = [f"lane {number}" for number in range(8)]
    await warm(here, *lanes)
    wire.packets.clear()
    wire.gate.clear()

    first = asyncio.create_task(sold(here, lanes[0], "alone"))
    second = asyncio.create_task(sold(here, lanes[1], "alone too"))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(sold(here, lane, f"of {lane}")) for lane in lanes[2:]]
    await asyncio.sleep(0.05)
    wire.gate.set()
    answers = await asyncio.gather(first, second, *others)

    assert answers == [100] * 8
    assert sorted(packet.works for packet in wire.packets)[-1] == 6
    group = max(wire.packets, key=lambda packet: packet.works)
    assert Counter(each.split(" ")[2] for each in group.statements if each.startswith("INSERT")) == {
        "toy_sale": 1,
        "kernel_journal": 1,
    }
    assert await stored(here) == 16 + 8
    await assert_whole(here)


async def test_what_fails_in_a_group_fails_alone(shops: list[Database], wire: Wire) -> None:
    here, _ = shops
    lanes = [f"lane {number}" for number in range(6)]
    await warm(here, *lanes)

    async def take_a_foreign_id(work: Work) -> int:
        price = await sell(work, lanes[0], "mine")
        await work.write_row(
            "toy_sale",
            {"id": "lane 1-warm-0", "company_id": ALMA, "sale_key": "x", "lane_key": "x", "price": 1},
        )
        return price

    outcomes = await asyncio.gather(
        here.transact(take_a_foreign_id, principal=OF_ALMA),
        *(sold(here, lane, f"of {lane}") for lane in lanes[1:]),
        return_exceptions=True,
    )

    assert "Duplicate" in str(outcomes[0])
    assert outcomes[1:] == [100] * 5
    assert await stored(here) == 12 + 5
    await assert_whole(here)


async def test_a_text_that_cannot_be_sent_fails_alone(shops: list[Database]) -> None:
    here, _ = shops
    await warm(here, "a", "b")

    outcomes = await asyncio.gather(
        sold(here, "a", "\ud83d lone"), sold(here, "b", "whole"), return_exceptions=True
    )

    assert isinstance(outcomes[0], UnicodeEncodeError)
    assert outcomes[1] == 100
    await assert_whole(here)


async def test_when_the_answer_to_a_commit_is_lost_nobody_of_the_group_is_told_it_failed(
    shops: list[Database], wire: Wire
) -> None:
    here, _ = shops
    lanes = ["a", "b", "c"]
    await warm(here, *lanes)
    wire.works_to_lose = 3

    outcomes = await asyncio.gather(
        *(sold(here, lane, f"of {lane}") for lane in lanes), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert await asyncio.gather(*(sold(here, lane, f"of {lane}") for lane in lanes)) == [100] * 3
    assert await stored(here) == 6 + 3
    await assert_whole(here)


async def test_a_lane_held_by_somebody_holds_up_nobody_else_for_long(
    shops: list[Database], wire: Wire
) -> None:
    here, there = shops
    await warm(here, "a", "b", "c")
    release = asyncio.Event()
    held = asyncio.Event()

    async def hold(work: Work) -> None:
        await work.lane("a", company_id=ALMA)
        held.set()
        await release.wait()

    holder = asyncio.create_task(there.transact(hold, principal=OF_ALMA))
    await held.wait()
    began = time.monotonic()
    stuck = asyncio.create_task(sold(here, "a", "stuck"))
    others = await asyncio.gather(*(sold(here, lane, f"of {lane}") for lane in ("b", "c")))
    waited = time.monotonic() - began
    assert not stuck.done()
    stuck_too = asyncio.create_task(sold(here, "a", "stuck too"))
    await asyncio.gather(*(sold(here, lane, f"more of {lane}") for lane in ("b", "c") * 3))
    assert [packet.is_refused for packet in wire.packets].count(True) == 1  # nobody trusts that lane again
    release.set()

    assert others == [100, 100]
    assert waited < 15  # the server itself would wait for 50 s
    assert [await stuck, await stuck_too] == [100, 100]
    await holder
    await assert_whole(here)


async def test_many_sales_at_one_lane_at_once_are_all_made(shops: list[Database]) -> None:
    here, there = shops
    await warm(here, "a")

    answers = await asyncio.gather(
        *(sold((here, there)[number % 4 == 0], "a", f"sale {number}") for number in range(24))
    )

    assert answers == [100] * 24
    await assert_whole(here)


@pytest.mark.parametrize("seed", range(6))
async def test_random_sales_and_changes_in_two_processes(shops: list[Database], seed: int) -> None:
    random = Random(seed)
    lanes = ["a", "b", "c"]
    price, keys = 100, 0
    expected: dict[str, int] = {}
    for _ in range(25):
        low = price
        tasks: dict[str, asyncio.Task[int]] = {}
        for _ in range(random.randrange(1, 7)):
            shop, lane = random.choice(shops), random.choice(lanes)
            replayed = random.random() < 0.15 and expected
            key = random.choice(sorted(expected)) if replayed else f"key {keys}"
            keys += 1
            slip = random.random() < 0.2
            tasks[key] = asyncio.create_task(sold(shop, lane, key, with_slip=slip))
        if random.random() < 0.5:
            price += 1
            await random.choice(shops).transact(set_price, price, principal=OF_ALMA)
        for key, task in tasks.items():
            got = await task
            if key in expected:
                assert got == expected[key]
            assert low <= got <= price or key in expected
            expected.setdefault(key, got)
    assert await stored(shops[0]) == len(expected)
    assert await stored(shops[0], "SELECT SUM(price) AS n FROM toy_sale") == sum(expected.values())
    await assert_whole(shops[0])


def test_steps_of_works_keep_their_order_and_their_proofs() -> None:
    insert = "INSERT INTO t (a, b) VALUES (%s, %s)"
    change = "UPDATE l SET a = %s"
    moved = AssumedWrong("moved")

    def work(n: int, *more: Said) -> list[Said]:
        return [
            Said(f"UPDATE l SET a = {n}", change, ONE_ROW, moved),
            Said("SELECT still", STILL, None, moved),
            Said(f"INSERT INTO t (a, b) VALUES ({n}, 'x VALUES (')", insert),
            *more,
        ]

    odd = Said("DELETE FROM t", "DELETE FROM t")

    assert list(together([work(1), work(2, odd), work(3)])) == [
        *("UPDATE l SET a = 1", ONE_ROW, "UPDATE l SET a = 3", ONE_ROW),
        "SELECT still",
        "INSERT INTO t (a, b) VALUES (1, 'x VALUES ('),(3, 'x VALUES (')",
        *("UPDATE l SET a = 2", ONE_ROW, "SELECT still", "INSERT INTO t (a, b) VALUES (2, 'x VALUES (')"),
        "DELETE FROM t",
    ]


def test_an_insert_that_says_what_to_do_with_duplicates_stays_alone() -> None:
    upsert = "INSERT INTO t (a) VALUES (%s) ON DUPLICATE KEY UPDATE a = a"
    works = [[Said(upsert % n, upsert)] for n in (1, 2)]

    assert list(together(works)) == [upsert % 1, upsert % 2]
