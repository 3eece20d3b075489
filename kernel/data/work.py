"""The unit of work: one transaction with its principal, clock, lanes, outbox rows and after-commit notices.

A service is `async def verb(work: Work, command) -> result` and awaits nothing but its Work and models; it
may run again from the start
after a deadlock, so it has no effect outside of its Work.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient

from kernel.clock import to_ms
from kernel.data.sqlite import EmbeddedClient
from kernel.errors import Fault
from kernel.ids import CompanyId, new_id
from kernel.security.principal import Principal, acting

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.jobs.lanes import Lane

Port = TypeVar("Port")
Settings = TypeVar("Settings")
Param = str | int | bytes | None
SqlRow = Mapping[str, Any]

_running: ContextVar[Work | None] = ContextVar("work", default=None)


class LaneTaker(Protocol):
    """A worker of this process that begins a job in the very transaction that made its lane due."""

    async def take(self, work: Work, lane: Lane) -> None:
        """Prepare the head of the lane now, or leave it to be found by its notice."""
        ...


class NotTaken(Fault):
    """Beginning the job at once failed; the Work runs again without it, so that the job fails alone."""


def forbid_in_transaction() -> None:
    """Called by every adapter before it touches the network.

    A transaction never waits for a partner. Raises Fault.
    """
    if _running.get() is not None:
        raise Fault("network inside a Work")


def require_work() -> Work:
    """The Work this code runs in. Raises Fault outside of one: rows are written inside a Work only."""
    work = _running.get()
    if work is None:
        raise Fault("rows are written inside a Work only")
    return work


@lru_cache(maxsize=4096)
def percent_style(sql: str) -> str:
    """The same statement with the placeholders of the MySQL drivers.

    A literal "?" may not occur in a statement.
    """
    return sql.replace("%", "%%").replace("?", "%s")


@lru_cache(maxsize=1024)
def insert_statement(table: str, columns: tuple[str, ...]) -> str:
    """Plain INSERT with placeholders only, as executemany of the MySQL drivers wants it."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


class Reader:
    """Reading scope: raw rows, settings and ports for the current principal.

    Models may be queried inside it too.
    """

    def __init__(self, database: Database, principal: Principal, client: BaseDBAsyncClient) -> None:
        self.database = database
        self.principal = principal
        self._client = client
        self._embedded = client if isinstance(client, EmbeddedClient) else None

    @property
    def dialect(self) -> str:
        """ "sqlite" or "mysql"."""
        return self.database.dialect

    @property
    def company_id(self) -> CompanyId:
        """Company of the principal. Raises Refusal("COMPANY_REQUIRED")."""
        return self.principal.require_company()

    @property
    def now(self) -> datetime:
        """Aware UTC time of this moment."""
        return self.database.clock.now()

    @property
    def now_ms(self) -> int:
        """Epoch milliseconds of `now`."""
        return to_ms(self.now)

    async def rows(self, sql: str, *params: Param) -> Sequence[SqlRow]:
        """All rows of a SELECT with "?" placeholders."""
        if self._embedded is not None:
            return self._embedded.select(sql, params)
        return await self._client.execute_query_dict(percent_style(sql), list(params))

    async def row(self, sql: str, *params: Param) -> SqlRow | None:
        """First row of a SELECT, or None."""
        found = await self.rows(sql, *params)
        return found[0] if found else None

    def settings(self, section: type[Settings]) -> Settings:
        """Typed settings of an add-on, with what the principal's company chose for itself."""
        return self.database.choices.settings_of(section, self.principal.company_id)

    def port(self, port: type[Port]) -> Port:
        """The implementation another add-on provides. Raises Fault when there is none."""
        return self.database.registry.port(port)

    def port_or_none(self, port: type[Port]) -> Port | None:
        """The implementation another add-on provides, if any."""
        return self.database.registry.port_or_none(port)


class Work(Reader):
    """A running transaction. `now` stands still inside it."""

    def __init__(
        self,
        database: Database,
        principal: Principal,
        client: BaseDBAsyncClient,
        *,
        taker: LaneTaker | None = None,
    ) -> None:
        super().__init__(database, principal, client)
        self._taker = taker
        self._now = database.clock.now()
        self._now_ms = to_ms(self._now)
        self._notices: list[tuple[str, str]] = []
        self._callbacks: list[Callable[[], None]] = []
        self._lanes: dict[str, Lane] = {}
        self._kept: dict[str, object] = {}

    @property
    def now(self) -> datetime:
        """Aware UTC time at which the transaction began."""
        return self._now

    @property
    def now_ms(self) -> int:
        """Epoch milliseconds of `now`."""
        return self._now_ms

    async def execute(self, sql: str, *params: Param) -> int:
        """Run INSERT, UPDATE or DELETE; number of rows matched."""
        if self._embedded is not None:
            return self._embedded.change(sql, params)
        affected, _ = await self._client.execute_query(percent_style(sql), list(params))
        return affected

    async def insert(self, table: str, values: Mapping[str, Param]) -> None:
        """Insert one row. Raises tortoise IntegrityError on a duplicate key."""
        await self.execute(insert_statement(table, tuple(values)), *values.values())

    async def insert_many(
        self, table: str, columns: tuple[str, ...], rows: Iterable[Sequence[Param]]
    ) -> None:
        """Insert rows given as tuples in the order of columns."""
        await self.execute_many(insert_statement(table, columns), rows)

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Param]]) -> None:
        """Run one statement for many rows."""
        many = [list(row) for row in rows]
        if not many:
            return
        if self._embedded is not None:
            self._embedded.change_many(sql, many)
        else:
            await self._client.execute_many(percent_style(sql), many)

    async def lane(self, key: str, *, company_id: str | None) -> Lane:
        """The lane, locked until the end of the transaction.

        Made when it does not exist. Lock lanes before other rows.
        """
        lane = self._lanes.get(key)
        if lane is None:
            from kernel.jobs.lanes import (
                lock_lane,
            )  # jobs are built on Work; a module import would be a circle

            lane = self._lanes[key] = await lock_lane(self, key, company_id=company_id)
        return lane

    async def hook(self, name: str, payload: object) -> None:
        """Call the subscribers of a hook in add-on order, inside this transaction. They may raise Refusal."""
        for subscriber in self.database.registry.hooks(name):
            await subscriber(self, payload)

    async def event(self, kind: str, subject_id: str, body: Mapping[str, Any]) -> None:
        """Write a durable event; each subscriber gets it as a job, at least once."""
        from kernel.events.outbox import append

        await append(self, kind, subject_id, body)

    def notice(self, topic: str, subject_id: str) -> None:
        """Tell listeners after the commit; may be lost, carries only the id."""
        self._notices.append((topic, subject_id))

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call in this process right after the commit; must be quick and may not fail."""
        self._callbacks.append(callback)

    async def audit(self, action: str, subject: str, facts: Mapping[str, Any] | None = None) -> None:
        """Leave a row that says who did what to which subject."""
        from kernel.journal.canonical import canonical_json

        await self.insert(
            "kernel_audit",
            {
                "id": new_id(),
                "company_id": self.principal.company_id,
                "at_ms": self.now_ms,
                "actor_kind": self.principal.kind.value,
                "actor_id": self.principal.subject_id,
                "action": action,
                "subject": subject,
                "facts": canonical_json(dict(facts or {})),
            },
        )

    def keep(self, key: str, value: object) -> None:
        """Remember what this Work has just written, so that a later step of it need not read it back."""
        self._kept[key] = value

    def kept(self, key: str) -> object | None:
        """What was kept under the key in this Work, if anything."""
        return self._kept.get(key)

    @contextmanager
    def acting_as(self, principal: Principal) -> Iterator[Work]:
        """The same transaction on behalf of another principal."""
        inner = copy.copy(self)
        inner.principal = principal
        token = _running.set(inner)
        try:
            with acting(principal):
                yield inner
        finally:
            _running.reset(token)

    async def flush(self) -> None:
        """Write what lanes gathered. Called once by Database before the commit. Raises NotTaken."""
        if self._lanes:
            from kernel.jobs.lanes import flush

            if self._taker is not None:
                for lane in [each for each in self._lanes.values() if each.wakes]:
                    try:
                        await self._taker.take(self, lane)
                    except Exception as error:
                        raise NotTaken(f"lane {lane.key}") from error
            for key in sorted(self._lanes):
                await flush(self, self._lanes[key])

    def committed(self) -> None:
        """Publish notices and run callbacks. Called once by Database after the commit."""
        bus = self.database.bus
        for topic, subject_id in self._notices:
            bus.publish(topic, subject_id)
        for callback in self._callbacks:
            callback()
