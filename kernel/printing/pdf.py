"""A paper as a PDF as wide as its roll and as long as it needs: letters stay letters, codes are vectors."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from kernel.printing.codes import BARCODE_QUIET, QR_QUIET, barcode_modules, qr_rows, runs
from kernel.printing.fonts import BOLD, REGULAR, font_path
from kernel.printing.layout import Line, Printed, lay
from kernel.printing.paper import Align, Barcode, Cut, Paper, Picture, Qr, Roll, Rule, Size, Stroke, Style

POINTS_PER_MM = 72 / 25.4
MARGIN_MM = 5
PAGE_MM_MAX = 5_000  # a page of a PDF may be 14,400 points long
PITCH = 2.3  # widths of a character from line to line
ASCENT = 1.72  # of it above the foot of the letters
RULE_HEIGHT = 1.5
GAP = 0.8
EM = 2048 / 1233  # of the typeface, in widths of a character
FONTS = {REGULAR: "SaudaMono", BOLD: "SaudaMonoBold"}


def as_pdf(paper: Paper, roll: Roll) -> bytes:
    """One page, more when it would be longer than five metres or comes in sheets. The same paper gives the
    same bytes.

    Raises Refusal("PRINTING_FONT_MISSING").
    """
    unit = roll.printed_mm * POINTS_PER_MM / roll.columns  # width of a character, in points
    out = io.BytesIO()
    canvas = canvas_class()(out, invariant=1, pageCompression=1, lang=paper.language)
    canvas.setTitle(paper.title)
    canvas.setProducer("Sauda")
    margin = _margin_mm(roll) * POINTS_PER_MM
    for page in _pages(lay(paper, roll.columns), roll, unit):
        height = sum(each for _, each in page) + 2 * margin
        if roll.page_mm is not None:
            height = roll.page_mm * POINTS_PER_MM
        canvas.setPageSize((roll.mm * POINTS_PER_MM, height))
        _Page(canvas, roll, unit, height).show(page)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Page:
    """One page being drawn, from its head downwards."""

    def __init__(self, canvas: Any, roll: Roll, unit: float, height: float) -> None:
        self._canvas = canvas
        self._unit = unit
        self._left = (roll.mm - roll.printed_mm) / 2 * POINTS_PER_MM
        self._width = roll.columns * unit
        self._top = height - _margin_mm(roll) * POINTS_PER_MM

    def show(self, page: Sequence[tuple[Printed, float]]) -> None:
        for each, height in page:
            match each:
                case Line(text, style):
                    if text or style.is_inverted:
                        self._line(text, style, height)
                case Rule(stroke):
                    self._rule(stroke, self._top - height / 2)
                case Qr():
                    self._qr(each, height)
                case Barcode():
                    self._barcode(each)
                case Picture():
                    self._picture(each, height)
                case Cut():
                    pass
            self._top -= height

    def _line(self, text: str, style: Style, height: float) -> None:
        canvas, unit = self._canvas, self._unit
        if style.is_inverted:
            canvas.rect(self._left, self._top - height, self._width, height, stroke=0, fill=1)
            canvas.setFillGray(1)
        is_large = style.size is Size.LARGE
        tall = 1 if style.size is Size.NORMAL else 2
        wide = unit * (2 if is_large else 1)
        left = self._left
        if style.align is Align.CENTRE:
            text = text.strip()
            left += (self._width - len(text) * wide) / 2
        pen = canvas.beginText()
        pen.setFont(FONTS[BOLD if style.is_bold else REGULAR], unit * EM * tall)
        pen.setHorizScale(50 if style.size is Size.TALL else 100)
        pen.setTextOrigin(left, self._top - ASCENT * unit * tall)
        pen.textOut(text)
        canvas.drawText(pen)
        canvas.setFillGray(0)

    def _rule(self, stroke: Stroke, middle: float) -> None:
        canvas, unit = self._canvas, self._unit
        canvas.setLineWidth(unit / 7)
        canvas.setDash(*([unit / 2, unit / 2], 0) if stroke is Stroke.DASHED else ([], 0))
        for shift in (-unit / 5, unit / 5) if stroke is Stroke.DOUBLE else (0,):
            canvas.line(self._left, middle + shift, self._left + self._width, middle + shift)

    def _qr(self, code: Qr, height: float) -> None:
        rows = qr_rows(code.text)
        module = height / (len(rows) + 2 * QR_QUIET)
        left = self._left + (self._width - len(rows) * module) / 2
        top = self._top - QR_QUIET * module
        self._modules(rows, (left, top), (module, module))

    def _barcode(self, code: Barcode) -> None:
        modules = barcode_modules(code.text)
        module = min(0.25 * POINTS_PER_MM, self._width / (len(modules) + 2 * BARCODE_QUIET))
        left = self._left + (self._width - len(modules) * module) / 2
        height = code.height_mm * POINTS_PER_MM
        top = self._top - GAP * self._unit
        self._modules([bytes(int(each) for each in modules)], (left, top), (module, height))
        pen = self._canvas.beginText()
        pen.setFont(FONTS[REGULAR], self._unit * EM)
        pen.setHorizScale(100)
        foot = top - height - (ASCENT + 0.2) * self._unit
        pen.setTextOrigin(self._left + (self._width - len(code.text) * self._unit) / 2, foot)
        pen.textOut(code.text)
        self._canvas.drawText(pen)

    def _modules(
        self, rows: Sequence[bytes], corner: tuple[float, float], module: tuple[float, float]
    ) -> None:
        """Dark modules as one shape, in whole units of a module, without seams between them."""
        (left, top), (wide, high) = corner, module
        boxes = " ".join(
            f"{begin} {-number - 1} {length} 1 re"
            for number, row in enumerate(rows)
            for begin, length in runs(row)
        )
        self._canvas.addLiteral(f"q {wide:.4f} 0 0 {high:.4f} {left:.4f} {top:.4f} cm {boxes} f Q")

    def _picture(self, picture: Picture, height: float) -> None:
        from reportlab.lib.utils import ImageReader

        width = min(picture.width_mm * POINTS_PER_MM, self._width)
        image_height = height - GAP * self._unit
        left = self._left + (self._width - width) / 2
        image = ImageReader(io.BytesIO(picture.png))
        self._canvas.drawImage(image, left, self._top - image_height, width, image_height)


def _margin_mm(roll: Roll) -> int:
    """Above and below: of a sheet as much as at its sides."""
    return MARGIN_MM if roll.page_mm is None else (roll.mm - roll.printed_mm) // 2


def _pages(printed: Sequence[Printed], roll: Roll, unit: float) -> Iterator[list[tuple[Printed, float]]]:
    page: list[tuple[Printed, float]] = []
    left = room = ((roll.page_mm or PAGE_MM_MAX) - 2 * _margin_mm(roll)) * POINTS_PER_MM
    for each in printed:
        height = _height(each, roll.columns, unit)
        if height > left and page:
            yield page
            page, left = [], room
        page.append((each, height))
        left -= height
    yield page


def _height(each: Printed, columns: int, unit: float) -> float:
    match each:
        case Line(_, style):
            return PITCH * unit * (1 if style.size is Size.NORMAL else 2)
        case Rule():
            return RULE_HEIGHT * unit
        case Qr():
            modules = len(qr_rows(each.text))
            whole = each.size_mm * POINTS_PER_MM * (modules + 2 * QR_QUIET) / modules
            return min(whole, columns * unit)
        case Barcode():
            return each.height_mm * POINTS_PER_MM + (PITCH + 2 * GAP) * unit
        case Picture():
            width = min(each.width_mm * POINTS_PER_MM, columns * unit)
            wide, high = png_size(each.png)
            return width * high / wide + GAP * unit
        case Cut():
            return 0


def png_size(png: bytes) -> tuple[int, int]:
    """Width and height out of the header of a PNG."""
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


@cache
def canvas_class() -> Any:
    """reportlab's canvas, with our typeface known to it; loaded when the first PDF is made."""
    from reportlab import rl_config
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # streams as bytes, not as letters
    for name, known in FONTS.items():
        pdfmetrics.registerFont(TTFont(known, str(font_path(name))))
    return Canvas
