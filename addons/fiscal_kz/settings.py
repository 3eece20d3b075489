"""Settings of the fiscal engine and the profiles of operators of fiscal data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from addons.fiscal_kz.domain.shift_clock import ShiftClock, shift_clock
from addons.fiscal_kz.domain.state import HOUR_MS, Rules
from addons.fiscal_kz.domain.ways import Tls, Way
from kernel.company_settings import COMPANY
from kernel.errors import Refusal

ADDRESSES_MAX = 2
CLOSE_MINUTES_MIN = 5  # a shift that closes by itself lasts at least so long
PROFILE_FORM = "code;host:port[,host:port];title;site;real|test|simulator[;tls [ca=FILE] [name=HOST]]"


class ProfileKind(StrEnum):
    """What stands behind a profile. Receipts of all but REAL are marked «ТЕСТ»."""

    REAL = "real"
    TEST = "test"  # an operator's test stand
    SIMULATOR = "simulator"  # ours: a sandbox register may be activated by itself


@dataclass(frozen=True, slots=True)
class OfdProfile:
    """One operator of fiscal data. way: how it is reached; check_site: where buyers check receipts."""

    code: str
    way: Way
    title: str
    check_site: str
    kind: ProfileKind

    @property
    def is_test(self) -> bool:
        """True when receipts are marked «ТЕСТ»."""
        return self.kind is not ProfileKind.REAL


@dataclass(frozen=True, slots=True)
class FiscalSettings:
    """Times and partners of the exchange; sources of the limits: CPCR 2.0.2 §5, order 626 part 3.

    profiles: texts of PROFILE_FORM. transaction_ms: whole time of one exchange, reconnecting, resending and
    the second address included (not less than 5000 in the text, not more by the register requirements).
    retry_pause_ms: between attempts to restore the link (not less than 60000 but in tests).
    is_connection_kept: reuse one connection per register. number_after_unknown: see domain.state.Rules.
    time_server: "host:port" of an SNTP server, empty for none; a clock wrong by more than clock_warn_seconds
    is told of, by more than clock_refuse_seconds makes no documents.
    auto_close_minutes: a shift closes by itself so long after its first document, 0 for never; a company may
    choose. shift_warning_minutes: from then on people are warned of its end.
    withdraw_at_close: a shift close takes all cash out of the drawer; a company may choose.
    """

    SECTION: ClassVar[str] = "fiscal_kz"

    profiles: tuple[str, ...] = (
        "simulator;127.0.0.1:7777;Симулятор ОФД;http://127.0.0.1:7780/check;simulator",
    )
    transaction_ms: int = 5_000
    retry_pause_ms: int = 60_000
    offline_limit_hours: int = 72
    shift_limit_hours: int = 24
    is_connection_kept: bool = True
    number_after_unknown: bool = False
    default_version: int = 203
    auto_close_minutes: int = field(default=23 * 60 + 55, metadata=COMPANY)
    time_server: str = ""
    clock_warn_seconds: int = 60
    clock_refuse_seconds: int = 600
    shift_warning_minutes: int = 20 * 60
    withdraw_at_close: bool = field(default=False, metadata=COMPANY)

    def __post_init__(self) -> None:
        """Raises ValueError for a profile that cannot be read and for a shift that would close too early or
        too late: told at the start, not at the first sale.
        """
        _profiles(self.profiles)
        if self.time_server:
            _addresses(self.time_server)
        if not 0 < self.clock_warn_seconds <= self.clock_refuse_seconds:
            raise ValueError("clock_warn_seconds: above 0, at most clock_refuse_seconds")
        limit = self.shift_limit_hours * 60
        if self.auto_close_minutes and not CLOSE_MINUTES_MIN <= self.auto_close_minutes < limit:
            raise ValueError(f"auto_close_minutes: 0, or {CLOSE_MINUTES_MIN} to {limit - 1}")

    def profile(self, code: str) -> OfdProfile:
        """Raises Refusal("OFD_PROFILE_UNKNOWN")."""
        found = _profiles(self.profiles).get(code)
        if found is None:
            raise Refusal("OFD_PROFILE_UNKNOWN", field="profile", profile=code)
        return found

    def shift_clock(self, opened_ms: int) -> ShiftClock:
        """Moments of a shift that was opened then."""
        return shift_clock(
            opened_ms,
            warning_minutes=self.shift_warning_minutes,
            close_minutes=self.auto_close_minutes,
            limit_minutes=self.shift_limit_hours * 60,
        )

    @property
    def known_profiles(self) -> tuple[OfdProfile, ...]:
        """Operators a KKM may be activated at."""
        return tuple(_profiles(self.profiles).values())

    @property
    def simulator(self) -> OfdProfile | None:
        """The first profile with a simulator behind it."""
        known = _profiles(self.profiles).values()
        return next((each for each in known if each.kind is ProfileKind.SIMULATOR), None)

    @property
    def rules(self) -> Rules:
        """Limits as the engine wants them."""
        return _rules(
            self.retry_pause_ms,
            self.offline_limit_hours,
            self.shift_limit_hours,
            self.number_after_unknown,
            self.clock_refuse_seconds,
        )


@lru_cache(maxsize=64)
def _profiles(texts: tuple[str, ...]) -> dict[str, OfdProfile]:
    profiles = {}
    for text in texts:
        code, addresses, title, site, kind, *tls = [part.strip() for part in text.split(";")] + [""] * 5
        try:
            way = Way(_addresses(addresses), _tls(tls[0]))
            profiles[code] = OfdProfile(code, way, title, site, ProfileKind(kind))
        except ValueError as error:
            raise ValueError(f'profiles: "{PROFILE_FORM}" is expected, not {text!r}: {error}') from None
        if not code or not title or any(tls[1:]):
            raise ValueError(f'profiles: "{PROFILE_FORM}" is expected, not {text!r}')
    return profiles


def _addresses(text: str) -> tuple[tuple[str, int], ...]:
    """One address or two, "[v6]:port" included. Raises ValueError."""
    found = []
    for each in text.split(","):
        host, _, port = each.strip().rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise ValueError(f"{each!r} is no host:port")
        found.append((host.strip("[]"), int(port)))
    if len(set(found)) != len(found) or len(found) > ADDRESSES_MAX:
        raise ValueError(f"at most {ADDRESSES_MAX} different addresses")
    return tuple(found)


def _tls(text: str) -> Tls | None:
    """None for "" and "plain". Raises ValueError, for a file of CAs that is not there too."""
    if text in ("", "plain"):
        return None
    word, *choices = text.split()
    given = {name: value for name, is_set, value in (each.partition("=") for each in choices) if is_set}
    if word != "tls" or len(given) != len(choices) or not given.keys() <= {"ca", "name"}:
        raise ValueError(f"{text!r} is no choice of TLS")
    if "ca" in given and not Path(given["ca"]).is_file():
        raise ValueError(f"there is no file {given['ca']}")
    return Tls(given.get("ca"), given.get("name"))


@lru_cache(maxsize=64)
def _rules(pause_ms: int, offline_hours: int, shift_hours: int, is_number_added: bool, clock_s: int) -> Rules:
    return Rules(
        retry_pause_ms=pause_ms,
        offline_limit_ms=offline_hours * HOUR_MS,
        shift_limit_ms=shift_hours * HOUR_MS,
        is_number_added_after_unknown=is_number_added,
        clock_refuse_ms=clock_s * 1_000,
    )
