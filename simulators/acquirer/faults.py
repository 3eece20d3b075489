"""Faults on demand: what happens to the next requests instead of, before or after their processing.

Armed by a test, the command line or the control page; or asked for by the amount itself (`of_amount`), so
that a terminal alone can try everything. With a seed the same requests meet the same faults.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

ARMED_MAX = 1000  # faults waiting at once
FULL_BP = 10_000
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
class Fault:
    """Strikes `times` requests that fit, after letting `skip` of them pass; empty filters fit all.

    on: classes of the message type, "24" for payments and reversals; terminal: DE41. `chance_bp` is the
    probability in basis points that a fitting request is struck; one that escapes is not counted.
    """

    kind: FaultKind
    times: int = 1
    skip: int = 0
    on: str = ""
    terminal: str = ""
    code: str = "96"
    delay_ms: int = 0
    chance_bp: int = FULL_BP


class Faults:
    """The armed faults of one host, first armed first asked."""

    def __init__(self, seed: int = 0) -> None:
        self._armed: list[Fault] = []
        self._random = random.Random(seed)
        self.struck: dict[FaultKind, int] = dict.fromkeys(FaultKind, 0)

    def __bool__(self) -> bool:
        return bool(self._armed)

    @property
    def armed(self) -> tuple[Fault, ...]:
        return tuple(self._armed)

    def arm(self, fault: Fault) -> None:
        """Add a fault. Raises ValueError when the list is full or a number makes no sense."""
        if len(self._armed) >= ARMED_MAX:
            raise ValueError(f"at most {ARMED_MAX} faults wait at once")
        if fault.times < 1 or fault.skip < 0 or fault.delay_ms < 0 or not 0 < fault.chance_bp <= FULL_BP:
            raise ValueError("times, skip, delay_ms or chance_bp is out of range")
        self._armed.append(fault)

    def clear(self) -> None:
        self._armed.clear()

    def strike(self, message_class: str, terminal: str) -> Fault | None:
        """The fault for this request, used up by one; None when the request is spared."""
        for fault in self._armed:
            if (fault.on and message_class not in fault.on) or fault.terminal not in ("", terminal):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.chance_bp < FULL_BP and self._random.randrange(FULL_BP) >= fault.chance_bp:
                continue
            fault.times -= 1
            if not fault.times:
                self._armed.remove(fault)
            self.struck[fault.kind] += 1
            return fault
        return None


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
