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
from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.mysql.client import MySQLClient
from tortoise.connection import get_connections

from kernel.data.conversation import ONE_ROW, Conversation, Said, translated
from kernel.data.gathered import GROUPS_AT_ONCE, LOCK_WAIT_S, Gatherer
from kernel.data.literals import of_many, packets, whole
from kernel.data.questions import is_revision
from kernel.data.revisions import EVERYBODY, RAISE
from kernel.data.tenancy import company_of_change
from kernel.data.wire import Answer, Row, converse
from kernel.errors import AssumedWrong, Fault


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
        options = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "db": self.database,
            "charset": self.charset,
            "autocommit": True,
            **self.extra,
        }
        self.pool = Pool(maxsize, idle_max_s=pool_recycle, **options)
        options["init_command"] += f", innodb_lock_wait_timeout={LOCK_WAIT_S}"
        self.groups = Pool(GROUPS_AT_ONCE, idle_max_s=pool_recycle, **options)
        self.gatherer = Gatherer(self.groups)

    async def create_connection(self, with_db: bool) -> None:
        """Connections are made when they are needed."""

    async def close(self) -> None:
        """Close the connections."""
        await self.pool.close()
        await self.groups.close()

    async def ask(self, *statements: tuple[str, Sequence[Any] | None]) -> list[Answer]:
        """The answers of statements given as (sql, values), in one round trip.

        Raises Tortoise's IntegrityError or OperationalError of the first that fails; none after it is run.
        """
        try:
            connection = await self.pool.take()
            try:
                answers, refused = await converse(connection, [whole(*each) for each in statements])
            finally:
                self.pool.give_back(connection)
        except err.MySQLError as error:
            raise translated(error) from error
        if refused is not None:
            raise translated(refused) from refused
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
        self.gatherer = parent.gatherer
        self._conversation = Conversation(parent.pool)
        self._savepoint: str | None = None
        self.assumed_lanes: list[str] = []  # taken from Database.lane_memory
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
        """Nothing is said yet."""
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
            if self._conversation.connection is not None:
                self.pool.give_back(self._conversation.connection)

    async def ask(self, *statements: tuple[str, Sequence[Any] | None]) -> list[Answer]:
        """The answers of statements given as (sql, values), in one round trip with what was kept."""
        for sql, _ in statements:
            self._heed(sql)
        return await self._conversation.say(*(whole(*each) for each in statements))

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
        await self._conversation.keep(Said(whole(query, values), query))

    async def keep_proof(self, query: str, values: Sequence[Any], otherwise: AssumedWrong) -> None:
        """`keep` of a statement that fails with "more than one row" where something was wrongly assumed."""
        await self._conversation.keep(Said(whole(query, values), query, None, otherwise))

    async def keep_one(self, query: str, values: Sequence[Any], otherwise: Fault) -> int:
        """`keep` of a change that matches exactly one row, or undoes all with this Fault; its place for
        `amend`.
        """
        self._heed(query)
        await self._conversation.keep(Said(whole(query, values), query, ONE_ROW, otherwise))
        return len(self._conversation.kept) - 1

    def amend(self, place: int, query: str, values: Sequence[Any]) -> bool:
        """Say this change instead of the one that is kept there; False when that has been said."""
        conversation = self._conversation
        if conversation.is_begun:
            return False
        conversation.kept[place] = conversation.kept[place]._replace(
            text=whole(query, values), template=query
        )
        return True

    async def keep_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a change for many rows together with the next statement that has an answer."""
        self._heed(query)
        for statement in of_many(query, values):
            await self._conversation.keep(Said(statement, query))

    async def execute_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows, now."""
        self._heed(query)
        for statements in packets(of_many(query, values)):
            await self._conversation.say(*statements)

    async def begin(self) -> None:
        """The first packet begins."""

    async def commit(self) -> None:
        """COMMIT with what was kept; nothing when nothing was ever said.

        With others' that ask nothing either, if this one has proofs and may run again.
        """
        conversation = self._conversation
        for company_id in sorted(conversation.revised):  # last, so that others wait for it shortly
            await conversation.keep(Said(whole(RAISE, (company_id,)), RAISE))
        if conversation.has_assumed and not conversation.is_begun and conversation.failure is None:
            await self.gatherer.commit(conversation)
        elif conversation.is_begun or conversation.kept:
            await conversation.say("COMMIT")

    async def rollback(self) -> None:
        """ROLLBACK, or the end of the connection. Never raises."""
        await self._conversation.rollback()

    def _in_transaction(self) -> TransactionContext:
        nested = ServerTransaction(self)
        nested._conversation = self._conversation
        return NestedTransactionContext(nested)

    async def savepoint(self) -> None:
        """Open a nested savepoint."""
        self._savepoint = f"nested_{next(self._names)}"
        text = f"SAVEPOINT {self._savepoint}"
        await self._conversation.keep(Said(text, text))

    async def savepoint_rollback(self) -> None:
        """Undo to the nested savepoint."""
        await self._conversation.say(f"ROLLBACK TO SAVEPOINT {self._savepoint}")

    async def release_savepoint(self) -> None:
        """Keep what the nested savepoint did."""
        await self._conversation.say(f"RELEASE SAVEPOINT {self._savepoint}")


client_class = ServerClient
