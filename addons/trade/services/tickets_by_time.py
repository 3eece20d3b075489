"""Which tickets were made in a period, by the time of their fiscal document, however long one had waited.

Nearly all documents are made within an hour of the sale, so the index (register, acceptance) finds them; the
others stand in trd_late_ticket by the time of the document. An index of all tickets by that time would cost
each sale a page of its own, twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, Work

    Condition = tuple[str, tuple[Param, ...]]  # of a WHERE, with its parameters

LATE_MS = 3_600_000  # between sale and document, whichever was first
REGISTERS_AT_ONCE = 400  # in one statement

_IN_ORDER = f"ABS(s.ticket_at - s.created_at) <= {LATE_MS}"
_MADE = "s.ticket_at >= ? AND s.ticket_at < ?"
_PROMPT = (
    f"s.register_id IN ({{marks}}) AND s.created_at >= ? AND s.created_at < ? AND {_MADE} AND {_IN_ORDER}"
)
_OF_PERIOD = (
    "FROM trd_late_ticket t WHERE t.register_id IN ({marks}) AND t.ticket_at >= ? AND t.ticket_at < ?"
)
_LATE = f"s.id IN (SELECT t.id {_OF_PERIOD}) AND {_MADE} AND NOT {_IN_ORDER}"
_ANY_LATE = f"SELECT 1 AS found {_OF_PERIOD} LIMIT 1"

_MOVE = "UPDATE trd_late_ticket SET ticket_at = ? WHERE id = ? AND company_id = ?"
_ADD = f"""INSERT INTO trd_late_ticket (id, company_id, register_id, ticket_at)
SELECT s.id, s.company_id, s.register_id, s.ticket_at FROM trd_sale s
WHERE s.id = ? AND s.company_id = ? AND NOT {_IN_ORDER}"""


async def tickets_made(
    reader: Reader, register_ids: Sequence[str], since_ms: int, until_ms: int
) -> list[Condition]:
    """Conditions on `trd_sale s`: each ticket of those registers made from since_ms to before until_ms meets
    one of them, no other ticket any. Mostly there is one.
    """
    made = (since_ms, until_ms)
    conditions: list[Condition] = []
    for marks, some in register_groups(register_ids):
        accepted = (since_ms - LATE_MS, until_ms + LATE_MS)
        conditions.append((_PROMPT.format(marks=marks), (*some, *accepted, *made)))
        if await reader.row(_ANY_LATE.format(marks=marks), *some, *made) is not None:
            conditions.append((_LATE.format(marks=marks), (*some, *made, *made)))
    return conditions


def register_groups(register_ids: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """As many as one statement looks for, behind their placeholders."""
    for begin in range(0, len(register_ids), REGISTERS_AT_ONCE):
        some = register_ids[begin : begin + REGISTERS_AT_ONCE]
        yield ", ".join("?" * len(some)), some


def is_late(accepted_ms: int, ticket_ms: int) -> bool:
    """Whether a ticket's document was made so far from its acceptance that it has to be noted."""
    return abs(ticket_ms - accepted_ms) > LATE_MS


async def note_if_late(work: Work, sale_id: str, ticket_ms: int) -> None:
    """After the time of a ticket's document was stored."""
    if not await work.execute(_MOVE, ticket_ms, sale_id, work.company_id):
        await work.execute(_ADD, sale_id, work.company_id)
