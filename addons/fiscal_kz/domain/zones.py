"""Wall time of outlets. Reading a zone from disk is slow and asking it is not fast: both answers are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kernel.clock import from_ms

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of a clock on the wall
_MINUTE_MS = 60_000


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """An IANA zone. Raises ZoneInfoNotFoundError for a name nobody knows."""
    return ZoneInfo(name)


def wall_time(ms: int, zone: str) -> datetime:
    """What the outlet's clock shows, without a zone, at an epoch ms."""
    return _EPOCH + timedelta(milliseconds=ms + _offset_ms(zone, ms // _MINUTE_MS))


@lru_cache(maxsize=4096)
def _offset_ms(zone: str, minute: int) -> int:
    """How far the outlet's clock is ahead of UTC: zones change it between two minutes, never inside one."""
    offset = from_ms(minute * _MINUTE_MS).astimezone(zone_of(zone)).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)
