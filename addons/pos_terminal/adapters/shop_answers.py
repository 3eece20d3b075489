"""Reading what terminals in shops answer: JSON with fields that may be texts, numbers or missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from addons.pos_terminal.domain.driver import NotSent
from kernel.device_http import DeviceNotReached
from kernel.money import TIYN_PER_TENGE, Money

TEXT_LENGTH_MAX = 64
_AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d{1,2}))?")
_NOT_AMOUNT = re.compile(r"^-|[\s₸]|KZT|тг\.?")  # a refund's sign, gaps, the currency
_REASONS = {
    "certificate": "TERMINAL_CERTIFICATE_CHANGED",
    "agent_away": "TERMINAL_AGENT_AWAY",
    "forbidden": "TERMINAL_ADDRESS_FORBIDDEN",
    "address": "TERMINAL_ADDRESS_WRONG",
}


def json_of(body: bytes) -> Mapping[str, Any] | None:
    """The object in the body; None when there is none: an empty answer is no answer."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def inner(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under that name; empty when it is missing or something else."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def text(data: Mapping[str, Any], *names: str) -> str:
    """The first of these that says something, cut to what a row holds."""
    for name in names:
        found = data.get(name)
        if isinstance(found, str | int) and not isinstance(found, bool) and str(found).strip():
            return str(found).strip()[:TEXT_LENGTH_MAX]
    return ""


def number(data: Mapping[str, Any], name: str) -> int | None:
    """A whole number, also one written as text."""
    found = text(data, name)
    return int(found) if re.fullmatch(r"-?\d{1,9}", found) else None


def amount(data: Mapping[str, Any], name: str, *, asked: Money) -> Money | None:
    """The sum in tenge that the terminal says; `asked` when it says none, None when nobody can read it."""
    if data.get(name) in (None, ""):
        return asked
    said = _AMOUNT.fullmatch(_NOT_AMOUNT.sub("", text(data, name)))
    if said is None:
        return None
    return Money(int(said[1]) * TIYN_PER_TENGE + int((said[2] or "0").ljust(2, "0")))


def whole_tenge(money: Money) -> int | None:
    """Tenge, None when there are tiyn or nothing."""
    tenge, tiyn = divmod(money.tiyn, TIYN_PER_TENGE)
    return tenge if tenge > 0 and not tiyn else None


def not_reached(absent: DeviceNotReached) -> NotSent:
    """Why nothing left, as a refusal code of this add-on."""
    return NotSent(_REASONS.get(absent.reason, "TERMINAL_ABSENT"))
