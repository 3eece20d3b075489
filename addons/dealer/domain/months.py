"""Months of a statement: whole calendar months in the time of Kazakhstan, and how many days of one a register
was looked after.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from kernel.clock import from_ms, to_ms
from kernel.errors import Refusal

ALMATY = timezone(timedelta(hours=5))  # one zone in the whole country since 1 March 2024
_FORM = re.compile(r"(20[2-9][0-9])-(0[1-9]|1[0-2])")


def month_bounds(text: str) -> tuple[int, int]:
    """First moment of a month "YYYY-MM" and of the next one, in epoch milliseconds.

    Raises Refusal("MONTH_MALFORMED").
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise Refusal("MONTH_MALFORMED", field="month")
    year, month = int(match[1]), int(match[2])
    begin = datetime(year, month, 1, tzinfo=ALMATY)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ALMATY)
    return to_ms(begin.astimezone(UTC)), to_ms(end.astimezone(UTC))


def days_served(begin_ms: int, end_ms: int) -> int:
    """Calendar days touched by a span, its end itself not in it; zero for an empty one."""
    if end_ms <= begin_ms:
        return 0
    first = from_ms(begin_ms).astimezone(ALMATY).date()
    last = from_ms(end_ms - 1).astimezone(ALMATY).date()
    return (last - first).days + 1
