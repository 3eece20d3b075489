"""Committed pages go from SQLite's log (WAL) into the database file beside the Works, not in their way.

SQLite does it inside the COMMIT that fills the log, some 15 ms five times a second under load, in which no
Work runs. Here a connection of its own copies in a thread while Works go on. What they commit meanwhile is
left over, so once the log is long the writer copies that rest itself, between two groups, and the log begins
anew.

SQLite before 3.51.3 may lose pages when a pass begins with nothing to copy at the very moment a commit begins
the log anew (sqlite.org/wal.html, "The WAL-Reset Bug"). Not here: one pass runs at a time, a pass beside the
writer begins only after a commit whose pages nobody has copied, and the writer commits nothing in its own.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

log = logging.getLogger(__name__)

ROWS_BETWEEN = 8_000  # changed rows from one pass to the next: some 700 sales
LOG_PAGES_MAX = 32_000  # the log begins anew behind so many: 128 MiB
COPY = "PRAGMA wal_checkpoint(PASSIVE)"  # gives (was busy, pages in the log, pages copied), waits for nobody


class Checkpoints:
    """Passes of one database; the writer tells of each commit and does as it is told."""

    def __init__(self, writer: sqlite3.Connection, connect: Callable[[], sqlite3.Connection]) -> None:
        self._writer = writer
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, "sqlite-checkpoint")
        self._pass: Future[int] | None = None
        self._rows = 0  # that the writer had changed when the last pass began

    def after_commit(self) -> bool:
        """Begin a pass when it is time; whether the writer has to call `copy_rest` before its next BEGIN."""
        if self._pass is not None:
            if not self._pass.done():
                return False
            ended, self._pass = self._pass, None
            if ended.result() >= LOG_PAGES_MAX:
                return True
        rows = self._writer.total_changes
        if rows - self._rows >= ROWS_BETWEEN:
            self._rows = rows
            self._pass = self._thread.submit(self._copy)
        return False

    def copy_rest(self) -> None:
        """The rest on the writer's own connection; whoever reads an old state delays it to another time."""
        _copied(lambda: self._writer)

    def close(self) -> None:
        """Let a running pass end; the last connection to close copies what is left."""
        self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()

    def _copy(self) -> int:
        return _copied(self._own_connection)

    def _own_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection


def _copied(connection: Callable[[], sqlite3.Connection]) -> int:
    """Pages in the log. What fails loses nothing, the log keeps all of it: a later pass copies them."""
    try:
        _, pages, _ = connection().execute(COPY).fetchone()
    except (sqlite3.Error, OSError):
        log.warning("committed pages stay in the log for now", exc_info=True)
        return 0
    return int(pages)
