"""Rules about keys that need no database."""

from __future__ import annotations

import pytest

from addons.pos_terminal.domain.keys import (
    KeyForm,
    check_whole_key,
    form_of,
    read_check_value,
    read_component,
)
from kernel.errors import Refusal
from protocols.iso8583.crypto import Algorithm

COMPONENT = "0123456789ABCDEFFEDCBA9876543210"


@pytest.mark.parametrize("typed", [COMPONENT, COMPONENT.lower(), "0123 4567-89AB CDEF  FEDC-BA98 7654 3210"])
def test_a_component_is_read_as_people_type_it(typed: str) -> None:
    assert read_component(typed, 16).hex().upper() == COMPONENT


@pytest.mark.parametrize(
    "typed", ["", COMPONENT[:-1], COMPONENT + "0", COMPONENT[:-1] + "G", "٠" * 32, "0x" + COMPONENT[2:]]
)
def test_what_is_no_component_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_component(typed, 16)

    assert refused.value.code == "KEY_COMPONENT_MALFORMED"
    assert typed == "" or typed not in str(refused.value)


@pytest.mark.parametrize("byte", ["00", "FF", "5A"])
def test_a_component_that_hides_nothing_is_refused(byte: str) -> None:
    with pytest.raises(Refusal, match="KEY_COMPONENT_WEAK"):
        read_component(byte * 16, 16)


def test_the_first_six_digits_of_a_check_value_count() -> None:
    assert read_check_value("08d7 b4fb 629d0885") == "08D7B4"
    for wrong in ("", "08D7B", "08D7BG"):
        with pytest.raises(Refusal, match="KEY_CHECK_MALFORMED"):
            read_check_value(wrong)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        (Algorithm.TDES, "0123456789ABCDEF" * 2),
        (Algorithm.TDES, "0123456789ABCDEF" + "0022446688AACCEE"),  # the same but for its parity bits
        (Algorithm.TDES, "0123456789ABCDEF" + "FEDCBA9876543210" + "0123456789ABCDEF"),
        (Algorithm.AES, "00" * 16),
    ],
)
def test_a_key_that_is_less_than_it_says_is_refused(algorithm: Algorithm, key: str) -> None:
    with pytest.raises(Refusal, match="KEY_WEAK"):
        check_whole_key(algorithm, bytes.fromhex(key))


def test_a_good_key_has_its_known_check_value() -> None:
    assert check_whole_key(Algorithm.TDES, bytes.fromhex(COMPONENT)) == "08D7B4"


def test_every_form_is_found_by_its_size() -> None:
    assert [form_of(form.algorithm, form.size) for form in KeyForm] == list(KeyForm)
