"""What can go wrong with the next requests: instead of, before or after their processing.

Armed, or asked for by the amount itself (`of_amount`), so that a terminal alone can try everything.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

from simulators.faults import AnswerFault

CODES_FROM = 9_000_000  # tenge: 9,000,051 is answered with 51
DELAYS_FROM = 9_100_000  # tenge: 9,100,007 is answered after seven seconds
FAULTS_FROM = 9_200_000  # tenge: see AMOUNT_FAULTS
TIYN = 100


class FaultKind(StrEnum):
    """What strikes."""

    CUT_BEFORE = "cut_before"  # the connection breaks, nothing was posted
    CUT_AFTER = "cut_after"  # posted, the answer is lost
    CUT_INSIDE = "cut_inside"  # posted, half of the answer arrives, then the connection breaks
    SILENCE_BEFORE = "silence_before"  # nothing posted, no answer, the connection stays
    SILENCE_AFTER = "silence_after"  # posted, no answer, the connection stays
    DELAY = "delay"  # posted, the answer comes `delay_ms` later
    # On the way for `delay_ms`, or until it is released; judged only then: a reversal may overtake it.
    HELD = "held"
    CODE = "code"  # answered with `code`, nothing posted
    WRONG_MAC = "wrong_mac"  # posted; the answer is signed with a key that nobody has
    WRONG_AMOUNT = "wrong_amount"  # posted; the answer tells one tiyn more
    WRONG_TERMINAL = "wrong_terminal"  # posted; the answer names another terminal
    GARBAGE = "garbage"  # posted; bytes come back that are no message


AMOUNT_FAULTS = (
    FaultKind.SILENCE_AFTER,
    FaultKind.SILENCE_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_INSIDE,
    FaultKind.WRONG_MAC,
    FaultKind.WRONG_AMOUNT,
    FaultKind.WRONG_TERMINAL,
    FaultKind.GARBAGE,
)


@dataclass(slots=True)
class Fault(AnswerFault):
    """Empty filters fit all. on: classes of the message type, "24" for payments and reversals.

    terminal: DE41. code: the answer of CODE.
    """

    kind: FaultKind
    _: KW_ONLY
    on: str = ""
    terminal: str = ""
    code: str = "96"

    def fits(self, message_class: str, terminal: str) -> bool:
        """Messages of its classes and its terminal."""
        return (not self.on or message_class in self.on) and self.terminal in ("", terminal)


def of_amount(amount: int) -> Fault | None:
    """The fault that a purchase of this amount (tiyn) asks for."""
    tenge, tiyn = divmod(amount, TIYN)
    if tiyn or not CODES_FROM <= tenge < FAULTS_FROM + len(AMOUNT_FAULTS):
        return None
    if tenge >= FAULTS_FROM:
        return Fault(AMOUNT_FAULTS[tenge - FAULTS_FROM])
    if DELAYS_FROM <= tenge < DELAYS_FROM + 1000:
        return Fault(FaultKind.DELAY, delay_ms=(tenge - DELAYS_FROM) * 1000)
    if CODES_FROM < tenge < CODES_FROM + 100:
        return Fault(FaultKind.CODE, code=f"{tenge - CODES_FROM:02}")
    return None
