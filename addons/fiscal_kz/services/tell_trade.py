"""What trade is told about its sales and cash operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.services.records import DocumentRecord, KkmRecord
from addons.fiscal_kz.settings import OfdProfile
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
    from kernel.data.work import Work


class TradeTeller:
    """Speaks to trade's read models inside one Work. Closes and reports are none of trade's business."""

    def __init__(self, work: Work, kkm: KkmRecord, profile: OfdProfile) -> None:
        self._work = work
        self._kkm = kkm
        self._profile = profile

    async def offline(self, record: DocumentRecord, numbers: Numbers, *, qr_text: str) -> None:
        """An autonomous document was issued."""
        await self._tell(record, FiscalState.OFFLINE, numbers, sign=None, qr_text=qr_text, is_offline=True)

    async def fiscalized(
        self, record: DocumentRecord, numbers: Numbers, *, sign: str, qr_text: str, is_offline: bool
    ) -> None:
        """The OFD took the document, now (is_offline False) or from the offline queue."""
        state = FiscalState.FISCALIZED
        await self._tell(record, state, numbers, sign=sign or None, qr_text=qr_text, is_offline=is_offline)

    async def rejected(self, record: DocumentRecord, code: str) -> None:
        """The document is refused for good."""
        subject = record.subject_id
        is_test, state = self._profile.is_test, FiscalState.REJECTED
        if subject is None:
            return
        if record.kind is DocumentKind.TICKET:
            sale = SaleFiscalFacts(
                SaleId(subject), state, at_ms=record.created_ms, code=code, is_test=is_test
            )
            await record_sale_fiscal(self._work, sale)
        elif record.kind is DocumentKind.CASH:
            cash = CashFiscalFacts(
                CashId(subject), state, at_ms=record.created_ms, code=code, is_test=is_test
            )
            await record_cash_fiscal(self._work, cash)

    async def _tell(
        self,
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
        card = self._kkm.card
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
                ofd_title=self._profile.title,
                ofd_site=self._profile.check_site,
                is_test=self._profile.is_test,
            )
            await record_sale_fiscal(self._work, sale)
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
                is_test=self._profile.is_test,
            )
            await record_cash_fiscal(self._work, cash)
