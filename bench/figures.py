"""Figures that have targets, and the summary of a whole `make bench`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure import show


@dataclass(frozen=True, slots=True)
class Figure:
    """What was found beside what was wanted; is_met None: there is no target, the figure only informs."""

    name: str
    found: str
    ratio: float | None
    target: str
    is_met: bool | None


def show_figures(title: str, figures: Sequence[Figure]) -> None:
    """One line per figure."""
    verdicts = {None: "", True: "met", False: "MISSED"}
    rows = [
        [
            each.name,
            each.found,
            "" if each.ratio is None else f"{each.ratio:.0%}",
            each.target,
            verdicts[each.is_met],
        ]
        for each in figures
    ]
    show(title, ("what", "found", "ratio", "target", ""), rows)
