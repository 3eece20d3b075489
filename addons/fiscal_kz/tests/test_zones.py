"""The outlet's clock is what the zone's own rules say, however often it is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.fiscal_kz.domain.zones import wall_time, zone_of
from kernel.clock import from_ms, to_ms

ALMATY_CHANGED = to_ms(datetime(2024, 2, 29, 18, tzinfo=UTC))  # from +6 to +5 at midnight
SPRING = to_ms(datetime(2026, 3, 29, 1, tzinfo=UTC))  # Berlin: 2 o'clock becomes 3


def _asked(ms: int, zone: str) -> datetime:
    return from_ms(ms).astimezone(zone_of(zone)).replace(tzinfo=None)


@given(
    st.integers(to_ms(datetime(2020, 1, 1, tzinfo=UTC)), to_ms(datetime(2060, 1, 1, tzinfo=UTC))),
    st.sampled_from(
        ["Asia/Almaty", "Asia/Aqtau", "Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "UTC"]
    ),
)
def test_wall_time_is_what_the_zone_says(ms: int, zone: str) -> None:
    assert wall_time(ms, zone) == _asked(ms, zone)


@pytest.mark.parametrize(("zone", "changed"), [("Asia/Almaty", ALMATY_CHANGED), ("Europe/Berlin", SPRING)])
@pytest.mark.parametrize("away", [-60_001, -60_000, -1, 0, 1, 59_999, 60_000])
def test_wall_time_changes_to_the_millisecond(zone: str, changed: int, away: int) -> None:
    assert wall_time(changed + away, zone) == _asked(changed + away, zone)
    assert _asked(changed, zone) - _asked(changed - 1, zone) != from_ms(1) - from_ms(0)
