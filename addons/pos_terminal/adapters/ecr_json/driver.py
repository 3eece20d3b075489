"""The driver `ecr_json`: one task, one answer up to three minutes later, and nothing to ask afterwards.

An operation whose answer was lost is therefore for people. An empty answer is no answer.
Source: reference of the local protocol (docs/acquiring.md, "Halyk and Jusan"): POST to the root, tasks
purchase, refund, cancel and abort; result 0 is success, 1008 busy, 1010 cancelled, −240 and 200 unsupported.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import orjson

from addons.pos_terminal.adapters.shop_answers import (
    amount,
    inner,
    json_of,
    not_reached,
    number,
    text,
    whole_tenge,
)
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    Capabilities,
    CardFacts,
    Declined,
    DriverOrder,
    DriverOutcome,
    EntryMode,
    NotKnown,
    NotSent,
    ShopDoor,
    Step,
)
from addons.pos_terminal.domain.masked_number import masked_number
from kernel.device_http import AnswerLost, DeviceAnswer, DeviceNotReached, DeviceRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

BLOCK_MAX_MS = 180_000  # the terminal waits for the card
ANSWER_LIMIT_MS = BLOCK_MAX_MS + 15_000
QUICK_LIMIT_MS = 10_000  # of what the terminal answers at once
ABORT_TASKS = ("cancel", "abort")  # models differ in the one they know
OK_STATUS = 200


class Result(IntEnum):
    """Numbers that mean one thing; others are the bank's no."""

    SUCCESS = 0
    BUSY = 1008
    CANCELLED = 1010
    UNSUPPORTED = -240
    UNSUPPORTED_TOO = 200
    BAD_REQUEST = 400


_NOT_BEGUN = {
    Result.BUSY: "TERMINAL_BUSY",
    Result.UNSUPPORTED: "TERMINAL_CANNOT",
    Result.UNSUPPORTED_TOO: "TERMINAL_CANNOT",
    Result.BAD_REQUEST: "TERMINAL_NOT_UNDERSTOOD",
}


class EcrJson:
    """See addons.pos_terminal.services.ports.TerminalDriver."""

    capabilities = Capabilities(
        is_whole_tenge=True,
        has_remote_cancel=True,
        has_void=True,
        has_refund=True,
        has_partial_refund=True,
        has_qr=True,
        wait_max_ms=ANSWER_LIMIT_MS,
    )

    def reversal_image(self, order: DriverOrder) -> str:
        """The terminal has no reversal."""
        return ""

    async def perform(self, order: DriverOrder) -> DriverOutcome:
        """See TerminalDriver."""
        door = order.terminal.door
        if door is None:
            return NotSent("TERMINAL_ABSENT")
        try:
            match order.step:
                case Step.PAY:
                    return await self._operate(door, order, "purchase", {})
                case Step.VOID | Step.REFUND:
                    rrn = order.original.rrn if order.original is not None else ""
                    if not rrn:
                        return NotSent("TERMINAL_CANNOT")
                    return await self._operate(door, order, "refund", {"tagRRN": rrn})
                case Step.ABORT:
                    return await self._abort(door, order)
                case Step.ECHO:
                    await door.ask(DeviceRequest(order.terminal.address, "GET", "/"), limit_ms=QUICK_LIMIT_MS)
                    return Agreed("ready")
                case Step.CONFIRM:
                    return Agreed()
                case Step.QUERY:
                    return NotKnown("no_query")
                case _:
                    return NotSent("TERMINAL_CANNOT")
        except DeviceNotReached as absent:
            return not_reached(absent)
        except AnswerLost as lost:
            return NotKnown(lost.reason)

    async def _operate(
        self, door: ShopDoor, order: DriverOrder, task: str, named: dict[str, str]
    ) -> DriverOutcome:
        tenge = whole_tenge(order.amount)
        if tenge is None:
            return NotSent("TERMINAL_WHOLE_TENGE")
        request = _request(order, task, {"amount": tenge, **named})
        return _outcome(await door.ask(request, limit_ms=ANSWER_LIMIT_MS), order)

    async def _abort(self, door: ShopDoor, order: DriverOrder) -> DriverOutcome:
        """Agreed when the terminal takes it; the payment's own call tells how it ended."""
        for task in ABORT_TASKS:
            answer = await door.ask(_request(order, task, {}), limit_ms=QUICK_LIMIT_MS)
            if _data(answer) is not None and number(_data(answer) or {}, "result") in (
                Result.SUCCESS,
                Result.CANCELLED,
            ):
                return Agreed("cancelling")
        return NotSent("TERMINAL_CANNOT_CANCEL")


def _request(order: DriverOrder, task: str, data: Mapping[str, object]) -> DeviceRequest:
    body = orjson.dumps({"task": task, "data": data})
    return DeviceRequest(
        order.terminal.address,
        "POST",
        "/",
        {"Content-Type": "application/json"},
        body,
        order.terminal.secrets.get("fingerprint", ""),
    )


def _data(answer: DeviceAnswer) -> Mapping[str, Any] | None:
    """What the answer says: models put it at the top or under `data`."""
    body = json_of(answer.body)
    return None if body is None else {**body, **inner(body, "data")}


def _outcome(answer: DeviceAnswer, order: DriverOrder) -> DriverOutcome:
    data = _data(answer)
    result = None if data is None else number(data, "result")
    if data is None or result is None:
        return NotKnown("empty_answer" if not answer.body else f"status_{answer.status}")
    if result in _NOT_BEGUN:
        return NotSent(_NOT_BEGUN[Result(result)])
    facts = _facts(data)
    if result == Result.CANCELLED:
        return Declined("CARD_CANCELLED_ON_TERMINAL", str(result), facts)
    if result != Result.SUCCESS:
        return Declined("CARD_DECLINED", facts.response_code or str(result), facts)
    if answer.status != OK_STATUS:
        return NotKnown(f"status_{answer.status}")
    said = amount(data, "amount", asked=order.amount)
    return NotKnown("amount_unreadable") if said is None else Approved(said, facts)


def _facts(data: Mapping[str, Any]) -> CardFacts:
    is_qr = bool(text(data, "paymentId"))
    return CardFacts(
        rrn=text(data, "tagRRN", "rrn"),
        authorization_code=text(data, "authorizationCode"),
        response_code=text(data, "responseCode"),
        masked_number=masked_number(text(data, "cardNo")),
        scheme=text(data, "cardType"),
        method="qr" if is_qr else "card",
        entry_mode=EntryMode.QR if is_qr else EntryMode.UNKNOWN,
        terminal_code=text(data, "terminalId"),
        order_number=text(data, "paymentId"),
    )
