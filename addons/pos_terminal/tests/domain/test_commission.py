"""Commissions to the tiyn: rates, limits, both roundings, returns."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.pos_terminal.domain.commission import (
    ANY,
    FeeTerms,
    Rounding,
    Taken,
    Tariff,
    charge,
    returned,
)

# 200 operations of 262 912.80 ₸ in all, for which both rates give the figures of the reference, §6.2.
EXAMPLE = (*(130_847,) * 40, *(130_000,) * 159, 387_400)

amounts = st.lists(st.integers(1, 10**9), min_size=1, max_size=60)
tariffs = st.fixed_dictionaries({"VISA": st.integers(0, 60_000), ANY: st.integers(0, 60_000)})


def terms(rounding: Rounding, *rates: Tariff, **changes: object) -> FeeTerms:
    """Terms with these rates."""
    return FeeTerms(rounding, rates, **changes)  # type: ignore[arg-type]


def operations(sums: Sequence[int]) -> list[Taken]:
    """Purchases of these sums."""
    return [Taken(str(place), each, "VISA", "CARD") for place, each in enumerate(sums)]


@pytest.mark.parametrize(
    ("rate", "alone", "by_day"), [(12_900, 339_160, 339_158), (23_000, 604_680, 604_699)]
)
def test_the_example_of_the_reference(rate: int, alone: int, by_day: int) -> None:
    assert (len(EXAMPLE), sum(EXAMPLE)) == (200, 26_291_280)
    for rounding, total in ((Rounding.PER_OPERATION, alone), (Rounding.PER_DAY, by_day)):
        charges = charge(terms(rounding, Tariff(ANY, ANY, rate)), operations(EXAMPLE))
        assert sum(each.commission for each in charges) == total


@given(sums=amounts, rate=st.integers(0, 1_000_000), fee_min=st.integers(0, 5_000))
def test_rows_add_up_to_the_rounded_total_of_the_day(sums: list[int], rate: int, fee_min: int) -> None:
    rules = terms(Rounding.PER_DAY, Tariff(ANY, ANY, rate), fee_min=fee_min, fee_max=fee_min + 100_000)
    exact = [
        min(max(Fraction(each * rate, 1_000_000), Fraction(fee_min)), Fraction(fee_min + 100_000))
        for each in sums
    ]
    charges = charge(rules, operations(sums))
    assert sum(each.commission for each in charges) == floor(sum(exact, Fraction()) + Fraction(1, 2))
    for each, whole in zip(charges, exact, strict=True):
        assert 0 <= each.commission - floor(whole) <= 1


@given(sums=amounts, rates=tariffs)
def test_schemes_are_rounded_apart_and_keep_their_order(sums: list[int], rates: dict[str, int]) -> None:
    rules = terms(Rounding.PER_DAY, *(Tariff(scheme, ANY, rate) for scheme, rate in rates.items()))
    mixed = [
        Taken(str(place), each, "VISA" if place % 2 else "UNIONPAY", "CARD")
        for place, each in enumerate(sums)
    ]
    charges = charge(rules, mixed)
    assert [each.id for each in charges] == [each.id for each in mixed]
    for place, each in enumerate(charges):
        assert each.rate_ppm == rates["VISA" if place % 2 else ANY]


@given(
    amount=st.integers(1, 10**9),
    stored=st.integers(0, 10**7),
    cuts=st.lists(st.integers(1, 10**6), max_size=8),
)
def test_when_all_is_back_all_the_commission_is(amount: int, stored: int, cuts: list[int]) -> None:
    rules = terms(Rounding.PER_OPERATION, Tariff(ANY, ANY, 1))
    back = total = 0
    for cut in [*cuts, amount]:
        part = min(cut, amount - back)
        came = returned(rules, stored=stored, amount=amount, back_before=back, back_now=part)
        assert came <= 0
        back, total = back + part, total + came
    assert (back, total) == (amount, -stored)


def test_where_the_bank_keeps_it_nothing_comes_back() -> None:
    rules = terms(Rounding.PER_OPERATION, Tariff(ANY, ANY, 12_900), is_commission_returned=False)
    assert returned(rules, stored=1290, amount=100_000, back_before=0, back_now=100_000) == 0


def test_the_nearest_rate_is_taken() -> None:
    rules = terms(
        Rounding.PER_OPERATION,
        Tariff(ANY, ANY, 1),
        Tariff(ANY, "QR", 2),
        Tariff("VISA", ANY, 3),
        Tariff("VISA", "QR", 4),
    )
    asked = [("VISA", "QR"), ("VISA", "CARD"), ("KASPI", "QR"), ("KASPI", "CARD")]
    assert [rules.rate(*each) for each in asked] == [4, 3, 2, 1]
    assert terms(Rounding.PER_OPERATION, Tariff("VISA", ANY, 3)).rate("KASPI", "QR") == 0
