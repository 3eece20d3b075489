"""BIN and IIN: the check digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.organization.domain.bin import check_bin, check_digit
from kernel.errors import Refusal

_BEGINNINGS = st.from_regex(r"[0-9]{2}(0[1-9]|1[0-2])[0-9]{7}", fullmatch=True)


@pytest.mark.parametrize(
    "number",
    [
        "230140000109",  # first pass
        "230140000021",  # second pass
        "230140000033",  # second pass
        "940140000385",  # a bank
        "020240000555",  # an oil company
        "010940000162",  # an airline
        " 971240001315 ",
    ],
)
def test_true_numbers_pass(number: str) -> None:
    assert check_bin(number) == number.strip()


@pytest.mark.parametrize(
    "number", ["230140000108", "230140000020", "230140000034", "940140000384", "320140000109"]
)
def test_a_mistyped_digit_is_noticed(number: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_bin(number)

    assert (refusal.value.code, refusal.value.field) == ("BIN_WRONG_DIGIT", "bin")


@pytest.mark.parametrize(
    "number",
    [
        "",
        "23014000010",
        "2301400001099",
        "23014000010x",
        "２３０１４００００１０９",
        "231340000109",
        "000000000000",
        "-30140000109",
    ],
)
def test_what_is_not_twelve_digits_with_a_month_is_refused(number: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_bin(number)

    assert refusal.value.code == "BIN_MALFORMED"


@given(_BEGINNINGS)
def test_of_ten_possible_last_digits_at_most_one_is_true(beginning: str) -> None:
    true = [digit for digit in "0123456789" if _passes(beginning + digit)]

    expected = check_digit(beginning)
    assert true == ([] if expected is None else [str(expected)])


def test_some_beginnings_are_given_to_nobody() -> None:
    beginnings = (f"2301{number:07d}" for number in range(2000))

    assert None in {check_digit(beginning) for beginning in beginnings}


def _passes(number: str) -> bool:
    try:
        return check_bin(number) == number
    except Refusal:
        return False
