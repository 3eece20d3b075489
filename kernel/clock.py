"""Time as a port. The only place that asks the machine what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Gives aware UTC time and a monotonic counter for deadlines."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class FrozenClock:
    """A clock that stands still until it is moved; for tests, simulations and the demo's sandbox."""

    def __init__(self, start: datetime) -> None:
        assert start.tzinfo is not None
        self._now = start
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, by: timedelta) -> None:
        """Move forward; a clock never goes back."""
        assert by >= timedelta(0)
        self._now += by
        self._monotonic += by.total_seconds()


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware moment."""
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1_000 + round(since.microseconds / 1_000)


def from_ms(ms: int) -> datetime:
    """Aware UTC moment of epoch milliseconds."""
    return _EPOCH + timedelta(milliseconds=ms)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
