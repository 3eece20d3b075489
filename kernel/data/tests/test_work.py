"""A Work is all or nothing, alone and in a group, and leaves nothing behind when it fails."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from contextvars import Context
from types import NoneType

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from kernel.data.database import Database
from kernel.data.tests.conftest import ALMA
from kernel.data.tests.toy_models import Parcel
from kernel.data.work import Work, forbid_in_transaction
from kernel.errors import Fault, Refusal
from kernel.money import Money
from kernel.quantity import Quantity


async def pack(work: Work, name: str, price: Money = Money.ZERO) -> str:
    parcel = await Parcel.create(company_id=work.company_id, name=name, price=price, packed=work.now)
    work.notice("parcel", parcel.id)
    return parcel.id


async def names(database: Database) -> list[str]:
    async with database.reading(ALMA):
        return [parcel.name for parcel in await Parcel.all().order_by("name")]


async def test_values_come_back_as_they_went_in(database: Database) -> None:
    async def service(work: Work) -> None:
        await Parcel.create(
            company_id="alma", name="a", price=Money(-1250), weight=Quantity(2500), packed=work.now
        )

    await database.transact(service, principal=ALMA)

    async with database.reading(ALMA) as reader:
        parcel = await Parcel.get(name="a")
        raw = await reader.row("SELECT price, weight, packed_ms FROM toy_parcel WHERE name = ?", "a")
    assert (parcel.price, parcel.weight, parcel.packed) == (
        Money(-1250),
        Quantity(2500),
        database.clock.now(),
    )
    assert raw is not None
    assert dict(raw) == {"price": -1250, "weight": 2500, "packed_ms": 1_768_473_000_000}


async def test_a_refused_service_leaves_nothing(database: Database) -> None:
    async def service(work: Work) -> None:
        await pack(work, "a")
        await work.insert("toy_parcel", {"id": "raw", "company_id": "alma", "name": "b"})
        raise Refusal("PARCEL_TOO_HEAVY")

    with pytest.raises(Refusal):
        await database.transact(service, principal=ALMA)

    assert await names(database) == []


async def test_a_failing_work_does_not_harm_the_others_of_its_group(database: Database) -> None:
    outcomes = await asyncio.gather(
        *(database.transact(pack, name, principal=ALMA) for name in ("a", "b", "a", "c", "b", "d")),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [str, str, IntegrityError, str, IntegrityError, str]
    assert await names(database) == ["a", "b", "c", "d"]


async def pack_or_refuse(work: Work, name: str, ran: list[str], *, is_early: bool) -> None:
    ran.append(name)
    is_bad = name.startswith("bad")
    if is_bad and is_early:
        raise Refusal("PARCEL_TOO_HEAVY")
    work.notice("packed", name)
    await pack(work, name)
    if is_bad:
        raise Refusal("PARCEL_TOO_HEAVY")


@pytest.mark.parametrize(
    ("is_early", "runs"),
    [(True, ["a", "bad", "c", "d"]), (False, ["a", "bad", "a", "bad", "c", "d"])],
    ids=["before it has written", "after it has written"],
)
async def test_a_group_runs_again_only_when_something_must_be_undone(
    database: Database, is_early: bool, runs: list[str]
) -> None:
    ran: list[str] = []
    told: list[str] = []
    database.bus.tap("packed", told.append)

    outcomes = await asyncio.gather(
        *(
            database.transact(pack_or_refuse, name, ran, is_early=is_early, principal=ALMA)
            for name in ("a", "bad", "c", "d")
        ),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [NoneType, Refusal, NoneType, NoneType]
    assert ran == runs
    assert told == ["a", "c", "d"]
    assert await names(database) == ["a", "c", "d"]


async def test_groups_stay_careful_until_one_goes_well(database: Database) -> None:
    ran: list[str] = []

    async def together(*wanted: str) -> None:
        ran.clear()
        await asyncio.gather(
            *(
                database.transact(pack_or_refuse, name, ran, is_early=False, principal=ALMA)
                for name in wanted
            ),
            return_exceptions=True,
        )

    await together("a", "bad 1")
    assert ran == ["a", "bad 1", "a", "bad 1"]
    await together("b", "bad 2")
    assert ran == ["b", "bad 2"]
    await together("c", "d")
    await together("e", "bad 3")
    assert ran == ["e", "bad 3", "e", "bad 3"]
    assert await names(database) == ["a", "b", "c", "d", "e"]


async def test_notices_are_told_after_the_commit_and_only_then(database: Database) -> None:
    heard: list[str] = []
    database.bus.tap("parcel", heard.append)

    async def refused(work: Work) -> None:
        await pack(work, "b")
        raise Refusal("PARCEL_TOO_HEAVY")

    parcel_id = await database.transact(pack, "a", principal=ALMA)
    with pytest.raises(Refusal):
        await database.transact(refused, principal=ALMA)

    assert heard == [parcel_id]


class Count:
    """A last step: how many parcels there are in the end."""

    def __init__(self) -> None:
        self.asked = 0

    async def run(self, work: Work) -> None:
        if self.asked > 2:
            raise Refusal("PARCELS_TOO_MANY")
        row = await work.row("SELECT COUNT(*) AS n FROM toy_parcel")
        assert row is not None
        await pack(work, f"{row['n']} asked {self.asked}")


async def pack_and_count(work: Work, *parcels: str) -> None:
    for name in parcels:
        work.at_end(Count).asked += 1
        with work.acting_as(ALMA) as same:
            await pack(same, name)


async def test_a_last_step_is_taken_once_after_all_others(either: Database) -> None:
    await either.transact(pack_and_count, "a", "b", principal=ALMA)

    assert await names(either) == ["2 asked 2", "a", "b"]


async def test_a_last_step_that_fails_undoes_its_work(either: Database) -> None:
    with pytest.raises(Refusal):
        await either.transact(pack_and_count, "a", "b", "c", principal=ALMA)

    assert await names(either) == []


async def test_nobody_reads_what_is_not_committed(database: Database) -> None:
    seen: list[list[str]] = []

    async def service(work: Work) -> None:
        await pack(work, "a")
        seen.append(await asyncio.create_task(names(database), context=Context()))

    await database.transact(service, principal=ALMA)

    assert seen == [[]]
    assert await names(database) == ["a"]


async def test_a_cancelled_caller_does_not_stop_its_work_half_way(database: Database) -> None:
    started = asyncio.Event()

    async def slow(work: Work) -> None:
        await pack(work, "a")
        started.set()
        await asyncio.sleep(0)
        await pack(work, "b")

    caller = asyncio.create_task(database.transact(slow, principal=ALMA))
    await started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.transact(pack, "c", principal=ALMA)

    assert await names(database) == ["a", "b", "c"]


@pytest.mark.parametrize(("kind", "logged"), [(Refusal, []), (Fault, ["TORN"])])
async def test_how_the_work_of_a_gone_caller_failed_is_logged_if_it_is_a_fault(
    database: Database, caplog: pytest.LogCaptureFixture, kind: type[Exception], logged: list[str]
) -> None:
    started, complaints = asyncio.Event(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def failing(work: Work) -> None:
        started.set()
        await asyncio.sleep(0)
        raise kind("TORN")

    caller = asyncio.create_task(database.transact(failing, principal=ALMA))
    await started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.transact(pack, "c", principal=ALMA)
    gc.collect()  # an exception that nobody asked for would be told of now

    assert complaints == []
    assert [str(each.exc_info[1]) for each in caplog.records if each.exc_info] == logged


async def test_nothing_is_written_outside_a_work(database: Database) -> None:
    async with database.reading(ALMA) as reader:
        with pytest.raises(Fault):
            await Parcel.create(company_id="alma", name="a")
        with pytest.raises(OperationalError):
            await Parcel.all().delete()
        with pytest.raises(OperationalError):
            await reader.rows("DELETE FROM toy_parcel")


async def test_a_work_inside_a_work_is_a_mistake(database: Database) -> None:
    async def service(work: Work) -> None:
        await database.transact(pack, "inner", principal=ALMA)

    with pytest.raises(Fault):
        await database.transact(service, principal=ALMA)

    assert await names(database) == []


async def test_the_network_is_forbidden_inside_a_work(database: Database) -> None:
    async def service(work: Work) -> None:
        forbid_in_transaction()

    forbid_in_transaction()
    with pytest.raises(Fault):
        await database.transact(service, principal=ALMA)


async def test_audit_says_who_did_what(database: Database) -> None:
    async def service(work: Work) -> None:
        await work.audit("parcel.opened", "parcel-1", {"reason": "customs"})

    await database.transact(service, principal=ALMA)

    async with database.reading(ALMA) as reader:
        row = await reader.row("SELECT company_id, actor_id, action, subject, facts FROM kernel_audit")
    assert row is not None
    assert tuple(row.values()) == ("alma", "aigul", "parcel.opened", "parcel-1", '{"reason":"customs"}')


async def write_and_ask(work: Work) -> list[list[str]]:
    columns = ("id", "company_id", "name")
    await work.write_row("toy_parcel", {"id": "1", "company_id": "alma", "name": "a"})
    await work.write_rows("toy_parcel", columns, [("2", "alma", "b'%s; ?"), ("3", "alma", "c")])
    await work.write("UPDATE toy_parcel SET name = ? WHERE name = ?", "d", "c")
    asked = "SELECT name FROM toy_parcel WHERE name > ? ORDER BY name"
    answers = await work.together((asked, [""]), (asked, ["a"]), (asked, ["x"]))
    await work.write_many("DELETE FROM toy_parcel WHERE name = ?", [("a",), ("d",)])
    return [[row["name"] for row in rows] for rows in answers]


async def write_twice(work: Work) -> None:
    await work.write_row("toy_parcel", {"id": "8", "company_id": "alma", "name": "e"})
    await work.write_row("toy_parcel", {"id": "8", "company_id": "alma", "name": "f"})
    await work.write_row("toy_parcel", {"id": "9", "company_id": "alma", "name": "g"})


async def test_writes_are_seen_in_their_order_by_later_questions(either: Database) -> None:
    answers = await either.transact(write_and_ask, principal=ALMA)

    assert answers == [["a", "b'%s; ?", "d"], ["b'%s; ?", "d"], []]
    assert await names(either) == ["b'%s; ?"]


async def test_a_write_that_fails_undoes_the_work(either: Database) -> None:
    with pytest.raises(IntegrityError):
        await either.transact(write_twice, principal=ALMA)

    assert await names(either) == []


async def test_a_change_of_one_row_that_finds_none_or_several_undoes_the_work(either: Database) -> None:
    async def put_and_touch(work: Work, names_to_put: str, pattern: str) -> None:
        rows = [(name, "alma", name) for name in names_to_put]
        await work.write_rows("toy_parcel", ("id", "company_id", "name"), rows)
        touch = "UPDATE toy_parcel SET company_id = ? WHERE name LIKE ?"
        await work.write_one(touch, "alma", pattern, otherwise=Fault(f"not one {pattern}"))

    for there, pattern in ("a", "b"), ("ab", "_"):
        with pytest.raises(Fault, match=f"not one {pattern}"):
            await either.transact(put_and_touch, there, pattern, principal=ALMA)
    assert await names(either) == []

    await either.transact(put_and_touch, "ab", "b", principal=ALMA)  # matched is enough, changed or not
    assert await names(either) == ["a", "b"]


@pytest.mark.mariadb
async def test_a_deadlock_runs_the_whole_service_again(mariadb: Database) -> None:
    runs: list[str] = []
    both_hold_one = asyncio.Barrier(2)

    async def swap(work: Work, first: str, second: str) -> None:
        runs.append(first)
        await work.execute("UPDATE toy_parcel SET price = price + 1 WHERE name = ?", first)
        if len(runs) <= 2:
            await both_hold_one.wait()
        await work.execute("UPDATE toy_parcel SET price = price + 1 WHERE name = ?", second)

    for name in ("a", "b"):
        await mariadb.transact(pack, name, principal=ALMA)
    await asyncio.gather(
        mariadb.transact(swap, "a", "b", principal=ALMA), mariadb.transact(swap, "b", "a", principal=ALMA)
    )

    async with mariadb.reading(ALMA):
        prices = [parcel.price for parcel in await Parcel.all()]
    assert prices == [Money(2), Money(2)]
    assert len(runs) == 3


@pytest.mark.mariadb
async def test_every_connection_of_the_pool_is_strict_and_in_utc(mariadb: Database) -> None:
    async def service(work: Work) -> tuple[object, ...]:
        row = await work.row("SELECT @@time_zone AS zone, @@sql_mode AS mode, @@tx_isolation AS isolation")
        assert row is not None
        return row["zone"], "STRICT_TRANS_TABLES" in row["mode"], row["isolation"]

    answers = await asyncio.gather(*(mariadb.transact(service, principal=ALMA) for _ in range(8)))

    assert set(answers) == {("+00:00", True, "READ-COMMITTED")}


async def test_a_lock_of_another_process_is_waited_for_without_holding_the_loop(database: Database) -> None:
    other = sqlite3.connect(database.url.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    waiting = asyncio.create_task(database.transact(pack, "a", principal=ALMA))
    for _ in range(20):  # the loop turns meanwhile
        await asyncio.sleep(0)
    assert not waiting.done()
    other.execute("COMMIT")
    await waiting
    other.close()

    assert await names(database) == ["a"]
