"""Settings of the fiscal engine and the profiles of operators of fiscal data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from addons.fiscal_kz.domain.state import HOUR_MS, Rules
from kernel.errors import Refusal

PROFILE_FIELDS = 5


@dataclass(frozen=True, slots=True)
class OfdProfile:
    """One operator of fiscal data.

    check_site: where buyers check receipts; is_test: receipts are marked «ТЕСТ».
    """

    code: str
    host: str
    port: int
    title: str
    check_site: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class FiscalSettings:
    """Times and partners of the exchange; sources of the limits: CPCR 2.0.2 §5, order 626 part 3.

    profiles: texts "code;host:port;title;check site;test|real". transaction_ms: whole time of one exchange,
    reconnecting and resending included (not less than 5000 in the text, not more by the register
    requirements). retry_pause_ms: between attempts to restore the link (not less than 60000 but in tests).
    is_connection_kept: reuse one connection per register. number_after_unknown: see domain.state.Rules.
    """

    SECTION: ClassVar[str] = "fiscal_kz"

    profiles: tuple[str, ...] = ("simulator;127.0.0.1:7777;Симулятор ОФД;http://127.0.0.1:7780/check;test",)
    transaction_ms: int = 5_000
    retry_pause_ms: int = 60_000
    offline_limit_hours: int = 72
    shift_limit_hours: int = 24
    is_connection_kept: bool = True
    number_after_unknown: bool = False
    default_version: int = 203

    def __post_init__(self) -> None:
        """Raises ValueError for a profile that cannot be read: told at the start, not at the first sale."""
        _profiles(self.profiles)

    def profile(self, code: str) -> OfdProfile:
        """Raises Refusal("OFD_PROFILE_UNKNOWN")."""
        found = _profiles(self.profiles).get(code)
        if found is None:
            raise Refusal("OFD_PROFILE_UNKNOWN", field="profile", profile=code)
        return found

    @property
    def rules(self) -> Rules:
        """Limits as the engine wants them."""
        return _rules(self)


@lru_cache(maxsize=64)
def _profiles(texts: tuple[str, ...]) -> dict[str, OfdProfile]:
    profiles = {}
    for text in texts:
        parts = [part.strip() for part in text.split(";")]
        code, address, title, site, kind = (*parts, *[""] * PROFILE_FIELDS)[:PROFILE_FIELDS]
        host, _, port = address.rpartition(":")
        if len(parts) != PROFILE_FIELDS or not host or not port.isdecimal() or kind not in ("test", "real"):
            raise ValueError(f'profiles: "code;host:port;title;site;test|real" is expected, not {text!r}')
        profiles[code] = OfdProfile(code, host, int(port), title, site, kind == "test")
    return profiles


@lru_cache(maxsize=64)
def _rules(settings: FiscalSettings) -> Rules:
    return Rules(
        retry_pause_ms=settings.retry_pause_ms,
        offline_limit_ms=settings.offline_limit_hours * HOUR_MS,
        shift_limit_ms=settings.shift_limit_hours * HOUR_MS,
        is_number_added_after_unknown=settings.number_after_unknown,
    )
