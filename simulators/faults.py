"""Faults on demand: which of the next requests are struck. What a fault does is each stand-in's own.

Armed by a test, the command line or the control page; a stand-in asks once per request. With seeded chances
the same requests meet the same faults.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

ARMED_MAX = 1000  # faults waiting at once
FULL_BP = 10_000


@dataclass(slots=True, kw_only=True)
class Armed:
    """Strikes `times` requests that fit, after letting `skip` of them pass.

    chance_bp: the probability in basis points that a fitting request is struck; one that escapes is not
    counted.
    """

    times: int = 1
    skip: int = 0
    chance_bp: int = FULL_BP

    def fits(self, *request: Any, **facts: Any) -> bool:
        """Whether it is meant for such a request."""
        return True

    def check(self) -> None:
        """Raises ValueError when a number makes no sense."""
        if self.times < 1 or self.skip < 0 or not 0 < self.chance_bp <= FULL_BP:
            raise ValueError("times, skip or chance_bp is out of range")


@dataclass(slots=True)
class AnswerFault(Armed):
    """What becomes of an answer on the wire; delay_ms: how late it comes."""

    kind: StrEnum
    _: KW_ONLY
    delay_ms: int = 0

    def check(self) -> None:
        """Raises ValueError when a number makes no sense."""
        Armed.check(self)
        if self.delay_ms < 0:
            raise ValueError("delay_ms is out of range")


ArmedT = TypeVar("ArmedT", bound=Armed)
FaultT = TypeVar("FaultT", bound=AnswerFault)


def strike(armed: list[ArmedT], chances: random.Random, *request: object) -> ArmedT | None:
    """The first that strikes this request, used up by one; None when the request is spared."""
    for each in armed:
        if not each.fits(*request):
            continue
        if each.skip:
            each.skip -= 1
            continue
        if each.chance_bp < FULL_BP and chances.randrange(FULL_BP) >= each.chance_bp:
            continue
        each.times -= 1
        if not each.times:
            armed.remove(each)
        return each
    return None


class Faults(Generic[FaultT]):
    """The armed faults of one stand-in, first armed first asked. struck: how often each kind did."""

    def __init__(self, seed: int = 0) -> None:
        self._armed: list[FaultT] = []
        self._chances = random.Random(seed)
        self.struck: Counter[StrEnum] = Counter()

    def __bool__(self) -> bool:
        return bool(self._armed)

    @property
    def armed(self) -> tuple[FaultT, ...]:
        """Those that wait."""
        return tuple(self._armed)

    def arm(self, fault: FaultT) -> None:
        """Add a fault. Raises ValueError when the list is full or a number makes no sense."""
        if len(self._armed) >= ARMED_MAX:
            raise ValueError(f"at most {ARMED_MAX} faults wait at once")
        fault.check()
        self._armed.append(fault)

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def strike(self, *request: object) -> FaultT | None:
        """The fault for this request, used up by one; None when the request is spared."""
        fault = strike(self._armed, self._chances, *request)
        if fault is not None:
            self.struck[fault.kind] += 1
        return fault
