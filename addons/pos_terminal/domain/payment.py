"""One card operation: its kinds, its states and everything the engine remembers of it.

The states speak of money alone; the receipt is a second, small matter (`FiscalSide`). Which event leads from
where to where is engine.py. Source: acquiring reference §5.4, payment state machine.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from addons.pos_terminal.domain.driver import Step
from kernel.money import Money
from kernel.values import value


class OperationKind(StrEnum):
    """What an operation does with the buyer's money."""

    PURCHASE = "PURCHASE"
    VOID = "VOID"  # takes a purchase of the same banking day back, whole
    REFUND = "REFUND"  # gives back all or a part of a purchase

    @property
    def step(self) -> Step:
        """What the driver is asked for first."""
        return _STEPS[self]


_STEPS = {
    OperationKind.PURCHASE: Step.PAY,
    OperationKind.VOID: Step.VOID,
    OperationKind.REFUND: Step.REFUND,
}


class PaymentMethod(StrEnum):
    """How the buyer pays."""

    CARD = "CARD"
    QR = "QR"


class Tender(StrEnum):
    """Which payment of a receipt an operation is; the names of trade's PaymentKind."""

    CARD = "CARD"
    MOBILE = "MOBILE"


class PaymentState(StrEnum):
    """Where the money is. A purchase that was taken back whole is APPROVED no more; in part, it still is."""

    AWAITING_CARD = "AWAITING_CARD"  # a device must hand over what it read from the card
    QUEUED = "QUEUED"  # nothing has left yet
    SENT = "SENT"  # it may have arrived; the answer is awaited
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"  # an explicit no
    CANCELLED = "CANCELLED"  # proved: it never began, or the terminal says so
    UNKNOWN = "UNKNOWN"  # the terminal is being asked what became of it
    REVERSING = "REVERSING"  # a reversal is repeated until it is answered
    REVERSED = "REVERSED"  # proved: it is as if it had not been
    REVIEW = "REVIEW"  # no machine can tell; two persons, or the bank's statement, will
    VOIDED = "VOIDED"
    REFUNDED = "REFUNDED"  # whole

    @property
    def is_final(self) -> bool:
        """True when nothing more is awaited of the other side."""
        return self not in UNSETTLED

    @property
    def holds_terminal(self) -> bool:
        """True while no other operation may begin at its terminal."""
        return self in HOLDS_TERMINAL


HOLDS_TERMINAL = frozenset(
    {PaymentState.AWAITING_CARD, PaymentState.QUEUED, PaymentState.SENT, PaymentState.UNKNOWN}
)
UNSETTLED = HOLDS_TERMINAL | {PaymentState.REVERSING, PaymentState.REVIEW}


class FiscalSide(StrEnum):
    """What the receipt of an approved operation is waiting for. A fiscal failure never touches the money."""

    NOT_NEEDED = "NOT_NEEDED"  # a sum without a receipt, by wish
    AWAITED = "AWAITED"  # no sale has claimed it yet
    PENDING = "PENDING"  # claimed by a sale that is on its way to the OFD
    DONE = "DONE"
    REFUSED = "REFUSED"  # the ticket was refused: sell again with the same operation, or void it


class Verdict(StrEnum):
    """How an operation ended, in the words of those who looked it up."""

    APPROVED = "APPROVED"
    DECLINED = "DECLINED"


class ReversalReason(StrEnum):
    """Why a payment must not have been (DE56-like codes of the reference §1.8)."""

    CUSTOMER = "4000"  # cashier or buyer gave up
    POWER_LOST = "4002"  # we fell over before the outcome was stored
    NOT_COMPLETED = "4007"  # the card refused in the second cryptogram
    LATE_APPROVAL = "4006"
    BAD_ANSWER = "4020"  # wrong MAC, sum or terminal, or not readable
    NO_ANSWER = "4021"


@value
class Proposal:
    """What the first of two persons found out."""

    verdict: Verdict
    person: str


class Payment(NamedTuple):
    """What the engine decides by. Times are epoch ms.

    approved: what the other side says it took; refunded: how much of that went back by later operations.
    is_going: the terminal began and says it is not done yet. unknown_ms: since when it is being asked about;
    reversing_ms: since when a reversal is due; reversals: how often one was sent. reason: of the reversal.
    late_ms: when an approval came that was awaited no longer; 0: none did.
    code: a refusal code, why it did not go through or what is wrong.
    """

    kind: OperationKind
    amount: Money
    state: PaymentState
    fiscal: FiscalSide = FiscalSide.NOT_NEEDED
    approved: Money = Money.ZERO
    refunded: Money = Money.ZERO
    is_going: bool = False
    is_cancel_asked: bool = False
    sent_ms: int = 0
    unknown_ms: int = 0
    reversing_ms: int = 0
    reversals: int = 0
    late_ms: int = 0
    reason: str = ""
    code: str = ""
    proposal: Proposal | None = None

    @property
    def left(self) -> Money:
        """What the seller still has of it."""
        return self.approved - self.refunded if self.state is PaymentState.APPROVED else Money.ZERO


@value
class Rules:
    """What the driver can do and how patient we are. Times in ms.

    limits: query_limit_ms of asking, then the operation is reversed or looked up by people; alarm_after
    reversals without an answer somebody is told.
    """

    has_status_query: bool = False
    has_reversal: bool = False
    has_remote_cancel: bool = False
    wait_max_ms: int = 60_000
    query_pause_ms: int = 1_000
    query_limit_ms: int = 300_000


REVERSAL_PAUSES_MS = (0, 2_000, *(10_000,) * 6)  # reference §1.8: at once, +2 s, six times 10 s …
REVERSAL_PAUSE_LAST_MS = 300_000  # … then every five minutes, for as long as it takes
REVERSALS_BEFORE_ALARM = 6
REVERSAL_OVERDUE_MS = 24 * 3_600_000


def reversal_pause_ms(sent: int) -> int:
    """How long to wait after that many unanswered reversals (1 or more)."""
    return REVERSAL_PAUSES_MS[sent] if sent < len(REVERSAL_PAUSES_MS) else REVERSAL_PAUSE_LAST_MS
