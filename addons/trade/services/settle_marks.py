"""Marking codes of a ticket: what is sold takes them, what comes back gives them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.catalog.api import (
    MarkAsked,
    ProductId,
    give_back_marks,
    read_mark,
    release_marks,
    take_marks,
    taken_marks,
)
from addons.trade.domain.kinds import SaleKind
from addons.trade.services import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from addons.trade.domain.ticket import TicketLine
    from addons.trade.ports import TicketOrder
    from addons.trade.services.records import SaleRecord
    from kernel.data.work import Work

_LATEST = """SELECT is_test FROM trd_sale WHERE company_id = ? AND register_id = ?
AND state IN ('FISCALIZED', 'OFFLINE') ORDER BY created_at DESC LIMIT 1"""
_OUT = {SaleKind.SELL, SaleKind.BUY_RETURN}  # goods leave the shop


async def settle_marks(work: Work, order: TicketOrder) -> None:
    """Take or give back the marks of an accepted ticket, in its transaction. Refusal MARK_TAKEN.

    A return gives back what its original took; goods that are bought may have been sold by any ticket. What
    was sold for practice is sold in earnest by a register that has worked in earnest.
    """
    marks = _marks(order.lines)
    if not marks:
        return
    if order.kind in _OUT:
        taken = await taken_marks(work, [each.mark.key for each in marks])
        practised = [key for key, is_practice in taken.items() if is_practice]
        if practised and await _is_in_earnest(work, order.register.id):
            await give_back_marks(work, practised)
        await take_marks(work, order.sale_id, marks)
    else:
        subject = None if order.original is None else order.original.sale_id
        await give_back_marks(work, [each.mark.key for each in marks], subject=subject)


async def unsettle_marks(work: Work, record: SaleRecord) -> None:
    """A rejected ticket never was: its marks are free again, or sold again by the original of a return.

    A mark that somebody else has taken meanwhile stays theirs.
    """
    if record.kind in _OUT:
        await release_marks(work, record.id)
        return
    marks = _marks([each.line for each in await rows.lines_of(work, record.id)])
    taken = await taken_marks(work, [each.mark.key for each in marks])
    if record.original_id is not None:
        await take_marks(work, record.original_id, [each for each in marks if each.mark.key not in taken])


async def _is_in_earnest(work: Work, register_id: str) -> bool:
    """Whether the latest fiscal ticket of a register went to a real OFD."""
    row = await work.row(_LATEST, work.company_id, register_id)
    return row is not None and not row["is_test"]


def _marks(lines: Iterable[TicketLine]) -> list[MarkAsked]:
    return [
        MarkAsked(read_mark(mark, field=field), ProductId(line.product_id or ""), field)
        for index, line in enumerate(lines)
        if line.marks
        for field in (f"lines.{index}.marks",)
        for mark in line.marks
    ]
