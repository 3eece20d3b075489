"""A card number as it may be shown and stored: six digits, stars, four digits. Anything else is dropped.

Source: PCI DSS 4.0.1, 3.4.1 (at most the BIN and the last four); FAQ 1091 (never two cuts of one number side
by side, so a bank that shows eight is cut to six).
"""

from __future__ import annotations

import re

_MASKED = re.compile(r"(\d{6})\d{0,2}[*xX.•]+(\d{4})")
_LAST_FOUR = re.compile(r"[*xX.•]+(\d{4})")
FILL = "******"


def masked_number(shown: str) -> str:
    """`440043******1234` out of a bank's own way to hide digits; `******1234` when only the last four are
    shown; "" for everything else, a whole number above all.
    """
    compact = re.sub(r"[\s-]", "", shown)
    if whole := _MASKED.fullmatch(compact):
        return f"{whole[1]}{FILL}{whole[2]}"
    if last := _LAST_FOUR.fullmatch(compact):
        return f"{FILL}{last[1]}"
    return ""
