"""What was sold, shift by shift, for add-ons that hand it on (accounting, statistics): a read port.

Who has got what already, and in which form it goes out, is theirs to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.trade.ports import ShiftSummaryFacts
from addons.trade.services.records import (
    CashRecord,
    SaleRecord,
    StoredLine,
    cash_record,
    sale_record,
    shift_record,
)
from addons.trade.services.rows import CASH_COLUMNS, SALE_COLUMNS, SELECT_SHIFT, lines_by_sales, sales_by_ids
from addons.trade.services.tickets_by_time import tickets_made
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader

SHIFTS_MAX = 500  # in one answer
TICKETS_AT_ONCE = 200  # read with their lines by one pair of statements
TICKETS_MAX = 20_000  # asked for by id

_SHIFTS = f"{SELECT_SHIFT} WHERE company_id = ? AND (opened_at > ? OR (opened_at = ? AND id > ?))"
_OF_SHIFT = "company_id = ? AND shift_number = ? AND kkm_registration_number = ?"
_SALES = (
    f"SELECT {SALE_COLUMNS} FROM trd_sale s WHERE {{where}} AND {_OF_SHIFT}"
    " AND (created_at > ? OR (created_at = ? AND id > ?))"
    f" ORDER BY created_at, id LIMIT {TICKETS_AT_ONCE}"
)
_CASH = (
    f"SELECT {CASH_COLUMNS} FROM trd_cash WHERE register_id = ? AND ticket_at >= ? AND ticket_at < ?"
    f" AND {_OF_SHIFT} ORDER BY created_at, id"
)
_NEVER_MS = 2**62


@value
class SoldTicket:
    """A ticket of any state with its lines."""

    sale: SaleRecord
    lines: tuple[StoredLine, ...]


async def shifts_since(
    reader: Reader, opened_ms: int, *, after_id: str = "", limit: int = SHIFTS_MAX
) -> list[ShiftSummaryFacts]:
    """Shifts of the reader's company, open ones too, in the order of (opening, id) from that place on.

    The next page begins at the opened_ms and id of the last one.
    """
    rows = await reader.rows(
        f"{_SHIFTS} ORDER BY opened_at, id LIMIT {min(limit, SHIFTS_MAX)}",
        reader.company_id,
        opened_ms,
        opened_ms,
        after_id,
    )
    return [shift_record(row).facts for row in rows]


async def tickets_of_shift(reader: Reader, shift: ShiftSummaryFacts) -> list[SoldTicket]:
    """Every ticket numbered in the shift, in the order of acceptance.

    A ticket that waits for its number belongs to no shift yet, a rejected one to none any more. Tickets of a
    closed shift may still go from OFFLINE to FISCALIZED or REJECTED; those in a final state never change.
    """
    found: list[SoldTicket] = []
    since_ms, until_ms = _bounds(shift)
    for where, params in await tickets_made(reader, [shift.register_id], since_ms, until_ms):
        sql = _SALES.format(where=where)
        at, after = 0, ""
        while True:
            rows = await reader.rows(sql, *params, *_of_shift(reader, shift), at, at, after)
            sales = [sale_record(row) for row in rows]
            if sales:
                lines = await lines_by_sales(reader, [sale.id for sale in sales])
                found.extend(map(SoldTicket, sales, lines))
                at, after = sales[-1].created_ms, sales[-1].id
            if len(sales) < TICKETS_AT_ONCE:
                break
    return sorted(found, key=lambda each: (each.sale.created_ms, each.sale.id))


async def tickets_by_ids(reader: Reader, sale_ids: Sequence[str]) -> dict[str, SoldTicket]:
    """Those tickets of the reader's company; unknown ones are absent. At most TICKETS_MAX."""
    assert len(sale_ids) <= TICKETS_MAX
    found: dict[str, SoldTicket] = {}
    for start in range(0, len(sale_ids), TICKETS_AT_ONCE):
        piece = sale_ids[start : start + TICKETS_AT_ONCE]
        sales = [sale for sale in await sales_by_ids(reader, piece) if sale is not None]
        if sales:
            lines = await lines_by_sales(reader, [sale.id for sale in sales])
            found.update({sale.id: SoldTicket(sale, own) for sale, own in zip(sales, lines, strict=True)})
    return found


async def cash_of_shift(reader: Reader, shift: ShiftSummaryFacts) -> list[CashRecord]:
    """Money put in and taken out during the shift; what the close itself took out is in the summary only."""
    rows = await reader.rows(_CASH, shift.register_id, *_bounds(shift), *_of_shift(reader, shift))
    return [cash_record(row) for row in rows]


def _bounds(shift: ShiftSummaryFacts) -> tuple[int, int]:
    return shift.opened_ms, _NEVER_MS if shift.closed_ms is None else shift.closed_ms + 1


def _of_shift(reader: Reader, shift: ShiftSummaryFacts) -> tuple[Param, ...]:
    return (
        reader.company_id,
        shift.number,
        shift.kkm_registration_number,
    )
