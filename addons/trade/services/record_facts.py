"""What the fiscal engine tells trade, written into trade's read models. Nothing is decided here.

Every report replaces the earlier one of the same document as a whole, so repeating a report changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from addons.catalog.api import note_practice
from addons.trade.domain.kinds import FiscalState
from addons.trade.ports import CashFiscalFacts, SaleFiscalFacts, ShiftOperation, ShiftSummaryFacts
from addons.trade.services import rows
from addons.trade.services.hearing import tell
from addons.trade.services.settle_marks import unsettle_marks
from addons.trade.services.tickets_by_time import is_late, note_if_late
from kernel.errors import Fault

if TYPE_CHECKING:
    from kernel.data.work import Work

SALE_TOPIC = "sale"
SALES_TOPIC = "trade.sales"  # notices: a sale, or cash, of the company with this id
CASH_TOPIC = "cash"
SHIFT_TOPIC = "shift"
EVENT_FISCALIZED = "trade.sale_fiscalized"
EVENT_REJECTED = "trade.sale_rejected"
HOOK_SALE_FISCAL = "trade.sale_fiscal"  # with SaleFiscalFacts, in their transaction: be quick, never refuse

_SALE_UPDATE = (
    "UPDATE trd_sale SET state = ?, sign = ?, offline_number = ?, is_offline = ?, ticket_at = ?, "
    "kkm_registration_number = ?, kkm_factory_number = ?, shift_number = ?, document_number = ?, "
    "qr_text = ?, ofd_title = ?, ofd_site = ?, rejection_code = ?, is_test = ? "
    "WHERE id = ? AND company_id = ?"
)
_CASH_UPDATE = (
    "UPDATE trd_cash SET state = ?, is_offline = ?, offline_number = ?, ticket_at = ?, "
    "kkm_registration_number = ?, shift_number = ?, document_number = ?, rejection_code = ?, is_test = ? "
    "WHERE id = ? AND company_id = ?"
)
_SHIFT_UPDATE = (
    "UPDATE trd_shift_summary SET closed_at = ?, closed_by = ?, documents = ?, offline_documents = ?, "
    "deposits = ?, withdrawals = ?, drawer = ?, operations = ?, withdrawn_at_close = ? "
    "WHERE id = ? AND company_id = ?"
)


async def record_sale_fiscal(
    work: Work, facts: SaleFiscalFacts, *, may_have_marks: bool = True, accepted_ms: int | None = None
) -> None:
    """Store the fiscal facts of a sale, wake whoever waits for it, tell the subscribers once it is final.

    may_have_marks: False from who knows that no line of the ticket carries a marking code. accepted_ms: the
    created_ms of its order, from who knows it.
    A rejected ticket gives back its marks, a rejected return what it had taken of its original. Raises Fault
    for a sale that is not the company's.
    """
    if facts.state is FiscalState.REJECTED:
        await _give_back(work, facts.sale_id)
    elif facts.is_test and may_have_marks:
        await note_practice(work, facts.sale_id)
    await work.write_one(
        _SALE_UPDATE,
        facts.state.value,
        facts.sign,
        facts.offline_number,
        int(facts.is_offline),
        facts.at_ms or None,
        facts.kkm_registration_number,
        facts.kkm_factory_number,
        facts.shift_number,
        facts.document_number,
        facts.qr_text,
        facts.ofd_title,
        facts.ofd_site,
        facts.code,
        int(facts.is_test),
        facts.sale_id,
        work.company_id,
        otherwise=Fault(f"fiscal facts of an unknown sale {facts.sale_id}"),
    )
    if facts.at_ms and (accepted_ms is None or is_late(accepted_ms, facts.at_ms)):
        await note_if_late(work, facts.sale_id, facts.at_ms)
    if facts.state is FiscalState.REJECTED:
        await work.event(EVENT_REJECTED, facts.sale_id, {"sale": facts.sale_id, "code": facts.code})
    elif facts.state is FiscalState.FISCALIZED:
        await work.event(EVENT_FISCALIZED, facts.sale_id, {"sale": facts.sale_id, "sign": facts.sign})
    await work.hook(HOOK_SALE_FISCAL, facts)
    tell(work, facts)
    work.notice(SALE_TOPIC, facts.sale_id)
    work.notice(SALES_TOPIC, work.company_id)


async def record_cash_fiscal(work: Work, facts: CashFiscalFacts) -> None:
    """Store the fiscal facts of a cash operation and wake whoever waits for it. Raises Fault as above."""
    await work.write_one(
        _CASH_UPDATE,
        facts.state.value,
        int(facts.is_offline),
        facts.offline_number,
        facts.at_ms or None,
        facts.kkm_registration_number,
        facts.shift_number,
        facts.document_number,
        facts.code,
        int(facts.is_test),
        facts.cash_id,
        work.company_id,
        otherwise=Fault(f"fiscal facts of an unknown cash operation {facts.cash_id}"),
    )
    work.notice(CASH_TOPIC, facts.cash_id)
    work.notice(SALES_TOPIC, work.company_id)


async def record_shift_summary(work: Work, facts: ShiftSummaryFacts) -> None:
    """Insert or replace the summary of one shift."""
    operations = orjson.dumps([_operation(each) for each in facts.operations]).decode()
    touched = await work.execute(
        _SHIFT_UPDATE,
        facts.closed_ms,
        facts.closed_by,
        facts.documents,
        facts.offline_documents,
        facts.deposits.tiyn,
        facts.withdrawals.tiyn,
        facts.drawer.tiyn,
        operations,
        facts.withdrawn_at_close.tiyn,
        facts.shift_id,
        facts.company_id,
    )
    if not touched:
        await work.insert(
            "trd_shift_summary",
            {
                "id": facts.shift_id,
                "company_id": facts.company_id,
                "register_id": facts.register_id,
                "number": facts.number,
                "opened_at": facts.opened_ms,
                "closed_at": facts.closed_ms,
                "closed_by": facts.closed_by,
                "kkm_registration_number": facts.kkm_registration_number,
                "documents": facts.documents,
                "offline_documents": facts.offline_documents,
                "deposits": facts.deposits.tiyn,
                "withdrawals": facts.withdrawals.tiyn,
                "drawer": facts.drawer.tiyn,
                "operations": operations,
                "is_test": int(facts.is_test),
                "withdrawn_at_close": facts.withdrawn_at_close.tiyn,
            },
        )
    work.notice(SHIFT_TOPIC, facts.register_id)


async def _give_back(work: Work, sale_id: str) -> None:
    """What a ticket took is free again: marks, and of a return what it took of its original; once, however
    often the rejection is told.
    """
    record = await rows.locked_sale(work, sale_id)
    if record is None or record.fiscal.state is FiscalState.REJECTED:
        return
    await unsettle_marks(work, record)
    if record.original_id is not None:
        stored = await rows.lines_of(work, sale_id)
        await rows.move_returned(
            work,
            record.original_id,
            payments=record.payments,
            lines=[each.line for each in stored],
            sign=-1,
        )


def _operation(operation: ShiftOperation) -> dict[str, str | int]:
    sums = ("total", "cash", "card", "mobile", "discount", "markup", "change", "vat")
    return {
        "kind": operation.kind.value,
        "count": operation.count,
        **{name: getattr(operation, name).tiyn for name in sums},
    }
