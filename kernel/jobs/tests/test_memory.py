"""What a process remembers of a lane is true as of its last commit, whoever made it, or it is not found."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from kernel.data.database import Database
from kernel.data.work import Work
from kernel.errors import Fault, Refusal, Unavailable
from kernel.jobs import memory
from kernel.jobs.lanes import Job
from kernel.jobs.leases import Lease, give_back
from kernel.jobs.memory import NAMES_MAX, LaneMemory
from kernel.jobs.runner import LaneRunner
from kernel.jobs.tests.conftest import Toys
from kernel.jobs.tests.toys import ALMA, OF_ALMA, Scribe, ToyRegistry, facts, lane_row, put, toy_database

KEY = "register:one"


async def remember(work: Work, value: object) -> object:
    """Service: what was known, and from now on `value`."""
    lane = await work.lane(KEY, company_id=ALMA)
    known = lane.recall("shift")
    lane.remember("shift", value)
    assert lane.recall("shift") == value
    lane.touch()
    return known


async def recall(work: Work) -> object:
    return (await work.lane(KEY, company_id=ALMA)).recall("shift")


async def told(database: Database, service: object, *args: object, **options: object) -> object:
    return await database.transact(service, *args, principal=OF_ALMA, **options)  # type: ignore[arg-type]


def _address(database: Database) -> str:
    url = database.url
    if url.dialect == "sqlite":
        return f"sqlite:///{url.path}"
    return f"mysql://{url.user}:{url.password}@{url.host}:{url.port}/{url.path}"


async def test_what_a_work_remembers_is_found_by_the_next_one(toys: Toys) -> None:
    database, _ = toys

    assert await told(database, remember, 1) is None
    assert await told(database, recall) == 1
    assert await told(database, remember, 2) == 1
    assert await told(database, recall) == 2


async def test_what_was_only_read_may_be_remembered_too(toys: Toys) -> None:
    database, _ = toys
    await told(database, put, KEY)

    async def read(work: Work, name: str) -> None:
        (await work.lane(KEY, company_id=ALMA)).remember(name, "read")

    await told(database, remember, 1)
    await told(database, read, "goods")

    async def both(work: Work) -> list[object]:
        lane = await work.lane(KEY, company_id=ALMA)
        return [lane.recall("shift"), lane.recall("goods")]

    assert await told(database, both) == [1, "read"]


async def test_a_work_that_changes_the_lane_forgets_what_it_does_not_remember_anew(toys: Toys) -> None:
    database, _ = toys
    await told(database, remember, 1)
    await told(database, put, KEY, 1)

    assert await told(database, recall) is None


async def test_a_refused_work_changes_nothing_that_is_remembered(toys: Toys) -> None:
    database, _ = toys
    await told(database, remember, 1)

    async def refused(work: Work) -> None:
        await remember(work, 2)
        raise Refusal("NO")

    with pytest.raises(Refusal):
        await told(database, refused)
    assert await told(database, recall) == 1


async def test_a_commit_that_fails_changes_nothing_that_is_remembered(
    embedded: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = embedded
    await told(database, remember, 1)
    group = database._group
    assert group is not None

    async def full() -> None:
        error = sqlite3.OperationalError("disk full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(group._flusher, "commit", full)
        with pytest.raises(Unavailable):
            await told(database, remember, 2)
    assert await told(database, recall) == 1
    assert await told(database, remember, 3) == 1  # the revision of the lost one, with another value
    assert await told(database, recall) == 3


async def test_what_another_process_changed_is_not_remembered(toys: Toys) -> None:
    database, registry = toys
    async with toy_database(_address(database), registry).opened() as other:
        await told(database, remember, 1)
        assert await told(other, recall) is None  # never told of it
        await told(other, remember, 2)

        assert await told(other, recall) == 2
        assert await told(database, recall) is None
        assert await told(database, remember, 3) is None
        assert await told(other, recall) is None


async def test_a_job_is_settled_onto_what_another_process_left_meanwhile(toys: Toys) -> None:
    database, registry = toys
    async with toy_database(_address(database), registry).opened() as other:

        async def meanwhile(job: Job) -> None:
            if job.body["n"] == 1:
                await told(other, put, KEY, 2)

        scribe = registry.jobs["toy"] = Scribe(in_perform=meanwhile)
        await told(database, put, KEY, 1)
        await LaneRunner(database).run(KEY, ALMA)

        assert scribe.calls == [f"{KEY}:1", f"{KEY}:2"]
        assert await facts(database, KEY) == [1, 2]
        row = await lane_row(database, KEY)
        assert (row["head_seq"], row["tail_seq"], row["lease_owner"], row["due_ms"]) == (3, 2, None, None)


async def test_a_lease_that_another_process_gave_back_meanwhile_is_lost(toys: Toys) -> None:
    database, registry = toys
    async with toy_database(_address(database), registry).opened() as other:

        async def meanwhile(job: Job) -> None:
            await told(other, give_back, [Lease(KEY, runner.owner, 1)])

        registry.jobs["toy"] = Scribe(in_perform=meanwhile)
        runner = LaneRunner(database)
        await told(database, put, KEY, 1)
        await runner.run(KEY, ALMA)

        assert runner.stats.leases_lost == 1
        assert await facts(database, KEY) == []
        assert (await lane_row(database, KEY))["head_seq"] == 1


async def test_works_of_one_lane_in_one_group_see_only_what_is_committed(embedded: Toys) -> None:
    database, _ = embedded
    await told(database, remember, 0)

    found = await asyncio.gather(*(told(database, remember, number) for number in (1, 2, 3)))

    assert found == [0, None, None]  # the first of them changed what 0 was true of
    assert await told(database, recall) == 3


async def test_a_refused_work_between_others_of_its_group_leaves_no_trace(embedded: Toys) -> None:
    database, _ = embedded

    async def refused(work: Work) -> None:
        await remember(work, "never")
        raise Refusal("NO")

    outcomes = await asyncio.gather(
        told(database, remember, 1), told(database, refused), told(database, recall), return_exceptions=True
    )

    assert outcomes[0] is None
    assert isinstance(outcomes[1], Refusal)
    assert outcomes[2] is None
    assert await told(database, recall) == 1


async def test_a_database_opened_anew_remembers_nothing(embedded: Toys) -> None:
    database, _ = embedded
    await told(database, remember, 1)
    other = toy_database(_address(database), ToyRegistry())
    async with other.opened():
        await told(other, remember, 1)
    async with other.opened():
        assert await told(other, recall) is None


async def test_a_lane_remembers_a_bounded_number_of_values(embedded: Toys) -> None:
    database, _ = embedded

    async def many(work: Work) -> None:
        lane = await work.lane(KEY, company_id=ALMA)
        for number in range(NAMES_MAX + 1):
            lane.remember(f"value {number}", number)

    with pytest.raises(Fault):
        await told(database, many)


def test_the_lanes_that_committed_longest_ago_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LANES_MAX", 2)
    known = LaneMemory()
    for key, revision in (("a", 1), ("b", 1), ("a", 2), ("c", 1)):
        known.keep(key, revision, {"n": key})

    assert [dict(known.at(key, revision)) for key, revision in (("a", 2), ("b", 1), ("c", 1))] == [
        {"n": "a"},
        {},
        {"n": "c"},
    ]


def test_a_late_word_about_an_older_revision_is_not_kept() -> None:
    known = LaneMemory()
    known.keep("a", 2, {"n": "new"})
    known.keep("a", 1, {"n": "old"})

    assert dict(known.at("a", 2)) == {"n": "new"}
    assert dict(known.at("a", 1)) == {}
