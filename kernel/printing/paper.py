"""A paper: what is to be printed, as a list of blocks, before anybody knows on what.

Whoever makes one says what stands on it; text, ESC/POS, pictures, PDF and HTML are made from it by the other
modules of this room. Which words and sums they are is the business of add-ons.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kernel.values import value

BLOCKS_MAX = 20_000  # a receipt of 1,000 lines has about 5,000
CELLS = (2, 3)


class Align(StrEnum):
    """Where a text stands."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Size(StrEnum):
    """How large the letters are: TALL is twice as high, LARGE also twice as wide."""

    NORMAL = "normal"
    TALL = "tall"
    LARGE = "large"


class Stroke(StrEnum):
    """How a line across the paper is drawn."""

    THIN = "thin"
    DASHED = "dashed"
    DOUBLE = "double"


@value
class Style:
    """Look of a text; is_inverted: light letters in a dark bar as wide as the paper."""

    align: Align = Align.LEFT
    is_bold: bool = False
    size: Size = Size.NORMAL
    is_inverted: bool = False


PLAIN: Final = Style()
CENTRED: Final = Style(align=Align.CENTRE)


@value
class Text:
    """A paragraph, wrapped at words; its further lines begin `hang` columns to the right."""

    text: str
    style: Style = PLAIN
    hang: int = 0


@value
class Row:
    """Two or three cells on one line, the first to the left, the others to the right in columns of their own.

    What does not fit goes on: the first cell is wrapped, the last stands on the last of its lines.
    """

    cells: tuple[str, ...]
    style: Style = PLAIN


@value
class Rule:
    """A line across the paper."""

    stroke: Stroke = Stroke.THIN


@value
class Space:
    """Empty lines."""

    lines: int = 1


@value
class Qr:
    """A QR code, centred, about `size_mm` wide; text goes into it byte for byte."""

    text: str
    size_mm: int = 30


@value
class Barcode:
    """A bar code of kind Code 128, centred, with its text below."""

    text: str
    height_mm: int = 10


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, centred: a PNG in grey made by kernel.printing.logos, at most as wide as the paper."""

    png: bytes
    width_mm: int
    alt: str = ""


@value
class Cut:
    """Where a printer with a knife cuts; elsewhere some room."""


Block = Text | Row | Rule | Space | Qr | Barcode | Picture | Cut


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet of a roll. title: for a reader of the file, such as the name of a PDF; language: ru or kk."""

    blocks: tuple[Block, ...]
    title: str = ""
    language: str = "ru"

    def __post_init__(self) -> None:
        assert len(self.blocks) <= BLOCKS_MAX
        assert all(len(block.cells) in CELLS for block in self.blocks if isinstance(block, Row))


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll of paper: its width, and what of it can be printed on at so many characters a line.

    page_mm: height of a page where the paper comes in sheets; None: as long as it needs.
    """

    mm: int
    columns: int
    printed_mm: int
    page_mm: int | None = None


ROLL_58 = Roll(mm=58, columns=32, printed_mm=48)
ROLL_80 = Roll(mm=80, columns=48, printed_mm=72)
ROLL_80_OF_42 = Roll(mm=80, columns=42, printed_mm=63)  # wide letters of older printers
SHEET_A4 = Roll(mm=210, columns=84, printed_mm=180, page_mm=297)
ROLLS: Final = (ROLL_58, ROLL_80_OF_42, ROLL_80)


def roll_of_columns(columns: int) -> Roll | None:
    """The roll with so many characters a line, if there is one."""
    return next((each for each in ROLLS if each.columns == columns), None)


def roll_of_mm(mm: int) -> Roll | None:
    """The usual roll of that width, if there is one."""
    return next((each for each in (ROLL_58, ROLL_80) if each.mm == mm), None)
