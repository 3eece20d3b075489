"""Barcodes, units and names as keys."""

from __future__ import annotations

import pytest

from addons.catalog.domain.barcode import barcode_key, check_digit, is_gtin
from addons.catalog.domain.name_policy import check_name
from addons.catalog.domain.search import after_prefix, search_key
from addons.catalog.domain.units import UNITS, unit_by_code, unit_by_name
from kernel.errors import Refusal


@pytest.mark.parametrize(
    ("body", "digit"), [("400638133393", 1), ("9638507", 4), ("03600029145", 2), ("1540014128876", 3)]
)
def test_check_digit_is_that_of_gs1(body: str, digit: int) -> None:
    assert check_digit(body) == digit
    assert is_gtin(body + str(digit))
    assert not is_gtin(body + str((digit + 1) % 10))


def test_forms_of_one_gtin_share_a_key() -> None:
    assert barcode_key("036000291452") == barcode_key("0036000291452") == barcode_key("00036000291452")


@pytest.mark.parametrize("text", ["1234567890", "0012345", "4006381333932", "ABC-1", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_code_that_is_no_gtin_is_its_own_key(text: str) -> None:
    assert barcode_key(f" {text} ") == text


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("796", "796"),
        ("796 ", "796"),
        ("0796", "796"),
        ("166", "166"),
        ("5114", "5114"),
        ("6", "006"),
        ("006", "006"),
        ("116", None),
        ("2009", None),
        ("   ", None),
    ],
)
def test_unit_code_is_compared_as_a_number(code: str, unit: str | None) -> None:
    found = unit_by_code(code)

    assert (found.code if found else None) == unit


@pytest.mark.parametrize(
    ("name", "code"), [("шт.", "796"), ("Кг", "166"), ("упак", "778"), ("дана", "796"), ("сажень", None)]
)
def test_unit_is_known_by_its_short_name(name: str, code: str | None) -> None:
    found = unit_by_name(name)

    assert (found.code if found else None) == code


def test_search_key_folds_case_yo_and_quotes() -> None:
    assert search_key("  Ёлка «НОВАЯ»  2 ") == "елка новая 2"
    assert search_key("Қызылорда күріші") == "кызылорда куриши"


@pytest.mark.parametrize("prefix", ["мол", "100%", "a", "\ud7ff", "я"])
def test_range_of_a_prefix_holds_what_begins_with_it_and_nothing_else(prefix: str) -> None:
    end = after_prefix(prefix)

    assert prefix <= prefix < end
    assert prefix <= prefix + "\U0010fffe" < end
    assert not prefix <= chr(ord(prefix[0]) + 0x2000) < end


def test_every_unit_is_found_by_its_code_and_by_every_name_it_has() -> None:
    seen: dict[str, str] = {}
    for unit in UNITS.values():
        assert unit_by_code(str(int(unit.code))) is unit
        assert len(unit.code) >= 3
        assert len(unit.name_ru) <= 32
        for name in {unit.name_ru, unit.name_kk, unit.full_ru, unit.full_kk, *unit.aliases}:
            key = name.lower()
            assert seen.setdefault(key, unit.code) == unit.code, f"{name} stands for two units"
            assert unit_by_name(f" {name.upper()}. ") is unit


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Нан", None),
        ("Нан «Бородинский» 400 г", None),
        ("Ёж", "NAME_POLICY_LENGTH"),
        ("х" * 129, "NAME_POLICY_LENGTH"),
        ("№ 12345 аб", "NAME_POLICY_LETTERS"),
        ("Товар", "NAME_POLICY_GENERIC"),
        ("ТОВАР № 1", "NAME_POLICY_GENERIC"),
        ("Прочие товары", "NAME_POLICY_GENERIC"),
        ("Еркін позиция", "NAME_POLICY_GENERIC"),
        ("Қызмет 2", "NAME_POLICY_GENERIC"),
        ("Товар детский", None),
    ],
)
def test_a_name_says_what_is_sold(name: str, code: str | None) -> None:
    if code is None:
        check_name(name, field="name")
        return
    with pytest.raises(Refusal) as refused:
        check_name(name, field="name")
    assert (refused.value.code, refused.value.field) == (code, "name")
