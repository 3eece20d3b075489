"""A message as it may be logged: what tells of a card, a PIN or a key is never shown."""

from __future__ import annotations

import re

from protocols.iso8583.message import Message

HIDDEN = frozenset({2, 14, 23, 34, 35, 36, 45, 48, 52, 53, 55, 61, 62, 63, 64, 128})
SHOWN_MAX = 60  # characters of one element

_LONG_DIGITS = re.compile(r"[0-9]{13,}", re.ASCII)
_LONG_BY_RULE = frozenset({86, 87, 88, 89, 90, 97})  # sums and numbers of messages, no cards


def masked(message: Message) -> str:
    """One line: type, element numbers and values; hidden elements show their length only."""
    return " ".join([message.mti, *(_shown(message, number) for number in sorted(message.fields))])


def _shown(message: Message, number: int) -> str:
    given = message.fields[number]
    if number in HIDDEN or isinstance(given, bytes):
        return f"{number}=[{len(given)}]"
    if number not in _LONG_BY_RULE:  # a card number may stand where it has no business
        given = _LONG_DIGITS.sub(lambda found: f"[{len(found[0])}]", given)
    return f"{number}={given.strip()[:SHOWN_MAX]}"
