"""Find a ticket by what a scanner read from the bar code of its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.trade.services import rows
from addons.trade.services.records import SaleRecord, sale_record

if TYPE_CHECKING:
    from kernel.data.work import Reader

MOMENT_LENGTH, NUMBER_LENGTH = 13, 5
SAME_MOMENT_MAX = 100  # tickets of one company in one millisecond
_AT_MOMENT = f"{rows.SELECT_SALE} WHERE company_id = ? AND created_at = ? ORDER BY id LIMIT {SAME_MOMENT_MAX}"


async def sale_by_code(reader: Reader, code: str) -> SaleRecord | None:
    """The ticket of the reader's company; None for a code that is none of its receipts'."""
    digits = code.strip()
    if len(digits) < MOMENT_LENGTH + NUMBER_LENGTH or len(digits) > 30 or not digits.isdecimal():
        return None
    moment, number = int(digits[:MOMENT_LENGTH]), int(digits[MOMENT_LENGTH:])
    found = await reader.rows(_AT_MOMENT, reader.company_id, moment)
    allowed = reader.principal.register_ids
    for record in map(sale_record, found):
        if record.header.register_number == number and (allowed is None or record.register_id in allowed):
            return record
    return None
