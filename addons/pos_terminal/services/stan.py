"""Numbers of messages: the STAN counter of a terminal, durable before it is used (ISO 8583 DE11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work

STAN_MAX = 999_999  # then 1 again; 000000 is never used

_NEXT = (
    "UPDATE pos_terminal SET last_stan = CASE WHEN last_stan >= ? THEN 1 ELSE last_stan + 1 END "
    "WHERE id = ? AND company_id = ?"
)
_LAST = (
    "SELECT t.batch, t.last_stan, p.id AS taken_by FROM pos_terminal t "
    "LEFT JOIN pos_payment p ON p.terminal_id = t.id AND p.batch = t.batch AND p.stan = t.last_stan "
    "WHERE t.id = ? AND t.company_id = ?"
)


async def next_stan(work: Work, terminal_id: str) -> tuple[int, int]:
    """The open batch and the next number of a terminal; hold its lane.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_BATCH_FULL (the number was used in this batch already: it has
    to be closed first).
    """
    await work.write(_NEXT, STAN_MAX, terminal_id, work.company_id)
    row = await work.row(_LAST, terminal_id, work.company_id)
    if row is None:
        raise Refusal("TERMINAL_UNKNOWN", field="terminalId")
    if row["taken_by"] is not None:
        raise Refusal("TERMINAL_BATCH_FULL", stan=row["last_stan"], batch=row["batch"])
    return row["batch"], row["last_stan"]
