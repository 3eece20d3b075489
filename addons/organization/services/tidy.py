"""Throws away what cannot matter any more: expired refresh tokens, sessions, approvals, letters' tokens,
applications nobody signed, and old guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Work

DAY_MS = 86_400_000
SESSION_KEPT_DAYS = 90  # after its end, for the audit
ATTEMPT_KEPT_DAYS = 2  # longer than every policy remembers
LETTER_KEPT_DAYS = 7  # after its token ended
ROWS_MAX = 1000  # of one table in one run: transactions stay short, the next run goes on


async def tidy(work: Work) -> None:
    """Delete at most ROWS_MAX rows of each table; a schedule calls it."""
    await _delete(work, "org_refresh_token", "id", "until_ms", work.now_ms)
    await _delete(work, "org_session", "id", "until_ms", work.now_ms - SESSION_KEPT_DAYS * DAY_MS)
    await _delete(work, "org_browser", "id", "seen_ms", work.now_ms - DAY_MS)
    await _delete(work, "org_approval", "id", "until_ms", work.now_ms - SESSION_KEPT_DAYS * DAY_MS)
    await _delete(work, "org_letter_token", "id", "until_ms", work.now_ms - LETTER_KEPT_DAYS * DAY_MS)
    before_ms = work.now_ms - LETTER_KEPT_DAYS * DAY_MS
    await _delete(work, "org_signature", "id", "until_ms", before_ms, also="signed_ms IS NULL")
    await _delete(work, "org_attempt", "subject", "guessed_ms", work.now_ms - ATTEMPT_KEPT_DAYS * DAY_MS)


async def _delete(
    work: Work, table: str, key: str, column: str, before_ms: int, *, also: str = "1 = 1"
) -> None:
    sql = f"SELECT {key} FROM {table} WHERE {column} < ? AND {also} LIMIT {ROWS_MAX}"
    found = await work.rows(sql, before_ms)
    await work.execute_many(f"DELETE FROM {table} WHERE {key} = ?", [(row[key],) for row in found])
