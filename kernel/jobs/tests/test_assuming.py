"""On a server a Work of a steady lane asks nothing; the outcome is what it would be had it asked."""

from __future__ import annotations

import asyncio

import aiomysql
import pytest

from kernel.data import revisions
from kernel.data.database import Database
from kernel.data.questions import KeptQuestion, KeyQuestion
from kernel.data.revisions import EVERYBODY, CompanyAnswers
from kernel.data.tenancy import all_companies
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.jobs.memory import LaneMemory
from kernel.jobs.tests.shops import (
    BEREKE,
    BY_KEY,
    BY_NAME,
    Wire,
    assert_whole,
    sell,
    set_price,
    sold,
    stored,
    warm,
)
from kernel.jobs.tests.toy_models import PRICES, Price
from kernel.jobs.tests.toys import OF_ALMA
from kernel.security.principal import SYSTEM

pytestmark = pytest.mark.mariadb


async def test_a_steady_lane_sells_in_one_packet_without_a_question(
    shops: list[Database], wire: Wire
) -> None:
    await warm(shops[0], "a")
    wire.packets.clear()

    assert await sold(shops[0], "a", "one") == 100

    (packet,) = wire.packets
    assert [each.split(" ")[0] for each in packet.statements] == [
        *("BEGIN", "UPDATE", "SET", "SELECT", "INSERT", "INSERT", "COMMIT")
    ]
    await assert_whole(shops[0])


async def test_a_change_by_another_process_is_never_missed(shops: list[Database], wire: Wire) -> None:
    here, there = shops
    await warm(here, "a")
    for price in (200, 300):
        await there.transact(set_price, price, principal=OF_ALMA)
        assert await sold(here, "a", f"at {price}") == price
        assert await sold(here, "a", f"again at {price}") == price
    await assert_whole(here)


async def test_an_own_change_is_seen_by_the_same_work_and_kept_for_nobody_when_undone(
    shops: list[Database],
) -> None:
    here, _ = shops
    await warm(here, "a")

    async def change_and_sell(work: Work, *, fails: bool) -> int:
        await set_price(work, 500)
        price = await sell(work, "a", f"own {fails}")
        if fails:
            raise Refusal("NO")
        return price

    with pytest.raises(Refusal):
        await here.transact(change_and_sell, fails=True, principal=OF_ALMA)
    assert await sold(here, "a", "after the failure") == 100
    assert await here.transact(change_and_sell, fails=False, principal=OF_ALMA) == 500
    assert await sold(here, "a", "after the change") == 500


async def test_who_has_changed_what_answers_speak_of_asks_about_many_at_once(shops: list[Database]) -> None:
    async def seen(work: Work, *, changes: bool) -> tuple[bool, bool]:
        before = work.keeps
        if changes:
            await set_price(work, 500)
        return before, work.keeps

    assert await shops[0].transact(seen, changes=False, principal=OF_ALMA) == (True, True)
    assert await shops[0].transact(seen, changes=True, principal=OF_ALMA) == (True, False)
    assert await shops[0].transact(seen, changes=False, principal=SYSTEM) == (False, False)


async def test_no_refusal_comes_of_an_answer_that_is_out_of_date(shops: list[Database]) -> None:
    here, there = shops
    await there.transact(set_price, 900, principal=OF_ALMA)
    await warm(here, "a")
    await there.transact(set_price, 50, principal=OF_ALMA)

    assert await sold(here, "a", "cheap again", limit=100) == 50
    with pytest.raises(Refusal, match="TOO_DEAR"):
        await sold(here, "a", "dear", limit=10)


async def test_a_lane_moved_by_another_process_is_read_anew_and_then_trusted_again(
    shops: list[Database], wire: Wire
) -> None:
    here, there = shops
    await warm(here, "a")
    await sold(there, "a", "there")

    assert await sold(here, "a", "here") == 100
    assert [packet.is_refused for packet in wire.packets].count(True) == 1
    wire.packets.clear()
    for number in range(3):
        await sold(here, "a", f"again {number}")

    assert not any(packet.is_refused for packet in wire.packets)
    assert wire.packets[-1].statements[0] == "BEGIN"
    assert wire.packets[-1].statements[-1] == "COMMIT"
    await assert_whole(here)


async def test_a_lane_that_two_processes_share_costs_no_failed_packet(
    shops: list[Database], wire: Wire
) -> None:
    for number in range(6):
        assert await sold(shops[number % 2], "a", f"sale {number}") == 100

    assert not any(packet.is_refused for packet in wire.packets)
    await assert_whole(shops[0])


async def test_the_same_key_gives_the_same_answer_alone_and_among_others(
    shops: list[Database], wire: Wire
) -> None:
    here, there = shops
    await warm(here, "a", "b", "c")
    assert await sold(here, "a", "key") == 100
    await there.transact(set_price, 200, principal=OF_ALMA)

    assert await sold(here, "a", "key") == 100
    assert not any(packet.is_refused for packet in wire.packets)  # it was asked: the key had been here
    answers = await asyncio.gather(
        sold(here, "a", "key"), sold(here, "b", "new b"), sold(here, "c", "new c"), sold(here, "b", "key")
    )

    assert answers == [100, 200, 200, 100]
    await sold(there, "a", "from there")
    assert await sold(here, "a", "from there") == 200
    assert await stored(here) == 6 + 4
    await assert_whole(here)


async def test_a_change_for_nobodys_company_or_for_all_is_everybodys(shops: list[Database]) -> None:
    here, there = shops

    async def by_sql(work: Work) -> None:
        await work.execute("UPDATE toy_price SET price = 7 WHERE name = 'tea'")

    async def by_model(work: Work) -> None:
        with all_companies("a test"):
            await Price.filter(name="tea").update(price=8)

    await warm(here, "a")
    await there.transact(by_sql, principal=SYSTEM)
    assert await sold(here, "a", "one") == 7
    await there.transact(by_model, principal=SYSTEM.within(BEREKE))
    assert await sold(here, "a", "two") == 8


async def test_what_another_company_changes_leaves_the_answers_kept(
    shops: list[Database], wire: Wire
) -> None:
    here, there = shops
    await warm(here, "a")
    await there.transact(set_price, 1, principal=SYSTEM.within(BEREKE))
    wire.packets.clear()

    assert await sold(here, "a", "one") == 100
    assert len(wire.packets) == 1


async def test_nobody_waits_for_who_is_just_raising_the_revision(shops: list[Database], wire: Wire) -> None:
    here, _ = shops
    await warm(here, "a")
    wire.packets.clear()
    url = here.url
    async with (
        aiomysql.connect(
            host=url.host, port=url.port, user=url.user, password=url.password, db=url.path
        ) as other,
        other.cursor() as cursor,
    ):
        await cursor.execute("UPDATE kernel_revision SET revision = revision + 1")

        assert await sold(here, "a", "one") == 100
        assert len(wire.packets) == 1


async def test_a_plain_question_is_asked_with_the_lane(shops: list[Database], wire: Wire) -> None:
    here, _ = shops
    await warm(here, "a")

    async def count_and_sell(work: Work) -> int:
        question = ("SELECT COUNT(*) AS n FROM toy_sale WHERE company_id = ?", [work.company_id])
        kept = KeptQuestion(BY_NAME, (work.company_id, "tea"), PRICES)
        counted, prices = await work.ask_under_lane("a", question, kept)
        return int(counted[0]["n"] + prices[0]["price"])

    assert await here.transact(count_and_sell, principal=OF_ALMA) == 2 + 100


async def test_what_was_changed_past_the_program_is_noticed_after_a_while(
    shops: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = shops
    monkeypatch.setattr(revisions, "KEPT_MAX_S", 0.2)
    await warm(here, "a")
    await here.reading_client.execute_query("UPDATE toy_price SET price = 3")
    await asyncio.sleep(0.3)

    assert await sold(here, "a", "one") == 3


async def test_goods_that_are_not_kept_are_asked_in_one_statement(shops: list[Database], wire: Wire) -> None:
    here, there = shops
    names = ["tea", "milk", "bread", "salt"]
    for price, name in enumerate(names):
        await here.transact(set_price, 10**price, name, principal=OF_ALMA)
    wire.packets.clear()

    assert await sold(here, "a", "all", *names, "tea") == 1112
    asked = [each for packet in wire.packets for each in packet.statements if "toy_price" in each]
    assert len(asked) == 1
    await there.transact(set_price, 5, "milk", principal=OF_ALMA)  # of two kept and one new, one has moved
    await here.transact(set_price, 6, "sugar", principal=OF_ALMA)
    assert await sold(here, "a", "some", "tea", "milk", "sugar") == 1 + 5 + 6


def test_answers_are_bounded_and_none_of_an_older_stamp_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(revisions, "KEPT_MAX", 3)
    answers = CompanyAnswers()
    asked = [KeptQuestion(BY_NAME, (str(number),), PRICES) for number in range(3)]

    answers.keep("a", 5, {asked[0]: [1], asked[1]: [2]})
    answers.keep("a", 4, {asked[2]: [9]})
    kept = answers.of("a")
    assert kept is not None
    assert set(kept.answers) == set(asked[:2])
    answers.keep("a", 6, {asked[0]: [3]})
    answers.keep("b", 1, {asked[0]: [1], asked[1]: [1]})
    assert answers.of("a") is not None
    answers.keep("b", 1, {asked[2]: [1]})
    assert answers.of("a") is None
    assert answers.of("b") is not None
    answers.forget(EVERYBODY)
    assert answers.of("b") is None
    keys = [KeyQuestion(BY_KEY, (str(number),)) for number in range(4)]
    assert [answers.is_new(key) for key in (*keys, keys[3], keys[0])] == [True] * 4 + [False, True]


def test_a_lane_is_taken_by_one_work_at_a_time_and_only_as_it_was_left() -> None:
    memory = LaneMemory()
    assert memory.take("a", is_steady=False) is None
    memory.keep("a", 1, {}, ("row", 1))
    assert memory.take("a", is_steady=True) is None  # nobody has found it so yet
    memory.meet("a", 1)
    assert memory.take("a", is_steady=True) == ("row", 1)
    assert memory.take("a", is_steady=False) is None
    memory.free("a")
    memory.keep("a", 2, {}, ("row", 2))
    assert memory.take("a", is_steady=True) == ("row", 2)
    memory.free("a")
    memory.meet("a", 3)
    assert memory.take("a", is_steady=False) is None
