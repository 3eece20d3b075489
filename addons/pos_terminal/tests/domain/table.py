"""Every state and every event that a card operation can meet, and how the engine's answer is written down.

`python -m addons.pos_terminal.tests.domain.table` writes states.tsv anew; read the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from addons.pos_terminal.domain import events as happened
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    CardFacts,
    Declined,
    DriverOutcome,
    GoesOn,
    NotKnown,
    NotSent,
    Step,
)
from addons.pos_terminal.domain.engine import decide
from addons.pos_terminal.domain.events import Event
from addons.pos_terminal.domain.payment import (
    FiscalSide,
    OperationKind,
    Payment,
    PaymentState,
    Proposal,
    Rules,
    Verdict,
)
from kernel.money import Money

PATH = Path(__file__).with_name("states.tsv")
NOW_MS, SENT_MS = 1_768_451_400_000, 1_768_451_390_000
AMOUNT, OTHER = Money.tenge(1000), Money.tenge(999)

DRIVERS = {
    "asks": Rules(has_status_query=True),
    "reverses": Rules(has_reversal=True, has_remote_cancel=True),
    "blind": Rules(),
}

OUTCOMES: dict[str, DriverOutcome] = {
    "approved": Approved(AMOUNT, CardFacts()),
    "approved, other sum": Approved(OTHER, CardFacts()),
    "declined": Declined("CARD_DECLINED"),
    "cancelled there": Declined("CARD_CANCELLED_ON_TERMINAL"),
    "surely not sent": NotSent("TERMINAL_ABSENT"),
    "not known": NotKnown("timeout"),
    "not known, bad MAC": NotKnown("4020"),
    "goes on": GoesOn(1_000, "wait_pin"),
    "goes on too long": GoesOn(3_600_000),
    "agreed": Agreed(),
}

EVENTS: dict[str, Event] = {
    "card shown": happened.CardPresented(),
    "no card shown": happened.CardNotPresented(),
    "card withdrawn": happened.CardWithdrawn(),
    "cashier cancels": happened.CancelAsked(),
    "abort agreed": happened.AbortAnswered(Agreed()),
    "abort not agreed": happened.AbortAnswered(NotSent("TERMINAL_CANNOT_CANCEL")),
    "its turn": happened.Turned(),
    "its turn, may not leave": happened.Turned("TERMINAL_BLOCKED"),
    **{f"answer: {name}": happened.Answered(Step.PAY, outcome) for name, outcome in OUTCOMES.items()},
    **{f"query: {name}": happened.Answered(Step.QUERY, outcome) for name, outcome in OUTCOMES.items()},
    "late: approved": happened.AnsweredLate(Step.PAY, OUTCOMES["approved"]),
    "late: declined": happened.AnsweredLate(Step.PAY, OUTCOMES["declined"]),
    "reversal's turn": happened.ReversalTurned(),
    **{f"reversal: {name}": happened.ReversalAnswered(outcome) for name, outcome in OUTCOMES.items()},
    "person asks again": happened.Asked(),
    "first person: approved": happened.Reviewed("anna", Verdict.APPROVED),
    "first person: declined": happened.Reviewed("anna", Verdict.DECLINED),
    "second person: declined": happened.Reviewed("berik", Verdict.DECLINED),
    "second person: approved": happened.Reviewed("berik", Verdict.APPROVED),
    "statement: approved": happened.Proved(Verdict.APPROVED),
    "statement: declined": happened.Proved(Verdict.DECLINED),
    "undone in part": happened.Undone(OperationKind.REFUND, Money.tenge(400)),
    "refunded whole": happened.Undone(OperationKind.REFUND, AMOUNT),
    "voided": happened.Undone(OperationKind.VOID, AMOUNT),
    "claimed": happened.Claimed(),
    "receipt made": happened.ReceiptMade(),
    "receipt refused": happened.ReceiptRefused(),
    "receipt settled": happened.ReceiptSettled(),
}


def states() -> dict[str, Payment]:
    """One operation in each state, and in each that the engine tells apart within one."""
    fresh = Payment(OperationKind.PURCHASE, AMOUNT, PaymentState.QUEUED, FiscalSide.AWAITED)
    sent = fresh._replace(sent_ms=SENT_MS)
    unknown = sent._replace(unknown_ms=SENT_MS, reason="4021", code="CARD_OUTCOME_UNKNOWN")
    approved = sent._replace(state=PaymentState.APPROVED, approved=AMOUNT)
    proposed = Proposal(Verdict.DECLINED, "anna")
    found = {
        "AWAITING_CARD": fresh._replace(state=PaymentState.AWAITING_CARD),
        "QUEUED": fresh,
        "SENT": sent._replace(state=PaymentState.SENT),
        "SENT, going on": sent._replace(state=PaymentState.SENT, is_going=True),
        "SENT, cancel asked": sent._replace(state=PaymentState.SENT, is_cancel_asked=True),
        "UNKNOWN": unknown._replace(state=PaymentState.UNKNOWN),
        "UNKNOWN, asked for long": unknown._replace(state=PaymentState.UNKNOWN, unknown_ms=SENT_MS - 300_000),
        "REVERSING": unknown._replace(state=PaymentState.REVERSING, reversing_ms=SENT_MS, reversals=1),
        "REVIEW": unknown._replace(state=PaymentState.REVIEW),
        "REVIEW, one said declined": unknown._replace(state=PaymentState.REVIEW, proposal=proposed),
        "APPROVED": approved,
        "APPROVED, claimed": approved._replace(fiscal=FiscalSide.PENDING),
        "APPROVED, receipt made": approved._replace(fiscal=FiscalSide.DONE),
        "APPROVED, receipt refused": approved._replace(fiscal=FiscalSide.REFUSED),
        "APPROVED, part refunded": approved._replace(refunded=Money.tenge(600)),
        "APPROVED void": approved._replace(kind=OperationKind.VOID, fiscal=FiscalSide.NOT_NEEDED),
        "SENT void": sent._replace(kind=OperationKind.VOID, state=PaymentState.SENT),
        "DECLINED": sent._replace(state=PaymentState.DECLINED, code="CARD_DECLINED"),
        "CANCELLED": sent._replace(state=PaymentState.CANCELLED, code="CARD_CANCELLED"),
        "REVERSED": unknown._replace(state=PaymentState.REVERSED),
        "REVERSED void": unknown._replace(kind=OperationKind.VOID, state=PaymentState.REVERSED),
        "REVERSED, receipt made": unknown._replace(state=PaymentState.REVERSED, fiscal=FiscalSide.DONE),
        "VOIDED": approved._replace(state=PaymentState.VOIDED, refunded=AMOUNT),
        "REFUNDED": approved._replace(state=PaymentState.REFUNDED, refunded=AMOUNT),
    }
    assert {payment.state for payment in found.values()} == set(PaymentState), "a state is not enumerated"
    return found


def lines() -> Iterator[str]:
    """The table: state, event, then what each kind of driver makes of it."""
    yield "\t".join(("state", "event", *DRIVERS))
    for state, payment in states().items():
        for event, happening in EVENTS.items():
            cells = [cell(payment, happening, rules) for rules in DRIVERS.values()]
            yield "\t".join((state, event, *cells))


def cell(payment: Payment, event: Event, rules: Rules) -> str:
    """Next state, receipt if it changed, reason if it changed, effects; "." when nothing changes."""
    after, effects = decide(payment, event, NOW_MS, rules)
    said = [after.state.value] if after.state is not payment.state else []
    if after.fiscal is not payment.fiscal:
        said.append(f"receipt {after.fiscal.value}")
    if after.reason != payment.reason and after.reason:
        said.append(f"reason {after.reason}")
    if after.late_ms != payment.late_ms:
        said.append("late")
    if after.is_going and not payment.is_going:
        said.append("going on")
    if after.is_cancel_asked is not payment.is_cancel_asked:
        said.append("cancel asked" if after.is_cancel_asked else "cancel open")
    if after.proposal != payment.proposal and after.proposal is not None:
        said.append(f"{after.proposal.person} says {after.proposal.verdict.value}")
    if after.left != payment.left:
        said.append(f"left {after.left}")
    said += [_effect(effect) for effect in effects]
    return ", ".join(said) or "."


def _effect(effect: object) -> str:
    match effect:
        case happened.Refuse(code):
            return f"no: {code}"
        case happened.Send(step):
            return f"send {step.value}"
        case happened.Again(after_ms):
            return f"again in {after_ms} ms"
        case happened.UndoOriginal(amount):
            return f"undo the purchase by {amount}"
        case _:
            return type(effect).__name__


if __name__ == "__main__":
    PATH.write_text("\n".join(lines()) + "\n", encoding="utf-8")
