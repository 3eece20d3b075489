"""The check digit of BIN and IIN: 12 digits that name a company or a person to the state."""

from __future__ import annotations

import re

from kernel.errors import Refusal

BIN_LENGTH = 12
# Order 406 of 16.05.2007 (IIN) and the rules of forming BIN: weights of the first and the second pass.
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
# Digits 1-4 are year and month of birth or registration in both numbers.
_FORM = re.compile(r"[0-9]{2}(0[1-9]|1[0-2])[0-9]{8}")


def check_digit(first_eleven: str) -> int | None:
    """Twelfth digit for the first eleven; None when no number may begin so."""
    digits = [int(digit) for digit in first_eleven]
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return None


def check_bin(text: str, *, field: str = "bin") -> str:
    """The number without surrounding spaces.

    Raises Refusal("BIN_MALFORMED") unless it is 12 digits with a month at the third place,
    Refusal("BIN_WRONG_DIGIT") when the last digit does not fit the others: a typing mistake.
    """
    number = text.strip()
    if _FORM.fullmatch(number) is None:
        raise Refusal("BIN_MALFORMED", field=field)
    if check_digit(number[:-1]) != int(number[-1]):
        raise Refusal("BIN_WRONG_DIGIT", field=field)
    return number
