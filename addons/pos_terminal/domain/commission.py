"""The acquirer's commission in whole tiyn: rates, limits, and rounding that always adds up.

Rates are integers of ppm (1.29 % = 12900), sums integers of tiyn; nothing here is a float. Rounding is half
up, of each operation or of all operations of a banking day with one rate (their total is then spread over
them by largest remainders). Source: acquiring reference §6.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum

from kernel.money import divide_half_up
from kernel.values import value

PPM = 1_000_000
ANY = "*"


class Rounding(StrEnum):
    """What is rounded to a tiyn."""

    PER_OPERATION = "per_operation"
    PER_DAY = "per_day"  # all operations of a banking day with the same rate


@value
class Tariff:
    """A rate of the contract. scheme, method: ANY for whatever has no rate of its own."""

    scheme: str
    method: str
    rate_ppm: int


@value
class FeeTerms:
    """What a commission is made by. fee_min, fee_max: tiyn of one operation; fee_max None: without limit."""

    rounding: Rounding
    tariffs: tuple[Tariff, ...]
    fee_min: int = 0
    fee_max: int | None = None
    is_commission_returned: bool = True

    def rate(self, scheme: str, method: str) -> int:
        """Rate in ppm: of scheme and method, of the scheme, of the method, of everything; 0 for none."""
        rates = {(each.scheme, each.method): each.rate_ppm for each in self.tariffs}
        for place in ((scheme, method), (scheme, ANY), (ANY, method), (ANY, ANY)):
            if place in rates:
                return rates[place]
        return 0

    def exact(self, amount: int, rate_ppm: int) -> int:
        """Commission of an operation in millionths of a tiyn, within the limits of one operation."""
        raw = max(amount * rate_ppm, self.fee_min * PPM)
        return raw if self.fee_max is None else min(raw, self.fee_max * PPM)


@value
class Taken:
    """Money taken by an operation. amount: tiyn, positive."""

    id: str
    amount: int
    scheme: str
    method: str


@value
class Charge:
    """What an operation costs. rate_ppm: by which it was made; commission: tiyn."""

    id: str
    rate_ppm: int
    commission: int


def charge(terms: FeeTerms, operations: Sequence[Taken]) -> list[Charge]:
    """Commissions of a banking day's purchases, in their order.

    Under PER_DAY they add up to the rounded total of each rate.
    """
    if terms.rounding is Rounding.PER_OPERATION:
        return [_alone(terms, each) for each in operations]
    by_rate: dict[int, list[Taken]] = defaultdict(list)
    for each in operations:
        by_rate[terms.rate(each.scheme, each.method)].append(each)
    found: dict[str, Charge] = {}
    for rate, members in by_rate.items():
        exact = [terms.exact(each.amount, rate) for each in members]
        parts = spread(divide_half_up(sum(exact), PPM), exact)
        found |= {each.id: Charge(each.id, rate, part) for each, part in zip(members, parts, strict=True)}
    return [found[each.id] for each in operations]


def _alone(terms: FeeTerms, taken: Taken) -> Charge:
    rate = terms.rate(taken.scheme, taken.method)
    return Charge(taken.id, rate, divide_half_up(terms.exact(taken.amount, rate), PPM))


def spread(total: int, exact: Sequence[int]) -> list[int]:
    """The total in whole tiyn over parts given in millionths of a tiyn, by largest remainders; the earlier of
    equal ones first. The total is that of the parts, rounded either way.
    """
    parts = [each // PPM for each in exact]
    missing = total - sum(parts)
    for place in sorted(range(len(exact)), key=lambda at: (-(exact[at] % PPM), at))[:missing]:
        parts[place] += 1
    return parts


def returned(terms: FeeTerms, *, stored: int, amount: int, back_before: int, back_now: int) -> int:
    """Commission of a return: at most minus what was stored for the purchase, never computed anew.

    stored: commission of the purchase; amount: the purchase; back_before, back_now: given back of it earlier
    and now, all in tiyn. When all of it is back, all the commission is.
    """
    if not terms.is_commission_returned:
        return 0
    before = divide_half_up(stored * back_before, amount)
    return before - divide_half_up(stored * (back_before + back_now), amount)
