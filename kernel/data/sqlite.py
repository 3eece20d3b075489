"""The embedded database: Tortoise's SQLite client over two plain connections instead of one behind a thread.

Outside of a Work the client reads through a query-only connection; inside it runs on the one writing
connection. A statement takes microseconds and never waits (WAL: readers see the last commit; the writer holds
the write lock before its first statement), so it runs in the event loop; what may wait, BEGIN and COMMIT with
its fsync, runs in a thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient

from kernel.data.failures import translated
from kernel.data.group_writes import GroupWrites
from kernel.data.kept import KeptAnswers
from kernel.data.questions import KeptQuestion, KeyQuestion, Question, is_select
from kernel.errors import Fault

TRANSLATED = (sqlite3.IntegrityError, sqlite3.OperationalError)
BUSY_TIMEOUT_MS = 5_000
STATEMENTS_CACHED = 512
SHAPES_MAX = 4_096  # statements whose column names are remembered
PAGE_CACHE_KIB = 64 * 1024
# A log of so many pages SQLite copies inside each COMMIT: only where the passes of kernel.data.checkpoints,
# which begin long before, came to nothing.
CHECKPOINT_PAGES = 64_000


def connect(path: str, *, read_only: bool) -> sqlite3.Connection:
    """A connection with the durability that money needs: WAL, and a flush at every commit."""
    if not read_only:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS_CACHED,
        timeout=BUSY_TIMEOUT_MS / 1000,
    )
    connection.row_factory = sqlite3.Row
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{PAGE_CACHE_KIB}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        "temp_store=MEMORY",
        f"query_only={int(read_only)}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def select_aside(path: str, query: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of a SELECT on a connection of its own, for a thread."""
    with closing(connect(path, read_only=True)) as connection:
        return [dict(row) for row in connection.execute(query, values)]


class EmbeddedClient(SqliteClient):
    """Client for reads outside of a Work. Writing through it fails: the connection is query-only."""

    connection: sqlite3.Connection | None = None
    _cursor: sqlite3.Cursor | None = None  # one for all plain statements: each is read to its end at once

    async def create_connection(self, with_db: bool) -> None:
        """Open the reading connection."""
        if self.connection is None:
            self.connection = connect(str(self.filename), read_only=True)
            await self._post_connect()

    async def close(self) -> None:
        """Close the reading connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = self._cursor = None

    def _run(self, query: str, values: Sequence[Any] | None) -> sqlite3.Cursor:
        if self.connection is None:
            self.connection = connect(str(self.filename), read_only=True)
        try:
            return self.connection.execute(query, values or ())
        except TRANSLATED as error:
            raise translated(error) from error

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """Row id of the inserted row."""
        return self._run(query, values).lastrowid or 0

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """One statement for many rows."""
        self.change_many(query, values)

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[dict[str, Any]]]:
        """Number of rows touched or found, and the rows."""
        cursor = self._run(query, values)
        rows: list[Any] = cursor.fetchall()
        return (cursor.rowcount if cursor.rowcount >= 0 else len(rows)), rows

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        return self.select(query, values or ())

    def select(self, query: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """Rows as dictionaries, at once: nothing here waits."""
        return self._rows(self._plain(query, values), query)

    def _rows(self, cursor: sqlite3.Cursor, query: str) -> list[dict[str, Any]]:
        rows = cursor.fetchall()
        if not rows:
            return []
        names = _shapes.get(query)
        if names is None:
            names = tuple(column[0] for column in cursor.description)
            if "*" not in query and len(_shapes) < SHAPES_MAX:  # a statement that names its columns
                _shapes[query] = names
        return [dict(zip(names, row, strict=True)) for row in rows]

    def answer(self, question: Question) -> Sequence[Any]:
        """Rows as dictionaries, at once."""
        return self.select(question[0], question[1])

    def first(self, query: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """The first row as plain values, at once."""
        rows: list[tuple[Any, ...]] = self._plain(query, values).fetchall()
        return rows[0] if rows else None

    def _plain(self, query: str, values: Sequence[Any]) -> sqlite3.Cursor:
        cursor = self._cursor or self._open_cursor()
        try:
            return cursor.execute(query, values)
        except TRANSLATED as error:
            raise translated(error) from error

    def _open_cursor(self) -> sqlite3.Cursor:
        if self.connection is None:
            self.connection = connect(str(self.filename), read_only=True)
        self._cursor = self.connection.cursor()
        self._cursor.row_factory = None  # plain tuples: a sqlite3.Row looks every column up by its name
        return self._cursor

    def change_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows, at once."""
        cursor = self._cursor or self._open_cursor()
        try:
            cursor.executemany(query, values)
        except TRANSLATED as error:
            raise translated(error) from error

    async def execute_script(self, query: str) -> None:
        """Scripts belong to migrations, which use a client of their own."""
        raise Fault("scripts are run by migrations only")

    def _in_transaction(self) -> TransactionContext:
        raise Fault("rows are written inside a Work only")


class EmbeddedTransaction(EmbeddedClient, TransactionalDBClient):
    """Client of a running Work: the writing connection, already inside BEGIN and a savepoint of the Work."""

    _names = count()

    def __init__(
        self,
        parent: EmbeddedClient,
        connection: sqlite3.Connection,
        kept: KeptAnswers,
        said: GroupWrites,
    ) -> None:
        self.connection_name = parent.connection_name
        self.fetch_inserted = parent.fetch_inserted
        self.capabilities = parent.capabilities
        self.log = parent.log
        self.filename = parent.filename
        self.connection = connection
        self._connection = connection  # type: ignore[assignment]  # Tortoise only asks whether there is one
        self._parent = parent
        self._savepoint: str | None = None
        self.kept = kept
        self.said = said

    def _in_transaction(self) -> TransactionContext:
        assert self.connection is not None
        return NestedTransactionContext(EmbeddedTransaction(self, self.connection, self.kept, self.said))

    def say(self, query: str, values: Sequence[Any], otherwise: Fault | None = None) -> None:
        """A change nobody waits for; it runs with the others of the group."""
        self.kept.change(query)
        self.said.say(query, values, otherwise)

    def say_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """One such statement for many rows."""
        self.kept.change(query)
        self.said.say_many(query, values)

    def change(self, query: str, values: Sequence[Any]) -> int:
        """Number of rows an INSERT, UPDATE or DELETE touched, at once."""
        self.kept.change(query)
        self.said.run()
        changed = super()._plain(query, values).rowcount
        self.said.has_written |= changed != 0
        return changed

    def change_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows, at once."""
        self.kept.change(query)
        self.said.run()
        self.said.has_written = True
        super().change_many(query, values)

    def answer(self, question: Question) -> Sequence[Any]:
        """Rows as dictionaries, at once, from memory where they are kept."""
        if isinstance(question, KeyQuestion):
            return self._rows(super()._plain(question.sql, question.params), question.sql)
        if not isinstance(question, KeptQuestion):
            return self.select(*question)
        rows: Sequence[Any] | None = self.kept.of(question)
        if rows is None:
            rows = self.select(question.sql, question.params)
            self.kept.keep(question, rows)
        return rows

    def answer_first(self, question: KeptQuestion) -> tuple[Any, ...] | None:
        """The first row as plain values, at once, from memory where it is kept."""
        row: tuple[Any, ...] | None = self.kept.of(question)
        if row is None and (row := self.first(question.sql, question.params)) is not None:
            self.kept.keep(question, row)
        return row

    def _plain(self, query: str, values: Sequence[Any]) -> sqlite3.Cursor:
        if is_select(query):
            self.said.before_reading(query)
        else:  # a change that gives rows, or WITH
            self.kept.change(query)
            self.said.run()
            self.said.has_written = True
        return super()._plain(query, values)

    def _run(self, query: str, values: Sequence[Any] | None) -> sqlite3.Cursor:
        if is_select(query):
            self.said.before_reading(query)
            return super()._run(query, values)
        self.kept.change(query)
        self.said.run()
        cursor = super()._run(query, values)
        self.said.has_written |= cursor.rowcount > 0
        return cursor

    async def begin(self) -> None:
        """The group commit has begun already."""

    async def commit(self) -> None:
        """The group commit will commit."""

    async def rollback(self) -> None:
        """Only a savepoint may be undone here."""
        raise Fault("a Work is rolled back by raising")

    async def savepoint(self) -> None:
        """Open a nested savepoint."""
        self._savepoint = f"nested_{next(self._names)}"
        self._run(f"SAVEPOINT {self._savepoint}", None)

    async def savepoint_rollback(self) -> None:
        """Undo to the nested savepoint."""
        self.kept.forget()
        self._run(f"ROLLBACK TO {self._savepoint}", None)

    async def release_savepoint(self) -> None:
        """Keep what the nested savepoint did."""
        self._run(f"RELEASE {self._savepoint}", None)


_shapes: dict[str, tuple[str, ...]] = {}  # column names by statement

client_class = EmbeddedClient
