"""What a cashier is shown of an operation: one word, derived from the states and never stored."""

from __future__ import annotations

from enum import StrEnum

from addons.pos_terminal.domain.payment import FiscalSide, OperationKind, Payment, PaymentState


class Stage(StrEnum):
    """What goes on, in the cashier's words."""

    SHOW_CARD = "SHOW_CARD"  # ask the buyer for the card
    WAITING = "WAITING"  # on its way to the terminal
    ENTER_PIN = "ENTER_PIN"
    SHOW_QR = "SHOW_QR"
    PROCESSING = "PROCESSING"  # the bank decides
    CANCELLING = "CANCELLING"  # the terminal was asked to stop
    FINDING_OUT = "FINDING_OUT"  # it is not known whether money was taken: do not take the card again
    GIVING_BACK = "GIVING_BACK"  # what may have been taken is being undone
    MAKE_RECEIPT = "MAKE_RECEIPT"  # money is taken, the receipt is not made
    RECEIPT_ON_WAY = "RECEIPT_ON_WAY"
    RECEIPT_REFUSED = "RECEIPT_REFUSED"  # sell again with it, or take it back
    DONE = "DONE"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    GIVEN_BACK = "GIVEN_BACK"
    ASK_MANAGER = "ASK_MANAGER"  # people have to find out


_STAGES = {
    PaymentState.AWAITING_CARD: Stage.SHOW_CARD,
    PaymentState.QUEUED: Stage.WAITING,
    PaymentState.DECLINED: Stage.DECLINED,
    PaymentState.CANCELLED: Stage.CANCELLED,
    PaymentState.UNKNOWN: Stage.FINDING_OUT,
    PaymentState.REVERSING: Stage.GIVING_BACK,
    PaymentState.REVERSED: Stage.GIVEN_BACK,
    PaymentState.REVIEW: Stage.ASK_MANAGER,
    PaymentState.VOIDED: Stage.GIVEN_BACK,
    PaymentState.REFUNDED: Stage.GIVEN_BACK,
}
_NOTES = {"wait_card": Stage.SHOW_CARD, "wait_pin": Stage.ENTER_PIN, "wait_qr": Stage.SHOW_QR}
_RECEIPTS = {
    FiscalSide.NOT_NEEDED: Stage.DONE,
    FiscalSide.AWAITED: Stage.MAKE_RECEIPT,
    FiscalSide.PENDING: Stage.RECEIPT_ON_WAY,
    FiscalSide.DONE: Stage.DONE,
    FiscalSide.REFUSED: Stage.RECEIPT_REFUSED,
}


def stage_of(payment: Payment, note: str) -> Stage:
    """note: what the terminal said last about what it is doing."""
    if payment.state is PaymentState.APPROVED:
        return _RECEIPTS[payment.fiscal]
    if payment.state is not PaymentState.SENT:
        return _STAGES[payment.state]
    if payment.is_cancel_asked:
        return Stage.CANCELLING
    if payment.kind is OperationKind.PURCHASE and note in _NOTES:
        return _NOTES[note]
    return Stage.PROCESSING if note or not payment.is_going else Stage.WAITING
