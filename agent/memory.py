"""What the agent remembers through a crash or a power cut: which jobs it began, printed and reported, and
which questions to terminals it has asked.

One small SQLite file, written through to the disk at every step: intent before effect. Whoever loses it gets
a new holder's id, so the server knows that nobody can answer for what was in hand.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import uuid
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

KEPT_S = 14 * 86_400  # how long a printed job is recognised; the server forgets its lease much sooner
KEPT_MAX = 20_000
EXCHANGE_KEPT_S = 86_400  # the server waits for an answer for minutes
BUSY_S = 2.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS agent (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS job (
  id TEXT PRIMARY KEY, step TEXT NOT NULL, problem TEXT NOT NULL, text TEXT NOT NULL,
  is_begun INTEGER NOT NULL, paper TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS exchange (
  id TEXT PRIMARY KEY, told TEXT, is_told INTEGER NOT NULL, at REAL NOT NULL
);
"""


class Step(StrEnum):
    """How far a job came."""

    BEGUN = "begun"  # bytes may have left for the printer
    PRINTED = "printed"  # all of it lies on paper; the server does not know yet
    FAILED = "failed"  # not printed; the server does not know yet
    REPORTED = "reported"  # printed, and the server knows


@dataclass(frozen=True, slots=True)
class Remembered:
    """A job in the memory."""

    id: str
    step: Step
    problem: str = ""
    text: str = ""
    is_begun: bool = False
    paper: str = "UNKNOWN"


class MemoryTaken(Exception):
    """Another agent works with this memory."""


class Memory:
    """Opened by one agent at a time; every change is on the disk when the call returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # it may hold the device's token
        self._base = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._base.execute("PRAGMA synchronous = FULL")
            self._base.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        except sqlite3.OperationalError as error:
            self._base.close()
            raise MemoryTaken(str(path)) from error
        self.holder = self.word("holder") or self.keep_word("holder", str(uuid.uuid4()))

    def close(self) -> None:
        """Let another agent have it."""
        self._base.close()

    def word(self, name: str) -> str:
        """A word kept under that name, or nothing."""
        row = self._base.execute("SELECT value FROM agent WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def keep_word(self, name: str, value: str) -> str:
        """Keep a word for good."""
        self._base.execute("INSERT OR REPLACE INTO agent VALUES (?, ?)", (name, value))
        return value

    def step_of(self, job_id: str) -> Step | None:
        """How far that job came; None for one never begun."""
        row = self._base.execute("SELECT step FROM job WHERE id = ?", (job_id,)).fetchone()
        return None if row is None else Step(row[0])

    def begin(self, job_id: str) -> None:
        """Before the first byte leaves."""
        self._put(Remembered(job_id, Step.BEGUN))

    def printed(self, job_id: str, paper: str) -> None:
        """After the last byte was taken."""
        self._put(Remembered(job_id, Step.PRINTED, paper=paper))

    def failed(self, job_id: str, problem: str, text: str, *, is_begun: bool, paper: str) -> None:
        """It did not come out, or nobody knows."""
        self._put(Remembered(job_id, Step.FAILED, problem, text, is_begun, paper))

    def reported(self, job_id: str) -> None:
        """The server knows: a printed job is recognised for a while, a failed one may come again."""
        self._base.execute("DELETE FROM job WHERE id = ? AND step <> ?", (job_id, Step.PRINTED))
        self._base.execute("UPDATE job SET step = ? WHERE id = ?", (Step.REPORTED, job_id))
        self._base.execute("DELETE FROM job WHERE step = ? AND at < ?", (Step.REPORTED, time.time() - KEPT_S))
        self._base.execute(
            "DELETE FROM job WHERE step = ? AND id NOT IN (SELECT id FROM job ORDER BY at DESC LIMIT ?)",
            (Step.REPORTED, KEPT_MAX),
        )

    def forget(self, job_id: str) -> None:
        """The server does not know this job any more."""
        self._base.execute("DELETE FROM job WHERE id = ?", (job_id,))

    def unreported(self) -> list[Remembered]:
        """What the server does not know yet, in the order it happened; a job that was only begun counts."""
        rows = self._base.execute(
            "SELECT id, step, problem, text, is_begun, paper FROM job WHERE step <> ? ORDER BY at",
            (Step.REPORTED,),
        )
        return [Remembered(row[0], Step(row[1]), row[2], row[3], bool(row[4]), row[5]) for row in rows]

    def knows_exchange(self, exchange_id: str) -> bool:
        """Whether that question to a terminal was begun once: it is never asked again."""
        found = self._base.execute("SELECT 1 FROM exchange WHERE id = ?", (exchange_id,)).fetchone()
        return found is not None

    def begin_exchange(self, exchange_id: str) -> None:
        """Before the first byte leaves for a terminal."""
        self._base.execute("INSERT INTO exchange VALUES (?, NULL, 0, ?)", (exchange_id, time.time()))

    def end_exchange(self, exchange_id: str, told: str) -> None:
        """What is to be told about it, as JSON; kept until the server has it."""
        self._base.execute("UPDATE exchange SET told = ? WHERE id = ?", (told, exchange_id))

    def told_exchange(self, exchange_id: str) -> None:
        """The server knows; the question is still recognised for a while."""
        self._base.execute("UPDATE exchange SET told = NULL, is_told = 1 WHERE id = ?", (exchange_id,))
        self._base.execute(
            "DELETE FROM exchange WHERE is_told = 1 AND at < ?", (time.time() - EXCHANGE_KEPT_S,)
        )

    def untold_exchanges(self) -> list[tuple[str, dict[str, Any] | None]]:
        """What the server does not know yet, oldest first; None: it was begun and nobody knows more."""
        rows = self._base.execute("SELECT id, told FROM exchange WHERE is_told = 0 ORDER BY at")
        return [(row[0], None if row[1] is None else json.loads(row[1])) for row in rows]

    def _put(self, job: Remembered) -> None:
        self._base.execute(
            "INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?, ?)",
            (job.id, job.step, job.problem, job.text, int(job.is_begun), job.paper, time.time()),
        )
