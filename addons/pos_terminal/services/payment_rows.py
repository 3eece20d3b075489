"""The SQL of card operations: few statements, always the same text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.services.payment_record import PaymentRecord, payment_columns, payment_record
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

SELECT_PAYMENT = "SELECT * FROM pos_payment"
_BY_ID = f"{SELECT_PAYMENT} WHERE id = ? AND company_id = ?"
_LOCKED = {"sqlite": _BY_ID, "mysql": f"{_BY_ID} FOR UPDATE"}
_BY_KEY = f"{SELECT_PAYMENT} WHERE company_id = ? AND payment_key = ?"
_BUSY = f"{SELECT_PAYMENT} WHERE busy_terminal_id = ? AND company_id = ?"
_REVERSING = "SELECT id FROM pos_payment WHERE terminal_id = ? AND state = ? AND company_id = ? LIMIT 1"
_EVENT = (
    "id", "company_id", "payment_id", "number", "at_ms", "kind", "source", "actor", "state_before",
    "state_after", "detail",
)  # fmt: skip
SELECT_EVENTS = f"SELECT {', '.join(_EVENT)} FROM pos_payment_event"
EVENTS_MAX = 500  # of one operation that are shown


@dataclass(frozen=True, slots=True)
class EventRecord:
    """What happened to an operation, in its own order. source, actor: who told of it."""

    payment_id: str
    number: int
    at_ms: int
    kind: str
    source: str
    actor: str
    state_before: str
    state_after: PaymentState
    detail: Mapping[str, str]


def marks(keys: Sequence[object]) -> str:
    """Placeholders for that many values."""
    return ", ".join("?" * len(keys))


async def payment_by_id(reader: Reader, payment_id: str) -> PaymentRecord:
    """An operation of the reader's company. Raises Refusal("CARD_OPERATION_UNKNOWN")."""
    return _found(await reader.row(_BY_ID, payment_id, reader.company_id))


async def locked_payment(work: Work, payment_id: str) -> PaymentRecord:
    """The same, its row locked to the end of the transaction; lock its lane before."""
    return _found(await work.row(_LOCKED[work.dialect], payment_id, work.company_id))


async def payment_by_key(reader: Reader, payment_key: str) -> PaymentRecord | None:
    """The operation the company began under that key, if it did."""
    row = await reader.row(_BY_KEY, reader.company_id, payment_key)
    return None if row is None else payment_record(row)


async def busy_payment(reader: Reader, terminal_id: str) -> PaymentRecord | None:
    """The operation that holds the terminal, if any does."""
    row = await reader.row(_BUSY, terminal_id, reader.company_id)
    return None if row is None else payment_record(row)


async def is_reversal_pending(reader: Reader, terminal_id: str) -> bool:
    """Whether a reversal of that terminal is not answered yet."""
    state = PaymentState.REVERSING.value
    return await reader.row(_REVERSING, terminal_id, state, reader.company_id) is not None


async def insert_payment(work: Work, record: PaymentRecord) -> None:
    """A new operation. IntegrityError, here or from the commit: its key is taken, or its terminal is busy."""
    await work.write_row("pos_payment", payment_columns(record))


async def update_payment(work: Work, before: PaymentRecord, after: PaymentRecord) -> None:
    """Write what has changed. IntegrityError as of insert_payment."""
    old, new = payment_columns(before), payment_columns(after)
    changed = {name: value for name, value in new.items() if old[name] != value}
    if not changed:
        return
    columns = ", ".join(f"{name} = ?" for name in changed)
    await work.write(
        f"UPDATE pos_payment SET {columns} WHERE id = ? AND company_id = ?",
        *changed.values(),
        after.id,
        after.company_id,
    )


async def write_event(work: Work, record: PaymentRecord, event: EventRecord) -> None:
    """Append to the story of an operation."""
    values = (
        new_id(),
        record.company_id,
        event.payment_id,
        event.number,
        event.at_ms,
        event.kind,
        event.source,
        event.actor,
        event.state_before,
        event.state_after.value,
        orjson.dumps(dict(event.detail), option=orjson.OPT_SORT_KEYS).decode(),
    )
    await work.write_rows("pos_payment_event", _EVENT, [values])


def event_record(row: SqlRow | Mapping[str, Any]) -> EventRecord:
    """The event of a row selected with SELECT_EVENTS."""
    return EventRecord(
        payment_id=row["payment_id"],
        number=row["number"],
        at_ms=row["at_ms"],
        kind=row["kind"],
        source=row["source"],
        actor=row["actor"],
        state_before=row["state_before"],
        state_after=PaymentState(row["state_after"]),
        detail=orjson.loads(row["detail"]),
    )


def _found(row: SqlRow | None) -> PaymentRecord:
    if row is None:
        raise Refusal("CARD_OPERATION_UNKNOWN", field="operationId")
    return payment_record(row)
