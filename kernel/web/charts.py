"""Charts as SVG elements out of the very numbers that stand in the table beside them: no script, no style of
their own, readable when printed and by screen readers.

Amounts are integers; what a mark on the axis says is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

HEIGHT, LEFT, BOTTOM, TOP = 240, 60, 26, 10
FULL, COMPACT = 720, 360  # widths; a style sheet shows the one that fits, so that letters keep their size
MARKS = 4  # lines of the grid
LABEL_ROOM = 44  # of one label below the bars
_STEPS = (10, 15, 20, 30, 50)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. label: below it; hint: what a pointer and a screen reader are told; before: the same of the
    period it is compared with.
    """

    label: str
    value: int
    hint: str
    before: int | None = None


def bar_chart(bars: Sequence[Bar], *, title: str, mark: Callable[[int], str]) -> Markup:
    """Upright bars over a grid, with a dotted line of what was before; once for wide and once for narrow
    places. mark: a value as text of the axis.
    """
    full = _drawn(bars, title, mark, FULL, "full")
    compact = _drawn(bars, title, mark, COMPACT, "compact")
    return Markup(f'<div class="plot">{full}{compact}</div>')


def _drawn(bars: Sequence[Bar], title: str, mark: Callable[[int], str], width: int, look: str) -> str:
    top = _ceiling(max([1, *(bar.value for bar in bars), *(bar.before or 0 for bar in bars)]))
    room = HEIGHT - TOP - BOTTOM
    slot = (width - LEFT) / max(1, len(bars))
    thick = min(slot * 0.64, 44)

    def y(value: int) -> float:
        return TOP + room - max(value, 0) / top * room

    box = f'viewBox="0 0 {width} {HEIGHT}"'
    parts = [f'<svg class="chart {look}" {box} role="img" aria-label="{escape(title)}">']
    for each in range(MARKS + 1):
        value = top * each // MARKS
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{width}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{escape(mark(value))}</text>'
        )
    every = max(1, -(-LABEL_ROOM // max(1, int(slot))))
    for index, bar in enumerate(bars):
        middle = LEFT + slot * (index + 0.5)
        parts.append(
            f'<rect class="mark" x="{middle - thick / 2:.1f}" y="{y(bar.value):.1f}" width="{thick:.1f}" '
            f'height="{TOP + room - y(bar.value):.1f}" rx="3"><title>{escape(bar.hint)}</title></rect>'
        )
        if index % every == 0:
            parts.append(
                f'<text x="{middle:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(bar.label)}</text>'
            )
    before = [(LEFT + slot * (index + 0.5), bar.before) for index, bar in enumerate(bars)]
    if any(value for _, value in before):
        line = " ".join(f"{x:.1f},{y(value or 0):.1f}" for x, value in before)
        parts.append(f'<polyline class="before" points="{line}"/>')
    return "".join([*parts, "</svg>"])


def share_bar(value: int, whole: int) -> Markup:
    """A lying bar for a row of a table, whose cells say the same in words."""
    share = 0 if whole <= 0 else max(0, min(100, value * 100 / whole))
    return Markup(
        '<svg class="chart" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" height="6">'
        '<rect class="track" width="100" height="6" rx="1"/>'
        f'<rect class="mark" width="{share:.2f}" height="6" rx="1"/></svg>'
    )


def _ceiling(value: int) -> int:
    """The next value whose quarters are round numbers."""
    power = 1
    while True:  # ends: the power grows tenfold
        for step in _STEPS:
            if step * power * MARKS >= value:
                return step * power * MARKS
        power *= 10
