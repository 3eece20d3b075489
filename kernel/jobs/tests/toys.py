"""Toys for tests of lanes, events and the worker: a registry without add-ons, a database, a handler that
writes down what happens to it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kernel.addons.entries import HookSubscriber, Schedule, Subscriber
from kernel.clock import Clock, FrozenClock
from kernel.config_sections import SecuritySettings
from kernel.config_values import Secret
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.events.bus import Bus, MemoryBus
from kernel.ids import CompanyId
from kernel.jobs.lanes import Job
from kernel.jobs.policy import DONE, AnyJobHandler, Settled
from kernel.journal.reading import read_journal
from kernel.security.principal import SYSTEM
from kernel.testing.schema import create_tables, mysql_database, sqlite_url

MODELS = {
    "kernel": ("kernel.data.tables", "kernel.jobs.models", "kernel.journal.models", "kernel.events.models")
}
ALMA = CompanyId("alma")
OF_ALMA = SYSTEM.within(ALMA)
TOY_SEAL = SecuritySettings(Secret("toy:" + base64.b64encode(bytes(32)).decode()))  # no key file is made
START = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


@dataclass
class ToyRegistry:
    """What the kernel's rooms ask of a registry, filled by hand."""

    addons: tuple[Any, ...] = ()
    jobs: dict[str, AnyJobHandler] = field(default_factory=dict)
    all_subscribers: list[Subscriber] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    joined: dict[str, list[HookSubscriber]] = field(default_factory=dict)

    def subscribers(self, event_kind: str) -> tuple[Subscriber, ...]:
        return tuple(each for each in self.all_subscribers if each.kind == event_kind)

    def subscribe(self, event_kind: str, name: str, handler: Any) -> None:
        self.all_subscribers.append(Subscriber("toy", event_kind, name, handler))

    def hooks(self, name: str) -> tuple[HookSubscriber, ...]:
        return tuple(self.joined.get(name, ()))

    def settings_of(self, section: type[Any]) -> Any:
        return TOY_SEAL if section is SecuritySettings else section()


def toy_database(
    url: str, registry: ToyRegistry, *, bus: Bus | None = None, clock: Clock | None = None
) -> Database:
    return Database(
        url,
        models=MODELS,
        registry=registry,  # type: ignore[arg-type]
        bus=bus or MemoryBus(),
        clock=clock or FrozenClock(START),
    )


@asynccontextmanager
async def open_toys(dialect: str, folder: Path) -> AsyncIterator[tuple[Database, ToyRegistry]]:
    """An empty database of that dialect, and the registry behind it."""
    registry = ToyRegistry()
    if dialect == "sqlite":
        url = sqlite_url(folder)
        await create_tables(url, MODELS)
        async with toy_database(url, registry).opened() as database:
            yield database, registry
        return
    async with mysql_database() as url:
        await create_tables(url, MODELS)
        async with toy_database(url, registry).opened() as database:
            yield database, registry


@dataclass
class Scribe:
    """A handler whose phases are visible: the intent and the fact in the journal, all calls in a list.

    `in_prepare`, `in_perform`, `in_settle` are called with the job and may raise, wait or answer.
    """

    in_prepare: Callable[[Job], Any] = lambda job: None
    in_perform: Callable[[Job], Any] = lambda job: None
    in_settle: Callable[[Job], Any] = lambda job: None
    calls: list[str] = field(default_factory=list)
    performing: dict[str, int] = field(default_factory=dict)
    overlaps: int = 0

    async def prepare(self, work: Work, job: Job) -> Job | Settled:
        lane = await work.lane(job.lane_key, company_id=job.company_id)
        lane.journal("toy.intent", {"n": job.body.get("n")})
        answer = await _maybe(self.in_prepare(job))
        return job if answer is None else answer

    async def perform(self, plan: Job) -> str:
        lane = plan.lane_key
        self.performing[lane] = self.performing.get(lane, 0) + 1
        self.overlaps += self.performing[lane] > 1
        self.calls.append(f"{lane}:{plan.body['n']}")
        try:
            await asyncio.sleep(0)
            await _maybe(self.in_perform(plan))
        finally:
            self.performing[lane] -= 1
        return "answer"

    async def settle(self, work: Work, job: Job, plan: Job, result: str) -> Settled:
        lane = await work.lane(job.lane_key, company_id=job.company_id)
        answer = await _maybe(self.in_settle(job))
        if answer is None:
            lane.journal("toy.fact", {"n": job.body["n"], "result": result})
        return DONE if answer is None else answer


async def _maybe(value: Any) -> Any:
    return await value if asyncio.iscoroutine(value) else value


async def put(work: Work, key: str, *numbers: int, kind: str = "toy", due_ms: int | None = None) -> None:
    """Service: put jobs with these numbers on a lane of company alma."""
    lane = await work.lane(key, company_id=ALMA)
    for number in numbers:
        lane.enqueue(kind, {"n": number}, due_ms=due_ms)


def forward(database: Database, ms: int) -> None:
    """Move the frozen clock."""
    clock = database.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(milliseconds=ms))


async def lane_row(database: Database, key: str) -> Mapping[str, Any]:
    async with database.reading(SYSTEM) as reader:
        row = await reader.row("SELECT * FROM kernel_lane WHERE lane_key = ?", key)
        assert row is not None
        return dict(row)


async def facts(database: Database, key: str) -> list[int]:
    """Numbers of the facts in a lane's journal, in its order."""
    async with database.reading(SYSTEM) as reader:
        return [
            each.facts["n"]  # type: ignore[misc]
            async for each in read_journal(reader, key)
            if each.entry.kind == "toy.fact"
        ]


async def count(database: Database, table: str) -> int:
    async with database.reading(SYSTEM) as reader:
        row = await reader.row(f"SELECT COUNT(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])


async def waiting(database: Database) -> int:
    """Jobs that are not done yet."""
    async with database.reading(SYSTEM) as reader:
        row = await reader.row("SELECT SUM(tail_seq - head_seq + 1) AS n FROM kernel_lane")
        assert row is not None
        return int(row["n"] or 0)
