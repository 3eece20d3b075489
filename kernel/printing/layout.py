"""From blocks to lines of so many columns: wrapping, columns, alignment. The same lines go on every medium.

Every character is as wide as every other, which is true of thermal printers and of our typeface.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import lru_cache

from kernel.errors import Refusal
from kernel.printing.paper import (
    PLAIN,
    Align,
    Barcode,
    Cut,
    Paper,
    Picture,
    Qr,
    Row,
    Rule,
    Size,
    Space,
    Style,
    Text,
)
from kernel.values import value

COLUMNS_MIN, COLUMNS_MAX = 24, 96
MIDDLE_WIDTH = 6  # columns of the middle cell of three: a count
# Signs that print as others; those that printers would take for commands (C0, C1) are not printed at all: a
# name out of a catalogue must not open a drawer.
_SIGNS: dict[int, str] = {code: "" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) != "\n"}
_SIGNS |= str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "␝": "|", "\x1d": "|"})


@value
class Line:
    """One line, already aligned; at most as many characters as its style leaves room for."""

    text: str
    style: Style = PLAIN


Printed = Line | Rule | Qr | Barcode | Picture | Cut


def lay(paper: Paper, columns: int) -> list[Printed]:
    """The paper as lines of at most `columns` characters and things to draw."""
    assert COLUMNS_MIN <= columns <= COLUMNS_MAX
    printed: list[Printed] = []
    for block in paper.blocks:
        match block:
            case Text(text, style, hang):
                printed += _text(text, style, hang, columns)
            case Row(cells, style):
                printed += _row(cells, style, columns)
            case Space(lines):
                printed += [Line("")] * lines
            case _:
                printed.append(block)
    return printed


def check_columns(columns: int) -> None:
    """Raises Refusal("PRINTING_WIDTH_IMPOSSIBLE") for a width no paper can be laid out in."""
    if not COLUMNS_MIN <= columns <= COLUMNS_MAX:
        raise Refusal("PRINTING_WIDTH_IMPOSSIBLE", field="width")


def room(style: Style, columns: int) -> int:
    """How many characters of that style stand on a line."""
    return columns // 2 if style.size is Size.LARGE else columns


def plain_text(text: str) -> str:
    """The text with kinds of spaces made one, a group separator made visible, commands taken out."""
    return text.translate(_SIGNS)


def _text(text: str, style: Style, hang: int, columns: int) -> Iterator[Line]:
    width = room(style, columns)
    for part in plain_text(text).split("\n"):
        for line in wrapped(part, width, hang):
            yield Line(_aligned(line, style.align, width), style)


def _row(cells: tuple[str, ...], style: Style, columns: int) -> Iterator[Line]:
    width = room(style, columns)
    first, last = plain_text(cells[0]), plain_text(cells[-1])
    indent = min(len(first) - len(first.lstrip()), width // 2)
    if len(cells) == 3:
        right = max(
            len(last) + 2, width // 3
        )  # thousands are one space apart: a count must not look like them
        last = plain_text(cells[1]).rjust(MIDDLE_WIDTH) + last.rjust(right)
    if len(first) + 1 + len(last) <= width or not last:
        yield from (Line(each, style) for each in _pair(first, last, width))
        return
    lines = wrapped(first, width, indent)
    if len(lines[-1]) + 1 + len(last) <= width:
        yield from (Line(each, style) for each in lines[:-1])
        yield Line(lines[-1] + last.rjust(width - len(lines[-1])), style)
        return
    yield from (Line(each, style) for each in lines)
    yield from (Line(each.rjust(width), style) for each in wrapped(last, width - indent, 0))


def _pair(first: str, last: str, width: int) -> list[str]:
    if not last:
        return wrapped(first, width, len(first) - len(first.lstrip()))
    return [first + last.rjust(width - len(first))]


@lru_cache(maxsize=4096)
def _wrapped(text: str, width: int, hang: int) -> tuple[str, ...]:
    # textwrap is slow, and most lines of a paper are short or were wrapped before (titles, addresses).
    return tuple(
        textwrap.wrap(text, width, subsequent_indent=" " * hang, drop_whitespace=True, break_on_hyphens=False)
    ) or ("",)


def wrapped(text: str, width: int, hang: int) -> list[str]:
    """The text in lines of at most `width` characters, broken at words, where need be inside of them."""
    if len(text) <= width:
        return [text]
    return list(_wrapped(text, width, min(hang, width // 2)))


def _aligned(line: str, align: Align, width: int) -> str:
    if align is Align.LEFT:
        return line
    return line.rjust(width) if align is Align.RIGHT else line.center(width).rstrip()
