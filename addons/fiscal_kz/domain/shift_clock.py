"""How long a shift may last: when people are warned, when it closes by itself, when sales are refused.

Source: order 626 part 3 (24 hours from the first cash operation); times in epoch ms.
"""

from __future__ import annotations

from typing import NamedTuple

MINUTE_MS = 60_000


class ShiftClock(NamedTuple):
    """Moments of one shift. closes_ms None: it does not close by itself."""

    warns_ms: int
    closes_ms: int | None
    ends_ms: int

    @property
    def first_ms(self) -> int:
        """The first of them: before it nobody has to look after the shift."""
        return self.warns_ms if self.closes_ms is None else min(self.warns_ms, self.closes_ms)

    def is_due(self, now_ms: int) -> bool:
        """True from the moment when it closes by itself."""
        return self.closes_ms is not None and now_ms >= self.closes_ms

    def pause_ms(self, now_ms: int) -> int:
        """Until the next of them; an hour when all are over."""
        moments = [each for each in (self.warns_ms, self.closes_ms, self.ends_ms) if each is not None]
        return min((each - now_ms for each in moments if each > now_ms), default=60 * MINUTE_MS)

    def left_s(self, now_ms: int) -> int:
        """Whole seconds until sales are refused, never below 0."""
        return max(0, (self.ends_ms - now_ms) // 1_000)

    def is_ending(self, now_ms: int) -> bool:
        """True from the warning on."""
        return now_ms >= self.warns_ms


def shift_clock(
    opened_ms: int, *, warning_minutes: int, close_minutes: int, limit_minutes: int
) -> ShiftClock:
    """Moments of a shift that was opened then; close_minutes 0: never by itself."""
    return ShiftClock(
        warns_ms=opened_ms + warning_minutes * MINUTE_MS,
        closes_ms=opened_ms + close_minutes * MINUTE_MS if close_minutes else None,
        ends_ms=opened_ms + limit_minutes * MINUTE_MS,
    )
