"""Numbers and words as exports write them."""

from __future__ import annotations

import pytest

from addons.catalog_1c.domain.texts import (
    NotANumber,
    Rate,
    VatWord,
    clean,
    parse_code,
    parse_flag,
    parse_scaled,
    parse_vat,
)


@pytest.mark.parametrize(
    ("text", "tiyn"),
    [
        ("545", 54_500),
        ("545.5", 54_550),
        ("545,50", 54_550),
        ("1 234,56", 123_456),
        ("1\u00a0234,56", 123_456),
        ("1\u202f234 567.8", 123_456_780),
        ("1,234.56", 123_456),
        ("1.234,56", 123_456),
        ("1 234.", 123_400),
        ("10.005", 1_001),
        ("10.0049", 1_000),
        ("-5", -500),
        ("0", 0),
        ("", NotANumber.EMPTY),
        (" \u00a0", NotANumber.EMPTY),
        ("по запросу", NotANumber.MALFORMED),
        ("12 тг", NotANumber.MALFORMED),
        ("1e5", NotANumber.MALFORMED),
        ("٣", NotANumber.MALFORMED),
        ("NaN", NotANumber.MALFORMED),
        ("9" * 30, NotANumber.MALFORMED),
    ],
)
def test_price_is_read_in_every_form(text: str, tiyn: int | NotANumber) -> None:
    assert parse_scaled(text, digits=2) == tiyn


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("16", Rate(1600)),
        ("16%", Rate(1600)),
        ("16 %", Rate(1600)),
        ("НДС16", Rate(1600)),
        ("НДС 16%", Rate(1600)),
        ("ндс 5 %", Rate(500)),
        ("16.00", Rate(1600)),
        ("7,5", Rate(750)),
        ("0", Rate(0)),
        ("0%", Rate(0)),
        ("16/116", Rate(1600)),
        ("НДС 12/112", Rate(1200)),
        ("Без НДС", VatWord.WITHOUT),
        ("без ндс", VatWord.WITHOUT),
        ("БезНДС", VatWord.WITHOUT),
        ("Не облагается", VatWord.WITHOUT),
        ("ҚҚС-сыз", VatWord.MALFORMED),
        ("-", VatWord.WITHOUT),
        ("", VatWord.EMPTY),
        ("  ", VatWord.EMPTY),
        ("16/120", VatWord.MALFORMED),
        ("100", VatWord.MALFORMED),
        ("общая", VatWord.MALFORMED),
    ],
)
def test_vat_is_read_in_every_form(text: str, said: Rate | VatWord) -> None:
    assert parse_vat(text) == said


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("true", True),
        ("Да", True),
        ("1", True),
        ("ИСТИНА", True),
        ("false", False),
        ("нет", False),
        ("", None),
        ("?", None),
    ],
)
def test_flag_is_read_in_every_language(text: str, flag: bool | None) -> None:
    assert parse_flag(text) is flag


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00000012345", 12_345),
        (" 7 ", 7),
        ("НФ-00005895", None),
        ("0", None),
        ("", None),
        ("12345678901", None),
        ("٣", None),
    ],
)
def test_code_is_a_positive_number_of_at_most_nine_digits(text: str, code: int | None) -> None:
    assert parse_code(text) == code


def test_clean_text_has_no_repeated_blanks() -> None:
    assert clean("  Молоко \n\t 1 л ") == "Молоко 1 л"
    assert clean(None) == ""
