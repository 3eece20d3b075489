"""A bank's terminal in cash register mode (Halyk PAX and Aisino, Jusan): the device, apart from HTTP.

Source: public clients of the protocol (reference of acquiring, 5.2): POST to the root, one task, the call
blocks until the operation is over, and nothing can be asked afterwards.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import cast

from kernel.clock import Clock, SystemClock, to_ms
from simulators.smart_terminals.journal import PAYMENT, REFUND, Journal, Operation
from simulators.smart_terminals.plan import Outcome, Plan

DONE, FAILED, BUSY, CANCELLED, UNSUPPORTED = 0, 1, 1008, 1010, -240
TENGE_MAX = 10**9
WAIT_MAX_MS = 180_000  # the terminal gives up waiting for a card


@dataclass(slots=True)
class EcrTerminal:
    """One device. speed: seconds of the device in a second. can_cancel: models differ, some answer -240."""

    terminal_id: str = "88000123"
    clock: Clock = field(default_factory=SystemClock)
    speed: int = 1
    can_cancel: bool = True
    plan: Plan = field(default_factory=Plan)
    journal: Journal = field(default_factory=Journal)
    _current: Operation | None = None
    _decision: asyncio.Future[Outcome] | None = None
    _count: int = 0

    async def perform(self, asked: object) -> dict[str, object] | None:
        """Do one task to its end; the answer, None: an empty one. It goes on although the client is gone."""
        if not isinstance(asked, dict):
            return self._answer(UNSUPPORTED, "fail")
        facts = cast("dict[str, object]", asked)
        data = facts.get("data")
        details = cast("dict[str, object]", data) if isinstance(data, dict) else {}
        match facts.get("task"):
            case "purchase":
                return await self._operate(PAYMENT, details)
            case "refund":
                return await self._operate(REFUND, details)
            case "cancel" | "abort":
                return self._cancel()
        return self._answer(UNSUPPORTED, "fail")

    def decide(self, outcome: Outcome) -> None:
        """End the operation that goes on. Raises ValueError when none does."""
        if self._decision is None or self._decision.done():
            raise ValueError("nothing is held")
        self._decision.set_result(outcome)

    def advance(self) -> None:
        """Nothing happens by looking at it: the operation runs by itself."""

    def as_json(self) -> dict[str, object]:
        """What the panel shows."""
        return {"terminal_id": self.terminal_id} | self.journal.as_json()

    async def _operate(self, kind: str, details: dict[str, object]) -> dict[str, object] | None:
        tenge = details.get("amount")
        if not isinstance(tenge, int) or isinstance(tenge, bool) or not 0 < tenge <= TENGE_MAX:
            return self._answer(FAILED, "wrong amount")
        if self._current is not None:
            self.journal.breaches.append(f"{kind} of {tenge} while the last operation goes on")
            return self._answer(BUSY, "terminal is busy")
        ending = self.plan.ending()
        self._count += 1
        operation = Operation(str(self._count), kind, tenge, to_ms(self.clock.now()), ending.method)
        if kind == REFUND:
            original = self.journal.find_payment(str(details.get("tagRRN", "")))
            if original is None or tenge > self.journal.left_of(original):
                operation.result = "declined"
                self.journal.begin(operation)
                return self._answer(FAILED, "original is not found or less")
            operation.original, operation.method = original.number, original.method
        self._current = self.journal.begin(operation)
        try:
            outcome = await self._wait(ending.outcome, ending.customer_ms)
        except asyncio.CancelledError:  # the simulator is stopped
            operation.result = "cancelled"
            raise
        finally:
            self._current = self._decision = None
        return self._end(operation, outcome, is_charged=ending.is_charged)

    async def _wait(self, outcome: Outcome, customer_ms: int) -> Outcome:
        """For the customer, for a decision of the panel, or for a cancel."""
        self._decision = asyncio.get_running_loop().create_future()
        is_endless = outcome in (Outcome.HOLD, Outcome.FORGET)
        wait_ms = WAIT_MAX_MS if is_endless else customer_ms
        try:
            async with asyncio.timeout(wait_ms / 1000 / self.speed):
                return await self._decision
        except TimeoutError:
            return Outcome.CANCEL if outcome is Outcome.HOLD else outcome

    def _end(self, operation: Operation, outcome: Outcome, *, is_charged: bool) -> dict[str, object] | None:
        match outcome:
            case Outcome.APPROVE | Outcome.WRONG_AMOUNT:
                return self._approve(operation, operation.tenge + (outcome is Outcome.WRONG_AMOUNT))
            case Outcome.UNKNOWN | Outcome.FORGET:
                if is_charged:
                    self._approve(operation, operation.tenge)
                else:
                    operation.result = "declined"
                return None
            case Outcome.CANCEL:
                operation.result = "cancelled"
                return self._answer(CANCELLED, "cancelled")
        operation.result = "declined"
        return self._answer(FAILED, "declined", {"responseCode": "51"})

    def _approve(self, operation: Operation, tenge: int) -> dict[str, object]:
        operation.moved, operation.result = tenge, "approved"
        told: dict[str, object] = {"amount": tenge}
        operation.rrn = f"{secrets.randbelow(10**12):012}"
        operation.authorization_code = f"{secrets.randbelow(10**6):06}"
        if operation.method == "card":
            operation.card_mask = f"440043******{secrets.randbelow(10**4):04}"
            told |= {"cardNo": operation.card_mask, "tagRRN": operation.rrn, "cardType": "VISA"}
        else:
            operation.order_number = f"{secrets.randbelow(10**9):09}"
            told |= {"paymentId": operation.order_number, "tagRRN": operation.rrn}
        told["authorizationCode"] = operation.authorization_code
        return self._answer(DONE, "success", told)

    def _cancel(self) -> dict[str, object]:
        if not self.can_cancel:
            return self._answer(UNSUPPORTED, "fail")
        if self._decision is None or self._decision.done():
            return self._answer(UNSUPPORTED, "nothing to cancel")
        self._decision.set_result(Outcome.CANCEL)
        return self._answer(CANCELLED, "cancelled")

    def _answer(self, result: int, message: str, told: dict[str, object] | None = None) -> dict[str, object]:
        return {
            "data": {"result": result, "msg": message, "terminalId": self.terminal_id, **(told or {})},
        }
