"""Enumerations of card operations in GraphQL: named once, before any type uses them."""

import strawberry

from addons.pos_terminal.domain.driver import EntryMode
from addons.pos_terminal.domain.payment import (
    FiscalSide,
    OperationKind,
    PaymentMethod,
    PaymentState,
    Tender,
    Verdict,
)
from addons.pos_terminal.domain.stage import Stage

__all__ = [
    "EntryMode",
    "FiscalSide",
    "OperationKind",
    "PaymentMethod",
    "PaymentState",
    "Stage",
    "Tender",
    "Verdict",
]

strawberry.enum(OperationKind, name="CardOperationKind", description="What is done with the buyer's money.")
strawberry.enum(
    PaymentState,
    name="CardOperationState",
    description="Where the money is. AWAITING_CARD, QUEUED: nothing has left. SENT: the answer is awaited. "
    "UNKNOWN, REVERSING: it is being found out or undone, the card must not be taken again. REVIEW: people "
    "have to find out. APPROVED: the money is taken (or given back). The others: it is not.",
)
strawberry.enum(
    FiscalSide,
    name="CardReceiptState",
    description="AWAITED: no receipt is made of it yet. PENDING: it is on its way to the OFD. REFUSED: the "
    "receipt was refused, the money stays taken.",
)
strawberry.enum(PaymentMethod, name="CardPaymentMethod", description="How the buyer pays.")
strawberry.enum(Tender, name="CardTender", description="Which payment of a receipt it is.")
strawberry.enum(EntryMode, name="CardEntryMode", description="How the card was read.")
strawberry.enum(Stage, name="CardOperationStage", description="What goes on, in the cashier's words.")
strawberry.enum(Verdict, name="CardVerdict", description="How an operation ended, as people found out.")
