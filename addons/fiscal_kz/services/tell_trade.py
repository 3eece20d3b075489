"""What trade is told about its sales and cash operations. Closes and reports are none of its business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.services.records import DocumentRecord
from addons.trade.api import (
    CashFiscalFacts,
    CashId,
    FiscalState,
    SaleFiscalFacts,
    SaleId,
    record_cash_fiscal,
    record_sale_fiscal,
)

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk


async def tell_offline(desk: Desk, record: DocumentRecord, numbers: Numbers, *, qr_text: str) -> None:
    """An autonomous document was issued."""
    await _tell(desk, record, FiscalState.OFFLINE, numbers, sign=None, qr_text=qr_text, is_offline=True)


async def tell_fiscalized(
    desk: Desk, record: DocumentRecord, numbers: Numbers, *, sign: str, qr_text: str, is_offline: bool
) -> None:
    """The OFD took the document, now (is_offline False) or from the offline queue."""
    state = FiscalState.FISCALIZED
    await _tell(desk, record, state, numbers, sign=sign or None, qr_text=qr_text, is_offline=is_offline)


async def tell_rejected(desk: Desk, record: DocumentRecord, code: str) -> None:
    """The document is refused for good."""
    subject = record.subject_id
    if subject is None:
        return
    is_test, state = desk.profile.is_test, FiscalState.REJECTED
    if record.kind is DocumentKind.TICKET:
        sale = SaleFiscalFacts(SaleId(subject), state, at_ms=record.created_ms, code=code, is_test=is_test)
        await record_sale_fiscal(desk.work, sale, accepted_ms=record.created_ms)
    elif record.kind is DocumentKind.CASH:
        cash = CashFiscalFacts(CashId(subject), state, at_ms=record.created_ms, code=code, is_test=is_test)
        await record_cash_fiscal(desk.work, cash)


async def _tell(
    desk: Desk,
    record: DocumentRecord,
    state: FiscalState,
    numbers: Numbers,
    *,
    sign: str | None,
    qr_text: str,
    is_offline: bool,
) -> None:
    subject = record.subject_id
    if subject is None:
        return
    card, profile = desk.kkm.card, desk.profile
    if record.kind is DocumentKind.TICKET:
        sale = SaleFiscalFacts(
            sale_id=SaleId(subject),
            state=state,
            sign=sign,
            offline_number=numbers.offline_number,
            is_offline=is_offline,
            at_ms=numbers.at_ms,
            kkm_registration_number=card.registration_number,
            kkm_factory_number=card.factory_number,
            shift_number=numbers.shift_number,
            document_number=numbers.document_number,
            qr_text=qr_text,
            ofd_title=profile.title,
            ofd_site=profile.check_site,
            is_test=profile.is_test,
        )
        await record_sale_fiscal(
            desk.work, sale, may_have_marks=record.may_have_marks, accepted_ms=record.created_ms
        )
    elif record.kind is DocumentKind.CASH:
        cash = CashFiscalFacts(
            cash_id=CashId(subject),
            state=state,
            is_offline=is_offline,
            at_ms=numbers.at_ms,
            kkm_registration_number=card.registration_number,
            shift_number=numbers.shift_number,
            document_number=numbers.document_number,
            offline_number=numbers.offline_number,
            is_test=profile.is_test,
        )
        await record_cash_fiscal(desk.work, cash)
