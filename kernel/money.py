"""Money as an integer of tiyn. Nothing about currencies, tax or rounding to whole tenge belongs here."""

from __future__ import annotations

import re
from functools import lru_cache, total_ordering
from typing import ClassVar

from kernel.errors import Refusal
from kernel.quantity import Quantity
from kernel.values import value

TIYN_PER_TENGE = 100
# A sum above ten trillion tenge is a typing mistake; the bound also keeps sums of a million lines inside
# BIGINT.
TIYN_MAX = 10**15
BASIS_POINTS = 10_000
SUMS_KEPT = 4096  # read before: prices and banknotes come again and again

_TWO_DIGITS = tuple(f"{number:02d}" for number in range(TIYN_PER_TENGE))
_TEXT = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,2}))?", re.ASCII)


def divide_half_up(numerator: int, denominator: int) -> int:
    """Quotient rounded to the nearest integer, halves away from zero. denominator must be positive."""
    assert denominator > 0
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((denominator - 2 * numerator) // (2 * denominator))


@total_ordering
@value
class Money:
    """A sum in tiyn (1 tenge = 100 tiyn), possibly negative.

    Raises Refusal("MONEY_TOO_LARGE") when |tiyn| passes TIYN_MAX, so overflow is refused where it happens.
    """

    tiyn: int

    ZERO: ClassVar[Money]

    def __init__(self, tiyn: int) -> None:
        # By hand: every receipt makes dozens of sums, and a generated one would call __post_init__ besides.
        if not -TIYN_MAX <= tiyn <= TIYN_MAX:
            raise Refusal("MONEY_TOO_LARGE", max=str(TIYN_MAX // TIYN_PER_TENGE))
        self.tiyn = tiyn  # type: ignore[misc]  # frozen for mypy alone

    @classmethod
    def tenge(cls, amount: int) -> Money:
        """Whole tenge."""
        return cls(amount * TIYN_PER_TENGE)

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read "1234", "1234.5" or "-1234.50". Raises Refusal("MONEY_MALFORMED") for anything else."""
        return _parsed(text)

    def __str__(self) -> str:
        if self.tiyn < 0:
            return f"-{Money(-self.tiyn)}"
        return f"{self.tiyn // TIYN_PER_TENGE}.{_TWO_DIGITS[self.tiyn % TIYN_PER_TENGE]}"

    def __add__(self, other: Money) -> Money:
        return Money(self.tiyn + other.tiyn)

    def __sub__(self, other: Money) -> Money:
        return Money(self.tiyn - other.tiyn)

    def __neg__(self) -> Money:
        return Money(-self.tiyn)

    def __lt__(self, other: Money) -> bool:
        return self.tiyn < other.tiyn

    def __bool__(self) -> bool:
        return self.tiyn != 0

    def times(self, quantity: Quantity) -> Money:
        """Price times quantity, rounded half up to one tiyn: the single rounding of a line."""
        return Money(divide_half_up(self.tiyn * quantity.thousandths, 1000))

    def share(self, basis_points: int) -> Money:
        """That many hundredths of a percent of this sum, rounded half up to one tiyn."""
        return Money(divide_half_up(self.tiyn * basis_points, BASIS_POINTS))

    def vat_inside(self, rate_bp: int) -> Money:
        """VAT contained in this sum at the rate: sum × r / (100 + r), half up to one tiyn.

        Source: CPCR 2.0.2, tax fields (tax already inside the sum); checked on real receipts.
        """
        return Money(divide_half_up(self.tiyn * rate_bp, BASIS_POINTS + rate_bp))


Money.ZERO = Money(0)


@lru_cache(maxsize=SUMS_KEPT)
def _parsed(text: str) -> Money:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise Refusal("MONEY_MALFORMED", value=text[:40])
    sign, tenge, tiyn = match.groups()
    total = int(tenge) * TIYN_PER_TENGE + int((tiyn or "0").ljust(2, "0"))
    return Money(-total if sign else total)


def total(sums: list[Money] | tuple[Money, ...]) -> Money:
    """Sum of rounded sums; zero for none."""
    return Money(sum(each.tiyn for each in sums))
