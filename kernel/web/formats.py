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

Filter = Callable[..., object]


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


def format_count(value: int, language: str = "ru") -> str:
    """ "1 234" in Russian and Kazakh, "1,234" in English."""
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", NO_BREAK)


def format_short(value: datetime, language: str = "ru", zone: str = ALMATY) -> str:
    """ "21.11 14:30", in English "11-21 14:30": for lists, whose year is plain."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%m-%d %H:%M}" if language == "en" else f"{local:%d.%m %H:%M}"


def filters(language: str) -> Mapping[str, Filter]:
    """The same as template filters of one language: `{{ total | money }}`, `{{ at | moment(zone) }}`."""
    return {
        "sum": lambda value: format_sum(value, language),
        "money": lambda value: format_money(value, language),
        "quantity": lambda value: format_quantity(value, language),
        "moment": lambda value, zone=ALMATY: format_moment(value, language, zone),
        "day": lambda value: format_day(value, language),
        "count": lambda value: format_count(value, language),
        "pairs": lambda rows, key, title: [(row[key], row[title]) for row in rows],
        # Values as the API writes them.
        "api_sum": lambda value: format_sum(Money.parse(value), language),
        "api_money": lambda value: format_money(Money.parse(value), language),
        "api_quantity": lambda value: format_quantity(Quantity.parse(value), language),
        "api_input": lambda value: value if language == "en" else value.replace(".", ","),
        "api_day": lambda value: format_day(date.fromisoformat(value), language),
        "api_moment": lambda value, zone=ALMATY: format_moment(_moment(value), language, zone),
        "api_short": lambda value, zone=ALMATY: format_short(_moment(value), language, zone),
    }


def _moment(text: str) -> datetime:
    """A moment as the API writes it."""
    return datetime.fromisoformat(text)
