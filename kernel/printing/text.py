"""A paper as plain text: for terminals, logs, and printers that know nothing else."""

from __future__ import annotations

from functools import lru_cache

from kernel.printing.codes import qr_rows
from kernel.printing.layout import Line, lay
from kernel.printing.paper import Barcode, Paper, Qr, Rule, Stroke

QUIET_ZONE = 2  # modules of light around a drawn code
RULES = {Stroke.THIN: "-", Stroke.DASHED: "-", Stroke.DOUBLE: "="}


def as_text(paper: Paper, columns: int, *, with_qr: bool = False) -> str:
    """Every line at most `columns` characters; only a QR, drawn in half blocks when it is asked for, may be
    wider.
    """
    lines: list[str] = []
    for each in lay(paper, columns):
        if isinstance(each, Line):
            lines.append(_spaced(each, columns))
        elif isinstance(each, Rule):
            lines.append(RULES[each.stroke] * columns)
        elif isinstance(each, Barcode):
            lines.append(each.text.center(columns).rstrip())
        elif isinstance(each, Qr) and with_qr:
            drawn = draw_qr(each.text)
            margin = " " * max(0, (columns - len(drawn[0])) // 2)
            lines += ["", *(margin + line for line in drawn)]
    return "\n".join(lines) + "\n"


def _spaced(line: Line, columns: int) -> str:
    """Large letters have no like in plain text: the line is set in the room it would have had."""
    text = line.text
    if not text.startswith(" "):
        return text.rstrip()
    width = columns // 2 if line.style.size.value == "large" else columns
    return text.rstrip() if width == columns else text.strip().center(columns).rstrip()


@lru_cache(maxsize=256)
def draw_qr(text: str) -> tuple[str, ...]:
    """The QR in half blocks, two modules a character: light modules are drawn, for a dark terminal."""
    width = len(qr_rows(text)) + 2 * QUIET_ZONE
    light = bytes(width)
    side = bytes(QUIET_ZONE)
    matrix = [light] * QUIET_ZONE + [side + row + side for row in qr_rows(text)] + [light] * QUIET_ZONE
    if len(matrix) % 2:
        matrix.append(light)
    halves = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    return tuple(
        "".join(halves[above, below] for above, below in zip(upper, lower, strict=True))
        for upper, lower in zip(matrix[::2], matrix[1::2], strict=True)
    )
