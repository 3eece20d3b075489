"""One message as a value, and the rules of its type indicator (MTI)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from protocols.iso8583.errors import MalformedMessage

FieldValue: TypeAlias = str | bytes

AUTHORIZATION, FINANCIAL, BATCH_UPLOAD, REVERSAL, RECONCILIATION, NETWORK = "1", "2", "3", "4", "5", "8"
REQUEST, ADVICE = "0", "2"


@dataclass(frozen=True, slots=True)
class Message:
    """An MTI of four digits and its elements by number: bytes for binary elements, text for all others."""

    mti: str
    fields: Mapping[int, FieldValue]

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    def __repr__(self) -> str:  # a traceback or a log line must not show a card
        return f"Message({self.mti!r}, fields {sorted(self.fields)})"

    def text(self, number: int) -> str:
        """The element as text without padding at its end, "" when absent. Raises MalformedMessage for a
        binary one.
        """
        value = self.fields.get(number, "")
        if isinstance(value, bytes):
            raise MalformedMessage(f"field {number} is binary")
        return value.rstrip(" ")

    def octets(self, number: int) -> bytes:
        """The binary element, b"" when absent. Raises MalformedMessage for text."""
        value = self.fields.get(number, b"")
        if isinstance(value, str):
            raise MalformedMessage(f"field {number} is text")
        return value

    def number(self, number: int) -> int:
        """The digits of the element as an integer. Raises MalformedMessage when absent or not digits."""
        text = self.text(number)
        if not (text.isascii() and text.isdigit()):
            raise MalformedMessage(f"field {number} is not a number")
        return int(text)

    @property
    def message_class(self) -> str:
        """The second digit: what the message is about."""
        return self.mti[1]

    @property
    def is_answer(self) -> bool:
        """Whether the third digit says that it answers a request or an advice."""
        return self.mti[2] in "13"

    @property
    def is_repeat(self) -> bool:
        """Whether the fourth digit says that it was sent before."""
        return self.mti[3] in "135"

    def with_fields(self, more: Mapping[int, FieldValue]) -> Message:
        """The same message with elements added or replaced."""
        return Message(self.mti, {**self.fields, **more})


def answer_mti(mti: str) -> str:
    """0200 → 0210, 0421 → 0430: the answer to a repeat is the answer to the first sending.

    Raises MalformedMessage for what is no request or advice.
    """
    if mti[2] not in "02":
        raise MalformedMessage(f"{mti} is not a request")
    origin = int(mti[3]) & ~1
    return f"{mti[:2]}{int(mti[2]) + 1}{origin}"


def repeat_mti(mti: str) -> str:
    """0400 → 0401: the same message once more; a repeat stays as it is."""
    return f"{mti[:3]}{int(mti[3]) | 1}"
