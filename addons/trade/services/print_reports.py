"""Papers of cash operations and of reports, set by the installation's theme."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from addons.organization.api import operator_card, register_card
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.domain.report_paper import (
    REPORT_KIND,
    CashSlip,
    PaperHead,
    ReportPaper,
    cash_slip_paper,
    report_paper,
)
from addons.trade.services import rows
from addons.trade.settings import TradeSettings
from kernel.clock import from_ms
from kernel.config_sections import WebSettings
from kernel.errors import Refusal
from kernel.printing.paper import Paper
from kernel.printing.themes import PaperTheme, paper_theme
from kernel.web.themes import chosen_themes

if TYPE_CHECKING:
    from kernel.data.work import Reader


def paper_of_report(reader: Reader, report: ReportPaper, *, language: ReceiptLanguage | None = None) -> Paper:
    """A report as a paper for any medium; language None: what the reader's company chose."""
    chosen = language or reader.settings(TradeSettings).receipt_language
    return report_paper(report, language=chosen, theme=_theme(reader))


async def paper_of_cash(
    reader: Reader, cash_id: str, *, language: ReceiptLanguage | None = None, is_copy: bool = False
) -> Paper:
    """The slip of a cash operation of the reader's company, with today's names of its place.

    Raises Refusal("CASH_UNKNOWN").
    """
    record = await rows.cash_by_id(reader, cash_id)
    allowed = reader.principal.register_ids
    if record is None or (allowed is not None and record.register_id not in allowed):
        raise Refusal("CASH_UNKNOWN")
    register = await register_card(reader, record.register_id)
    company, outlet, fiscal = register.company, register.outlet, record.fiscal
    head = PaperHead(
        company_title=company.title,
        company_title_kk=company.title_kk,
        bin=company.bin,
        address=outlet.address,
        address_kk=outlet.address_kk,
        register_number=register.number,
        operator_name=(await operator_card(reader, record.operator_id)).name,
        kkm_registration_number=fiscal.kkm_registration_number,
        at=from_ms(fiscal.at_ms or record.created_ms).astimezone(ZoneInfo(outlet.zone)),
        is_test=fiscal.is_test,
        is_offline=fiscal.is_offline,
        is_copy=is_copy,
    )
    slip = CashSlip(
        head=head,
        direction=record.direction,
        amount=record.amount,
        state=fiscal.state,
        document_number=fiscal.document_number,
        shift_number=fiscal.shift_number,
    )
    chosen = language or reader.settings(TradeSettings).receipt_language
    return cash_slip_paper(slip, language=chosen, theme=_theme(reader))


def _theme(reader: Reader) -> PaperTheme:
    return theme_of_reports(reader.database.registry.settings_of(WebSettings))


@lru_cache(maxsize=16)
def theme_of_reports(settings: WebSettings) -> PaperTheme:
    """How the theme of those settings sets reports and slips. Raises Fault for a wrong theme."""
    return paper_theme(REPORT_KIND, [theme.folder for theme in chosen_themes(settings)])
