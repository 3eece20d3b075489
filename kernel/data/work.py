"""The unit of work: one transaction with its principal, clock, lanes, outbox rows and after-commit notices.

A service is `async def verb(work: Work, command) -> result` and awaits nothing but its Work and models; it
may run again from the start, after a deadlock or when something taken for granted has changed, so it has no
effect outside of its Work. Long because this is all that a service may do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kernel.clock import to_ms
from kernel.data.pooled import ServerClient, ServerTransaction
from kernel.data.questions import KeptQuestion, KeyQuestion, Question
from kernel.data.revisions import STILL, ask, taken_for_granted
from kernel.data.sqlite import EmbeddedClient, EmbeddedTransaction, select_aside
from kernel.data.statements import insert_statement, percent_style
from kernel.errors import AssumedWrong, Fault
from kernel.events.outbox import append as append_event
from kernel.ids import CompanyId, new_id
from kernel.jobs.lanes import FENCE, Lane, lock_and_ask, lock_lane
from kernel.jobs.lanes import flush as flush_lane
from kernel.journal.canonical import canonical_json
from kernel.security.origin import current_origin
from kernel.security.principal import Principal, acting

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.jobs.memory import Row

Port = TypeVar("Port")
Settings = TypeVar("Settings")
Step = TypeVar("Step", bound="LastStep")
Param = str | int | bytes | None
SqlRow = Mapping[str, Any]

_running: ContextVar[Work | None] = ContextVar("work", default=None)


class LaneTaker(Protocol):
    """A worker of this process that begins a job in the very transaction that made its lane due."""

    async def take(self, work: Work, lane: Lane) -> None:
        """Prepare the head of the lane now, or leave it to be found by its notice."""
        ...


class LastStep(Protocol):
    """What a Work does once, after everything its service did: kept by `Work.at_end`."""

    async def run(self, work: Work) -> None:
        """Do it; what it raises undoes the Work. It may not ask for a lane nor for another last step."""
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


class Reader:
    """Reading scope: raw rows, settings and ports for the current principal.

    Models may be queried inside it too.
    """

    def __init__(
        self, database: Database, principal: Principal, client: EmbeddedClient | ServerClient
    ) -> None:
        self.database = database
        self.principal = principal
        self._embedded = client if isinstance(client, EmbeddedClient) else None
        self._server: ServerClient = client  # type: ignore[assignment]  # when it is not embedded

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
        return await self._server.execute_query_dict(percent_style(sql), params)

    async def row(self, sql: str, *params: Param) -> SqlRow | None:
        """First row of a SELECT, or None."""
        found = await self.rows(sql, *params)
        return found[0] if found else None

    async def first(self, sql: str, *params: Param) -> tuple[Any, ...] | None:
        """First row of a SELECT as plain values, or None; for rows of which all columns are read at once."""
        if self._embedded is not None:
            return self._embedded.first(sql, params)
        row = await self.row(sql, *params)
        return None if row is None else tuple(row.values())

    async def rows_aside(self, sql: str, *params: Param) -> Sequence[SqlRow]:
        """All rows of a SELECT that looks at very many rows: on SQLite it runs in a thread beside the others.

        It sees what is committed, so it is of no use inside a Work.
        """
        if self._embedded is not None:
            return await asyncio.to_thread(select_aside, str(self._embedded.filename), sql, params)
        return await self._server.execute_query_dict(percent_style(sql), params)

    @property
    def keeps(self) -> bool:
        """Whether answers to kept questions are kept: it then pays to ask about one thing at a time."""
        return False

    async def together(self, *questions: Question) -> list[Sequence[SqlRow]]:
        """All rows of each SELECT, given as (sql, params), in the order of the questions.

        One round trip on a server. No question may depend on the answer of another.
        """
        if self._embedded is not None:
            return [self._embedded.answer(question) for question in questions]
        if not questions:
            return []
        answers = await self._server.ask(*((percent_style(each[0]), each[1]) for each in questions))
        return [answer.rows for answer in answers]

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
        client: EmbeddedTransaction | ServerTransaction,
        *,
        taker: LaneTaker | None = None,
        assumes: bool = False,
    ) -> None:
        super().__init__(database, principal, client)
        self._transaction: ServerTransaction = client  # type: ignore[assignment]  # when it is not embedded
        self._writer = client if isinstance(client, EmbeddedTransaction) else None
        self._taker = taker
        self._assumes = assumes
        self._now = database.clock.now()
        self._now_ms = to_ms(self._now)
        self._notices: list[tuple[str, str]] = []
        self._callbacks: list[Callable[[], None]] = []
        self._lanes: dict[str, Lane] = {}
        self._fences: dict[str, int] = {}  # of lanes that are assumed: places of their proofs
        self._locked: dict[str, Row] = {}  # of lanes that are locked and not asked for yet
        self._last_steps: dict[type, LastStep] = {}

    @property
    def now(self) -> datetime:
        """Aware UTC time at which the transaction began."""
        return self._now

    @property
    def now_ms(self) -> int:
        """Epoch milliseconds of `now`."""
        return self._now_ms

    @property
    def keeps(self) -> bool:
        """See Reader.keeps. On a server no more once this Work has changed something they speak of."""
        if self._writer is not None:
            return True
        return self.principal.company_id is not None and not self._transaction.revised

    async def together(self, *questions: Question) -> list[Sequence[SqlRow]]:
        """See Reader.together; what is kept is not asked again."""
        if self._writer is not None:
            return [self._writer.answer(question) for question in questions]
        if not self.keeps or not questions:
            return await super().together(*questions)
        return await ask(self._transaction, self.database.company_answers, self.company_id, questions)

    async def execute(self, sql: str, *params: Param) -> int:
        """Run INSERT, UPDATE or DELETE; number of rows matched."""
        if self._writer is not None:
            return self._writer.change(sql, params)
        matched, _ = await self._transaction.execute_query(percent_style(sql), params)
        return matched

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
        if self._writer is not None:
            self._writer.change_many(sql, rows)
        else:
            await self._transaction.execute_many(percent_style(sql), rows)

    async def write(self, sql: str, *params: Param) -> None:
        """Run INSERT, UPDATE or DELETE about whose row count nobody asks.

        The database may get it only with the next statement of this Work that has an answer, or with the
        COMMIT; the order is kept. What is wrong with it (IntegrityError for a duplicate key) is raised there:
        who wants to know asks with `execute`.
        """
        if self._writer is not None:
            self._writer.say(sql, params)
        else:
            await self._transaction.keep(percent_style(sql), params)

    async def write_one(self, sql: str, *params: Param, otherwise: Fault) -> None:
        """`write` of a change that matches exactly one row; any other number undoes the Work with this
        Fault.
        """
        if self._writer is not None:
            self._writer.say(sql, params, otherwise)
        else:
            await self._transaction.keep_one(percent_style(sql), params, otherwise)

    async def write_many(self, sql: str, rows: Iterable[Sequence[Param]]) -> None:
        """`write` of one statement for many rows."""
        if self._writer is not None:
            self._writer.say_many(sql, rows)
        else:
            await self._transaction.keep_many(percent_style(sql), rows)

    async def write_row(self, table: str, values: Mapping[str, Param]) -> None:
        """`write` of one new row."""
        await self.write(insert_statement(table, tuple(values)), *values.values())

    async def write_rows(self, table: str, columns: tuple[str, ...], rows: Iterable[Sequence[Param]]) -> None:
        """`write` of new rows given as tuples in the order of columns."""
        await self.write_many(insert_statement(table, columns), rows)

    async def lane_as_left(self, key: str) -> Lane:
        """`lane` of any company, for who has most likely changed it last: a server is not asked for it then,
        and should it be another's after all, the Work runs again.
        """
        if self._assumes and key not in self._lanes and key not in self._locked:
            await self._assume_lane(key, is_steady=False)
        return await self.lane(key, company_id=None)

    async def lane(self, key: str, *, company_id: str | None) -> Lane:
        """The lane, locked until the end of the transaction.

        Made when it does not exist. Lock lanes before other rows.
        """
        lane = self._lanes.get(key)
        if lane is None:
            locked = self._locked.pop(key, None)
            lane = self._lanes[key] = await lock_lane(self, key, company_id=company_id, locked=locked)
        return lane

    async def first_kept(self, question: KeptQuestion) -> tuple[Any, ...] | None:
        """`first` of a kept question."""
        if self._writer is not None:
            return self._writer.answer_first(question)
        return await self.first(question.sql, *question.params)

    def leave_kept(self, question: KeptQuestion, row: tuple[Any, ...]) -> None:
        """Say what `first_kept` gives from now on, after a change that its subject does not count as one."""
        if self._writer is not None:
            self._writer.kept.keep(question, row)

    async def ask_under_lane(self, key: str, *questions: Question) -> list[Sequence[SqlRow]]:
        """`together` as of a moment when this transaction holds the lane's lock, in the same round trip.

        `lane` then asks nothing more. A lane that does not exist is made for the principal's company.
        """
        if key in self._lanes or key in self._locked:
            return await self.together(*questions)
        if self._assumes and (known := await self._assume(key, questions)) is not None:
            return known
        self._locked[key], answers = await lock_and_ask(self, key, questions)
        return answers

    async def _assume(self, key: str, questions: Sequence[Question]) -> list[Sequence[SqlRow]] | None:
        """All without asking, None when it is not known here; proved by the next packet."""
        known = self.database.company_answers
        are_new = [known.is_new(each) for each in questions if type(each) is KeyQuestion]
        if not self.keeps or not all(are_new):
            return None
        kept = known.of(self.company_id)
        if kept is None:
            return None
        answers = taken_for_granted(kept, questions)
        if answers is None or not await self._assume_lane(key, is_steady=True):
            return None
        moved = AssumedWrong(f"answers kept for company {self.company_id} are out of date")
        await self._transaction.keep_proof(STILL, (self.company_id, kept.stamp), moved)
        return answers

    async def _assume_lane(self, key: str, *, is_steady: bool) -> bool:
        """Lock the lane with the next packet, which proves that it is as this process left it."""
        row = self.database.lane_memory.take(key, is_steady=is_steady)
        if row is None:
            return False
        transaction = self._transaction
        transaction.assumed_lanes.append(key)
        moved = AssumedWrong(f"lane {key} was changed by others")
        self._fences[key] = await transaction.keep_one(percent_style(FENCE), (key, row[-1]), moved)
        self._locked[key] = row
        return True

    def amend_fence(self, key: str, sql: str, *params: Param) -> bool:
        """Write this change of a lane that was assumed where its proof waits; False when it waits no more."""
        place = self._fences.get(key)
        return place is not None and self._transaction.amend(place, percent_style(sql), params)

    async def hook(self, name: str, payload: object) -> None:
        """Call the subscribers of a hook in add-on order, inside this transaction. They may raise Refusal."""
        for subscriber in self.database.registry.hooks(name):
            await subscriber(self, payload)

    async def event(self, kind: str, subject_id: str, body: Mapping[str, Any]) -> None:
        """Write a durable event; each subscriber gets it as a job, at least once."""
        await append_event(self, kind, subject_id, body)

    def notice(self, topic: str, subject_id: str) -> None:
        """Tell listeners after the commit; may be lost, carries only the id."""
        self._notices.append((topic, subject_id))

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call in this process right after the commit; must be quick and may not fail."""
        self._callbacks.append(callback)

    def at_end(self, kind: type[Step]) -> Step:
        """The one step of that kind of this Work, run right before the commit.

        For a row that many Works lock, so that it is locked last and shortly, and for what is written once
        however often it is asked for.
        """
        step = self._last_steps.get(kind)
        if not isinstance(step, kind):
            step = self._last_steps[kind] = kind()
        return step

    async def audit(self, action: str, subject: str, facts: Mapping[str, Any] | None = None) -> None:
        """Leave a row that says who did what to which subject, when, from where and on whose behalf."""
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
                "address": current_origin().address or None,
                "via_company_id": self.principal.via_company_id,
            },
        )

    def acting_as(self, principal: Principal) -> ActingAs:
        """`with work.acting_as(principal) as inner:` the same transaction on behalf of another principal."""
        return ActingAs(self, principal)

    async def flush(self) -> None:
        """Write what lanes gathered, then take the last steps. Called once by Database before the commit.

        Raises NotTaken.
        """
        if self._lanes:
            if self._taker is not None:
                for lane in [each for each in self._lanes.values() if each.wakes]:
                    try:
                        await self._taker.take(self, lane)
                    except Exception as error:
                        raise NotTaken(f"lane {lane.key}") from error
            for key in sorted(self._lanes) if len(self._lanes) > 1 else self._lanes:
                await flush_lane(self, self._lanes[key])
        for step in self._last_steps.values():
            await step.run(self)

    def committed(self) -> None:
        """Publish notices and run callbacks. Called once by Database after the commit."""
        bus = self.database.bus
        for topic, subject_id in self._notices:
            bus.publish(topic, subject_id)
        for callback in self._callbacks:
            callback()


class ActingAs:
    """Made by `Work.acting_as`."""

    __slots__ = ("_acting", "_inner", "_token")

    def __init__(self, work: Work, principal: Principal) -> None:
        self._inner = Work.__new__(Work)
        self._inner.__dict__.update(work.__dict__, principal=principal)
        self._acting = acting(principal)

    def __enter__(self) -> Work:
        self._token = _running.set(self._inner)
        self._acting.__enter__()
        return self._inner

    def __exit__(self, *error: object) -> None:
        self._acting.__exit__(*error)
        _running.reset(self._token)
