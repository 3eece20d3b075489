"""Guesses of passwords and PINs, counted in the database before they are checked: one count for all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.security.rate_limits import AttemptPolicy, Attempts, admit

if TYPE_CHECKING:
    from kernel.data.work import Param, Work


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that may be guessed at. subject: "pin:<operator id>" and the like, at most 128 characters."""

    subject: str
    policy: AttemptPolicy


async def admit_guess(work: Work, guesses: Sequence[Guess]) -> None:
    """Count one more guess at each subject. Raises Refusal("AUTH_THROTTLED", seconds=…) and counts none."""
    lock = " FOR UPDATE" if work.dialect == "mysql" else ""
    sql = f"SELECT guesses, guessed_ms FROM org_attempt WHERE subject = ?{lock}"
    for guess in sorted(guesses, key=lambda each: each.subject):
        row = await work.row(sql, guess.subject)
        known = Attempts(row["guesses"], row["guessed_ms"]) if row else Attempts()
        now = admit(guess.policy, known, work.now_ms)
        if row is None:
            values: dict[str, Param] = {
                "subject": guess.subject,
                "guesses": now.count,
                "guessed_ms": now.last_ms,
            }
            await work.insert("org_attempt", values)
        else:
            await work.execute(
                "UPDATE org_attempt SET guesses = ?, guessed_ms = ? WHERE subject = ?",
                now.count,
                now.last_ms,
                guess.subject,
            )


async def forgive(work: Work, subject: str) -> None:
    """Forget the guesses at a subject after a right one."""
    await work.execute("DELETE FROM org_attempt WHERE subject = ?", subject)


def hidden(text: str) -> str:
    """A fixed-length stand-in for what should not be readable in the table, such as an unknown e-mail."""
    return hashlib.sha256(text.encode()).hexdigest()
