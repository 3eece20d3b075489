"""A theme sets a paper but cannot leave out what the law asks for; a logo sent to us becomes ours."""

from __future__ import annotations

import asyncio
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kernel.errors import Fault, Refusal, Unavailable
from kernel.printing import threads
from kernel.printing.logos import HEIGHT_MAX, SENT_BYTES_MAX, WIDTH_MAX, grey_logo
from kernel.printing.paper import PLAIN, Align, Block, Rule, Size, Stroke, Style, Text
from kernel.printing.themes import PaperKind, PaperTheme, paper_theme, read_theme

PARTS = frozenset({"head", "body", "foot"})
KIND = PaperKind("note", PARTS, PARTS - {"foot"}, frozenset({"head"}))


def made(theme: PaperTheme, *present: str) -> list[Block]:
    return list(theme.blocks(lambda name: (Text(name),) if name in present else ()))


def test_a_theme_chooses_order_and_letters() -> None:
    table = {"parts": ["body", "rule.double", "head"], "qr_mm": 25, "styles": {"head": {"size": "large"}}}
    theme = read_theme(KIND, table, "note.toml")

    assert made(theme, "head", "body") == [Text("body"), Rule(Stroke.DOUBLE), Text("head")]
    assert theme.style("head") == Style(size=Size.LARGE)
    assert theme.style("body") == PLAIN
    assert theme.qr_mm == 25


@pytest.mark.parametrize(
    ("parts", "present", "kinds"),
    [
        (["rule.thin", "head", "rule.thin", "body", "rule.thin"], ("head", "body"), "tRt"),
        (["head", "rule.thin", "foot", "rule.thin", "body"], ("head", "body"), "tRt"),
        (["head", "rule.thin", "rule.thin", "body"], ("head", "body"), "tRRt"),
        (["head", "rule.thin", "body"], ("body",), "t"),
    ],
)
def test_no_rule_stands_beside_nothing(parts: list[str], present: tuple[str, ...], kinds: str) -> None:
    blocks = made(PaperTheme(tuple(parts)), *present)

    assert "".join("t" if isinstance(block, Text) else "R" for block in blocks) == kinds


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"parts": ["head"]}, "part body may not be missing"),
        ({"parts": ["head", "body", "tail"]}, "unknown part tail"),
        ({"parts": ["head", "body", "body"]}, "part body stands twice"),
        ({"parts": "head"}, "must be a list"),
        ({"parts": ["head", "body"], "colour": 1}, "unknown key colour"),
        ({"parts": ["head", "body"], "qr_mm": 5}, "qr_mm must be from 20 to 60"),
        ({"parts": ["head", "body"], "styles": {"foot": {}}}, "unknown style foot"),
        ({"parts": ["head", "body"], "styles": {"head": {"align": "up"}}}, "head.align: no such value"),
        ({"parts": ["head", "body"], "styles": {"head": {"is_bold": 1}}}, "must be true or false"),
        ({"parts": ["head", "body"], "styles": {"head": {"font": "x"}}}, "unknown key styles.head.font"),
    ],
)
def test_a_wrong_theme_is_told_with_its_file(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(Fault, match=r"note\.toml") as wrong:
        read_theme(KIND, table, "note.toml")

    assert problem in str(wrong.value)


def test_a_theme_stands_on_its_parent(tmp_path: Path) -> None:
    parent = tmp_path / "parent" / "papers"
    parent.mkdir(parents=True)
    (parent / "note.toml").write_text('parts = ["head", "body"]\n[styles.head]\nalign = "right"\n')

    theme = paper_theme(KIND, [tmp_path / "child", tmp_path / "parent"])

    assert theme.style("head").align is Align.RIGHT
    with pytest.raises(Fault, match=r"no theme has papers/note\.toml"):
        paper_theme(KIND, [tmp_path / "child"])


def sent(
    size: tuple[int, int], kind: str = "PNG", mode: str = "RGBA", colour: Any = (200, 0, 0, 128)
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return out.getvalue()


def test_a_logo_becomes_small_grey_and_opaque() -> None:
    logo = Image.open(io.BytesIO(grey_logo(sent((1200, 300)))))

    assert (logo.mode, logo.format, logo.size) == ("L", "PNG", (WIDTH_MAX, WIDTH_MAX // 4))
    assert logo.getpixel((0, 0)) == pytest.approx(157, abs=1)  # half-transparent red on white paper
    assert grey_logo(sent((90, 90), "JPEG", "RGB", (0, 0, 0))).startswith(b"\x89PNG")
    assert Image.open(io.BytesIO(grey_logo(sent((300, 900))))).height == HEIGHT_MAX


def test_what_a_logo_file_carried_along_is_gone() -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", comment=b"secret")

    assert b"secret" not in grey_logo(out.getvalue())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "LOGO_NOT_A_PICTURE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "LOGO_NOT_A_PICTURE"),
        (sent((200, 200))[:100], "LOGO_NOT_A_PICTURE"),
        (sent((64, 64), "GIF", "L", 0), "LOGO_NOT_A_PICTURE"),
        (sent((8, 200)), "LOGO_TOO_SMALL"),
        (sent((5000, 5000), "PNG", "1", 0), "LOGO_TOO_LARGE"),  # 3 KB that unfold into 25 million points
        (b"\x89PNG" + b"0" * SENT_BYTES_MAX, "LOGO_TOO_LARGE"),
    ],
)
def test_anything_else_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        grey_logo(data)


async def test_too_many_papers_at_once_are_refused_not_piled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "WAITING_MAX", 3)
    gate = threading.Event()
    waiting = [asyncio.create_task(threads.drawn(gate.wait, 5)) for _ in range(3)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="PRINTING_BUSY"):
        await threads.drawn(str, 1)
    gate.set()
    assert await asyncio.gather(*waiting) == [True, True, True]
    assert await threads.drawn(str, 1) == "1"
