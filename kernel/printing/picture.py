"""A paper as a picture: what a thermal printer of 203 dpi would show, drawn with our own typeface.

For printers: one bit a dot. For people: greys, twice as fine, with the margins of the roll.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont

from kernel.errors import Refusal
from kernel.printing.codes import BARCODE_QUIET, QR_QUIET, barcode_modules, module_dots, qr_rows
from kernel.printing.fonts import BOLD, REGULAR, font_path
from kernel.printing.layout import Line, Printed, lay
from kernel.printing.paper import Align, Barcode, Cut, Paper, Picture, Qr, Roll, Rule, Size, Stroke, Style

DOTS_PER_MM = 8  # 203 dpi
CELL = 12  # dots: width of a character on every usual thermal printer
PITCH = 28  # dots from line to line, 24 of them the letter
BASELINE = 21  # dots from the top of a line to the foot of its letters
RULE_HEIGHT = 18
GAP = 10  # dots above and below what is drawn
FINE = 2  # pixels of a picture for people for each dot
GREYS = 16
MARGIN_MM = 5  # above and below
HEIGHT_MAX = 60_000  # pixels: 3.7 m of paper, finely
COMPRESSION = 4
_TO_GREYS = [round(grey * (GREYS - 1) / 255) for grey in range(256)]
_TO_INK = [0] * 110 + [255] * 146
_ADVANCE = (1233, 2048)  # of the typeface: width of a character and its em


def draw(printed: Sequence[Printed], columns: int, *, cell: int = CELL, is_grey: bool = False) -> Image.Image:
    """Lines and codes drawn below each other, `columns` characters of `cell` pixels wide.

    One bit a pixel (0 is ink), or 256 greys. Raises Refusal("PRINTING_PICTURE_TOO_LONG") and
    ("PRINTING_FONT_MISSING").
    """
    heights = [_height(each, columns, cell) for each in printed]
    if sum(heights) > HEIGHT_MAX:
        raise Refusal("PRINTING_PICTURE_TOO_LONG")
    mode, paper, ink = ("L", 255, 0) if is_grey else ("1", 1, 0)
    image = Image.new(mode, (columns * cell, max(1, sum(heights))), paper)
    pen = ImageDraw.Draw(image)
    pen.fontmode = "L" if is_grey else "1"
    top = 0
    for each, height in zip(printed, heights, strict=True):
        match each:
            case Line(text, style):
                if text or style.is_inverted:
                    _draw_line(image, pen, text, style, (top, height, cell), (paper, ink))
            case Rule(stroke):
                _draw_rule(pen, stroke, top + height // 2, image.width, cell, ink)
            case Qr():
                dots = _qr_dots(each, columns, cell)
                code = _qr_image(each.text, dots, mode)
                image.paste(code, ((image.width - code.width) // 2, top + _scaled(GAP, cell)))
            case Barcode():
                _draw_barcode(image, pen, each, top, cell, ink)
            case Picture():
                _paste_picture(image, each, top, cell)
            case Cut():
                pass
        top += height
    return image


def as_png(paper: Paper, roll: Roll) -> bytes:
    """The whole sheet of that roll as a PNG in greys, for screens and messengers.

    Raises what `draw` raises.
    """
    cell = CELL * FINE
    per_mm = DOTS_PER_MM * FINE
    drawn = draw(lay(paper, roll.columns), roll.columns, cell=cell, is_grey=True)
    margin = MARGIN_MM * per_mm
    sheet = Image.new("L", (roll.mm * per_mm, drawn.height + 2 * margin), 255)
    sheet.paste(drawn, ((sheet.width - drawn.width) // 2, margin))
    out = io.BytesIO()
    dpi = per_mm * 25.4
    # Sixteen greys are enough for letters and take a third of the bytes and of the time of 256.
    few = Image.frombytes("P", sheet.size, sheet.point(_TO_GREYS).tobytes())
    few.putpalette(bytes(grey * 255 // (GREYS - 1) for grey in range(GREYS) for _ in "rgb"))
    few.save(out, "PNG", dpi=(dpi, dpi), bits=4, compress_level=COMPRESSION)
    return out.getvalue()


@cache
def font(name: str, cell: int) -> ImageFont.FreeTypeFont:
    """The typeface whose characters are `cell` pixels wide."""
    size = round(cell * _ADVANCE[1] / _ADVANCE[0])
    return ImageFont.truetype(font_path(name), size, layout_engine=ImageFont.Layout.BASIC)


def _scaled(dots: int, cell: int) -> int:
    return dots * cell // CELL


def _height(each: Printed, columns: int, cell: int) -> int:
    match each:
        case Line(_, style):
            return _scaled(PITCH, cell) * (1 if style.size is Size.NORMAL else 2)
        case Rule():
            return _scaled(RULE_HEIGHT, cell)
        case Qr():
            return (len(qr_rows(each.text)) + 2 * QR_QUIET) * _qr_dots(each, columns, cell)
        case Barcode():
            return _scaled(each.height_mm * DOTS_PER_MM + PITCH + 2 * GAP, cell)
        case Picture():
            return _picture_image(each.png, _picture_width(each, columns, cell), "L").height + _scaled(
                GAP, cell
            )
        case Cut():
            return _scaled(PITCH, cell)


def _draw_line(
    image: Image.Image,
    pen: ImageDraw.ImageDraw,
    text: str,
    style: Style,
    place: tuple[int, int, int],
    colours: tuple[int, int],
) -> None:
    top, height, cell = place
    paper, ink = colours
    if style.is_inverted:
        pen.rectangle((0, top, image.width - 1, top + height - 1), fill=ink)
        ink = paper
    name = BOLD if style.is_bold else REGULAR
    wide = cell * 2 if style.size is Size.LARGE else cell
    left = 0
    if style.align is Align.CENTRE:  # to the dot, not to the character
        text = text.strip()
        left = (image.width - len(text) * wide) // 2
    is_grey = pen.fontmode == "L"
    glyphs = [_glyph(char, name, cell, style.size, is_grey) for char in text]
    rows = b"".join(map(b"".join, zip(*glyphs, strict=True)))
    image.paste(ink, (left, top), Image.frombytes("L", (len(text) * wide, height), rows))


@lru_cache(maxsize=4096)
def _glyph(char: str, name: str, cell: int, size: Size, is_grey: bool) -> tuple[bytes, ...]:
    """Rows of one letter, 255 for ink: drawn once, then lines are put together of letters, as in a case of
    type.
    """
    high = 1 if size is Size.NORMAL else 2
    height = _scaled(PITCH, cell) * high
    face = font(name, cell * high)
    image = Image.new("L", (cell * high, height), 0)
    pen = ImageDraw.Draw(image)
    pen.fontmode = "L" if is_grey or size is Size.TALL else "1"
    pen.text((0, _scaled(BASELINE, cell) * high), char, fill=255, font=face, anchor="ls")
    if size is Size.TALL:
        image = image.resize((cell, height), Image.Resampling.BOX)
        if not is_grey:
            image = image.point(_TO_INK)
    data = image.tobytes()
    return tuple(data[start : start + image.width] for start in range(0, len(data), image.width))


def _draw_rule(
    pen: ImageDraw.ImageDraw, stroke: Stroke, middle: int, width: int, cell: int, ink: int
) -> None:
    thick = _scaled(2, cell)
    match stroke:
        case Stroke.THIN:
            pen.rectangle((0, middle, width - 1, middle + thick - 1), fill=ink)
        case Stroke.DASHED:
            dash = _scaled(6, cell)
            for left in range(0, width, 2 * dash):
                pen.rectangle((left, middle, left + dash - 1, middle + thick - 1), fill=ink)
        case Stroke.DOUBLE:
            for top in (middle - thick, middle + thick):
                pen.rectangle((0, top, width - 1, top + thick - 1), fill=ink)


def _qr_dots(code: Qr, columns: int, cell: int) -> int:
    wanted = _scaled(code.size_mm * DOTS_PER_MM, cell)
    return max(1, module_dots(len(qr_rows(code.text)), QR_QUIET, wanted, columns * cell))


@lru_cache(maxsize=64)
def _qr_image(text: str, dots: int, mode: str) -> Image.Image:
    rows = qr_rows(text)
    modules = bytes(0 if module else 255 for row in rows for module in row)
    small = Image.frombytes("L", (len(rows), len(rows)), modules)
    side = len(rows) * dots
    large = small.resize((side, side), Image.Resampling.NEAREST)
    framed = Image.new("L", (side + 2 * QR_QUIET * dots, side + 2 * QR_QUIET * dots), 255)
    framed.paste(large, (QR_QUIET * dots, QR_QUIET * dots))
    return framed if mode == "L" else framed.point([0] * 128 + [1] * 128, "1")


def _draw_barcode(
    image: Image.Image, pen: ImageDraw.ImageDraw, code: Barcode, top: int, cell: int, ink: int
) -> None:
    modules = barcode_modules(code.text)
    dots = max(1, module_dots(len(modules), BARCODE_QUIET, _scaled(len(modules) * 2, cell), image.width))
    left = (image.width - len(modules) * dots) // 2
    head = top + _scaled(GAP, cell)
    foot = head + _scaled(code.height_mm * DOTS_PER_MM, cell)
    for place, module in enumerate(modules):
        if module == "1":
            pen.rectangle((left + place * dots, head, left + (place + 1) * dots - 1, foot - 1), fill=ink)
    pen.text(
        ((image.width - len(code.text) * cell) // 2, foot + _scaled(BASELINE + 2, cell)),
        code.text,
        fill=ink,
        font=font(REGULAR, cell),
        anchor="ls",
    )


def _paste_picture(image: Image.Image, picture: Picture, top: int, cell: int) -> None:
    width = _picture_width(picture, image.width // cell, cell)
    drawn = _picture_image(picture.png, width, image.mode)
    image.paste(drawn, ((image.width - drawn.width) // 2, top))


def _picture_width(picture: Picture, columns: int, cell: int) -> int:
    return min(_scaled(picture.width_mm * DOTS_PER_MM, cell), columns * cell)


@lru_cache(maxsize=64)
def _picture_image(png: bytes, width: int, mode: str) -> Image.Image:
    """The picture at that width; for one bit a dot it is dithered by Floyd and Steinberg."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as source:
        grey = source.convert("L")
    height = max(1, round(grey.height * width / grey.width))
    sized = grey.resize((width, height), Image.Resampling.LANCZOS)
    return sized if mode == "L" else sized.convert("1")
