"""Guesses of passwords and PINs, counted in the database before they are checked: one count for all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.security.origin import current_origin
from kernel.security.rate_limits import PLACE_POLICY, AttemptPolicy, Attempts, admit

if TYPE_CHECKING:
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that may be guessed at. subject: "pin:<operator id>" and the like, at most 128 characters."""

    subject: str
    policy: AttemptPolicy


async def admit_guess(work: Work, guesses: Sequence[Guess]) -> None:
    """Count one more guess at each subject. Raises Refusal("AUTH_THROTTLED", seconds=…) and counts none."""
    for guess in sorted(guesses, key=lambda each: each.subject):
        known = await _locked(work, guess.subject)
        now = admit(guess.policy, known, work.now_ms)
        await work.execute(
            "UPDATE org_attempt SET guesses = ?, guessed_ms = ? WHERE subject = ?",
            now.count,
            now.last_ms,
            guess.subject,
        )


async def _locked(work: Work, subject: str) -> Attempts:
    """The count of a subject, its row held until the commit; made when it does not exist."""
    lock, twice = "", "CONFLICT DO NOTHING"
    if work.dialect == "mysql":
        lock, twice = " FOR UPDATE", "DUPLICATE KEY UPDATE guesses = guesses"
    sql = f"SELECT guesses, guessed_ms FROM org_attempt WHERE subject = ?{lock}"
    row = await work.row(sql, subject)
    if row is None:  # somebody else may be making it at the same moment
        insert = "INSERT INTO org_attempt (subject, guesses, guessed_ms) VALUES (?, 0, 0)"
        await work.execute(f"{insert} ON {twice}", subject)
        row = await work.row(sql, subject)
    return Attempts(row["guesses"], row["guessed_ms"]) if row else Attempts()


def from_address(what: str) -> list[Guess]:
    """Guesses of that sort from where the request comes; none when it came over no network."""
    address = current_origin().address
    return [Guess(f"{what}-from:{address}", PLACE_POLICY)] if address else []


async def take_back(work: Work, guesses: Sequence[Guess]) -> None:
    """One guess less at each subject: it was right. What was guessed wrong before stays counted."""
    for guess in sorted(guesses, key=lambda each: each.subject):
        sql = "UPDATE org_attempt SET guesses = guesses - 1 WHERE subject = ? AND guesses > 0"
        await work.execute(sql, guess.subject)


async def forgive(work: Work, subject: str) -> None:
    """Forget the guesses at a subject after a right one."""
    await work.execute("DELETE FROM org_attempt WHERE subject = ?", subject)


def hidden(text: str) -> str:
    """A fixed-length stand-in for what should not be readable in the table, such as an unknown e-mail."""
    return hashlib.sha256(text.encode()).hexdigest()
