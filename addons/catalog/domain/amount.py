"""Signed amounts of goods: a stock may be below zero, a quantity on a receipt may not."""

from __future__ import annotations

import re

from kernel.errors import Refusal
from kernel.quantity import THOUSANDTHS

_TEXT = re.compile(r"(-?)(\d{1,9})(?:\.(\d{1,3}))?", re.ASCII)


def amount_text(thousandths: int) -> str:
    """Thousandths as people write them: -1500 is "-1.5"."""
    whole, part = divmod(abs(thousandths), THOUSANDTHS)
    text = f"{whole}.{part:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if thousandths < 0 else text


def parse_amount(text: str, *, field: str) -> int:
    """Thousandths of "12", "-3" or "1.25". Raises Refusal("STOCK_MALFORMED")."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise Refusal("STOCK_MALFORMED", field=field)
    sign, whole, part = match.groups()
    thousandths = int(whole) * THOUSANDTHS + int((part or "0").ljust(3, "0"))
    return -thousandths if sign else thousandths
