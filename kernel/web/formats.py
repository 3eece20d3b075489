"""How sums, quantities and moments are written for people: three languages, an outlet's own time zone.

Nothing here is parsed back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kernel.money import TIYN_PER_TENGE, Money
from kernel.quantity import THOUSANDTHS, Quantity

NO_BREAK = "\u00a0"
TENGE = "₸"
ALMATY = "Asia/Almaty"

Filter = Callable[..., str]


def format_sum(value: Money, language: str = "ru") -> str:
    """ "1 234,50" in Russian and Kazakh, "1,234.50" in English; the space does not break."""
    tenge, tiyn = divmod(abs(value.tiyn), TIYN_PER_TENGE)
    sign = "-" if value.tiyn < 0 else ""
    if language == "en":
        return f"{sign}{tenge:,}.{tiyn:02d}"
    return f"{sign}{tenge:,}".replace(",", NO_BREAK) + f",{tiyn:02d}"


def format_money(value: Money, language: str = "ru") -> str:
    """The sum with the sign of the tenge after it."""
    return f"{format_sum(value, language)}{NO_BREAK}{TENGE}"


def format_quantity(value: Quantity, language: str = "ru") -> str:
    """ "2", "0,125" ("0.125" in English)."""
    whole, fraction = divmod(value.thousandths, THOUSANDTHS)
    digits = f"{fraction:03d}".rstrip("0")
    return f"{whole}{'.' if language == 'en' else ','}{digits}" if digits else str(whole)


def format_moment(value: datetime, language: str = "ru", zone: str = ALMATY) -> str:
    """ "21.11.2026 14:30:05", in English "2026-11-21 14:30:05", as the clock on the outlet's wall showed."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{format_day(local.date(), language)} {local:%H:%M:%S}"


def format_day(value: date, language: str = "ru") -> str:
    """ "21.11.2026", in English "2026-11-21"."""
    return value.isoformat() if language == "en" else f"{value:%d.%m.%Y}"


def filters(language: str) -> Mapping[str, Filter]:
    """The same as template filters of one language: `{{ total | money }}`, `{{ at | moment(zone) }}`."""
    return {
        "sum": lambda value: format_sum(value, language),
        "money": lambda value: format_money(value, language),
        "quantity": lambda value: format_quantity(value, language),
        "moment": lambda value, zone=ALMATY: format_moment(value, language, zone),
        "day": lambda value: format_day(value, language),
    }
