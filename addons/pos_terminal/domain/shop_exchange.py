"""A question to a terminal that only the shop's agent reaches: what it asks, how far it came.

WAITING → TAKEN → ANSWERED | LOST, and WAITING → EXPIRED. Each step is a compare-and-set, so a question that
was never taken has surely not left, and one that was taken and not answered may have arrived.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

import orjson

from kernel.device_http import AnswerLost, DeviceAnswer, DeviceNotReached, DeviceRequest
from kernel.values import value

ShopExchangeId = NewType("ShopExchangeId", str)

TAKE_LIMIT_MS = 10_000  # an agent that has not taken it by then is away
ROAD_MS = 5_000  # from the device's answer to us, through the agent
TAKE_MAX = 20  # in one agent's hand
REASON_LENGTH_MAX = 32


class ExchangeState(StrEnum):
    """How far a question came."""

    WAITING = "waiting"
    TAKEN = "taken"
    ANSWERED = "answered"  # or proved not to have left
    LOST = "lost"
    EXPIRED = "expired"


class ExchangeEnd(StrEnum):
    """How it ended at the agent."""

    ANSWERED = "answered"
    NOT_REACHED = "not_reached"  # surely nothing left
    LOST = "lost"  # it may have arrived; no usable answer


@value
class Told:
    """What an agent says of a question."""

    end: ExchangeEnd
    status: int = 0
    body: bytes = b""
    fingerprint: str = ""
    reason: str = ""

    def answer(self) -> DeviceAnswer:
        """The device's answer. Raises DeviceNotReached, AnswerLost."""
        match self.end:
            case ExchangeEnd.ANSWERED:
                return DeviceAnswer(self.status, self.body, self.fingerprint)
            case ExchangeEnd.NOT_REACHED:
                raise DeviceNotReached(self.reason or "absent")
            case ExchangeEnd.LOST:
                raise AnswerLost(self.reason or "lost")


@dataclass(frozen=True, slots=True)
class ShopQuestion:
    """What an agent is handed. limit_ms: how long it may wait for the device."""

    id: ShopExchangeId
    terminal_title: str
    limit_ms: int
    request: DeviceRequest = field(repr=False)


def request_text(request: DeviceRequest) -> str:
    """To be sealed: it holds the terminal's tokens."""
    return orjson.dumps(
        {
            "origin": request.origin,
            "method": request.method,
            "path": request.path,
            "headers": dict(request.headers),
            "body": base64.b64encode(request.body).decode(),
            "fingerprint": request.fingerprint,
        }
    ).decode()


def read_request(text: str) -> DeviceRequest:
    """Out of `request_text`."""
    read = orjson.loads(text)
    return DeviceRequest(**{**read, "body": base64.b64decode(read["body"])})


def told_text(told: Told) -> str:
    """To be sealed: the answer to a pairing holds tokens."""
    body = base64.b64encode(told.body).decode()
    return orjson.dumps([told.end, told.status, body, told.fingerprint, told.reason]).decode()


def read_told(text: str) -> Told:
    """Out of `told_text`."""
    end, status, body, fingerprint, reason = orjson.loads(text)
    return Told(ExchangeEnd(end), status, base64.b64decode(body), fingerprint, reason)
