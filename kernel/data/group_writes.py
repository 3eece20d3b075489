"""Changes the Works of a group have said and for which nobody waits: they run together before the commit, in
their order.

One statement after another finds SQLite's code and pages still in the processor's cache; each between the
Python of two Works costs about twice as much. What reads a table of which something waits makes it run first.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from kernel.data.failures import translated
from kernel.errors import Fault

_Said = tuple[str, Any, bool, Fault | None]  # statement, parameters, for many rows, unless one row matches
_WORD = re.compile(r"\w+")
_TARGET = re.compile(
    r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+[`\"]?(\w+)",
    re.IGNORECASE,
)


class GroupWrites:
    """Statements that wait, of one writing connection.

    failure: of a statement that waited, whoever was running when it ran: the group must be undone.
    has_written: something the running Work said has reached the database.
    """

    __slots__ = ("_cursor", "_mine", "_statements", "_tables", "failure", "has_written")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor()
        self._statements: list[_Said] = []
        self._tables: set[str] = set()
        self._mine = 0  # statements that were there when the running Work began
        self.failure: Exception | None = None
        self.has_written = False

    def begin(self) -> None:
        """The next Work of the group runs now."""
        self._mine, self.has_written = len(self._statements), False

    def say(self, sql: str, params: Sequence[Any], otherwise: Fault | None = None) -> None:
        """A statement for any number of rows; with `otherwise` for exactly one, else that is its failure."""
        self._statements.append((sql, params, False, otherwise))
        self._tables.add(_target(sql))

    def say_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows."""
        self._statements.append((sql, list(rows), True, None))
        self._tables.add(_target(sql))

    def before_reading(self, sql: str) -> None:
        """Run what waits if the SELECT reads of it. Raises as `run`."""
        if self._statements and not self._tables.isdisjoint(_words(sql)):
            self.run()

    def run(self) -> None:
        """Run all that waits. Raises what is wrong with it, IntegrityError for one, whoever said it; the same
        again until the group is undone.
        """
        if self.failure is not None:
            raise self.failure
        if not self._statements:
            return
        statements, cursor = self._statements, self._cursor
        self.has_written |= len(statements) > self._mine
        self.forget()
        try:
            for sql, params, is_many, otherwise in statements:
                if is_many:
                    cursor.executemany(sql, params)
                elif cursor.execute(sql, params).rowcount != 1 and otherwise is not None:
                    raise otherwise
        except Exception as error:  # numbers too large and text without UTF-8, too: what follows has not run
            self.failure = translated(error)
            if self.failure is error:
                raise
            raise self.failure from error

    def take_back(self) -> bool:
        """Drop what the running Work has said, none of it written; whether there was anything."""
        has_said = len(self._statements) > self._mine
        del self._statements[self._mine :]
        return has_said

    def forget(self) -> None:
        """Drop all of it: it is being written, or the group is undone."""
        self._statements, self._mine, self.failure = [], 0, None
        self._tables.clear()


@lru_cache(maxsize=4096)
def _target(sql: str) -> str:
    found = _TARGET.match(sql)
    if found is None:
        raise Fault(f"a change that is said begins with its verb and its table: {sql}")
    return found[1]


@lru_cache(maxsize=4096)
def _words(sql: str) -> frozenset[str]:
    return frozenset(_WORD.findall(sql))
