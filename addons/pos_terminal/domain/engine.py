"""The one decision of card payments: (operation, event, now) → (operation, effects).

Pure: no clock, no database, no network. The caller stores the new state in the transaction in which it learnt
of the event, and performs the effects in their order. What happens in which state stands as a table in
tests/domain/states.tsv.

Three rules stand above the rest: nothing is sent twice to take money; silence is neither yes nor no; and what
an operation did not say itself is never made up: it is asked, reversed, or looked up by people. Long because
all of it is one decision.
"""

from __future__ import annotations

from typing import assert_never

from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    Declined,
    DriverOutcome,
    GoesOn,
    NotKnown,
    NotSent,
    Step,
)
from addons.pos_terminal.domain.events import (
    Abort,
    AbortAnswered,
    Again,
    Answered,
    AnsweredLate,
    Asked,
    CancelAsked,
    CardNotPresented,
    CardPresented,
    CardWithdrawn,
    Claimed,
    DropCard,
    Effect,
    Event,
    Proved,
    Queue,
    ReceiptMade,
    ReceiptRefused,
    ReceiptSettled,
    Refuse,
    Rest,
    ReversalAnswered,
    ReversalTurned,
    Reverse,
    Reviewed,
    Send,
    Turned,
    Undone,
    UndoOriginal,
)
from addons.pos_terminal.domain.payment import (
    REVERSAL_PAUSE_LAST_MS,
    FiscalSide,
    OperationKind,
    Payment,
    PaymentState,
    Proposal,
    ReversalReason,
    Rules,
    Verdict,
    reversal_pause_ms,
)
from kernel.money import Money

Decision = tuple[Payment, tuple[Effect, ...]]

CANCEL_CODES = frozenset({"CARD_CANCELLED", "CARD_CANCELLED_ON_TERMINAL"})  # a no of people, not of a bank
_S = PaymentState
_REASONS = frozenset(reason.value for reason in ReversalReason)
_NOTHING: tuple[Effect, ...] = ()


def decide(payment: Payment, event: Event, now_ms: int, rules: Rules) -> Decision:
    """What becomes of the operation and what has to be done. Never raises for anything the world may do."""
    match event:
        case CardPresented():
            return _card_presented(payment)
        case CardNotPresented():
            return (
                _given_up(payment, "CARD_NOT_PRESENTED") if _waits_for_card(payment) else (payment, _NOTHING)
            )
        case CardWithdrawn():
            return _card_withdrawn(payment, now_ms, rules)
        case CancelAsked():
            return _cancel_asked(payment, rules)
        case AbortAnswered(outcome):
            return _abort_answered(payment, outcome)
        case Turned(refusal):
            return _turned(payment, refusal, now_ms, rules)
        case Answered(step, outcome):
            return _answered(payment, step, outcome, now_ms, rules)
        case AnsweredLate(_, outcome):
            return _answered_late(payment, outcome, now_ms, rules)
        case ReversalTurned():
            return _reversal_turned(payment)
        case ReversalAnswered(outcome):
            return _reversal_answered(payment, outcome)
        case Asked():
            return _asked(payment, now_ms, rules)
        case Reviewed():
            return _reviewed(payment, event)
        case Proved(verdict):
            return _proved(payment, verdict)
        case Undone():
            return _undone(payment, event)
        case Claimed():
            return _claimed(payment)
        case ReceiptMade():
            done = payment.fiscal is FiscalSide.PENDING
            return (payment._replace(fiscal=FiscalSide.DONE) if done else payment), _NOTHING
        case ReceiptSettled():
            return _receipt_settled(payment)
        case ReceiptRefused():
            was = payment.fiscal in (FiscalSide.PENDING, FiscalSide.DONE)
            return (payment._replace(fiscal=FiscalSide.REFUSED) if was else payment), _NOTHING
        case _:
            assert_never(event)


# --- before anything leaves


def _waits_for_card(payment: Payment) -> bool:
    return payment.state is _S.AWAITING_CARD


def _card_presented(payment: Payment) -> Decision:
    if not _waits_for_card(payment):
        return payment, (Refuse("CARD_NOT_AWAITED"),)
    return payment._replace(state=_S.QUEUED), (Queue(),)


def _card_withdrawn(payment: Payment, now_ms: int, rules: Rules) -> Decision:
    """Not sent: it never was. An approval that nobody has used is reversed (reference §1.8, rule 3)."""
    if payment.state in (_S.AWAITING_CARD, _S.QUEUED):
        return _given_up(payment, "CARD_WITHDRAWN")
    if payment.state in (_S.REVERSING, _S.REVERSED):
        return payment, _NOTHING
    is_used = payment.fiscal in (FiscalSide.PENDING, FiscalSide.DONE) or payment.left != payment.amount
    if is_used or payment.kind is not OperationKind.PURCHASE or not rules.has_reversal:
        code = "CARD_OPERATION_ENDED" if payment.state.is_final else "CARD_OUTCOME_UNKNOWN"
        return payment, (Refuse(code),)
    reason = ReversalReason.NOT_COMPLETED.value
    spoilt = payment._replace(approved=Money.ZERO, reason=reason, code="CARD_WITHDRAWN")
    return spoilt._replace(state=_S.REVERSING, reversing_ms=now_ms), (Reverse(),)


def _given_up(payment: Payment, code: str) -> Decision:
    """Nothing has left: it never was."""
    return payment._replace(state=_S.CANCELLED, code=code), (DropCard(),)


def _cancel_asked(payment: Payment, rules: Rules) -> Decision:
    match payment.state:
        case _S.AWAITING_CARD | _S.QUEUED:
            return _given_up(payment, "CARD_CANCELLED")
        case _S.SENT if payment.is_cancel_asked:
            return payment, _NOTHING
        case _S.SENT if rules.has_remote_cancel:
            return payment._replace(is_cancel_asked=True), (Abort(),)
        case _S.SENT:
            return payment, (Refuse("CARD_CANCEL_ON_TERMINAL"),)
        case _S.APPROVED:
            return payment, (Refuse("CARD_ALREADY_APPROVED"),)
        case _S.UNKNOWN | _S.REVERSING | _S.REVIEW:
            return payment, (Refuse("CARD_OUTCOME_UNKNOWN"),)
        case _:
            return payment, (Refuse("CARD_OPERATION_ENDED"),)


def _abort_answered(payment: Payment, outcome: DriverOutcome) -> Decision:
    """A terminal that did not agree may be asked again."""
    if payment.state is not _S.SENT or isinstance(outcome, Agreed):
        return payment, _NOTHING
    return payment._replace(is_cancel_asked=False), _NOTHING


# --- at the head of the terminal's lane


def _turned(payment: Payment, refusal: str, now_ms: int, rules: Rules) -> Decision:
    match payment.state:
        case _S.QUEUED if refusal:
            given_up, effects = _given_up(payment, refusal)
            return given_up, (*effects, Rest())
        case _S.QUEUED:
            sent = payment._replace(state=_S.SENT, sent_ms=now_ms)
            return sent, (DropCard(), Send(payment.kind.step))
        case _S.SENT if payment.is_going:
            return payment, (Send(Step.QUERY),)
        case _S.SENT:  # it was sent, and whoever sent it fell over
            return _not_known(payment, ReversalReason.POWER_LOST, "CARD_OUTCOME_UNKNOWN", now_ms, rules)
        case _S.UNKNOWN:
            return payment, (Send(Step.QUERY),)
        case _:
            return payment, (Rest(),)


def _answered(payment: Payment, step: Step, outcome: DriverOutcome, now_ms: int, rules: Rules) -> Decision:
    match payment.state:
        case _S.SENT:
            return _first_answer(payment, step, outcome, now_ms, rules)
        case _S.UNKNOWN:
            return _learnt(payment, outcome, now_ms, rules)
        case _ if step is Step.QUERY:
            return payment, (Rest(),)
        case _:
            late, effects = _answered_late(payment, outcome, now_ms, rules)
            return late, effects or (Rest(),)


def _first_answer(
    payment: Payment, step: Step, outcome: DriverOutcome, now_ms: int, rules: Rules
) -> Decision:
    match outcome:
        case Approved(amount):
            if amount != payment.amount:
                return _not_known(payment, ReversalReason.BAD_ANSWER, "CARD_AMOUNT_DIFFERS", now_ms, rules)
            return _approved(payment)
        case Declined(code):
            return _declined(payment, code)
        case NotSent(code) if not payment.is_going and step is not Step.QUERY:
            return payment._replace(state=_S.CANCELLED, code=code), (Rest(),)
        case GoesOn(after_ms) if now_ms + after_ms - payment.sent_ms <= rules.wait_max_ms:
            return payment._replace(is_going=True), (Again(after_ms),)
        case NotKnown(reason, code):
            why = reason if reason in _REASONS else ReversalReason.NO_ANSWER
            return _not_known(payment, why, code, now_ms, rules)
        case NotSent(code):
            return _not_known(payment, ReversalReason.NO_ANSWER, code, now_ms, rules)
        case GoesOn() | Agreed():
            return _not_known(payment, ReversalReason.NO_ANSWER, "CARD_OUTCOME_UNKNOWN", now_ms, rules)
        case _:
            assert_never(outcome)


def _learnt(payment: Payment, outcome: DriverOutcome, now_ms: int, rules: Rules) -> Decision:
    """The answer to a question about an operation whose outcome is not known."""
    match outcome:
        case Approved(amount) if amount == payment.amount:
            return _approved(payment)
        case Approved():
            spoilt = payment._replace(reason=ReversalReason.BAD_ANSWER.value, code="CARD_AMOUNT_DIFFERS")
            return _unresolved(spoilt, now_ms, rules)
        case Declined(code):
            return _declined(payment, code)
        case GoesOn(after_ms):
            return _ask_again(payment, max(after_ms, rules.query_pause_ms), now_ms, rules)
        case NotKnown() | NotSent() | Agreed():
            return _ask_again(payment, rules.query_pause_ms, now_ms, rules)
        case _:
            assert_never(outcome)


def _approved(payment: Payment) -> Decision:
    approved = payment._replace(
        state=_S.APPROVED, approved=payment.amount, code="", reason="", proposal=None, is_going=False
    )
    if payment.kind is OperationKind.PURCHASE:
        return approved, (Rest(),)
    return approved, (UndoOriginal(payment.amount), Rest())


def _declined(payment: Payment, code: str) -> Decision:
    state = _S.CANCELLED if code in CANCEL_CODES else _S.DECLINED
    return payment._replace(state=state, code=code, is_going=False, proposal=None), (Rest(),)


def _not_known(payment: Payment, reason: str, code: str, now_ms: int, rules: Rules) -> Decision:
    """Neither yes nor no: ask if one can ask, else reverse, else people must look."""
    lost = payment._replace(reason=str(reason), code=code, is_going=False, unknown_ms=now_ms)
    if rules.has_status_query:
        return lost._replace(state=_S.UNKNOWN), (Again(rules.query_pause_ms),)
    return _unresolved(lost, now_ms, rules)


def _ask_again(payment: Payment, after_ms: int, now_ms: int, rules: Rules) -> Decision:
    if now_ms + after_ms - payment.unknown_ms <= rules.query_limit_ms:
        return payment, (Again(after_ms),)
    return _unresolved(payment, now_ms, rules)


def _unresolved(payment: Payment, now_ms: int, rules: Rules) -> Decision:
    if rules.has_reversal:
        return payment._replace(state=_S.REVERSING, reversing_ms=now_ms), (Reverse(), Rest())
    return payment._replace(state=_S.REVIEW), (Rest(),)


def _answered_late(payment: Payment, outcome: DriverOutcome, now_ms: int, rules: Rules) -> Decision:
    """An approval that comes too late never revives. It is written down, and a purchase whose reversal was
    taken already is reversed once more: the reversal may have overtaken it, and a repeat does no harm.
    """
    if not isinstance(outcome, Approved):
        return payment, _NOTHING
    late = payment._replace(late_ms=now_ms, reason=ReversalReason.LATE_APPROVAL.value)
    match payment.state:
        case _S.REVERSED if payment.kind is OperationKind.PURCHASE:
            return _unresolved(late, now_ms, rules)
        case _S.DECLINED | _S.CANCELLED:  # it said no, and now says yes
            return _unresolved(late._replace(code="CARD_OUTCOME_UNKNOWN"), now_ms, rules)
        case _S.REVERSING | _S.REVERSED | _S.REVIEW:
            return late, _NOTHING
        case _S.SENT:  # that it was given up is about to become durable
            return payment._replace(late_ms=now_ms), _NOTHING
        case _:
            return payment, _NOTHING


# --- reversals


def _reversal_turned(payment: Payment) -> Decision:
    if payment.state is not _S.REVERSING:
        return payment, (Rest(),)
    return payment._replace(reversals=payment.reversals + 1), (Send(Step.REVERSE),)


def _reversal_answered(payment: Payment, outcome: DriverOutcome) -> Decision:
    if payment.state is not _S.REVERSING:
        return payment, (Rest(),)
    match outcome:
        case Agreed() | Approved():
            return payment._replace(state=_S.REVERSED, proposal=None), (Rest(),)
        case Declined(code):
            return payment._replace(state=_S.REVIEW, code=code), (Rest(),)
        case GoesOn(after_ms):
            return payment, (Again(min(after_ms, REVERSAL_PAUSE_LAST_MS)),)
        case NotSent() | NotKnown():
            return payment, (Again(reversal_pause_ms(payment.reversals)),)
        case _:
            assert_never(outcome)


# --- people and statements


def _asked(payment: Payment, now_ms: int, rules: Rules) -> Decision:
    if payment.state is not _S.REVIEW:
        return payment, (Refuse("CARD_NOT_IN_REVIEW"),)
    if not rules.has_status_query:
        return payment, (Refuse("CARD_QUERY_IMPOSSIBLE"),)
    return payment._replace(state=_S.UNKNOWN, unknown_ms=now_ms), (Queue(),)


def _reviewed(payment: Payment, event: Reviewed) -> Decision:
    """Two different persons say the same; whoever says otherwise begins anew."""
    if payment.state is not _S.REVIEW:
        return payment, (Refuse("CARD_NOT_IN_REVIEW"),)
    first = payment.proposal
    if first is None or first.verdict is not event.verdict:
        return payment._replace(proposal=Proposal(event.verdict, event.person)), _NOTHING
    if first.person == event.person:
        return payment, (Refuse("CARD_REVIEW_SAME_PERSON"),)
    return _closed(payment, event.verdict)


def _proved(payment: Payment, verdict: Verdict) -> Decision:
    match payment.state:
        case _S.REVIEW | _S.UNKNOWN:
            return _closed(payment, verdict)
        case _S.APPROVED if verdict is Verdict.DECLINED and payment.kind is OperationKind.PURCHASE:
            found = payment._replace(
                state=_S.REVERSED, approved=Money.ZERO, code="CARD_FOUND_REVERSED"
            )  # a return ticket is proposed to people, never made
            return found, _NOTHING
        case _:
            return payment, _NOTHING


def _closed(payment: Payment, verdict: Verdict) -> Decision:
    """Its lane, if it still is in one, finds it ended."""
    after, effects = (
        _approved(payment)
        if verdict is Verdict.APPROVED
        else _declined(payment, payment.code or "CARD_OUTCOME_UNKNOWN")
    )
    return after, tuple(effect for effect in effects if not isinstance(effect, Rest))


def _undone(payment: Payment, event: Undone) -> Decision:
    if payment.state is not _S.APPROVED:
        return payment, _NOTHING
    refunded = payment.refunded + event.amount
    after = payment._replace(refunded=refunded)
    if refunded >= payment.approved:
        is_void = event.kind is OperationKind.VOID
        after = after._replace(state=_S.VOIDED if is_void else _S.REFUNDED)
    return after, _NOTHING


# --- the receipt


def _claimed(payment: Payment) -> Decision:
    if payment.state is not _S.APPROVED:
        return payment, (Refuse("CARD_NOT_APPROVED"),)
    if payment.fiscal in (FiscalSide.PENDING, FiscalSide.DONE):
        return payment, (Refuse("CARD_ALREADY_CLAIMED"),)
    return payment._replace(fiscal=FiscalSide.PENDING), _NOTHING


def _receipt_settled(payment: Payment) -> Decision:
    """Of a purchase without a receipt, or of a receipt whose purchase turned out not to have been."""
    open_sides = {
        _S.APPROVED: (FiscalSide.AWAITED, FiscalSide.REFUSED),
        _S.REVERSED: (FiscalSide.PENDING, FiscalSide.DONE),
    }
    if payment.fiscal not in open_sides.get(payment.state, ()):
        return payment, (Refuse("CARD_RECEIPT_NOT_OPEN"),)
    return payment._replace(fiscal=FiscalSide.NOT_NEEDED), _NOTHING
