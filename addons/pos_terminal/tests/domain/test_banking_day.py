"""Days of acquirers: their cut-off, their zone's history, and what a host calls a day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from addons.pos_terminal.domain.banking_day import (
    VoidWindow,
    banking_day,
    cut_off_ms,
    day_of_host,
    void_until_ms,
)
from kernel.clock import to_ms

ALMATY, CUT_OFF = "Asia/Almaty", 22 * 60 + 30


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-15 17:29:59.999", "2026-01-15"),
        ("2026-01-15 17:30:00", "2026-01-16"),  # 22:30 in Almaty, UTC+5
        ("2024-02-29 16:29:59", "2024-02-29"),
        ("2024-02-29 16:30:00", "2024-03-01"),  # the last day of UTC+6
        ("2024-03-01 17:29:59", "2024-03-01"),
        ("2024-03-01 17:30:00", "2024-03-02"),
        ("2026-12-31 17:30:00", "2027-01-01"),
    ],
)
def test_a_banking_day_ends_at_the_cut_off_of_its_zone(moment: str, day: str) -> None:
    assert banking_day(ms(moment), ALMATY, CUT_OFF) == date.fromisoformat(day)


def test_a_midnight_cut_off_makes_calendar_days() -> None:
    assert banking_day(ms("2026-01-15 18:59:59"), ALMATY, 0) == date(2026, 1, 16)
    assert cut_off_ms(date(2026, 1, 16), ALMATY, 0) == ms("2026-01-15 19:00:00")


@pytest.mark.parametrize(
    ("said", "near", "meant"),
    [
        ("0115", "2026-01-15 04:00:00", date(2026, 1, 15)),
        ("0101", "2026-12-31 18:00:00", date(2027, 1, 1)),
        ("1231", "2027-01-01 00:30:00", date(2026, 12, 31)),
        ("0229", "2024-02-29 10:00:00", date(2024, 2, 29)),
        ("0229", "2026-03-01 10:00:00", None),
        ("1332", "2026-01-15 04:00:00", None),
        ("", "2026-01-15 04:00:00", None),
        ("١٢٣٤", "2026-01-15 04:00:00", None),
    ],
)
def test_a_hosts_day_is_the_nearest_of_that_name(said: str, near: str, meant: date | None) -> None:
    assert day_of_host(said, ms(near), ALMATY) == meant


def test_a_late_purchase_may_be_voided_tomorrow_or_never() -> None:
    sent_ms = ms("2026-01-15 17:40:00")  # 22:40: the banking day of the 16th
    day = banking_day(sent_ms, ALMATY, CUT_OFF)
    tomorrow = void_until_ms(day=day, sent_ms=sent_ms, zone=ALMATY, cut_off_minute=CUT_OFF)
    never = void_until_ms(
        day=day, sent_ms=sent_ms, zone=ALMATY, cut_off_minute=CUT_OFF, window=VoidWindow.CALENDAR_DAY
    )

    assert tomorrow == ms("2026-01-16 17:30:00")
    assert never == ms("2026-01-15 17:30:00")
