"""What the fiscal engine tells trade, written into trade's read models. Nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.trade.ports import CashFiscalFacts, SaleFiscalFacts, ShiftSummaryFacts

if TYPE_CHECKING:
    from kernel.data.work import Work


async def record_sale_fiscal(work: Work, facts: SaleFiscalFacts) -> None:
    """Store the fiscal facts of a sale, wake whoever waits for it, tell the subscribers once it is final."""
    raise NotImplementedError


async def record_cash_fiscal(work: Work, facts: CashFiscalFacts) -> None:
    """Store the fiscal facts of a cash operation and wake whoever waits for it."""
    raise NotImplementedError


async def record_shift_summary(work: Work, facts: ShiftSummaryFacts) -> None:
    """Insert or replace the summary of one shift."""
    raise NotImplementedError
