"""Batches for DataLoaders of card operations: one statement each, as far as the caller may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.pos_terminal.services.payment_record import PaymentRecord, payment_record
from addons.pos_terminal.services.payment_rows import (
    EVENTS_MAX,
    SELECT_EVENTS,
    SELECT_PAYMENT,
    EventRecord,
    event_record,
    marks,
)

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

_GONE = "('closed', 'rejected', 'draft')"


@dataclass(frozen=True, slots=True)
class TerminalNow:
    """A terminal (its row) with what goes on there."""

    terminal: SqlRow
    operation: PaymentRecord | None
    reversals: int


async def operation_by_id(reader: Reader, keys: Sequence[str]) -> list[PaymentRecord | None]:
    """Operations of registers within the caller's reach."""
    sql = f"{SELECT_PAYMENT} WHERE id IN ({marks(keys)}) AND company_id = ?"
    found = {row["id"]: payment_record(row) for row in await reader.rows(sql, *keys, reader.company_id)}
    return [each if each is None or _reaches(reader, each) else None for each in map(found.get, keys)]


async def operations_by_sale(reader: Reader, keys: Sequence[str]) -> list[list[PaymentRecord]]:
    """Operations that paid each ticket, oldest first."""
    return await _by(reader, "sale_id", keys)


async def undoings_by_purchase(reader: Reader, keys: Sequence[str]) -> list[list[PaymentRecord]]:
    """Voids and refunds of each purchase, oldest first."""
    return await _by(reader, "original_id", keys)


async def events_by_operation(reader: Reader, keys: Sequence[str]) -> list[list[EventRecord]]:
    """The story of each operation; of a very long one its beginning."""
    sql = (
        f"{SELECT_EVENTS} WHERE payment_id IN ({marks(keys)}) AND company_id = ? AND number <= ? "
        "ORDER BY payment_id, number"
    )
    found: dict[str, list[EventRecord]] = defaultdict(list)
    for row in await reader.rows(sql, *keys, reader.company_id, EVENTS_MAX):
        found[row["payment_id"]].append(event_record(row))
    return [found[key] for key in keys]


async def terminals_by_register(reader: Reader, keys: Sequence[str]) -> list[list[TerminalNow]]:
    """Terminals of each register with their operation in progress and reversals, by title; two statements."""
    allowed = reader.principal.register_ids
    wanted = [key for key in keys if allowed is None or key in allowed]
    found: dict[str, list[TerminalNow]] = defaultdict(list)
    if wanted:
        for terminal, now in await _now(reader, wanted):
            found[terminal].append(now)
    return [found[key] for key in keys]


async def _now(reader: Reader, registers: Sequence[str]) -> list[tuple[str, TerminalNow]]:
    terminals, open_ones = await reader.together(
        (
            f"SELECT * FROM pos_terminal WHERE register_id IN ({marks(registers)}) AND company_id = ? "
            f"AND state NOT IN {_GONE} ORDER BY title, id",
            (*registers, reader.company_id),
        ),
        (
            f"{SELECT_PAYMENT} WHERE company_id = ? AND terminal_id IN (SELECT id FROM pos_terminal "
            f"WHERE register_id IN ({marks(registers)})) "
            "AND state IN ('AWAITING_CARD', 'QUEUED', 'SENT', 'UNKNOWN', 'REVERSING')",
            (reader.company_id, *registers),
        ),
    )
    busy: dict[str, PaymentRecord] = {}
    reversals: dict[str, int] = defaultdict(int)
    for row in open_ones:
        record = payment_record(row)
        if record.state.holds_terminal:
            busy[record.terminal_id] = record
        else:
            reversals[record.terminal_id] += 1
    return [
        (row["register_id"], TerminalNow(row, busy.get(row["id"]), reversals[row["id"]])) for row in terminals
    ]


async def _by(reader: Reader, column: str, keys: Sequence[str]) -> list[list[PaymentRecord]]:
    sql = f"{SELECT_PAYMENT} WHERE {column} IN ({marks(keys)}) AND company_id = ? ORDER BY id"
    found: dict[str, list[PaymentRecord]] = defaultdict(list)
    for row in await reader.rows(sql, *keys, reader.company_id):
        record = payment_record(row)
        if _reaches(reader, record):
            found[row[column]].append(record)
    return [found[key] for key in keys]


def _reaches(reader: Reader, record: PaymentRecord) -> bool:
    allowed = reader.principal.register_ids
    return allowed is None or record.register_id in allowed
