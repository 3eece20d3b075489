"""Texts that people typed and others will read, print and forward. Nothing here knows what they mean."""

from __future__ import annotations

import re

# Control characters steer printers and terminals; marks of direction make a line read as what it is not.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """The text with single blanks, without blanks at its ends, and with nothing that steers a printer, a
    terminal or the direction of reading.
    """
    return " ".join(_STEERING.sub(" ", text).split())
