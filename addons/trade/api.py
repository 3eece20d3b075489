"""The door of trade: what other add-ons may import. Everything else in this add-on is private.

For the author of a Fiscalizer: `registry.provide(Fiscalizer, instance)`; report every outcome once through
`record_sale_fiscal` / `record_cash_fiscal` inside your result transaction (or inside accept_* when an
autonomous receipt is issued at once, then again after delivery), set `is_test=True` when the OFD is a
simulator, and keep `record_shift_summary` fresh at least at opening and close of a shift.
"""

from __future__ import annotations

from addons.trade.domain.commands import CashId, SaleId
from addons.trade.domain.kinds import CashDirection, FiscalState, ModifierKind, PaymentKind, SaleKind
from addons.trade.domain.ticket import Modifier, TicketLine, TicketPayment
from addons.trade.ports import (
    CardAcquirer,
    CardOrder,
    CardOutcome,
    CashFiscalFacts,
    CashOrder,
    Fiscalizer,
    OriginalTicket,
    SaleFiscalFacts,
    ShiftOperation,
    ShiftSummaryFacts,
    TicketOrder,
)
from addons.trade.services.record_facts import record_cash_fiscal, record_sale_fiscal, record_shift_summary
from addons.trade.services.sale_original import sale_original

__all__ = [
    "CardAcquirer",
    "CardOrder",
    "CardOutcome",
    "CashDirection",
    "CashFiscalFacts",
    "CashId",
    "CashOrder",
    "FiscalState",
    "Fiscalizer",
    "Modifier",
    "ModifierKind",
    "OriginalTicket",
    "PaymentKind",
    "SaleFiscalFacts",
    "SaleId",
    "SaleKind",
    "ShiftOperation",
    "ShiftSummaryFacts",
    "TicketLine",
    "TicketOrder",
    "TicketPayment",
    "record_cash_fiscal",
    "record_sale_fiscal",
    "record_shift_summary",
    "sale_original",
]
