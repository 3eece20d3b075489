"""The door of pos_terminal: what other add-ons may import. Everything else in this add-on is private.

For the author of a driver: implement `TerminalDriver` and `registry.offer(TerminalDriver, "name", driver)`.
"""

from __future__ import annotations

from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    BatchOperation,
    BatchTotals,
    Capabilities,
    CardData,
    CardFacts,
    Declined,
    DriverOrder,
    DriverOutcome,
    EntryMode,
    GoesOn,
    NotKnown,
    NotSent,
    OriginalPayment,
    ShopDoor,
    Step,
    TerminalCard,
    TerminalKeys,
)
from addons.pos_terminal.domain.masked_number import masked_number
from addons.pos_terminal.services.ports import PairingDriver, TerminalDriver

__all__ = [
    "Agreed",
    "Approved",
    "BatchOperation",
    "BatchTotals",
    "Capabilities",
    "CardData",
    "CardFacts",
    "Declined",
    "DriverOrder",
    "DriverOutcome",
    "EntryMode",
    "GoesOn",
    "NotKnown",
    "NotSent",
    "OriginalPayment",
    "PairingDriver",
    "ShopDoor",
    "Step",
    "TerminalCard",
    "TerminalDriver",
    "TerminalKeys",
    "masked_number",
]
