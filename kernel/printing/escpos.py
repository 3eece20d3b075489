"""A paper as bytes for a thermal printer, through python-escpos: text in a code page where it allows,
pictures of lines where it does not.

Which bytes a model understands is known by python-escpos' profiles; how bytes reach a printer is not ours.
"""

from __future__ import annotations

import logging
import os
import struct
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from kernel.errors import Refusal
from kernel.printing.codes import QR_QUIET, QR_TEXT_MAX, module_dots, qr_side_max
from kernel.printing.layout import Line, Printed, lay, room
from kernel.printing.paper import PLAIN, Cut, Paper, Qr, Rule, Size, Style, roll_of_columns
from kernel.printing.picture import CELL, DOTS_PER_MM, draw
from kernel.printing.text import RULES

if TYPE_CHECKING:
    from types import ModuleType

    from PIL import Image

BATCH = 200  # lines and codes drawn at once
STRIP_DOTS = 240  # height of one picture command: cheap printers have little memory
FEED_LINES = 3  # where a printer has no knife
DRAWER_PIN = 2
QR_SIZE_MAX = 16  # dots a module, by the command GS ( k
DEFAULT_PROFILE = "default"
RASTER_WAY = "bitImageRaster"
WAYS = (RASTER_WAY, "bitImageColumn")  # in which pictures are sent, the better first
_INVERTED = bytes(255 - byte for byte in range(256))  # to a printer a one is ink
WIDTH_UNKNOWN = 10_000  # dots, where a profile does not say


class Encoding(StrEnum):
    """How letters reach the printer: by a code page, lines it cannot hold as pictures; or all as pictures.

    RK1048 is Kazakhstan's own code page (STRK1048), known to printers made for it; it lacks only ₸.
    """

    CP866 = "cp866"
    CP1251 = "cp1251"
    RK1048 = "rk1048"
    RASTER = "raster"


class QrBy(StrEnum):
    """Who draws a QR code: the printer when its profile says that it can, or we."""

    PRINTER = "printer"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class EscposOptions:
    """How a printer is to be addressed. columns: characters on a line of its font A; profile: a model known
    to python-escpos; has_knife: cut after the paper; opens_drawer: a pulse for the drawer, before the paper.
    """

    columns: int = 48
    encoding: Encoding = Encoding.CP866
    profile: str = DEFAULT_PROFILE
    qr: QrBy = QrBy.PRINTER
    has_knife: bool = True
    opens_drawer: bool = False


# Signs that every code page can say in another way, nothing of their meaning lost.
_SAME = str.maketrans(
    {"×": "x", "«": '"', "»": '"', "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "."}
)


def as_escpos(paper: Paper, options: EscposOptions) -> bytes:
    """The paper as one job for the printer.

    Raises Refusal: PRINTING_WIDTH_IMPOSSIBLE (no roll has so many columns), PRINTER_PROFILE_UNKNOWN,
    PRINTER_ENCODING_UNKNOWN (the model has no such code page),
    PRINTER_CANNOT_DRAW (it has no pictures, and the paper needs them), PRINTING_FONT_MISSING.
    """
    if roll_of_columns(options.columns) is None:
        raise Refusal("PRINTING_WIDTH_IMPOSSIBLE", field="columns")
    return _Job(options).of(lay(paper, options.columns))


class _Job:
    """One paper on its way to bytes."""

    def __init__(self, options: EscposOptions) -> None:
        profile = _profile(options.profile)
        self._options = options
        self._features: Mapping[str, bool] = profile.features
        self._cell = min(CELL, int(profile.profile_data["media"]["width"]["pixels"]) // options.columns)
        self._codec = None if options.encoding is Encoding.RASTER else options.encoding.value
        if self._codec is not None and self._codec.upper() not in profile.get_code_pages():
            raise Refusal("PRINTER_ENCODING_UNKNOWN", encoding=self._codec.upper(), profile=options.profile)
        self._printer = _library().Dummy(profile=profile)
        self._style = PLAIN

    def of(self, printed: Sequence[Printed]) -> bytes:
        self._printer.hw("INIT")
        if self._options.opens_drawer:
            self._printer.cashdraw(DRAWER_PIN)
        if self._codec is not None:
            self._printer.charcode(self._codec.upper())
        pictures: list[Printed] = []  # what has to be drawn, together, so that no seam shows
        for each in printed:
            command = self._command(each)
            if command is None:
                pictures.append(each)
                continue
            self._show(pictures)
            pictures = []
            command()
        self._show(pictures)
        output: bytes = self._printer.output
        return output

    def _command(self, each: Printed) -> Callable[[], None] | None:
        """What makes the printer print it, or None when it has to be drawn."""
        match each:
            case Cut():
                return self._cut
            case Qr() if self._options.qr is QrBy.PRINTER and self._features.get("qrCode"):
                return partial(self._native_qr, each)
            case Rule(stroke) if self._codec is not None:
                return partial(self._write, RULES[stroke].encode() * self._options.columns, PLAIN)
            case Line(text, style) if self._codec is not None:
                if style.is_inverted:
                    text = text.ljust(room(style, self._options.columns))
                data = encoded(text, self._codec)
                return None if data is None else partial(self._write, data, style)
        return None

    def _write(self, data: bytes, style: Style) -> None:
        self._restyle(style)
        self._printer._raw(data + b"\n")

    def _restyle(self, style: Style) -> None:
        """Only what changes is said."""
        was, self._style = self._style, style
        if style.size is not was.size:
            is_large = style.size is Size.LARGE
            is_high = style.size is not Size.NORMAL
            self._printer.set(normal_textsize=not is_high, double_width=is_large, double_height=is_high)
        if style.is_bold is not was.is_bold:
            self._printer.set(bold=style.is_bold)
        if style.is_inverted is not was.is_inverted:
            self._printer.set(invert=style.is_inverted)

    def _native_qr(self, code: Qr) -> None:
        wanted = code.size_mm * DOTS_PER_MM * self._cell // CELL
        dots = module_dots(qr_side_max(code.text), QR_QUIET, wanted, self._options.columns * self._cell)
        if dots < 1:
            raise Refusal("PRINTING_QR_TOO_LONG", max=QR_TEXT_MAX)
        self._restyle(PLAIN)
        self._printer.set(align="center")
        level = _library().QR_ECLEVEL_M
        self._printer.qr(code.text, ec=level, size=min(dots, QR_SIZE_MAX), native=True)
        self._printer._raw(b"\n")
        self._printer.set(align="left")

    def _cut(self) -> None:
        self._restyle(PLAIN)
        can_cut = self._features.get("paperPartCut") or self._features.get("paperFullCut")
        if self._options.has_knife and can_cut:
            self._printer.cut(mode="PART")
        else:
            self._printer._raw(b"\n" * FEED_LINES)

    def _show(self, pictures: Sequence[Printed]) -> None:
        """Lines and things drawn as one picture, sent in strips."""
        if not pictures:
            return
        way = next((each for each in WAYS if self._features.get(each)), None)
        if way is None:
            raise Refusal("PRINTER_CANNOT_DRAW", profile=self._options.profile)
        self._restyle(PLAIN)
        for begin in range(0, len(pictures), BATCH):  # however long the paper, the picture is short
            image = draw(pictures[begin : begin + BATCH], self._options.columns, cell=self._cell)
            for top in range(0, image.height, STRIP_DOTS):
                strip = image.crop((0, top, image.width, min(top + STRIP_DOTS, image.height)))
                if way == RASTER_WAY and not strip.width % 8:
                    self._printer._raw(raster_command(strip))
                else:
                    self._printer.image(strip, impl=way)


def encoded(text: str, codec: str) -> bytes | None:
    """The text in that code page, None when it cannot hold all of it."""
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        pass
    try:
        return text.translate(_SAME).encode(codec)
    except UnicodeEncodeError:
        return None


def raster_command(strip: Image.Image) -> bytes:
    """GS v 0 with a picture of one bit a dot, whole bytes wide: what python-escpos makes in four times the
    time.
    """
    size = struct.pack("<HH", strip.width // 8, strip.height)
    return b"\x1dv0\x00" + size + strip.tobytes().translate(_INVERTED)


def known_profiles() -> tuple[str, ...]:
    """Names of the printers python-escpos knows."""
    return tuple(sorted(_library().CAPABILITIES["profiles"]))


@lru_cache(maxsize=64)
def _profile(name: str) -> Any:
    """A profile of python-escpos. One whose width is unknown is as wide as it is asked to be."""
    known = _library().CAPABILITIES["profiles"].get(name)
    if known is None:
        raise Refusal("PRINTER_PROFILE_UNKNOWN", profile=name[:40])
    pixels = str(known["media"].get("width", {}).get("pixels", ""))
    width = {"pixels": int(pixels) if pixels.isdecimal() else WIDTH_UNKNOWN}
    profile = _library().Profile(features=known["features"])
    profile.profile_data = {**known, "media": {"width": width}}
    return profile


@cache
def _library() -> ModuleType:
    """python-escpos, imported when the first paper is printed: it reads its printers for half a second.

    While it is imported it sets up logging for everybody and leaves a folder behind; both are undone.
    """
    root = logging.getLogger()
    handlers = list(root.handlers)
    before = os.environ.get("ESCPOS_CAPABILITIES_PICKLE_DIR")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = folder
        try:
            from kernel.printing import escpos_library
        finally:
            if before is None:
                del os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"]
            else:
                os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = before
            root.handlers[:] = handlers
    return escpos_library
