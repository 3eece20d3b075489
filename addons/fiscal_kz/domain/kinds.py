"""Closed sets of the fiscal engine.

Numbers are those of the wire where the protocol gives one (CPCR 2.0.2 §2.3, §4).
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Command(IntEnum):
    """Commands we send (CommandTypeEnum)."""

    SYSTEM = 0
    TICKET = 1
    CLOSE_SHIFT = 2
    REPORT = 3
    NOMENCLATURE = 4
    INFO = 5
    MONEY_PLACEMENT = 6


class Operation(StrEnum):
    """What a ticket does; names as in trade."""

    BUY = "BUY"
    BUY_RETURN = "BUY_RETURN"
    SELL = "SELL"
    SELL_RETURN = "SELL_RETURN"

    @property
    def takes_cash_out(self) -> bool:
        """True when the cash part leaves the drawer."""
        return self in (Operation.BUY, Operation.SELL_RETURN)

    @property
    def adds_revenue(self) -> bool:
        """True when the sum counts as positive revenue: SELL − SELL_RETURN − BUY + BUY_RETURN."""
        return self in (Operation.SELL, Operation.BUY_RETURN)


class Means(StrEnum):
    """Means of payment (PaymentTypeEnum: CASH 0, CARD 1, MOBILE 4)."""

    CASH = "CASH"
    CARD = "CARD"
    MOBILE = "MOBILE"


class Placement(StrEnum):
    """Cash put into or taken out of the drawer (MoneyPlacementEnum)."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"


class DocumentKind(StrEnum):
    """What stands in a register's lane."""

    TICKET = "TICKET"
    CASH = "CASH"
    CLOSE = "CLOSE"
    REPORT = "REPORT"  # X report
    POLL = "POLL"  # SYSTEM: looks whether the OFD is back
    INFO = "INFO"  # activation, or synchronisation after a replay
    NOMENCLATURE = "NOMENCLATURE"  # the OFD's list of goods, or one of them by barcode

    @property
    def is_fiscal(self) -> bool:
        """True for documents that change counters and must reach the OFD."""
        return self in (DocumentKind.TICKET, DocumentKind.CASH, DocumentKind.CLOSE)

    @property
    def is_question(self) -> bool:
        """True for what has no row of its own: it asks and changes nothing of ours."""
        return self in (DocumentKind.POLL, DocumentKind.INFO, DocumentKind.NOMENCLATURE)

    @property
    def command(self) -> Command:
        """The command that carries this document."""
        return _COMMANDS[self]


_COMMANDS = {
    DocumentKind.TICKET: Command.TICKET,
    DocumentKind.CASH: Command.MONEY_PLACEMENT,
    DocumentKind.CLOSE: Command.CLOSE_SHIFT,
    DocumentKind.REPORT: Command.REPORT,
    DocumentKind.POLL: Command.SYSTEM,
    DocumentKind.INFO: Command.INFO,
    DocumentKind.NOMENCLATURE: Command.NOMENCLATURE,
}


class Link(StrEnum):
    """State of the link to the OFD (CPCR 2.0.2 §5)."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"


class Block(StrEnum):
    """Why a register may not work (CPCR 2.0.2 §2.4, §5.3, §5.4)."""

    NONE = "NONE"
    SERVER = "SERVER"  # code 15: poll with SYSTEM until the OFD releases
    TOKEN = "TOKEN"  # code 2: until a person enters a token
    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"  # code 1
    SERVICE = "SERVICE"  # protocol or set-up error: until it is fixed
    REPLAY = "REPLAY"  # a queued offline document was refused: a person must look at it
    OFFLINE_TOO_LONG = "OFFLINE_TOO_LONG"  # the oldest undelivered document is older than 72 h
    PROGRAMMING = "PROGRAMMING"  # a person sets the register up; its shift is closed
    DECOMMISSIONED = "DECOMMISSIONED"  # for good

    @property
    def is_trouble(self) -> bool:
        """True when a person may release it after mending the cause."""
        return self not in (Block.NONE, Block.PROGRAMMING, Block.DECOMMISSIONED)


class Verdict(StrEnum):
    """What a result code tells the register to do."""

    OK = "OK"
    REPEAT = "REPEAT"
    REFUSE = "REFUSE"
    SHIFT_EXPIRED = "SHIFT_EXPIRED"
    SERVER_BLOCK = "SERVER_BLOCK"
    TOKEN = "TOKEN"
    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"
    SERVICE = "SERVICE"
