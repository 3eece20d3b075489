"""Dated table of VAT in Kazakhstan and the choice a product makes from it. Sums and rounding of VAT do not
belong here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from kernel.errors import Refusal
from kernel.money import BASIS_POINTS

# One zone for the whole country since 2024-03-01; the day on which a rate starts is a day of this zone.
LAW_ZONE = ZoneInfo("Asia/Almaty")


class VatKind(StrEnum):
    """Which rule of the law gives a product its rate; the number itself depends on the day."""

    STANDARD = "standard"
    MEDICINE = "medicine"
    PERIODICAL = "periodical"
    ZERO = "zero"
    NONE = "none"  # sold without VAT: services of a non-payer, exempt goods
    FIXED = "fixed"  # a rate the law of the day does not know, kept exactly as the owner gave it


@dataclass(frozen=True, slots=True)
class VatPeriod:
    """From this day on the kind has this rate; rate_bp None means "without VAT"."""

    kind: VatKind
    since: date
    rate_bp: int | None


@dataclass(frozen=True, slots=True)
class Vat:
    """The VAT of one product: a kind, and the number itself only for FIXED."""

    kind: VatKind
    fixed_bp: int | None = None

    def __post_init__(self) -> None:
        assert (self.fixed_bp is not None) == (self.kind is VatKind.FIXED)


# Tax code of Kazakhstan in force from 2026-01-01: standard 16 %, medicines and medical goods 5 % in 2026 and
# 10 % from 2027,
# domestic periodicals 10 %, export 0 %. Before that: 12 %, medicines and periodicals exempt.
LAW: tuple[VatPeriod, ...] = (
    VatPeriod(VatKind.STANDARD, date(2009, 1, 1), 1200),
    VatPeriod(VatKind.STANDARD, date(2026, 1, 1), 1600),
    VatPeriod(VatKind.MEDICINE, date(2009, 1, 1), None),
    VatPeriod(VatKind.MEDICINE, date(2026, 1, 1), 500),
    VatPeriod(VatKind.MEDICINE, date(2027, 1, 1), 1000),
    VatPeriod(VatKind.PERIODICAL, date(2009, 1, 1), None),
    VatPeriod(VatKind.PERIODICAL, date(2026, 1, 1), 1000),
    VatPeriod(VatKind.ZERO, date(2009, 1, 1), 0),
)
WITHOUT_VAT = Vat(VatKind.NONE)
VAT_BP_MAX = BASIS_POINTS


class VatTable:
    """Rates by kind and day: the law, plus periods that the set-up adds when the law changes before the
    program does."""

    def __init__(self, extra: Sequence[VatPeriod] = ()) -> None:
        self._periods = sorted((*LAW, *extra), key=lambda period: period.since)

    def rate_on(self, vat: Vat, day: date) -> int | None:
        """Rate in basis points on that day; None means "without VAT"."""
        if vat.kind is VatKind.FIXED:
            return vat.fixed_bp
        rate = None
        for period in self._periods:
            if period.kind is vat.kind and period.since <= day:
                rate = period.rate_bp
        return rate

    def vat_for(self, rate_bp: int | None, day: date) -> Vat:
        """The choice that gives this rate on that day; FIXED when the law of the day has no such rate.

        When two kinds share a rate (10 % from 2027) the first of VatKind wins. Raises
        Refusal("PRODUCT_VAT_OUT_OF_RANGE").
        """
        if rate_bp is None:
            return WITHOUT_VAT
        if not 0 <= rate_bp < VAT_BP_MAX:
            raise Refusal("PRODUCT_VAT_OUT_OF_RANGE")
        for kind in (VatKind.STANDARD, VatKind.MEDICINE, VatKind.PERIODICAL, VatKind.ZERO):
            if self.rate_on(Vat(kind), day) == rate_bp:
                return Vat(kind)
        return Vat(VatKind.FIXED, rate_bp)


def day_of(moment: datetime) -> date:
    """Calendar day of an aware moment where the VAT law applies."""
    return moment.astimezone(LAW_ZONE).date()


def parse_periods(text: str) -> tuple[VatPeriod, ...]:
    """Read "medicine 2028-01-01 1000; periodical 2028-01-01 none". Raises Refusal("VAT_PERIODS_MALFORMED")
    with the bad piece."""
    periods = []
    for piece in filter(None, (part.strip() for part in text.split(";"))):
        words = piece.split()
        try:
            kind, since, rate = words
            period = VatPeriod(
                VatKind(kind), date.fromisoformat(since), None if rate == "none" else int(rate)
            )
        except ValueError as error:
            raise Refusal("VAT_PERIODS_MALFORMED", value=piece[:40]) from error
        if period.rate_bp is not None and not 0 <= period.rate_bp < VAT_BP_MAX:
            raise Refusal("VAT_PERIODS_MALFORMED", value=piece[:40])
        periods.append(period)
    return tuple(periods)
