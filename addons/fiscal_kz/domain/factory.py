"""Factory numbers of our KKMs: "SD", two digits of the year of make, ten digits of its own, two check digits.

The check digits are those of ISO 7064 MOD 97-10, as in bank accounts: one wrong digit or two swapped ones
are always found.
"""

from __future__ import annotations

import re

PREFIX = "SD"
OWN_DIGITS = 10
CENTURY = 2000
_FORM = re.compile(r"SD(\d{2})(\d{10})(\d{2})")
_MODULUS, _RIGHT = 97, 1


def factory_number(year: int, own: int) -> str:
    """The number of a KKM made in that year (2000 to 2099); own: ten digits no other KKM has."""
    assert 0 <= year - CENTURY < 100
    assert 0 <= own < 10**OWN_DIGITS
    body = f"{year - CENTURY:02d}{own:010d}"
    check = (_MODULUS + _RIGHT - int(_digits(body + "00")) % _MODULUS) % _MODULUS
    return f"{PREFIX}{body}{check:02d}"


def year_of_make(number: str) -> int | None:
    """Year of make of a number of ours; None for anything else, mistyped ones included."""
    found = _FORM.fullmatch(number)
    if found is None or int(_digits(number[len(PREFIX) :])) % _MODULUS != _RIGHT:
        return None
    return CENTURY + int(found[1])


def _digits(body: str) -> str:
    """Letters count as 10 to 35, as the standard has it."""
    return "".join(str(int(each, 36)) for each in PREFIX) + body
