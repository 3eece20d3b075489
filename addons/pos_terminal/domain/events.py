"""What may happen to a card operation, and what is to be done about it: inputs and outputs of the engine."""

from __future__ import annotations

from typing import TypeAlias

from addons.pos_terminal.domain.driver import DriverOutcome, Step
from addons.pos_terminal.domain.payment import OperationKind, Verdict
from kernel.money import Money
from kernel.values import value

# --- events


@value
class CardPresented:
    """The device handed over the encrypted card."""


@value
class CardNotPresented:
    """Nobody showed a card in time."""


@value
class CardWithdrawn:
    """The device says that the payment cannot be completed: the card was taken away too early, or its chip
    refused after the bank had approved (second cryptogram).
    """


@value
class Turned:
    """The operation is at the head of its terminal's lane. refusal: why it may not leave now, if anything."""

    refusal: str = ""


@value
class Answered:
    """The driver came back from a step. step: PAY, VOID, REFUND or QUERY."""

    step: Step
    outcome: DriverOutcome


@value
class ReversalTurned:
    """Its reversal is at the head of the reversals of the terminal."""


@value
class ReversalAnswered:
    """The driver came back from REVERSE."""

    outcome: DriverOutcome


@value
class AnsweredLate:
    """The other side answered a step after its answer had been given up (reference §1.4)."""

    step: Step
    outcome: DriverOutcome


@value
class CancelAsked:
    """The cashier gave up."""


@value
class AbortAnswered:
    """The driver came back from ABORT; the outcome of the operation itself comes by its own step."""

    outcome: DriverOutcome


@value
class Asked:
    """A person wants the terminal to be asked once more."""


@value
class Reviewed:
    """One of two persons says how it ended."""

    person: str
    verdict: Verdict


@value
class Proved:
    """The bank's statement says how it ended."""

    verdict: Verdict


@value
class Undone:
    """A void or refund of this purchase was approved."""

    kind: OperationKind
    amount: Money


@value
class Claimed:
    """A sale (or a return) is being made of it."""


@value
class ReceiptMade:
    """The ticket got its fiscal sign, or was issued offline."""


@value
class ReceiptRefused:
    """The ticket was refused for good."""


@value
class ReceiptSettled:
    """A person has seen to the receipt in another way, or it needs none."""


Event: TypeAlias = (
    CardPresented
    | CardNotPresented
    | CardWithdrawn
    | Turned
    | Answered
    | AnsweredLate
    | ReversalTurned
    | ReversalAnswered
    | CancelAsked
    | AbortAnswered
    | Asked
    | Reviewed
    | Proved
    | Undone
    | Claimed
    | ReceiptMade
    | ReceiptRefused
    | ReceiptSettled
)

# --- effects


@value
class Refuse:
    """Say no to whoever asked; nothing else changes."""

    code: str


@value
class Queue:
    """Put it at the tail of its terminal's lane."""


@value
class Send:
    """Perform this step now. The new state is durable before."""

    step: Step


@value
class Again:
    """Look at it again after that time; it stays at the head."""

    after_ms: int


@value
class Rest:
    """It leaves the head of the lane it is in."""


@value
class DropCard:
    """The card data are needed no longer."""


@value
class Abort:
    """Ask the terminal to stop, beside the step that is going on."""


@value
class Reverse:
    """Put its reversal into the terminal's lane of reversals."""


@value
class UndoOriginal:
    """The purchase it is about is undone by that much."""

    amount: Money


Effect: TypeAlias = Refuse | Queue | Send | Again | Rest | DropCard | Abort | Reverse | UndoOriginal
