"""What a failure of the database means: a conflict (run the transaction again), the database away for now
(try later), or a fault of ours.

Decided by the numbers of the servers, never by their texts.
"""

from __future__ import annotations

import asyncio
import sqlite3

from pymysql.err import InterfaceError, MySQLError
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError

# 1213 deadlock, 1205 lock wait timeout, 1020 record changed since last read (MariaDB snapshot conflict),
# 8022/9007 TiDB write conflicts. Galera reports 1213 at the commit itself.
CONFLICT_ERRORS = frozenset({1213, 1205, 1020, 8022, 9007})
# Connection: 2002 2003 cannot connect, 2006 gone away, 2013 lost, 1158–1161 broken packets, 1927 killed,
# 1317 interrupted. Server: 1040 1203 too many connections, 1053 shutting down, 1290 1836 read-only,
# 1047 Galera node not ready, 1021 1114 no room.
AWAY_ERRORS = frozenset(
    {
        2002,
        2003,
        2006,
        2013,
        1158,
        1159,
        1160,
        1161,
        1927,
        1317,
        1040,
        1203,
        1053,
        1290,
        1836,
        1047,
        1021,
        1114,
    }
)
SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
SQLITE_PRIMARY = 0xFF  # the low byte of an extended result code

# What drivers and Tortoise raise, translated or not (Tortoise translates neither COMMIT nor ROLLBACK).
DATABASE_ERRORS = (
    OperationalError,
    DBConnectionError,
    MySQLError,
    sqlite3.Error,
    ConnectionError,
    TimeoutError,
    asyncio.IncompleteReadError,
)


def translated(error: Exception) -> Exception:
    """What Tortoise raises for an error of SQLite; others as they are."""
    if isinstance(error, sqlite3.IntegrityError):
        return IntegrityError(error)
    return OperationalError(error) if isinstance(error, sqlite3.OperationalError) else error


def is_conflict(error: BaseException) -> bool:
    """True for a deadlock, a lock wait timeout or a write conflict: undone, and may run again."""
    return _number(_cause(error)) in CONFLICT_ERRORS


def is_away(error: BaseException) -> bool:
    """True when the database could not do it now, whatever was asked: connection lost, server going down,
    file locked by another process, disk full.
    """
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error):
        return is_busy(cause, among=SQLITE_AWAY)
    if isinstance(cause, MySQLError):
        return isinstance(cause, InterfaceError) or _number(cause) in AWAY_ERRORS
    return isinstance(cause, DBConnectionError | ConnectionError | TimeoutError | asyncio.IncompleteReadError)


def is_busy(error: sqlite3.Error, *, among: frozenset[int] = frozenset({sqlite3.SQLITE_BUSY})) -> bool:
    """True when another process holds the lock of the SQLite file."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & SQLITE_PRIMARY in among


def _cause(error: BaseException) -> BaseException:
    """The driver's own error inside Tortoise's."""
    while isinstance(error, OperationalError) and error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    return error


def _number(error: BaseException) -> object:
    return error.args[0] if isinstance(error, MySQLError) and error.args else None
