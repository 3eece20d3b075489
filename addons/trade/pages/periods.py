"""Periods people ask for: named ones and days from–to, on the wall clock of Kazakhstan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.web.formats import ALMATY
from kernel.web.view import View

DAYS_MAX = 93  # as far as sums may go
NAMED = {"today": 1, "week": 7, "month": 30, "quarter": DAYS_MAX - 2}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayRange:
    """From the begin of a day to the end of another. name: of NAMED, or "" for days of one's own."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time.min, ZoneInfo(ALMATY))

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + DAY, time.min, ZoneInfo(ALMATY))

    @property
    def before(self) -> DayRange:
        """As many days just before it."""
        return DayRange("", self.first - DAY * self.days, self.first - DAY)


def asked_period(view: View, usual: str = "week") -> DayRange:
    """By `period`, or `from` and `to` of the address; what cannot be read is left out."""
    today = view.app.clock.now().astimezone(ZoneInfo(ALMATY)).date()
    first, last = _day(view.asked("from")), _day(view.asked("to"))
    if first is not None or last is not None:
        last = last or max(first or today, today)
        first = max(first or last, last - DAY * (DAYS_MAX - 2))
        return DayRange("", min(first, last), last)
    name = view.asked("period", usual)
    name = name if name in NAMED else usual
    return DayRange(name, today - DAY * (NAMED[name] - 1), today)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
