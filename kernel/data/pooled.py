"""MySQL-protocol servers: connections that are kept, reads over them, and a transaction on one of them.

What nobody asks about is kept and travels with the next statement that has an answer, BEGIN with the first
and COMMIT with the last: a transaction takes as many round trips as it has questions that wait for answers.
Tortoise's own client awaits each statement, loses a connection for good when BEGIN fails, and hides what went
wrong in a service behind the failed ROLLBACK of a broken connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from typing import Any, Self

import aiomysql
from pymysql import err
from pymysql.constants import ER
from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.mysql.client import MySQLClient
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError

from kernel.data.failures import is_conflict
from kernel.data.literals import PACKET_BYTES, of_many, packets, whole
from kernel.data.questions import is_revision
from kernel.data.revisions import EVERYBODY, RAISE
from kernel.data.tenancy import company_of_change
from kernel.data.wire import Answer, Row, converse
from kernel.errors import AssumedWrong, Fault

# Fails when the statement before it matched not exactly one row: nothing after it is run then, no COMMIT
# either. An answer without columns, on MariaDB as on MySQL; DO would swallow the error.
ONE_ROW = "SET @one_row = IF(ROW_COUNT() = 1, 1, (SELECT 1 UNION SELECT 2))"
# What Tortoise makes its OperationalError of; an InterfaceError stays what it is.
TRANSLATED = (
    err.OperationalError,
    err.ProgrammingError,
    err.DataError,
    err.InternalError,
    err.NotSupportedError,
)


class Pool:
    """Connections to one server, at most `size` at once; the one used last is used first."""

    def __init__(self, size: int, *, idle_max_s: float, **options: Any) -> None:
        self._options = options
        self._idle_max_s = idle_max_s
        self._places = asyncio.Semaphore(size)
        self._idle: list[aiomysql.Connection] = []
        self._is_closed = False

    async def take(self) -> aiomysql.Connection:
        """A connection that was whole a moment ago; `give_back` it. Raises the driver's OperationalError."""
        await self._places.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if self._is_fresh(connection):
                    return connection
                connection.close()
            return await aiomysql.connect(**self._options)
        except BaseException:
            self._places.release()
            raise

    def give_back(self, connection: aiomysql.Connection) -> None:
        """Keep it for others, unless it is broken or inside a transaction."""
        if self._is_closed or (not connection.closed and connection.get_transaction_status()):
            connection.close()
        elif not connection.closed:
            connection._last_usage = connection.loop.time()
            self._idle.append(connection)
        self._places.release()

    def _is_fresh(self, connection: aiomysql.Connection) -> bool:
        reader = connection._reader
        is_broken = reader.eof_received or reader.exception() is not None
        return not is_broken and connection.loop.time() - connection.last_usage < self._idle_max_s

    async def close(self) -> None:
        """Take leave of the server; connections in use are closed when they come back."""
        self._is_closed = True
        while self._idle:
            await self._idle.pop().ensure_closed()


class ServerClient(MySQLClient):
    """Client for reads outside of Works, each on whichever connection is free. Values are for "%s"."""

    def __init__(self, *, pool_recycle: float, maxsize: int, **options: Any) -> None:
        super().__init__(maxsize=maxsize, **options)
        self.extra.pop("sql_mode")  # Tortoise's own; ours is set by the init_command
        self.pool = Pool(
            maxsize,
            idle_max_s=pool_recycle,
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            db=self.database,
            charset=self.charset,
            autocommit=True,
            **self.extra,
        )

    async def create_connection(self, with_db: bool) -> None:
        """Connections are made when they are needed."""

    async def close(self) -> None:
        """Close the connections."""
        await self.pool.close()

    async def ask(self, *statements: tuple[str, Sequence[Any] | None]) -> list[Answer]:
        """The answers of statements given as (sql, values), in one round trip.

        Raises Tortoise's IntegrityError or OperationalError of the first that fails; none after it is run.
        """
        try:
            connection = await self.pool.take()
            try:
                said = [whole(connection, sql, values) for sql, values in statements]
                answers, refused = await converse(connection, said)
            finally:
                self.pool.give_back(connection)
        except err.MySQLError as error:
            raise _translated(error) from error
        if refused is not None:
            raise _translated(refused) from refused
        return answers

    async def execute_query(self, query: str, values: Sequence[Any] | None = None) -> tuple[int, list[Row]]:
        """Number of rows matched or found, and the rows."""
        (answer,) = await self.ask((query, values))
        return answer.matched, answer.rows

    async def execute_query_dict(self, query: str, values: Sequence[Any] | None = None) -> list[Row]:
        """Rows as dictionaries."""
        (answer,) = await self.ask((query, values))
        return answer.rows

    async def execute_insert(self, query: str, values: Sequence[Any]) -> int:
        """The number the server gave to the new row."""
        (answer,) = await self.ask((query, values))
        return answer.insert_id

    async def execute_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """Rows are written inside a Work only."""
        raise Fault("rows are written inside a Work only")

    async def execute_script(self, query: str) -> None:
        """Scripts belong to migrations, which use a client of their own."""
        raise Fault("scripts are run by migrations only")

    def acquire_connection(self) -> Any:
        """Nobody may speak beside what is kept."""
        raise Fault("connections of the server are not lent")

    def _in_transaction(self) -> TransactionContext:
        raise Fault("rows are written inside a Work only")


class _Demand(str):
    """A statement that fails with "more than one row" unless something is so; the Fault that this means."""

    __slots__ = ("otherwise",)
    otherwise: Fault


class _Conversation:
    """What a transaction says on its connection, in order; its savepoints share it."""

    __slots__ = (
        "connection",
        "failure",
        "has_assumed",
        "is_begun",
        "is_committing",
        "kept",
        "kept_bytes",
        "revised",
    )

    connection: aiomysql.Connection  # set when there is one

    def __init__(self) -> None:
        self.kept = ["BEGIN"]
        self.kept_bytes = 0
        self.is_begun = False
        self.is_committing = False
        self.has_assumed = False
        self.failure: Exception | None = None
        self.revised: set[str] = set()  # companies, of whose kept answers some may be no longer true

    async def say(self, *statements: str) -> list[Answer]:
        """Send what is kept and then these, whose answers are returned.

        Whoever catches the error of his own statement may go on. When a statement of somebody else's failed
        with it, one that was kept, or all was undone, everybody after him hears that too.
        """
        if self.failure is not None:
            self.is_committing = False
            raise self.failure
        kept, self.kept, self.kept_bytes, self.is_begun = self.kept, [], 0, True
        try:
            answers, refused = await converse(self.connection, [*kept, *statements])
        except err.MySQLError as lost:
            self.failure = _translated(lost)
            raise self.failure from lost
        if refused is None:
            return answers[len(kept) :]
        if len(answers) < len(kept) + len(statements) - 1:
            self.is_committing = False  # COMMIT, the last one, was not run
        error = _translated(refused)
        failed = kept[len(answers)] if len(answers) < len(kept) else None
        if isinstance(failed, _Demand) and refused.args[0] == ER.SUBQUERY_NO_1_ROW:
            error = failed.otherwise
        if failed is not None or is_conflict(refused):
            self.failure = error
        raise error from refused

    async def keep(self, statement: str) -> None:
        """Say it with the next question."""
        self.kept.append(statement)
        self.kept_bytes += len(statement)
        if self.kept_bytes > PACKET_BYTES:
            await self.say()


class ServerTransaction(ServerClient, TransactionalDBClient):
    """Client of a running Work: `async with ServerTransaction(client) as transaction: ...`.

    COMMIT at the end, ROLLBACK after an error. A connection that cannot even roll back is closed: the server
    undoes what it no longer hears of.
    """

    _names = count()

    def __init__(self, parent: ServerClient) -> None:
        self.connection_name = parent.connection_name
        self.fetch_inserted = parent.fetch_inserted
        self.log = parent.log
        self.pool = parent.pool
        self._parent = parent
        self._conversation = _Conversation()
        self._savepoint: str | None = None
        self._finalized = False  # Tortoise asks for it after a savepoint

    @property
    def has_assumed(self) -> bool:
        """Whether something was taken for granted, proved since or not."""
        return self._conversation.has_assumed

    @property
    def is_committing(self) -> bool:
        """True when a lost connection leaves it unknown whether all is done or nothing."""
        return self._conversation.is_committing

    async def __aenter__(self) -> Self:
        """Raises what connecting raises."""
        self._conversation.connection = await self.pool.take()
        self._token = get_connections().set(self.connection_name, self)
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        """Raises what COMMIT, or a statement that was kept for it, raises."""
        try:
            if kind is None:
                await self.commit()
        except BaseException:
            await self.rollback()
            raise
        else:
            if kind is not None:
                await self.rollback()
        finally:
            get_connections().reset(self._token)
            self.pool.give_back(self._conversation.connection)

    async def ask(self, *statements: tuple[str, Sequence[Any] | None]) -> list[Answer]:
        """The answers of statements given as (sql, values), in one round trip with what was kept."""
        connection = self._conversation.connection
        for sql, _ in statements:
            self._heed(sql)
        return await self._conversation.say(*(whole(connection, *each) for each in statements))

    @property
    def revised(self) -> AbstractSet[str]:
        """Companies whose revision is raised with the COMMIT."""
        return self._conversation.revised

    def _heed(self, query: str) -> None:
        if is_revision(query):
            self._conversation.revised.add(company_of_change() or EVERYBODY)

    async def keep(self, query: str, values: Sequence[Any]) -> None:
        """Run a change together with the next statement that has an answer."""
        self._heed(query)
        await self._conversation.keep(whole(self._conversation.connection, query, values))

    async def keep_proof(self, query: str, values: Sequence[Any], otherwise: Fault) -> None:
        """`keep` of a statement that fails with "more than one row" where all is to be undone with this
        Fault.
        """
        demand = _Demand(whole(self._conversation.connection, query, values))
        demand.otherwise = otherwise
        self._conversation.has_assumed |= isinstance(otherwise, AssumedWrong)
        await self._conversation.keep(demand)

    async def keep_one(self, query: str, values: Sequence[Any], otherwise: Fault) -> None:
        """`keep` of a change that matches exactly one row, or undoes all with this Fault."""
        await self.keep(query, values)
        await self.keep_proof(ONE_ROW, (), otherwise)

    async def keep_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a change for many rows together with the next statement that has an answer."""
        self._heed(query)
        for statement in of_many(self._conversation.connection, query, values):
            await self._conversation.keep(statement)

    async def execute_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows, now."""
        self._heed(query)
        for statements in packets(of_many(self._conversation.connection, query, values)):
            await self._conversation.say(*statements)

    async def begin(self) -> None:
        """The first packet begins."""

    async def commit(self) -> None:
        """COMMIT with what was kept; nothing when nothing was ever said."""
        conversation = self._conversation
        for company_id in sorted(conversation.revised):  # last, so that others wait for it shortly
            await conversation.keep(whole(conversation.connection, RAISE, (company_id,)))
        if conversation.is_begun or len(conversation.kept) > 1:
            conversation.is_committing = True
            await conversation.say("COMMIT")

    async def rollback(self) -> None:
        """ROLLBACK, or the end of the connection. Never raises."""
        conversation = self._conversation
        if conversation.is_begun and not conversation.connection.closed:
            try:
                _, refused = await converse(conversation.connection, ["ROLLBACK"])
            except (err.MySQLError, OSError):
                return  # closed already
            if refused is not None:
                conversation.connection.close()

    def _in_transaction(self) -> TransactionContext:
        nested = ServerTransaction(self)
        nested._conversation = self._conversation
        return NestedTransactionContext(nested)

    async def savepoint(self) -> None:
        """Open a nested savepoint."""
        self._savepoint = f"nested_{next(self._names)}"
        await self._conversation.keep(f"SAVEPOINT {self._savepoint}")

    async def savepoint_rollback(self) -> None:
        """Undo to the nested savepoint."""
        await self._conversation.say(f"ROLLBACK TO SAVEPOINT {self._savepoint}")

    async def release_savepoint(self) -> None:
        """Keep what the nested savepoint did."""
        await self._conversation.say(f"RELEASE SAVEPOINT {self._savepoint}")


def _translated(error: err.MySQLError) -> Exception:
    if isinstance(error, err.IntegrityError):
        return IntegrityError(error)
    return OperationalError(error) if isinstance(error, TRANSLATED) else error


client_class = ServerClient
