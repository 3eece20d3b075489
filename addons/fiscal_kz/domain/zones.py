"""Wall time of outlets: zones by IANA name, kept because reading one from disk is slow."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """An IANA zone. Raises ZoneInfoNotFoundError for a name nobody knows."""
    return ZoneInfo(name)
