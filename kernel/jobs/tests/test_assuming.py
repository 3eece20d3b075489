"""On a server a Work of a steady lane asks nothing and is written together with others: the outcome is what
it would be had it asked and run alone.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from random import Random
from typing import Any, NamedTuple

import aiomysql
import pytest
from pymysql import err
from pymysql.constants import CR

from kernel.data import conversation, gathered, revisions
from kernel.data.conversation import ONE_ROW, Said
from kernel.data.database import Database
from kernel.data.gathered import together
from kernel.data.questions import KeptQuestion, KeyQuestion, Many
from kernel.data.revisions import EVERYBODY, STILL, CompanyAnswers
from kernel.data.tenancy import all_companies
from kernel.data.wire import Answer, converse
from kernel.data.work import Work
from kernel.errors import AssumedWrong, Refusal, Unavailable
from kernel.events.bus import MemoryBus
from kernel.ids import CompanyId
from kernel.jobs.memory import LaneMemory
from kernel.jobs.tests.toy_models import PRICES, Price
from kernel.jobs.tests.toys import ALMA, MODELS, OF_ALMA, START, FrozenClock, ToyRegistry
from kernel.journal.verify import verify_all
from kernel.security.principal import SYSTEM
from kernel.testing.schema import create_tables, mysql_database

pytestmark = pytest.mark.mariadb

BEREKE = CompanyId("bereke")
TABLES = {**MODELS, "toy": ("kernel.jobs.tests.toy_models",)}
BY_NAME = "SELECT name, price FROM toy_price WHERE company_id = ? AND name = ?"
BY_NAMES = Many("SELECT name, price FROM toy_price WHERE company_id = ? AND name IN ({marks})", "name")
BY_KEY = "SELECT price FROM toy_sale WHERE company_id = ? AND sale_key = ?"


class Packet(NamedTuple):
    """Statements sent together, and how many of them were answered."""

    statements: Sequence[str]
    answered: int

    @property
    def works(self) -> int:
        """Lanes written in it."""
        return sum(each.startswith("UPDATE kernel_lane") for each in self.statements)


class Wire:
    """Every packet to the server; it may be told to lose the answer to a COMMIT, or to hold packets back."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.is_losing = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def converse(
        self, connection: aiomysql.Connection, statements: Sequence[str]
    ) -> tuple[list[Answer], err.MySQLError | None]:
        """As the real one."""
        await self.gate.wait()
        answers, refused = await converse(connection, statements)
        self.packets.append(Packet(statements, len(answers)))
        if self.is_losing and statements[-1] == "COMMIT":
            connection.close()
            raise err.OperationalError(CR.CR_SERVER_LOST, "lost")
        return answers, refused


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Listens to Works, alone and in groups."""
    wire = Wire()
    for module in (conversation, gathered):
        monkeypatch.setattr(module, "converse", wire.converse)
    return wire


@pytest.fixture
async def shops() -> AsyncIterator[list[Database]]:
    """Two processes of one installation, and the price of tea."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(mysql_database())
        await create_tables(url, TABLES)
        databases = [
            Database(
                url,
                models=TABLES,
                registry=ToyRegistry(),  # type: ignore[arg-type]
                bus=MemoryBus(),
                clock=FrozenClock(START),
            )
            for _ in range(2)
        ]
        for each in databases:
            await stack.enter_async_context(each.opened())
        await databases[0].transact(set_price, 100, principal=OF_ALMA)
        yield databases


async def set_price(work: Work, price: int, name: str = "tea") -> None:
    company_id = work.company_id
    matched = await work.execute(
        "UPDATE toy_price SET price = ? WHERE company_id = ? AND name = ?", price, company_id, name
    )
    if not matched:
        values = {"id": f"{company_id}-{name}", "company_id": company_id, "name": name, "price": price}
        await work.insert("toy_price", values)


async def sell(
    work: Work, lane_key: str, sale_key: str, *names: str, limit: int = 1_000_000, with_slip: bool = False
) -> int:
    """Service: the sum of the prices; what was stored under the key when it is known already.

    with_slip asks a plain question on the way, so that the first packet is not the last.
    """
    names = names or ("tea",)
    ask_key = KeyQuestion(BY_KEY, (work.company_id, sale_key))
    prices = [KeptQuestion(BY_NAME, (work.company_id, each), PRICES, BY_NAMES) for each in names]
    known, *found = await work.ask_under_lane(lane_key, ask_key, *prices)
    if known:
        return int(known[0]["price"])
    total = sum(rows[0]["price"] for rows in found)
    if total > limit:
        raise Refusal("TOO_DEAR")
    if with_slip:
        await work.rows("SELECT 1 AS one")
    lane = await work.lane(lane_key, company_id=work.company_id)
    lane.journal("toy.sale", {"key": sale_key, "price": total})
    values = {"id": sale_key, "company_id": work.company_id, "sale_key": sale_key, "lane_key": lane_key}
    await work.write_row("toy_sale", {**values, "price": total})
    return total


async def sold(shop: Database, lane: str, key: str, *names: str, **options: Any) -> int:
    return await shop.transact(sell, lane, key, *names, principal=OF_ALMA, **options)


async def warm(shop: Database, *lanes: str) -> None:
    """Two sales at each lane: it is known to be steady then, and the price is kept."""
    for lane in lanes:
        for number in range(2):
            await sold(shop, lane, f"{lane}-warm-{number}")


async def stored(shop: Database, sql: str = "SELECT COUNT(*) AS n FROM toy_sale") -> Any:
    async with shop.reading(SYSTEM) as reader:
        row = await reader.row(sql)
    assert row is not None
    return row["n"]


async def assert_whole(shop: Database) -> None:
    """Every journal is whole and has an entry for each sale."""
    async with shop.reading(SYSTEM) as reader:
        verdicts = [verdict async for verdict in verify_all(reader)]
    assert all(verdict.is_whole for verdict in verdicts)
    assert sum(verdict.entries for verdict in verdicts) == await stored(shop)


async def test_a_steady_lane_sells_in_one_packet_without_a_question(
    shops: list[Database], wire: Wire
) -> None:
    await warm(shops[0], "a")
    wire.packets.clear()

    assert await sold(shops[0], "a", "one") == 100

    (packet,) = wire.packets
    assert [each.split(" ")[0] for each in packet.statements] == [
        *("BEGIN", "UPDATE", "SET", "SET", "INSERT", "INSERT", "COMMIT")
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
    assert [packet.answered < len(packet.statements) for packet in wire.packets].count(True) == 1
    wire.packets.clear()
    for number in range(3):
        await sold(here, "a", f"again {number}")

    assert not any(packet.answered < len(packet.statements) for packet in wire.packets)
    assert wire.packets[-1].statements[0] == "BEGIN"
    assert wire.packets[-1].statements[-1] == "COMMIT"
    await assert_whole(here)


async def test_a_lane_that_two_processes_share_costs_no_failed_packet(
    shops: list[Database], wire: Wire
) -> None:
    for number in range(6):
        assert await sold(shops[number % 2], "a", f"sale {number}") == 100

    assert not any(packet.answered < len(packet.statements) for packet in wire.packets)
    await assert_whole(shops[0])


async def test_the_same_key_gives_the_same_answer_alone_and_among_others(shops: list[Database]) -> None:
    here, there = shops
    await warm(here, "a", "b", "c")
    assert await sold(here, "a", "key") == 100
    await there.transact(set_price, 200, principal=OF_ALMA)

    assert await sold(here, "a", "key") == 100
    answers = await asyncio.gather(
        sold(here, "a", "key"), sold(here, "b", "new b"), sold(here, "c", "new c"), sold(here, "b", "key")
    )

    assert answers == [100, 200, 200, 100]
    assert await stored(here) == 6 + 3
    await assert_whole(here)


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
    wire.is_losing = True

    outcomes = await asyncio.gather(
        *(sold(here, lane, f"of {lane}") for lane in lanes), return_exceptions=True
    )
    wire.is_losing = False

    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert await asyncio.gather(*(sold(here, lane, f"of {lane}") for lane in lanes)) == [100] * 3
    assert await stored(here) == 6 + 3
    await assert_whole(here)


async def test_a_lane_held_by_somebody_holds_up_nobody_else_for_long(shops: list[Database]) -> None:
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
    release.set()

    assert others == [100, 100]
    assert waited < 10 * gathered.LOCK_WAIT_S
    assert await stuck == 100
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
            Said("SET still", STILL, None, moved),
            Said(f"INSERT INTO t (a, b) VALUES ({n}, 'x VALUES (')", insert),
            *more,
        ]

    odd = Said("DELETE FROM t", "DELETE FROM t")

    assert list(together([work(1), work(2, odd), work(3)])) == [
        *("UPDATE l SET a = 1", ONE_ROW, "UPDATE l SET a = 3", ONE_ROW),
        "SET still",
        "INSERT INTO t (a, b) VALUES (1, 'x VALUES ('),(3, 'x VALUES (')",
        *("UPDATE l SET a = 2", ONE_ROW, "SET still", "INSERT INTO t (a, b) VALUES (2, 'x VALUES (')"),
        "DELETE FROM t",
    ]


def test_an_insert_that_says_what_to_do_with_duplicates_stays_alone() -> None:
    upsert = "INSERT INTO t (a) VALUES (%s) ON DUPLICATE KEY UPDATE a = a"
    works = [[Said(upsert % n, upsert)] for n in (1, 2)]

    assert list(together(works)) == [upsert % 1, upsert % 2]


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
