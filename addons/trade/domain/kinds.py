"""Closed sets of trade's words. Wire numbers of the OFD protocol do not belong here."""

from __future__ import annotations

from enum import StrEnum


class SaleKind(StrEnum):
    """What a ticket does; the four operations of CPCR 2.0.2 (OperationTypeEnum)."""

    SELL = "SELL"
    SELL_RETURN = "SELL_RETURN"
    BUY = "BUY"
    BUY_RETURN = "BUY_RETURN"

    @property
    def is_return(self) -> bool:
        """True for the two operations that undo an earlier ticket."""
        return self in (SaleKind.SELL_RETURN, SaleKind.BUY_RETURN)

    @property
    def takes_cash_out(self) -> bool:
        """True when the cash part leaves the drawer."""
        return self in (SaleKind.SELL_RETURN, SaleKind.BUY)


class PaymentKind(StrEnum):
    """Means of payment in use (order 626): cash, bank card, mobile payment."""

    CASH = "CASH"
    CARD = "CARD"
    MOBILE = "MOBILE"


class ModifierKind(StrEnum):
    """Direction of a price modifier."""

    DISCOUNT = "DISCOUNT"
    MARKUP = "MARKUP"


class FiscalState(StrEnum):
    """How far a document has come on its way to the OFD."""

    PENDING = "PENDING"  # accepted and ordered; the outcome is not known yet
    OFFLINE = "OFFLINE"  # an autonomous receipt is issued and waits for delivery
    FISCALIZED = "FISCALIZED"  # the OFD gave a fiscal sign
    REJECTED = "REJECTED"  # the OFD or the register said no; nothing was sold fiscally

    @property
    def is_final(self) -> bool:
        """True when nothing more will change."""
        return self in (FiscalState.FISCALIZED, FiscalState.REJECTED)


class CashDirection(StrEnum):
    """Money put into or taken out of the drawer without a ticket."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
