"""A lane gives journal numbers without gaps, keeps jobs in order and belongs to one company."""

from __future__ import annotations

import asyncio

import pytest

from kernel.clock import to_ms
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.events import dispatch
from kernel.jobs import lanes, leases
from kernel.jobs.tests.conftest import Toys
from kernel.jobs.tests.toys import ALMA, OF_ALMA, START, count, lane_row, put, waiting
from kernel.journal import verify
from kernel.journal.verify import verify_all
from kernel.security.principal import SYSTEM

KEY = "register:one"


async def note(work: Work, key: str, number: int) -> int:
    lane = await work.lane(key, company_id=ALMA)
    return lane.journal("toy.note", {"n": number}).seq


async def test_concurrent_writers_get_numbers_without_gaps(toys: Toys) -> None:
    database, _ = toys
    keys = [f"register:{index % 3}" for index in range(60)]

    numbers = await asyncio.gather(
        *(database.transact(note, key, index, principal=OF_ALMA) for index, key in enumerate(keys))
    )

    for name in range(3):
        mine = [number for number, key in zip(numbers, keys, strict=True) if key == f"register:{name}"]
        assert sorted(mine) == list(range(1, 21))
    async with database.reading(SYSTEM) as reader:
        verdicts = [verdict async for verdict in verify_all(reader)]
    assert [(verdict.entries, verdict.is_whole) for verdict in verdicts] == [(20, True)] * 3


async def test_a_refused_work_leaves_no_gap(toys: Toys) -> None:
    database, _ = toys

    async def refused(work: Work) -> None:
        await note(work, KEY, 0)
        await put(work, KEY, 1)
        raise Refusal("NO")

    with pytest.raises(Refusal):
        await database.transact(refused, principal=OF_ALMA)
    assert await database.transact(note, KEY, 1, principal=OF_ALMA) == 1
    assert await waiting(database) == 0


async def test_what_is_asked_under_a_lane_is_as_of_its_lock(toys: Toys) -> None:
    database, _ = toys

    async def note_after(work: Work) -> tuple[int, int]:
        question = ("SELECT COUNT(*) AS n FROM kernel_journal WHERE lane_key = ?", (KEY,))
        (counted,) = await work.ask_under_lane(KEY, question)  # the first one makes the lane
        return counted[0]["n"], await note(work, KEY, 1)

    answers = await asyncio.gather(*(database.transact(note_after, principal=OF_ALMA) for _ in range(12)))

    assert sorted(answers) == [(before, before + 1) for before in range(12)]


async def test_questions_under_a_lane_that_is_locked_already_are_just_asked(embedded: Toys) -> None:
    database, _ = embedded

    async def service(work: Work) -> list[int]:
        seen = []
        for _ in range(2):
            ((row,),) = await work.ask_under_lane(KEY, ("SELECT COUNT(*) AS n FROM kernel_lane", ()))
            seen.append(row["n"])
        lane = await work.lane(KEY, company_id=ALMA)
        lane.journal("toy.note", {"n": 1})
        await work.ask_under_lane(KEY)
        return [*seen, (await work.lane(KEY, company_id=ALMA)).journal("toy.note", {"n": 2}).seq]

    assert await database.transact(service, principal=OF_ALMA) == [1, 1, 2]


async def test_one_work_locks_a_lane_once_and_writes_it_once(embedded: Toys) -> None:
    database, _ = embedded

    async def service(work: Work) -> bool:
        first = await work.lane(KEY, company_id=ALMA)
        first.journal("toy.note", {"n": 1})
        again = await work.lane(KEY, company_id=ALMA)
        again.journal("toy.note", {"n": 2})
        return first is again

    assert await database.transact(service, principal=OF_ALMA)
    assert (await lane_row(database, KEY))["journal_seq"] == 2
    assert await count(database, "kernel_journal") == 2


async def test_a_lane_belongs_to_one_company(embedded: Toys) -> None:
    database, _ = embedded
    await database.transact(note, KEY, 1, principal=OF_ALMA)

    async def stranger(work: Work) -> None:
        await work.lane(KEY, company_id="bereke")

    with pytest.raises(Refusal, match="NOT_FOUND"):
        await database.transact(stranger, principal=SYSTEM)


async def test_only_the_first_job_of_an_empty_lane_wakes_workers(embedded: Toys) -> None:
    database, _ = embedded
    heard: list[str] = []
    database.bus.tap("lane", heard.append)

    for number in range(3):
        await database.transact(put, KEY, number, principal=OF_ALMA)

    assert heard == [KEY]
    row = await lane_row(database, KEY)
    assert (row["head_seq"], row["tail_seq"], row["due_ms"]) == (1, 3, to_ms(START))


async def test_a_job_for_later_wakes_nobody_now(embedded: Toys) -> None:
    database, _ = embedded
    heard: list[str] = []
    database.bus.tap("lane", heard.append)
    later = to_ms(START) + 60_000

    await database.transact(put, KEY, 1, due_ms=later, principal=OF_ALMA)

    assert heard == []
    assert (await lane_row(database, KEY))["due_ms"] == later


async def test_a_head_that_was_put_off_may_be_hastened(embedded: Toys) -> None:
    database, _ = embedded
    await database.transact(put, KEY, 1, principal=OF_ALMA)

    async def put_off(work: Work) -> None:
        lane = await work.lane(KEY, company_id=None)
        assert lane.claim("somebody", lease_ms=1_000)
        lane.postpone(60_000)

    async def hasten(work: Work) -> int | None:
        lane = await work.lane(KEY, company_id=None)
        lane.hasten()
        return lane.due_ms

    await database.transact(put_off, principal=SYSTEM)
    async with database.reading(SYSTEM) as reader:
        assert not await leases.due_lanes(reader, 10)
    assert await database.transact(hasten, principal=SYSTEM) == to_ms(START)
    async with database.reading(SYSTEM) as reader:
        assert [lane.key for lane in await leases.due_lanes(reader, 10)] == [KEY]

    async def hasten_under_lease(work: Work) -> int | None:
        lane = await work.lane(KEY, company_id=None)
        assert lane.claim("somebody", lease_ms=1_000)
        lane.hasten()
        return lane.due_ms

    assert await database.transact(hasten_under_lease, principal=SYSTEM) == to_ms(START) + 1_000


async def test_a_blocked_lane_takes_jobs_and_offers_none(embedded: Toys) -> None:
    database, _ = embedded

    async def block(work: Work) -> None:
        (await work.lane(KEY, company_id=ALMA)).block("KKM_BLOCKED")

    async def unblock(work: Work) -> None:
        (await work.lane(KEY, company_id=ALMA)).unblock()

    await database.transact(block, principal=OF_ALMA)
    await database.transact(put, KEY, 1, 2, principal=OF_ALMA)
    blocked = await lane_row(database, KEY)
    await database.transact(unblock, principal=OF_ALMA)
    unblocked = await lane_row(database, KEY)

    assert (blocked["due_ms"], blocked["blocked_code"], blocked["tail_seq"]) == (None, "KKM_BLOCKED", 2)
    assert (unblocked["due_ms"], unblocked["blocked_code"]) == (to_ms(START), None)


async def test_what_workers_look_for_all_the_time_is_found_by_an_index(toys: Toys) -> None:
    database, _ = toys
    statements = {
        leases._DUE: (to_ms(START), 10),
        leases._UNPARK: (to_ms(START), "JOB_PARKED"),
        lanes._LOCK[database.dialect]: (KEY,),
        lanes._SELECT_JOB: ("register:one/1",),
        verify._ENTRIES: (KEY, 0, 100, 10),
        dispatch._DUE: (10,),
    }
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    rows = [(KEY + str(index), "alma", 1, 0, 0, 0, 0, 0, "") for index in range(200)]

    async def fill(work: Work) -> None:
        columns = (
            "lane_key company_id head_seq tail_seq attempts faults lease_epoch journal_seq journal_digest"
        )
        await work.insert_many("kernel_lane", tuple(columns.split()), rows)

    async def plan(work: Work, sql: str, *params: str | int) -> str:
        found = await work.rows(explain + sql, *params)
        return " ".join(str(dict(row)) for row in found)

    await database.transact(fill, principal=SYSTEM)
    for sql, params in statements.items():
        how = await database.transact(plan, sql, *params, principal=SYSTEM)
        if database.dialect == "sqlite":
            assert "INDEX" in how or "kernel_outbox" in how, (
                sql,
                how,
            )  # the outbox is read in the order of its key
            assert "TEMP B-TREE" not in how, (sql, how)
        else:
            assert "ALL'" not in how, (sql, how)


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 101])
async def test_a_lane_key_is_one_short_printable_line(embedded: Toys, key: str) -> None:
    database, _ = embedded

    with pytest.raises(ValueError, match="bad name"):
        await database.transact(note, key, 1, principal=OF_ALMA)
