"""Labels as a PDF: name, price, barcode with its digits, code and article; codes are vectors."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from barcode import EAN8, EAN13

from addons.catalog.domain.barcode import is_gtin
from addons.catalog.domain.label import GRIDS, Label, LabelGrid, LabelPaper
from kernel.errors import Refusal
from kernel.money import Money
from kernel.printing.codes import BARCODE_QUIET, barcode_modules, runs
from kernel.printing.fonts import BOLD, REGULAR
from kernel.printing.layout import wrapped
from kernel.printing.pdf import FONTS, POINTS_PER_MM, canvas_class
from kernel.web.formats import format_money

PADDING_MM = 2.0
NAME_LINES_MAX = 3
WIDTH_OF_EM = 1233 / 2048  # of a character of the typeface
MODULE_MM_MAX = 0.33  # of a GTIN at its nominal size (GS1 General Specifications §5.2)


def labels_pdf(labels: Sequence[Label], paper: LabelPaper) -> bytes:
    """One label after the other, as many on a page as the paper holds. The same labels give the same bytes.

    Raises Refusal("PRINTING_FONT_MISSING").
    """
    grid = GRIDS[paper]
    out = io.BytesIO()
    canvas = canvas_class()(out, invariant=1, pageCompression=1)
    canvas.setProducer("Sauda")
    page_width, page_height = (each * POINTS_PER_MM for each in grid.page)
    left = (grid.page[0] - grid.columns * grid.label[0]) / 2
    top = (grid.page[1] - grid.rows * grid.label[1]) / 2
    for first in range(0, len(labels), grid.count):
        canvas.setPageSize((page_width, page_height))
        for place, label in enumerate(labels[first : first + grid.count]):
            row, column = divmod(place, grid.columns)
            x = left + column * grid.label[0]
            y = grid.page[1] - top - (row + 1) * grid.label[1]
            _Drawing(canvas, grid, x, y).show(label)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Drawing:
    """One label being drawn; millimetres from its lower left corner."""

    def __init__(self, canvas: Any, grid: LabelGrid, x: float, y: float) -> None:
        self._canvas = canvas
        self._x, self._y = x + PADDING_MM, y + PADDING_MM
        self._width, self._height = (each - 2 * PADDING_MM for each in grid.label)

    def show(self, label: Label) -> None:
        """Name above, price in the middle, barcode and code below; letters shrink with the label."""
        unit = self._height / 36
        foot = 2.4 * unit
        self._text(0, 0, f"{label.code}  {label.article}".rstrip(), 2.2 * unit)
        bars = 0.0
        if label.barcode:
            bars = 11 * unit
            self._bars(label.barcode, foot + 0.8 * unit, bars)
            self._text(0, foot + 0.8 * unit, label.barcode, 2.2 * unit, is_centred=True)
        if label.price is not None:
            base = foot + bars + 3.2 * unit
            price = _price(label.price, label.unit_name)
            self._text(0, base, price, min(6.5 * unit, self._largest(price)), is_bold=True)
        size = 2.9 * unit
        columns = max(4, int(self._width / (size * WIDTH_OF_EM)))
        for number, line in enumerate(wrapped(label.name, columns, 0)[:NAME_LINES_MAX], 1):
            self._text(0, self._height - number * size * 1.15, line, size)

    def _largest(self, text: str) -> float:
        return self._width / (len(text) * WIDTH_OF_EM)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        is_bold: bool = False,
        is_centred: bool = False,
    ) -> None:
        size = min(size, self._largest(text)) if text else size
        if is_centred:
            x = (self._width - len(text) * size * WIDTH_OF_EM) / 2
        self._canvas.setFont(FONTS[BOLD if is_bold else REGULAR], size * POINTS_PER_MM)
        self._canvas.drawString((self._x + x) * POINTS_PER_MM, (self._y + y) * POINTS_PER_MM, text)

    def _bars(self, code: str, y: float, height: float) -> None:
        """Bars above the place of their digits; nothing for a code that no bars can hold or no label is wide
        enough for."""
        modules = _modules(code)
        if modules is None:
            return
        module = min(MODULE_MM_MAX, self._width / (len(modules) + 2 * BARCODE_QUIET))
        left = self._x + (self._width - module * len(modules)) / 2
        digits = 2.8 * height / 11
        for begin, length in runs(bytes(int(each) for each in modules)):
            self._canvas.rect(
                (left + begin * module) * POINTS_PER_MM,
                (self._y + y + digits) * POINTS_PER_MM,
                length * module * POINTS_PER_MM,
                (height - digits) * POINTS_PER_MM,
                stroke=0,
                fill=1,
            )


def _modules(code: str) -> str | None:
    """An EAN for a GTIN of a piece, else a Code 128; "1" for dark."""
    if is_gtin(code) and len(code) in (8, 12, 13):
        kind = EAN8 if len(code) == 8 else EAN13
        return str(kind(code.rjust(13, "0") if len(code) == 12 else code).build()[0])
    try:
        return barcode_modules(code)
    except Refusal:
        return None


def _price(price: Money, unit_name: str) -> str:
    return f"{format_money(price)}/{unit_name}" if unit_name not in ("", "шт") else format_money(price)
