"""Quantity as an integer of thousandths (1000 = one piece, 250 = 0.25 kg)."""

from __future__ import annotations

import re
from functools import lru_cache, total_ordering
from typing import ClassVar

from kernel.errors import Refusal
from kernel.values import value

THOUSANDTHS = 1000
# The OFD protocol before 2.0.3 keeps quantity in the positive half of uint32.
THOUSANDTHS_MAX = 2_147_483_647

QUANTITIES_KEPT = 1024  # read before: most lines are of one piece

_TEXT = re.compile(r"(\d{1,9})(?:\.(\d{1,3}))?", re.ASCII)


@total_ordering
@value
class Quantity:
    """A non-negative amount of goods in thousandths of the unit.

    Raises Refusal("QUANTITY_OUT_OF_RANGE") below zero or above THOUSANDTHS_MAX.
    """

    thousandths: int

    ONE: ClassVar[Quantity]

    def __init__(self, thousandths: int) -> None:
        if not 0 <= thousandths <= THOUSANDTHS_MAX:  # by hand, as of Money
            raise Refusal("QUANTITY_OUT_OF_RANGE", max=str(THOUSANDTHS_MAX // THOUSANDTHS))
        self.thousandths = thousandths  # type: ignore[misc]  # frozen for mypy alone

    @classmethod
    def pieces(cls, count: int) -> Quantity:
        """Whole units."""
        return cls(count * THOUSANDTHS)

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """Read "2", "2.5" or "0.125". Raises Refusal("QUANTITY_MALFORMED") for anything else."""
        return _parsed(text)

    def __str__(self) -> str:
        whole, fraction = divmod(self.thousandths, THOUSANDTHS)
        return f"{whole}.{fraction:03d}".rstrip("0").rstrip(".")

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.thousandths + other.thousandths)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.thousandths - other.thousandths)

    def __lt__(self, other: Quantity) -> bool:
        return self.thousandths < other.thousandths

    @property
    def is_whole(self) -> bool:
        """True when there is no fraction of a unit."""
        return self.thousandths % THOUSANDTHS == 0


Quantity.ONE = Quantity(THOUSANDTHS)


@lru_cache(maxsize=QUANTITIES_KEPT)
def _parsed(text: str) -> Quantity:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise Refusal("QUANTITY_MALFORMED", value=text[:40])
    whole, fraction = match.groups()
    return Quantity(int(whole) * THOUSANDTHS + int((fraction or "0").ljust(3, "0")))
