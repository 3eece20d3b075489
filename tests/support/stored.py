"""What a database holds, read as it lies there: no code of the product, no ORM, nothing written."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.cursors import DictCursor

Row = Mapping[str, Any]

TABLES = (
    "kernel_lane",
    "kernel_job",
    "kernel_journal",
    "fkz_kkm",
    "fkz_document",
    "fkz_exchange",
    "fkz_shift",
    "trd_sale",
    "trd_sale_line",
    "trd_cash",
    "trd_shift_summary",
)


def read_tables(url: str) -> dict[str, list[Row]]:
    """All rows of the tables of the main path, at one moment."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _read_sqlite(parts.path[1:])
    return _read_mysql(url)


def _read_sqlite(path: str) -> dict[str, list[Row]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in TABLES}


def _read_mysql(url: str) -> dict[str, list[Row]]:
    parts = urlsplit(url)
    with (
        closing(
            pymysql.connect(
                host=parts.hostname or "127.0.0.1",
                port=parts.port or 3306,
                user=unquote(parts.username or "root"),
                password=unquote(parts.password or ""),
                database=parts.path[1:],
                charset="utf8mb4",
            )
        ) as connection,
        connection.cursor(DictCursor) as cursor,
    ):
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        found: dict[str, list[Row]] = {}
        for name in TABLES:
            cursor.execute(f"SELECT * FROM {name}")
            rows: Sequence[Row] = cursor.fetchall()
            found[name] = list(rows)
        return found
