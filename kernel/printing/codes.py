"""QR and bar codes as modules of dark and light, before anybody draws them.

QR codes are segno's, bar codes python-barcode's; both are the same on every medium.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import segno
from barcode import Code128

from kernel.errors import Refusal

QR_QUIET = 4  # modules of light that a QR code needs around it (ISO/IEC 18004)
BARCODE_QUIET = 10  # modules of light beside a Code 128 (ISO/IEC 15417)
QR_TEXT_MAX = 1_000  # characters
BARCODE_TEXT_MAX = 40
# Bytes that versions 1 to 25 hold at level M (ISO/IEC 18004, table 7).
_BYTES_AT_M = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779,
    857, 911, 997,
)  # fmt: skip
QR_LEVEL = "m"  # 15 % may be unreadable: thermal paper fades


@lru_cache(maxsize=256)
def qr_rows(text: str) -> tuple[bytes, ...]:
    """Rows of modules, 1 for dark, without the quiet zone. Raises Refusal("PRINTING_QR_TOO_LONG")."""
    if not 0 < len(text) <= QR_TEXT_MAX:
        raise Refusal("PRINTING_QR_TOO_LONG", max=QR_TEXT_MAX)
    code = segno.make_qr(text, error=QR_LEVEL, boost_error=False)
    return tuple(bytes(1 if module else 0 for module in row) for row in code.matrix)


def qr_side_max(text: str) -> int:
    """At most so many modules a side has a QR code of the text, whoever draws it; told without drawing it.

    Raises Refusal("PRINTING_QR_TOO_LONG").
    """
    length = len(text.encode())
    if not 0 < len(text) <= QR_TEXT_MAX or length > _BYTES_AT_M[-1]:
        raise Refusal("PRINTING_QR_TOO_LONG", max=QR_TEXT_MAX)
    version = next(number for number, room in enumerate(_BYTES_AT_M, 1) if length <= room)
    return 17 + 4 * version


@lru_cache(maxsize=256)
def barcode_modules(text: str) -> str:
    """Modules of a Code 128 from left to right, "1" for dark, without the quiet zones.

    Raises Refusal("PRINTING_BARCODE_IMPOSSIBLE") for what the code cannot hold.
    """
    if not (0 < len(text) <= BARCODE_TEXT_MAX and text.isascii() and text.isprintable()):
        raise Refusal("PRINTING_BARCODE_IMPOSSIBLE", max=BARCODE_TEXT_MAX)
    modules: str = Code128(text).build()[0]
    return modules


def module_dots(modules: int, quiet: int, wanted: int, room: int) -> int:
    """How many dots a module is wide so that the code is about `wanted` dots and at most `room`; 0 when it
    does not fit.
    """
    whole = modules + 2 * quiet
    return min(max(1, round(wanted / modules)), room // whole)


def qr_svg(text: str) -> str:
    """The QR as an inline SVG element without a size: the page decides."""
    rows = qr_rows(text)
    side = len(rows) + 2 * QR_QUIET
    path = "".join(
        f"M{begin + QR_QUIET} {number + QR_QUIET}h{length}v1h-{length}z"
        for number, row in enumerate(rows)
        for begin, length in runs(row)
    )
    return _svg(side, side, path)


def barcode_svg(text: str) -> str:
    """The bars of a Code 128 as an inline SVG element without a size, stretched by the page."""
    modules = bytes(int(each) for each in barcode_modules(text))
    path = "".join(f"M{begin + BARCODE_QUIET} 0h{length}v1h-{length}z" for begin, length in runs(modules))
    return _svg(len(modules) + 2 * BARCODE_QUIET, 1, path)


def runs(row: bytes) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many lie side by side."""
    begin = row.find(1)
    while begin >= 0:
        end = row.find(0, begin)
        end = len(row) if end < 0 else end
        yield begin, end - begin
        begin = row.find(1, end)


def _svg(width: int, height: int, path: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{height}H0z"/><path d="{path}"/></svg>'
    )
