"""Eyes for card numbers: in texts by their form, in bytes by the numbers of the cards that were used.

A number is 13 to 19 digits on their own, with the beginning of a card and the right check digit (ISO/IEC
7812-1). In bytes a known number is looked for in every way it could be written.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

from simulators.acquirer.cards import luhn_digit

# VISA, Mastercard (both ranges), UnionPay, Maestro and Мир, American Express, Diners, JCB, Discover.
_BEGINNINGS = re.compile(r"4|5[0-9]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|220[0-4]|6[0-9]|3[4-8]|30|35")
# Not a part of a longer word or of a decimal fraction: digits within a digest, a key or a time are no number.
_RUN = re.compile(r"(?<![0-9A-Za-z+/_-])(?<![0-9]\.)(?:[0-9][ -]?){12,18}[0-9](?![0-9A-Za-z+/_-])")


def card_numbers(text: str) -> list[str]:
    """Every whole card number in a text."""
    found = (re.sub(r"[ -]", "", run) for run in _RUN.findall(text))
    return [digits for digits in found if _BEGINNINGS.match(digits) and luhn_digit(digits[:-1]) == digits[-1]]


def known_in(data: bytes, numbers: Iterable[str]) -> list[str]:
    """Which of these numbers stand in the bytes: as text, packed, as hexadecimal, as base64."""
    return [number for number in numbers if any(form in data for form in _forms(number))]


def _forms(number: str) -> list[bytes]:
    text = number.encode()
    packed = bytes.fromhex(number if len(number) % 2 == 0 else number[:-1])
    # Of base64 that part which does not depend on what stands before and after.
    coded = [base64.b64encode(bytes(shift) + text)[4:-4] for shift in range(3)]
    return [text, text[::-1], packed, text.hex().encode(), text.hex().upper().encode(), *coded]
