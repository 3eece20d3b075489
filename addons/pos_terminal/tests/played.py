"""A bank that keeps its own books, and drivers that play what may happen on the way to it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from addons.pos_terminal.api import (
    Agreed,
    Approved,
    Capabilities,
    CardFacts,
    Declined,
    DriverOrder,
    DriverOutcome,
    NotKnown,
    NotSent,
    Step,
)

LOST, NOT_ARRIVED, DOWN = "lost", "not arrived", "down"  # what may befall a step
HOST = Capabilities(
    has_remote_cancel=True, has_void=True, has_refund=True, has_partial_refund=True, has_reversal=True,
    takes_card_from_device=True,
)  # fmt: skip
SMART = Capabilities(
    has_status_query=True, has_refund=True, has_qr=True, is_whole_tenge=True, wait_max_ms=180_000
)
BLIND = Capabilities(is_whole_tenge=True, has_refund=True, has_remote_cancel=True, wait_max_ms=180_000)
DRIVERS = {"host": HOST, "smart": SMART, "blind": BLIND}


_MONEY = (Step.PAY, Step.VOID, Step.REFUND)


@dataclass
class Bank:
    """What truly happened to the buyers' money, by operation. Nothing here knows what the house believes."""

    taken: dict[str, int] = field(
        default_factory=dict
    )  # tiyn that left the buyer; below zero: that came back
    reversed: set[str] = field(default_factory=set)

    def book(self, order: DriverOrder) -> None:
        """An operation arrived. A reversal that overtook it makes it not to be."""
        if order.operation_id in self.reversed or order.operation_id in self.taken:
            return
        sign = 1 if order.step is Step.PAY else -1
        self.taken[order.operation_id] = sign * order.amount.tiyn

    def undo(self, order: DriverOrder) -> None:
        """A reversal arrived."""
        self.reversed.add(order.operation_id)
        self.taken.pop(order.operation_id, None)

    @property
    def total(self) -> int:
        """Tiyn that buyers paid in all."""
        return sum(self.taken.values())


@dataclass
class PlayedDriver:
    """Does what a driver would; before that, entries of the script strike, one a step: an outcome, LOST (it
    arrived, nobody hears the answer), NOT_ARRIVED (nobody knows that it did not), DOWN (surely not sent).
    is_honest: a yes or no of the script is given to steps that move money alone, so none is a lie.
    """

    capabilities: Capabilities
    bank: Bank
    script: deque[DriverOutcome | str | Exception | None] = field(default_factory=deque)
    orders: list[DriverOrder] = field(default_factory=list)
    is_honest: bool = False
    facts: CardFacts = field(default_factory=lambda: CardFacts(authorization_code="A1B2C3", scheme="VISA"))

    def reversal_image(self, order: DriverOrder) -> str:
        return f"0400 {order.stan:06d} {order.amount.tiyn}" if self.capabilities.has_reversal else ""

    async def perform(self, order: DriverOrder) -> DriverOutcome:
        self.orders.append(order)
        strike = self.script.popleft() if self.script else None
        if self.is_honest and order.step not in _MONEY and isinstance(strike, Approved | Declined):
            strike = None
        if isinstance(strike, Exception):
            raise strike
        if strike == DOWN:
            return NotSent("TERMINAL_ABSENT")
        if strike == NOT_ARRIVED:
            return NotKnown("timeout")
        if strike is not None and strike != LOST:
            if isinstance(strike, Approved) and order.step in _MONEY:
                self.bank.book(order)
            assert not isinstance(strike, str)
            return strike
        answer = self._answer(order)
        return NotKnown("timeout") if strike == LOST else answer

    def _answer(self, order: DriverOrder) -> DriverOutcome:
        match order.step:
            case Step.PAY | Step.VOID | Step.REFUND:
                self.bank.book(order)
                return Approved(order.amount, replace(self.facts, rrn=f"6167{order.stan:08d}"))
            case Step.QUERY:
                if order.operation_id in self.bank.taken:
                    return Approved(order.amount, self.facts)
                return Declined("CARD_DECLINED", "05")
            case Step.REVERSE:
                self.bank.undo(order)
                return Agreed("00")
            case _:
                return Agreed()
