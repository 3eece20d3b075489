"""Guesses of passwords and PINs, counted before they are checked: one count for all processes.

Redis counts them where there is one between the processes (kernel.security.guess_counts), the database where
there is none or while Redis is away; either way nobody guesses uncounted. Letters that somebody asks for are
counted by `admit_guess` in the transaction that posts them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kernel.clock import to_ms
from kernel.security.origin import current_origin
from kernel.security.principal import SYSTEM
from kernel.security.rate_limits import PLACE_POLICY, AttemptPolicy, Attempts, admit

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.security.principal import Principal


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that may be guessed at. subject: "pin:<operator id>" and the like, at most 128 characters."""

    subject: str
    policy: AttemptPolicy


async def count_guess(database: Database, guesses: Sequence[Guess], principal: Principal = SYSTEM) -> None:
    """Count one more guess at each subject, outside of any transaction.

    Raises Refusal("AUTH_THROTTLED", seconds=…) and counts none.
    """
    if not guesses:
        return
    counts = database.guesses
    told = [(each.subject, each.policy) for each in guesses]
    if counts is None or not await counts.admit(told, to_ms(database.clock.now())):
        await database.transact(admit_guess, guesses, principal=principal)


async def count_wrong(database: Database, what: str) -> None:
    """Something nobody can guess (a token, a link of a receipt) was wrong: counted by the request's address
    and answered later and later. What is right never comes here: a neighbour's old token keeps nobody out.

    Raises Refusal("AUTH_THROTTLED", seconds=…).
    """
    await count_guess(database, from_address(what))


async def admit_guess(work: Work, guesses: Sequence[Guess]) -> None:
    """The same in the database. Raises Refusal("AUTH_THROTTLED", seconds=…) and counts none."""
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
    counts = work.database.guesses
    if counts is not None:
        for guess in guesses:
            work.after_commit(partial(counts.take_back, guess.subject))
    for guess in sorted(guesses, key=lambda each: each.subject):
        sql = "UPDATE org_attempt SET guesses = guesses - 1 WHERE subject = ? AND guesses > 0"
        await work.execute(sql, guess.subject)


async def forgive(work: Work, subject: str) -> None:
    """Forget the guesses at a subject after a right one."""
    await work.execute("DELETE FROM org_attempt WHERE subject = ?", subject)
    if work.database.guesses is not None:
        work.after_commit(partial(work.database.guesses.forgive, subject))


def hidden(text: str) -> str:
    """A fixed-length stand-in for what should not be readable in the table, such as an unknown e-mail."""
    return hashlib.sha256(text.encode()).hexdigest()
