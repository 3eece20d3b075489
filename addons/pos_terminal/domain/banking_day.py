"""To which banking day a moment belongs, and until when money can still be taken back that day.

A banking day D ends at the cut-off of the local day D; what happens after it belongs to D + 1. The zone and
the cut-off stand in the contract's terms, the zone's history in the zone database: Almaty was UTC+6 until
2024-03-01. Source: acquiring reference §6.3.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from kernel.clock import to_ms

UI_MARGIN_MS = 2 * 60_000  # screens stop offering a void so much earlier
_DAY = timedelta(days=1)


class VoidWindow(StrEnum):
    """Two readings of "until the cut-off of the same day" (reference §5.4)."""

    BANKING_DAY = "banking_day"  # a purchase of 22:40 may be voided until 22:30 tomorrow
    CALENDAR_DAY = "calendar_day"  # it may not be voided at all


def banking_day(at_ms: int, zone: str, cut_off_minute: int) -> date:
    """The banking day of a moment (epoch ms)."""
    local = _local(at_ms, zone)
    return local.date() + _DAY if at_ms >= cut_off_ms(local.date(), zone, cut_off_minute) else local.date()


def cut_off_ms(day: date, zone: str, cut_off_minute: int) -> int:
    """When that banking day ends, epoch ms; the moment itself belongs to the next day."""
    midnight = datetime.combine(day, time(), tzinfo=_zone(zone))
    return to_ms((midnight + timedelta(minutes=cut_off_minute)).astimezone(UTC))


def day_of_host(month_day: str, near_ms: int, zone: str) -> date | None:
    """The date a host means by MMDD (DE15), the nearest to that moment; None for what is not a date."""
    if len(month_day) != 4 or not month_day.isascii() or not month_day.isdigit():
        return None
    near = _local(near_ms, zone).date()
    found = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            found.append(date(year, int(month_day[:2]), int(month_day[2:])))
        except ValueError:
            continue  # no 29 February in that year, or no such day at all
    return min(found, key=lambda each: abs(each - near), default=None)


def void_until_ms(
    *, day: date, sent_ms: int, zone: str, cut_off_minute: int, window: VoidWindow = VoidWindow.BANKING_DAY
) -> int:
    """Until when (exclusive, epoch ms) an operation of that banking day may be taken back."""
    if window is VoidWindow.CALENDAR_DAY:
        day = min(day, _local(sent_ms, zone).date())
    return cut_off_ms(day, zone, cut_off_minute)


def _local(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, _zone(zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
