"""Reading of numbers and words as 1C and other writers put them. What to do with the values does not belong
here.

The variety of forms is taken from real exports: decimal comma or dot, blanks (also non-breaking) between
thousands,
rates as "18%", "Без НДС", "16/116".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from kernel.money import BASIS_POINTS, divide_half_up

_BLANKS = str.maketrans("", "", " \u00a0\u202f\u2009\t\r\n'")
_NUMBER = re.compile(r"([-+]?)(\d{1,15})(?:\.(\d{1,10}))?", re.ASCII)
_PERCENT = re.compile(r"(?:НДС)?(\d{1,3}(?:[.,]\d{1,4})?)%?", re.ASCII)
_CALCULATED = re.compile(r"(\d{1,3})/1(\d{2})", re.ASCII)
_WITHOUT_VAT = frozenset(
    {
        "БЕЗНДС", "БЕЗНАЛОГАНДС", "БЕЗНАЛОГА", "БЕЗНДС.", "НЕОБЛАГАЕТСЯ", "НЕОБЛАГАЕТСЯНДС", "НЕТ",
        "ОСВОБОЖДЕНОТНДС", "НДСНЕОБЛАГАЕТСЯ", "ҚҚСЖОҚ", "ҚҚССЫЗ", "NONE", "-", "—",
    }
)  # fmt: skip
_TRUE = frozenset({"true", "1", "да", "истина", "yes", "иә"})
_FALSE = frozenset({"false", "0", "нет", "ложь", "no", "жоқ"})


class NotANumber(Enum):
    """Why a text is no number."""

    EMPTY = "empty"
    MALFORMED = "malformed"


class VatWord(Enum):
    """What a VAT text says when it is not a rate."""

    WITHOUT = "without"
    EMPTY = "empty"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Rate:
    """A VAT rate in basis points."""

    basis_points: int


def parse_scaled(text: str, *, digits: int) -> int | NotANumber:
    """A decimal as an integer of 10^-digits, rounded half up: "1 234,565" with 2 digits is 123457.

    When both comma and dot occur the last of them is the decimal mark; a single mark is always decimal, as 1C
    writes it.
    """
    packed = text.translate(_BLANKS)
    if not packed:
        return NotANumber.EMPTY
    mark = max(packed.rfind(","), packed.rfind("."))
    if mark >= 0:
        packed = packed[:mark].replace(",", "").replace(".", "") + "." + packed[mark + 1 :]
        packed = packed.removesuffix(".")
    match = _NUMBER.fullmatch(packed)
    if match is None:
        return NotANumber.MALFORMED
    sign, whole, fraction = match.groups()
    fraction = fraction or ""
    number = divide_half_up(int(whole + fraction) * 10**digits, 10 ** len(fraction))
    return -number if sign == "-" else number


@lru_cache(maxsize=1024)
def parse_vat(text: str) -> Rate | VatWord:
    """The rate a Ставка tag speaks of: "16", "16 %", "НДС16", "16/116" (the calculated form of 16 %), "Без
    НДС"."""
    packed = text.translate(_BLANKS).upper()
    if not packed:
        return VatWord.EMPTY
    if packed in _WITHOUT_VAT:
        return VatWord.WITHOUT
    calculated = _CALCULATED.fullmatch(packed.removeprefix("НДС").removesuffix("%"))
    if calculated is not None:
        rate, tail = calculated.groups()
        return Rate(int(rate) * 100) if int(rate) == int(tail) else VatWord.MALFORMED
    match = _PERCENT.fullmatch(packed)
    if match is None:
        return VatWord.MALFORMED
    scaled = parse_scaled(match[1], digits=2)
    return Rate(scaled) if isinstance(scaled, int) and scaled < BASIS_POINTS else VatWord.MALFORMED


def parse_flag(text: str) -> bool | None:
    """True or False as written in Russian, Kazakh or XML; None for anything else, an empty text included."""
    word = text.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def parse_code(text: str) -> int | None:
    """A product code when the text is a positive number of at most nine digits ("00000012345" is 12345)."""
    word = text.strip()
    if not (word.isascii() and word.isdigit()):
        return None
    code = int(word[:40])
    return code if 0 < code <= 999_999_999 else None


def clean(text: str | None) -> str:
    """Text without blanks around and without repeated ones inside."""
    return " ".join(text.split()) if text else ""
