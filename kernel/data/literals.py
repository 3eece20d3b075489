"""Statements for a MySQL-protocol server with their values as literals, for one row or for many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from aiomysql.cursors import RE_INSERT_VALUES
from pymysql.converters import escape_bytes_prefixed, escape_item

PACKET_BYTES = 1_000_000  # about what a packet grows to; servers take 16 MB unless told otherwise


def whole(sql: str, values: Sequence[Any] | None) -> str:
    """The statement with its values as literals.

    A sale has two hundred of them, so text, whole numbers and NULL are written here: with the sql_mode and
    the character set of our connections, a quote and a backslash are all that text may not hold as they are.
    """
    if values is None:
        return sql
    literals = []
    for value in values:
        kind = type(value)
        if kind is str:
            literals.append("'" + value.replace("\\", "\\\\").replace("'", "''") + "'")
        elif kind is int:
            literals.append(str(value))
        else:
            literals.append("NULL" if value is None else _escaped(value))
    return sql % tuple(literals)


def _escaped(value: Any) -> str:
    text: str = escape_bytes_prefixed(value) if isinstance(value, bytes) else escape_item(value, "utf8mb4")
    return text


def head_of_insert(sql: str) -> str | None:
    """What statements made of a plain INSERT begin with, up to the values; None for any other statement."""
    parts = _parts_of_insert(sql)
    return parts[0] if parts is not None and not parts[2] else None


@lru_cache(maxsize=1024)
def _parts_of_insert(sql: str) -> tuple[str, str, str] | None:
    """Beginning, values of one row and end of an INSERT that can be made for many rows at once."""
    match = RE_INSERT_VALUES.match(sql)
    return (match[1] % (), match[2].rstrip(), match[3] or "") if match else None


def of_many(sql: str, rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The statements for many rows: one INSERT for as many as fit a packet, or each row's own."""
    parts = _parts_of_insert(sql)
    if parts is None:
        for row in rows:
            yield whole(sql, row)
        return
    begin, values, end = parts
    gathered: list[str] = []
    size = 0
    for row in rows:
        text = whole(values, row)
        if gathered and size + len(text) > PACKET_BYTES:
            yield begin + ",".join(gathered) + end
            gathered, size = [], 0
        gathered.append(text)
        size += len(text)
    if gathered:
        yield begin + ",".join(gathered) + end


def packets(statements: Iterable[str]) -> Iterator[list[str]]:
    """Statements in order, by what one packet may hold."""
    gathered: list[str] = []
    size = 0
    for statement in statements:
        gathered.append(statement)
        size += len(statement)
        if size > PACKET_BYTES:
            yield gathered
            gathered, size = [], 0
    if gathered:
        yield gathered
