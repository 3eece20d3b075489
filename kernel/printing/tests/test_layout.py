"""The same lines on every medium: never wider than the paper, no word lost, sums where sums stand."""

from __future__ import annotations

import random

import pytest

from kernel.printing.layout import COLUMNS_MAX, COLUMNS_MIN, Line, lay
from kernel.printing.paper import Align, Cut, Paper, Qr, Row, Rule, Size, Space, Stroke, Style, Text
from kernel.printing.text import as_text, draw_qr

WORDS = ("", " ", "  ", "\n", "\u00a0", "ӘҒҚҢӨҰҮҺІ", "№", "₸", "1 234.50", "салмақпен", "х" * 30)


def made(seed: int) -> Text | Row:
    """Any block: words of all lengths, all kinds of spaces, every style."""
    dice = random.Random(seed)
    style = Style(dice.choice(list(Align)), dice.random() < 0.5, dice.choice(list(Size)), dice.random() < 0.5)
    said = ["".join(dice.choices(WORDS, k=dice.randint(0, 8))) for _ in range(3)]
    if dice.random() < 0.5:
        return Text(said[0], style, dice.randint(0, 4))
    return Row(tuple(said[: dice.choice((2, 3))]), style)


def printed(*blocks: Text | Row, columns: int = 32) -> list[str]:
    return as_text(Paper(tuple(blocks)), columns).splitlines()


@pytest.mark.parametrize("columns", [COLUMNS_MIN, 32, 42, 48, COLUMNS_MAX])
def test_no_line_is_wider_than_the_paper_and_no_letter_is_lost(columns: int) -> None:
    for seed in range(400):
        block = made(seed)
        lines = lay(Paper((block,)), columns)
        said = "".join(block.cells) if isinstance(block, Row) else block.text

        for line in lines:
            assert isinstance(line, Line)
            assert len(line.text) * (2 if line.style.size is Size.LARGE else 1) <= columns, seed
        assert "".join("".join(line.text for line in lines).split()) == "".join(said.split()), seed


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        (("Итого", "1 200.00"), ["Итого                   1 200.00"]),
        (("  Скидка", "-5.00"), ["  Скидка                   -5.00"]),
        (("Қолма-қол", "12", "1 200.00"), ["Қолма-қол           12  1 200.00"]),
        (("Қолма-қол", "71", "634 567.50"), ["Қолма-қол         71  634 567.50"]),
        (("Без НДС", ""), ["Без НДС"]),
        # A label that is too long goes on, and the value stands beside its end ...
        (
            ("Фискалдық белгі / Фискальный признак", "1234567890"),
            ["Фискалдық белгі / Фискальный", "признак               1234567890"],
        ),
        # ... or below it, where there is no room.
        (
            ("  Уақыты / Время документа", "15.01.2026 09:30:00"),
            ["  Уақыты / Время документа", "             15.01.2026 09:30:00"],
        ),
    ],
)
def test_rows(cells: tuple[str, ...], lines: list[str]) -> None:
    assert printed(Row(cells)) == lines


def test_a_paragraph_is_broken_at_words_and_hangs() -> None:
    assert printed(Text("1. Ірімшік «Голландский», салмақпен сатылады", hang=2)) == [
        "1. Ірімшік «Голландский»,",
        "  салмақпен сатылады",
    ]


def test_large_letters_have_half_the_room() -> None:
    large = Style(align=Align.CENTRE, size=Size.LARGE)

    assert printed(Text("ФИСКАЛДЫҚ ЧЕК ҮЛКЕН", large)) == ["         ФИСКАЛДЫҚ ЧЕК", "             ҮЛКЕН"]


def test_rules_spaces_and_cuts_in_text() -> None:
    blocks = (Rule(Stroke.DOUBLE), Space(2), Rule(), Cut())

    assert as_text(Paper(blocks), 24) == "=" * 24 + "\n\n\n" + "-" * 24 + "\n"


def test_a_qr_is_drawn_in_half_blocks_only_when_asked_for() -> None:
    paper = Paper((Text("a"), Qr("https://consumer.oofd.kz?i=1")))
    drawn = draw_qr("https://consumer.oofd.kz?i=1")

    assert as_text(paper, 32) == "a\n"
    assert as_text(paper, 32, with_qr=True).count("\n") == 2 + len(drawn)
    width = len(drawn[0])
    assert all(len(line) == width for line in drawn)
    assert drawn[0] == "█" * width
    assert all(line.startswith("██") and line.endswith("██") for line in drawn[:-1])
    assert set("".join(drawn)) <= set("█▀▄ ")
