"""The database: opens SQLite or a MySQL-protocol server, runs services in transactions and gives reading
scopes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext, _current_context

from kernel.clock import Clock, SystemClock
from kernel.company_settings import CompanyChoices
from kernel.config_sections import SecuritySettings
from kernel.data.checkpoints import Checkpoints
from kernel.data.failures import DATABASE_ERRORS, is_away, is_conflict
from kernel.data.group_commit import GroupCommit, outcome_of
from kernel.data.group_writes import GroupWrites
from kernel.data.kept import KeptAnswers
from kernel.data.pooled import ServerClient, ServerTransaction
from kernel.data.revisions import EVERYBODY, CompanyAnswers
from kernel.data.sqlite import EmbeddedClient, EmbeddedTransaction, connect
from kernel.data.work import LaneTaker, NotTaken, Reader, Work, _running
from kernel.errors import Fault, Refusal, SetupFault, Unavailable
from kernel.jobs.memory import LaneMemory
from kernel.journal.sealing import JournalSealer, journal_sealer
from kernel.security.principal import Principal, act_as, acting

if TYPE_CHECKING:
    from kernel.addons.registry import Registry
    from kernel.events.bus import Bus
    from kernel.security.guess_counts import RedisCounts

T = TypeVar("T")

CONFLICT_RETRIES_MAX = 3
CONFLICT_PAUSE_MS = 5
MYSQL_POOL_MAX = 24
CONNECT_LIMIT_S = 5
IDLE_MAX_S = 900  # a pooled connection silent for longer is replaced: firewalls forget without a word
TRANSACTION_LIMIT_S = 120  # longer than any wait for a lock; a server that vanished without a word ends here
CLIENT_FOUND_ROWS = 2  # rows matched rather than rows changed, as SQLite counts
CONNECTION = "default"


def _port_of(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError as error:
        raise SetupFault([f"database.url: {error}"]) from error


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """`sqlite:///relative.db`, `sqlite:////absolute.db` or `mysql://user:password@host:port/name`."""

    dialect: str
    path: str = ""
    host: str = ""
    port: int = 3306
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> DatabaseUrl:
        """Raises SetupFault for another scheme or a port that is no number."""
        parts = urlsplit(url)
        path = parts.path[1:]
        if parts.scheme == "sqlite":
            return cls("sqlite", path=path)
        if parts.scheme in ("mysql", "mariadb"):
            return cls(
                "mysql",
                path,
                parts.hostname or "127.0.0.1",
                _port_of(url) or 3306,
                unquote(parts.username or "root"),
                unquote(parts.password or ""),
            )
        raise SetupFault([f"database.url must begin with sqlite:/// or mysql://, not {parts.scheme}:"])

    def tortoise(self, *, is_stock: bool = False, pool_max: int = MYSQL_POOL_MAX) -> dict[str, Any]:
        """Connection part of a Tortoise configuration; with Tortoise's stock clients, which can run scripts,
        or with ours.
        """
        if self.dialect == "sqlite":
            engine = "tortoise.backends.sqlite" if is_stock else "kernel.data.sqlite"
            return {"engine": engine, "credentials": {"file_path": self.path}}
        return {
            "engine": "tortoise.backends.mysql" if is_stock else "kernel.data.pooled",
            "credentials": {
                "host": self.host,
                "port": self.port,
                "user": self.user,
                "password": self.password,
                "database": self.path,
                "charset": "utf8mb4",
                "maxsize": pool_max,
                "connect_timeout": CONNECT_LIMIT_S,
                "pool_recycle": IDLE_MAX_S,
                "client_flag": CLIENT_FOUND_ROWS,
                # Every pooled connection, not only the first, gets UTC, strict mode and READ COMMITTED.
                # (MySQL 8 spells the last one transaction_isolation; MariaDB 11.1+ knows both.)
                "init_command": "SET time_zone='+00:00', tx_isolation='READ-COMMITTED',"
                " sql_mode='TRADITIONAL,ONLY_FULL_GROUP_BY'",
            },
        }


class Current:
    """Made by `Database.current`."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: TortoiseContext | None) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._token = _current_context.set(self._context)

    def __exit__(self, *_: object) -> None:
        _current_context.reset(self._token)


class Reading:
    """Made by `Database.reading`."""

    __slots__ = ("_acting", "_current", "_database", "_principal")

    def __init__(self, database: Database, principal: Principal) -> None:
        self._database = database
        self._principal = principal
        self._current = database.current()
        self._acting = acting(principal)

    async def __aenter__(self) -> Reader:
        self._current.__enter__()
        self._acting.__enter__()
        return Reader(self._database, self._principal, self._database.reading_client)

    async def __aexit__(self, *error: object) -> None:
        self._acting.__exit__(*error)
        self._current.__exit__(*error)


class Database:
    """Transactions and reading scopes over one database; use inside `async with database.opened()`."""

    def __init__(
        self,
        url: str,
        *,
        models: Mapping[str, Sequence[str]],
        registry: Registry,
        bus: Bus,
        clock: Clock | None = None,
    ) -> None:
        self.url = DatabaseUrl.parse(url)
        self.registry = registry
        self.choices = CompanyChoices(registry)
        self.bus = bus
        self.clock: Clock = clock or SystemClock()
        self.guesses: RedisCounts | None = None  # set by the App where Redis counts guesses
        self.taker: LaneTaker | None = None  # set by the worker of this process while it runs
        self.lane_memory = LaneMemory()
        self.company_answers = CompanyAnswers()
        self._models = models
        self._context: TortoiseContext | None = None
        self._group: GroupCommit | None = None
        self._transaction: EmbeddedTransaction | None = None
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def dialect(self) -> str:
        """ "sqlite" or "mysql"."""
        return self.url.dialect

    @cached_property
    def journal_sealer(self) -> JournalSealer:
        """Seals and opens the bodies of journal entries of this installation. Raises Fault on a bad key."""
        return journal_sealer(self.registry.settings_of(SecuritySettings))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Database]:
        """Open connections; on leaving wait for running transactions and close."""
        EXECUTOR_CACHE.clear()  # keyed by connection name, it would keep the statements of another dialect
        context = TortoiseContext()
        apps = {
            label: {"models": list(modules), "default_connection": CONNECTION}
            for label, modules in self._models.items()
        }
        config = {
            "connections": {CONNECTION: self.url.tortoise()},
            "apps": apps,
            "use_tz": True,
            "timezone": "UTC",
        }
        self._context = context
        try:
            with self.current():
                await context.init(config=config)
                if self.dialect == "sqlite":
                    self._open_writer(context)
                yield self
        finally:
            if self._running:
                await asyncio.wait(self._running)
            if self._group is not None:
                await self._group.close()
            if self._transaction is not None and self._transaction.connection is not None:
                self._transaction.connection.close()
            with self.current():
                await context.connections.close_all()
            self._context = self._group = self._transaction = None
            self.lane_memory.clear()  # the file may be another one when it is opened again
            self.company_answers.forget(EVERYBODY)

    def _open_writer(self, context: TortoiseContext) -> None:
        writer = connect(self.url.path, read_only=False)
        client = context.connections.get(CONNECTION)
        assert isinstance(client, EmbeddedClient)
        kept = KeptAnswers()
        said = GroupWrites(writer)
        checkpoints = Checkpoints(writer, partial(connect, self.url.path, read_only=False))
        self._group = GroupCommit(writer, kept, said, checkpoints)
        self._transaction = EmbeddedTransaction(client, writer, kept, said)

    def current(self) -> Current:
        """`with database.current():` makes this database the one that models speak to."""
        return Current(self._context)

    def reading(self, principal: Principal) -> Reading:
        """Scope for queries on behalf of the principal; nothing can be written in it on SQLite."""
        return Reading(self, principal)

    @property
    def reading_client(self) -> EmbeddedClient | ServerClient:
        """The client outside of Works."""
        client: EmbeddedClient | ServerClient = self._connections().get(CONNECTION)
        return client

    async def transact(
        self, service: Callable[..., Awaitable[T]], *args: Any, principal: Principal, **kwargs: Any
    ) -> T:
        """Run a service in a transaction and return its result once it is durable.

        The service is undone and its error raised when it fails. After a deadlock or a lost connection it
        runs again, at most CONFLICT_RETRIES_MAX times. Raises Unavailable("DATABASE_UNAVAILABLE") when the
        database cannot take it now; should that come of the commit itself, the outcome is unknown.
        When the caller is cancelled the transaction still ends by itself: the caller must treat the outcome
        as unknown.
        """
        if _running.get() is not None:
            raise Fault("a Work is already running; call the service with it")

        async def body(work: Work) -> T:
            return await service(work, *args, **kwargs)

        try:
            if self._group is not None:
                return await self._transact_embedded(self._group, body, principal)
            with self.current(), acting(principal):
                task = asyncio.create_task(self._transact_pooled(body, principal))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                return await outcome_of(task)
        except DATABASE_ERRORS as error:
            if is_away(error) or is_conflict(error):
                raise Unavailable("DATABASE_UNAVAILABLE") from error
            raise
        except Refusal as refusal:
            if refusal.aftermath is not None:
                aftermath, refusal.aftermath = refusal.aftermath, None
                await self.transact(aftermath, principal=principal)
            raise

    async def _transact_embedded(
        self, group: GroupCommit, body: Callable[[Work], Awaitable[T]], principal: Principal
    ) -> T:
        result: T
        try:
            result = await group.run(_Embedded(self, body, principal, self.taker))
        except NotTaken:
            result = await group.run(_Embedded(self, body, principal, None))
        return result

    async def _transact_pooled(self, body: Callable[[Work], Awaitable[T]], principal: Principal) -> T:
        taker, assumes = self.taker, True
        failures = 0
        while True:
            transaction = ServerTransaction(self._server())
            try:
                async with asyncio.timeout(TRANSACTION_LIMIT_S), transaction:
                    work = Work(self, principal, transaction, taker=taker, assumes=assumes)
                    result = await _run_work(work, body)
            except Exception as error:
                is_undone = not transaction.is_committing and not isinstance(error, TimeoutError)
                if transaction.has_assumed and is_undone and not is_away(error):
                    assumes = False  # whatever went wrong, it may come of what was taken for granted
                    if not isinstance(error, Refusal):
                        for key in transaction.assumed_lanes:
                            self.lane_memory.forget(key)
                    continue
                if isinstance(error, NotTaken):
                    taker = None
                    continue
                if not isinstance(error, DATABASE_ERRORS):
                    raise
                failures += 1
                may_run_again = is_conflict(error) or (is_away(error) and is_undone)
                if not may_run_again or failures > CONFLICT_RETRIES_MAX:
                    raise
                await asyncio.sleep(CONFLICT_PAUSE_MS * failures / 1000)
                continue
            finally:
                for key in transaction.assumed_lanes:
                    self.lane_memory.free(key)
            for company_id in transaction.revised:
                self.company_answers.forget(company_id)
            work.committed()
            return result

    def _server(self) -> ServerClient:
        client = self._connections().get(CONNECTION)
        assert isinstance(client, ServerClient)
        return client

    def _connections(self) -> Any:
        if self._context is None:
            raise Fault("the database is not open")
        return self._context.connections


class _Embedded:
    """A Work on SQLite, in context variables of its own: what it sets there ends with it."""

    __slots__ = ("_body", "_database", "_principal", "_taker", "_work")

    def __init__(
        self,
        database: Database,
        body: Callable[[Work], Awaitable[Any]],
        principal: Principal,
        taker: LaneTaker | None,
    ) -> None:
        self._database = database
        self._body = body
        self._principal = principal
        self._taker = taker

    async def run(self) -> Any:
        """See Body."""
        database = self._database
        client = database._transaction
        assert client is not None
        _current_context.set(database._context)
        database._connections()._set_storage({CONNECTION: client})
        act_as(self._principal)
        work = self._work = Work(database, self._principal, client, taker=self._taker)
        _running.set(work)
        result = await self._body(work)
        await work.flush()
        return result

    def committed(self) -> None:
        """See Body."""
        self._work.committed()


async def _run_work(work: Work, body: Callable[[Work], Awaitable[T]]) -> T:
    token = _running.set(work)
    try:
        result = await body(work)
        await work.flush()
        return result
    finally:
        _running.reset(token)
