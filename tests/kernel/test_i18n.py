"""Refusals explained in the language the client asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.i18n import Texts, choose_language, explain, fill, incomplete

SALE = (
    '[TOO_MUCH]\nru = "Не больше {max}."\nkk = "{max} аспасын."\nen = "At most {max}."\nnext_en = "Less."\n'
)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "ru"),
        ("", "ru"),
        ("kk", "kk"),
        ("kk-KZ,ru;q=0.9", "kk"),
        ("fr, en;q=0.5, ru;q=0.7", "ru"),
        ("en;q=0.8, kk;q=0.8", "en"),
        ("en;q=0", "ru"),
        ("de", "ru"),
        ("en;q=nonsense, kk;q=0.1", "kk"),
        ("en" * 500, "ru"),
    ],
)
def test_the_best_known_language_is_chosen(accept: str | None, language: str) -> None:
    assert choose_language(accept) == language


def test_a_refusal_is_told_in_three_languages() -> None:
    facts = {"max": 100}

    told = {
        language: explain("PAGE_SIZE_OUT_OF_RANGE", facts, language).message
        for language in ("ru", "kk", "en")
    }

    assert len(set(told.values())) == 3
    assert all("100" in text for text in told.values())


def test_an_unknown_code_still_says_something() -> None:
    assert explain("NEVER_HEARD_OF", {}, "en").message == "The request was refused: NEVER_HEARD_OF."


def test_an_unknown_language_is_answered_in_russian() -> None:
    assert explain("COMPANY_REQUIRED", {}, "fr") == explain("COMPANY_REQUIRED", {}, "ru")


def test_a_missing_fact_stays_visible() -> None:
    assert fill("At most {max}.", {}) == "At most {max}."


@pytest.mark.parametrize("text", ["{a.__class__}", "{a[0]}", "{a!r}", "{a:>9}"])
def test_a_text_reaches_no_further_than_its_facts(text: str) -> None:
    assert fill(text, {"a": "fact"}) == text


def test_texts_of_an_addon_are_added(tmp_path: Path) -> None:
    (tmp_path / "refusals.toml").write_text(SALE, encoding="utf-8")
    texts = Texts()

    texts.add(tmp_path)

    assert "TOO_MUCH" in texts
    assert texts.explain("TOO_MUCH", {"max": 3}, "kk").message == "3 аспасын."
    assert texts.explain("TOO_MUCH", {"max": 3}, "en").next_action == "Less."


def test_an_incomplete_code_is_found() -> None:
    table = {"A": {"ru": "{x}", "kk": "{x}", "en": "{y}"}, "B": {"ru": "b", "next_ru": "n"}}

    assert incomplete(table) == [
        "A: the texts use different facts",
        "B: missing kk, en",
        "B: missing next_kk, next_en",
    ]
