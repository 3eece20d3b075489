"""Periods of a journal: a day, a month or a year of a time zone, and which entries belong to it.

An entry belongs to the first period that had begun when it was written; so the entries of a period are a run
without gaps, and those of the next one follow them, even if a clock went back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kernel.clock import to_ms
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader

ZONE = "Asia/Almaty"  # one for all of Kazakhstan since 2024-03-01
_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_FIRST = "SELECT seq FROM kernel_journal WHERE lane_key = ? AND at_ms >= ? ORDER BY seq LIMIT 1"
_TAIL = "SELECT journal_seq FROM kernel_lane WHERE lane_key = ?"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first millisecond to the one before `to_ms`."""

    name: str
    zone: str
    from_ms: int
    to_ms: int


def parse_period(text: str, zone: str = ZONE) -> Period:
    """Read "2026", "2026-01" or "2026-01-31".

    Raises Refusal("PERIOD_MALFORMED"), ("JOURNAL_ZONE_UNKNOWN").
    """
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal("JOURNAL_ZONE_UNKNOWN", zone=zone) from None
    match = _FORM.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        year, month, day = int(match[1]), match[2], match[3]
        begin = datetime(year, int(month or 1), int(day or 1), tzinfo=place)
        if day:
            end = datetime.fromordinal(begin.toordinal() + 1).replace(tzinfo=place)
        elif month:
            end = datetime(year + int(month) // 12, int(month) % 12 + 1, 1, tzinfo=place)
        else:
            end = datetime(year + 1, 1, 1, tzinfo=place)
    except (ValueError, OverflowError):
        raise Refusal("PERIOD_MALFORMED", period=text) from None
    return Period(text, zone, to_ms(begin), to_ms(end))


async def run_of(reader: Reader, lane_key: str, period: Period) -> tuple[int, int]:
    """Number of the entry before the period's first and of its last; both the same when it has none."""
    tail = await reader.row(_TAIL, lane_key)
    last = 0 if tail is None else int(tail["journal_seq"])
    first = await reader.row(_FIRST, lane_key, period.from_ms)
    behind = await reader.row(_FIRST, lane_key, period.to_ms)
    end = last if behind is None else int(behind["seq"]) - 1
    return (end if first is None else int(first["seq"]) - 1), end
