"""What happens next at a terminal: how the customer and the bank decide, and what becomes of an answer."""

from __future__ import annotations

import random
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum

from simulators.faults import ARMED_MAX, Armed, strike

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
class Ending(Armed):
    """For the next operations.

    method: card or qr; customer_ms: how long it takes; is_charged: whether money moved behind UNKNOWN and
    FORGET; asks: how often UNKNOWN stays unknown when it is asked about.
    """

    outcome: Outcome = Outcome.APPROVE
    _: KW_ONLY
    method: str = "card"
    customer_ms: int = CUSTOMER_MS
    is_charged: bool = True
    asks: int = 0

    def check(self) -> None:
        """Raises ValueError when a number or the method makes no sense."""
        Armed.check(self)
        if self.method not in ("card", "qr") or self.customer_ms < 0 or self.asks < 0:
            raise ValueError("method, customer_ms or asks makes no sense")


@dataclass(slots=True)
class Losing(Armed):
    """For the next requests; on: the kind of request, empty: any."""

    loss: Loss
    on: str = ""

    def fits(self, on: str) -> bool:
        """Requests of its kind."""
        return self.on in ("", on)


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
        each.check()
        if isinstance(each, Ending):
            self.endings.append(each)
        else:
            self.losings.append(each)

    def clear(self) -> None:
        """Disarm everything; the usual ending stays."""
        self.endings.clear()
        self.losings.clear()

    def ending(self) -> Ending:
        """How the operation that begins now will end."""
        return strike(self.endings, self._random) or self.usual

    def losing(self, on: str) -> Loss | None:
        """What becomes of the answer to this request; None: it arrives."""
        found = strike(self.losings, self._random, on)
        return None if found is None else found.loss
