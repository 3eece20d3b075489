"""Closed sets of trade as GraphQL enums; every GraphQL module takes them from here: declared once."""

import strawberry

from addons.trade.domain.branding import AdvertKind
from addons.trade.domain.details import TradeDomain
from addons.trade.domain.kinds import CashDirection, FiscalState, PaymentKind, SaleKind
from addons.trade.domain.receipt_words import ReceiptLanguage

__all__ = [
    "AdvertKind",
    "CashDirection",
    "FiscalState",
    "PaymentKind",
    "ReceiptLanguage",
    "SaleKind",
    "TradeDomain",
]


strawberry.enum(SaleKind, name="SaleKind", description="What a ticket does.")
strawberry.enum(TradeDomain, name="TradeDomain", description="Line of trade of a ticket.")
strawberry.enum(PaymentKind, name="PaymentKind", description="Means of payment.")
strawberry.enum(
    FiscalState,
    name="FiscalState",
    description="PENDING: accepted, the outcome is not known yet. OFFLINE: an autonomous receipt is issued, "
    "to be delivered. FISCALIZED: the OFD gave its sign. REJECTED: nothing was sold fiscally.",
)
strawberry.enum(CashDirection, name="CashDirection", description="Into the drawer or out of it.")
strawberry.enum(
    ReceiptLanguage,
    name="ReceiptLanguage",
    description="What a receipt is printed in; BOTH: Kazakh, then Russian.",
)
strawberry.enum(
    AdvertKind,
    name="AdvertKind",
    description="Whose text is printed below a receipt: of the OFD, the company, an outlet or a register.",
)
