"""Texts of statements for the drivers."""

from __future__ import annotations

from functools import lru_cache


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
