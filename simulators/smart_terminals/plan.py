"""What happens next at a terminal: how the customer and the bank decide, and what becomes of an answer."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

ARMED_MAX = 1000  # outcomes or losses waiting at once
FULL_BP = 10_000
CUSTOMER_MS = 4_000  # a card is found, presented and agreed on


class Outcome(StrEnum):
    """How an operation ends."""

    APPROVE = "approve"
    DECLINE = "decline"  # by the bank
    CANCEL = "cancel"  # by the customer or the cashier at the terminal's screen
    UNKNOWN = "unknown"  # the terminal itself does not know; Kaspi: `actualize` finds out
    FORGET = "forget"  # goes on for ever, then the terminal does not know the process any more
    WRONG_AMOUNT = "wrong_amount"  # one tenge more than asked
    HOLD = "hold"  # until somebody decides: `decide` of the panel


class Loss(StrEnum):
    """What becomes of the answer to a request."""

    CUT_BEFORE = "cut_before"  # the connection breaks, nothing was begun
    CUT_AFTER = "cut_after"  # done, the connection breaks instead of an answer
    SILENT = "silent"  # done, no answer ever
    EMPTY = "empty"  # done, 200 without a body
    GARBAGE = "garbage"  # done, 200 with something that is no JSON


@dataclass(slots=True)
class Ending:
    """For the next `times` operations, after `skip` others.

    method: card or qr; customer_ms: how long it takes; is_charged: whether money moved behind UNKNOWN and
    FORGET; asks: how often UNKNOWN stays unknown when it is asked about.
    """

    outcome: Outcome = Outcome.APPROVE
    times: int = 1
    skip: int = 0
    method: str = "card"
    customer_ms: int = CUSTOMER_MS
    is_charged: bool = True
    asks: int = 0
    chance_bp: int = FULL_BP

    def fits(self, on: str) -> bool:
        """Any operation."""
        return True


@dataclass(slots=True)
class Losing:
    """For the next `times` requests, after `skip` others; on: the kind of request, empty: any."""

    loss: Loss
    on: str = ""
    times: int = 1
    skip: int = 0
    chance_bp: int = FULL_BP

    def fits(self, on: str) -> bool:
        """Requests of its kind."""
        return self.on in ("", on)


Armed = TypeVar("Armed", Ending, Losing)


@dataclass(slots=True)
class Plan:
    """usual: when nothing is armed. seed: the same requests meet the same chances."""

    usual: Ending = field(default_factory=Ending)
    seed: int = 0
    endings: list[Ending] = field(default_factory=list)
    losings: list[Losing] = field(default_factory=list)
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def arm(self, each: Ending | Losing) -> None:
        """Raises ValueError when the list is full or a number makes no sense."""
        if len(self.endings) + len(self.losings) >= ARMED_MAX:
            raise ValueError(f"at most {ARMED_MAX} wait at once")
        if each.times < 1 or each.skip < 0 or not 0 < each.chance_bp <= FULL_BP:
            raise ValueError("times, skip or chance_bp is out of range")
        if isinstance(each, Ending):
            if each.method not in ("card", "qr") or each.customer_ms < 0 or each.asks < 0:
                raise ValueError("method, customer_ms or asks makes no sense")
            self.endings.append(each)
        else:
            self.losings.append(each)

    def clear(self) -> None:
        """Disarm everything; the usual ending stays."""
        self.endings.clear()
        self.losings.clear()

    def ending(self) -> Ending:
        """How the operation that begins now will end."""
        return self._strike(self.endings, "") or self.usual

    def losing(self, on: str) -> Loss | None:
        """What becomes of the answer to this request; None: it arrives."""
        found = self._strike(self.losings, on)
        return None if found is None else found.loss

    def _strike(self, armed: list[Armed], on: str) -> Armed | None:
        for each in armed:
            if not each.fits(on):
                continue
            if each.skip:
                each.skip -= 1
                continue
            if each.chance_bp < FULL_BP and self._random.randrange(FULL_BP) >= each.chance_bp:
                continue
            each.times -= 1
            if not each.times:
                armed.remove(each)
            return each
        return None
