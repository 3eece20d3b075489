"""Events are rows of the transaction that makes them true; each subscriber gets each of them, in order per
company.
"""

from __future__ import annotations

import asyncio

import pytest

from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.events.dispatch import dispatch_events
from kernel.events.subscribers import Event
from kernel.events.tests.conftest import Toys
from kernel.ids import CompanyId
from kernel.jobs.drive import run_due
from kernel.jobs.lanes import Job
from kernel.jobs.policy import Block
from kernel.jobs.tests.toys import OF_ALMA, Scribe, count, lane_row, waiting
from kernel.security.principal import SYSTEM, current_principal

SOLD = "trade.sale_fiscalized"


async def sell(work: Work, *numbers: int) -> None:
    for number in numbers:
        await work.event(SOLD, f"sale-{number}", {"n": number})


class Ear:
    """A subscriber that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str | None, object]] = []
        self.ids: list[int] = []

    async def __call__(self, work: Work, event: Event) -> None:
        assert current_principal().company_id == event.company_id
        assert event.subject_id == f"sale-{event.body['n']}"
        self.told.append((event.company_id, event.body["n"]))
        self.ids.append(event.id)


async def test_each_subscriber_gets_each_event_once_and_in_order(toys: Toys) -> None:
    database, registry = toys
    one, two, deaf = Ear(), Ear(), Ear()
    registry.subscribe(SOLD, "one", one)
    registry.subscribe(SOLD, "two", two)
    registry.subscribe("trade.sale_rejected", "deaf", deaf)
    of_bereke = SYSTEM.within(CompanyId("bereke"))

    for number in range(5):
        await database.transact(sell, number, principal=OF_ALMA)
        await database.transact(sell, number + 100, principal=of_bereke)
    await run_due(database)

    for ear in (one, two):
        assert [n for company, n in ear.told if company == "alma"] == list(range(5))
        assert [n for company, n in ear.told if company == "bereke"] == list(range(100, 105))
    assert deaf.told == []
    assert (await count(database, "kernel_outbox"), await waiting(database)) == (0, 0)


async def test_an_event_of_a_refused_work_was_never_there(toys: Toys) -> None:
    database, registry = toys
    ear = Ear()
    registry.subscribe(SOLD, "one", ear)

    async def refused(work: Work) -> None:
        await sell(work, 1)
        raise Refusal("NO")

    with pytest.raises(Refusal):
        await database.transact(refused, principal=OF_ALMA)
    await run_due(database)

    assert ear.told == []


async def test_events_nobody_waits_for_leave_no_row(toys: Toys) -> None:
    database, _ = toys

    await database.transact(sell, 1, 2, principal=OF_ALMA)

    assert await count(database, "kernel_outbox") == 0


async def test_dispatchers_that_race_make_one_job_per_event(toys: Toys) -> None:
    database, registry = toys
    ear = Ear()
    registry.subscribe(SOLD, "one", ear)
    await database.transact(sell, *range(40), principal=OF_ALMA)

    taken = await asyncio.gather(
        *(database.transact(dispatch_events, 15, principal=SYSTEM) for _ in range(5))
    )
    await run_due(database)

    assert sum(taken) == 40
    assert [n for _, n in ear.told] == list(range(40))


async def test_a_subscriber_that_fails_is_told_again_and_holds_up_only_itself(toys: Toys) -> None:
    database, registry = toys
    healthy, attempts = Ear(), []

    async def broken(work: Work, event: Event) -> None:
        attempts.append(event.id)
        raise ZeroDivisionError

    registry.subscribe(SOLD, "healthy", healthy)
    registry.subscribe(SOLD, "broken", broken)
    await database.transact(sell, 1, 2, principal=OF_ALMA)
    await run_due(database)

    assert [n for _, n in healthy.told] == [1, 2]
    assert set(attempts) == {healthy.ids[0]}
    row = await lane_row(database, "event:broken:alma")
    assert (row["faults"], row["tail_seq"] - row["head_seq"]) == (1, 1)


async def test_a_subscriber_with_network_phases_reads_the_event_from_its_job(toys: Toys) -> None:
    database, registry = toys
    events: list[Event] = []

    def hear(job: Job) -> Block:
        events.append(Event.of(job))
        return Block("ENOUGH")

    registry.subscribe(SOLD, "webhook", Scribe(in_prepare=hear))
    await database.transact(sell, 7, principal=OF_ALMA)
    await run_due(database)

    assert [(event.kind, event.subject_id, event.body) for event in events] == [(SOLD, "sale-7", {"n": 7})]


async def test_hooks_run_inside_the_transaction_and_may_refuse(toys: Toys) -> None:
    database, registry = toys
    heard: list[object] = []

    async def hear(work: Work, payload: object) -> None:
        heard.append(payload)
        await work.insert(
            "kernel_worker",
            {
                "name": f"hook{len(heard)}",
                "started_ms": 0,
                "seen_ms": 0,
                "lanes_running": 0,
            },
        )

    async def refuse(work: Work, payload: object) -> None:
        raise Refusal("REGISTER_BUSY")

    async def move(work: Work) -> None:
        await work.hook("organization.register_moving", "payload")

    registry.joined["organization.register_moving"] = [hear]
    await database.transact(move, principal=OF_ALMA)
    registry.joined["organization.register_moving"] = [hear, refuse]
    with pytest.raises(Refusal):
        await database.transact(move, principal=OF_ALMA)

    assert heard == ["payload", "payload"]
    assert await count(database, "kernel_worker") == 1
