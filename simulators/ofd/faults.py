"""Faults on demand: what happens to the next requests instead of, before or after their processing.

A fault is armed by a test, the command line or the control page; the server asks once per request which one
strikes. With a seed the same requests meet the same faults.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

ARMED_MAX = 1000  # faults waiting at once
FULL_BP = 10_000


class FaultKind(StrEnum):
    """What strikes."""

    CUT_BEFORE = "cut_before"  # the connection breaks, nothing was processed
    CUT_AFTER = "cut_after"  # processed, the answer is lost
    CUT_INSIDE = "cut_inside"  # processed, half of the answer arrives, then the connection breaks
    SILENCE_BEFORE = "silence_before"  # nothing processed, no answer, the connection stays
    SILENCE_AFTER = "silence_after"  # processed, no answer, the connection stays
    DELAY = "delay"  # processed, the answer comes `delay_ms` later
    CODE = "code"  # answered with `code`, nothing processed
    WRONG_TOKEN = "wrong_token"  # processed; the answer's header carries a token that was never issued
    WRONG_REQNUM = "wrong_reqnum"  # processed; the answer carries another request number
    GARBAGE = "garbage"  # processed; bytes come back that are no frame


@dataclass(slots=True)
class Fault:
    """Strikes `times` requests that fit, after letting `skip` of them pass; None in a filter fits all.

    `chance_bp` is the probability in basis points that a fitting request is struck; one that escapes is not
    counted.
    """

    kind: FaultKind
    times: int = 1
    skip: int = 0
    ofd_id: int | None = None
    command: int | None = None
    code: int = 254
    delay_ms: int = 0
    chance_bp: int = FULL_BP


class Faults:
    """The armed faults of one simulator, first armed first asked."""

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

    def strike(self, ofd_id: int, command: int) -> Fault | None:
        """The fault for this request, used up by one; None when the request is spared."""
        for fault in self._armed:
            if fault.ofd_id not in (None, ofd_id) or fault.command not in (None, command):
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
