"""Percents, rounding and labels of scales: tables of examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.catalog.domain.amount import amount_text, parse_amount
from addons.catalog.domain.barcode import check_digit
from addons.catalog.domain.pricing import ROUNDING_STEPS, percent_price
from addons.catalog.domain.scale_code import ScaleLabelRule, ScaleValue, check_rule, read_label
from addons.catalog.domain.view import register_price
from kernel.errors import Refusal
from kernel.money import Money


@pytest.mark.parametrize(
    ("price", "percent_bp", "step", "asked"),
    [
        ("649.50", 10_000, 100, "649.50"),  # as it is: not even rounded
        ("649.50", 9_000, 100, "585.00"),  # 584.55
        ("649.50", 9_000, 1, "584.55"),
        ("649.50", 11_000, 500, "715.00"),  # 714.45
        ("105.00", 9_000, 100, "95.00"),  # 94.50: half goes up
        ("0.00", 5_000, 100, "0.00"),
        ("0.40", 5_000, 10_000, "0.20"),  # never to nothing
        ("0.01", 100, 100, "0.01"),
    ],
)
def test_percent_of_a_price_is_rounded_to_the_step(
    price: str, percent_bp: int, step: int, asked: str
) -> None:
    assert str(percent_price(Money.parse(price), percent_bp, step)) == asked


@given(st.integers(1, 10**9), st.integers(1, 100_000), st.sampled_from(ROUNDING_STEPS))
def test_rounding_is_at_most_half_a_step_off_and_leaves_something(tiyn: int, bp: int, step: int) -> None:
    asked = percent_price(Money(tiyn), bp, step)

    assert asked > Money.ZERO
    if bp != 10_000 and asked.tiyn % step == 0:
        assert abs(asked.tiyn * 10_000 - tiyn * bp) * 2 <= max(step, 2) * 10_000


def test_price_of_the_type_goes_before_the_ordinary_one() -> None:
    hundred, ninety = Money.tenge(100), Money.tenge(90)

    assert register_price(hundred, ninety, 10_000, 100) == ninety
    assert register_price(hundred, None, 20_000, 100) == Money.tenge(200)
    assert register_price(None, None, 20_000, 100) is None


WEIGHT = ScaleLabelRule("21", ScaleValue.WEIGHT, 5, 5, 3)
PIECES = ScaleLabelRule("22", ScaleValue.PIECES, 5, 5, 0)
PRICE = ScaleLabelRule("02", ScaleValue.PRICE, 5, 5, 0)
LONGER = ScaleLabelRule("210", ScaleValue.PRICE, 4, 5, 2)


def label(body: str) -> str:
    return body + str(check_digit(body))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (label("211234501250"), (12345, "1.25", None)),
        (label("221234500012"), (12345, "12", None)),
        (label("021234501999"), (12345, "1", "1999.00")),
        (label("210012301999"), (123, "1", "19.99")),  # the longest prefix that fits
        (label("211234500000"), None),  # nothing on the scale
        (label("210000001250"), None),
        (label("231234501250"), None),
        ("2112345012501", None),  # a wrong check digit
        ("211234501250", None),
        ("21abc45012508", None),
    ],
)
def test_labels_are_read_by_the_rules(text: str, read: tuple[int, str, str | None] | None) -> None:
    found = read_label(text, [WEIGHT, PIECES, PRICE, LONGER])

    told = found and (found.code, str(found.quantity), None if found.price is None else str(found.price))
    assert told == read


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (ScaleLabelRule("19", ScaleValue.WEIGHT, 5, 5, 3), "SCALE_PREFIX_MALFORMED"),
        (ScaleLabelRule("2", ScaleValue.WEIGHT, 5, 6, 3), "SCALE_PREFIX_MALFORMED"),
        (ScaleLabelRule("21", ScaleValue.WEIGHT, 5, 3, 3), "SCALE_RULE_MALFORMED"),
        (ScaleLabelRule("21", ScaleValue.WEIGHT, 5, 5, 4), "SCALE_RULE_MALFORMED"),
        (ScaleLabelRule("21", ScaleValue.PIECES, 5, 5, 1), "SCALE_RULE_MALFORMED"),
    ],
)
def test_rules_that_cannot_be_are_refused(rule: ScaleLabelRule, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_rule(rule, field="rules.0")

    assert refused.value.code == code


@pytest.mark.parametrize(("text", "thousandths"), [("12", 12_000), ("-1.5", -1_500), ("0.125", 125)])
def test_stock_may_be_below_zero(text: str, thousandths: int) -> None:
    assert parse_amount(text, field="quantity") == thousandths
    assert amount_text(thousandths) == text
