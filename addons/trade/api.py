"""The door of trade: what other add-ons may import. Everything else in this add-on is private.

For the author of a Fiscalizer: `registry.provide(Fiscalizer, instance)`; report every outcome once through
`record_sale_fiscal` / `record_cash_fiscal` inside your result transaction (or inside accept_* when an
autonomous receipt is issued at once, then again after delivery), set `is_test=True` when the OFD is a
simulator, and keep `record_shift_summary` fresh at least at opening and close of a shift.
"""

from __future__ import annotations

from addons.trade.domain.branding import AdvertKind
from addons.trade.domain.commands import CashId, SaleId
from addons.trade.domain.details import DomainBlock, TicketDetails, TradeDomain
from addons.trade.domain.kinds import CashDirection, FiscalState, ModifierKind, PaymentKind, SaleKind
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.domain.report_paper import (
    PaperHead,
    ReportGroup,
    ReportOperationLine,
    ReportPaper,
    ReportTaxLine,
    ReportTitle,
)
from addons.trade.domain.ticket import CardDetails, MobileDetails, Modifier, TicketLine, TicketPayment
from addons.trade.ports import (
    CardAcquirer,
    CardClaim,
    CashFiscalFacts,
    CashOrder,
    ClaimedPayment,
    Fiscalizer,
    OriginalTicket,
    SaleFiscalFacts,
    ShiftOperation,
    ShiftSummaryFacts,
    TicketOrder,
)
from addons.trade.services.branding import record_register_adverts
from addons.trade.services.print_receipt import (
    paper_of_sale,
    receipt_escpos,
    receipt_pdf,
    receipt_png,
    receipt_text,
)
from addons.trade.services.print_reports import paper_of_cash, paper_of_report
from addons.trade.services.receipt_card import ReceiptCard, receipt_card
from addons.trade.services.record_facts import (
    EVENT_REJECTED,
    HOOK_SALE_FISCAL,
    SALES_TOPIC,
    record_cash_fiscal,
    record_sale_fiscal,
    record_shift_summary,
)
from addons.trade.services.records import CashRecord, SaleRecord, StoredLine
from addons.trade.services.sale_original import sale_original
from addons.trade.services.sold import (
    SoldTicket,
    cash_of_shift,
    shifts_since,
    tickets_by_ids,
    tickets_of_shift,
)

__all__ = [
    "EVENT_REJECTED",
    "HOOK_SALE_FISCAL",
    "SALES_TOPIC",
    "AdvertKind",
    "CardAcquirer",
    "CardClaim",
    "CardDetails",
    "CashDirection",
    "CashFiscalFacts",
    "CashId",
    "CashOrder",
    "CashRecord",
    "ClaimedPayment",
    "DomainBlock",
    "FiscalState",
    "Fiscalizer",
    "MobileDetails",
    "Modifier",
    "ModifierKind",
    "OriginalTicket",
    "PaperHead",
    "PaymentKind",
    "ReceiptCard",
    "ReceiptLanguage",
    "ReportGroup",
    "ReportOperationLine",
    "ReportPaper",
    "ReportTaxLine",
    "ReportTitle",
    "SaleFiscalFacts",
    "SaleId",
    "SaleKind",
    "SaleRecord",
    "ShiftOperation",
    "ShiftSummaryFacts",
    "SoldTicket",
    "StoredLine",
    "TicketDetails",
    "TicketLine",
    "TicketOrder",
    "TicketPayment",
    "TradeDomain",
    "cash_of_shift",
    "paper_of_cash",
    "paper_of_report",
    "paper_of_sale",
    "receipt_card",
    "receipt_escpos",
    "receipt_pdf",
    "receipt_png",
    "receipt_text",
    "record_cash_fiscal",
    "record_register_adverts",
    "record_sale_fiscal",
    "record_shift_summary",
    "sale_original",
    "shifts_since",
    "tickets_by_ids",
    "tickets_of_shift",
]
