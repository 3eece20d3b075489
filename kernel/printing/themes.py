"""How a theme sets a kind of paper: which parts, in which order, in which letters. What the parts say is not
decided here, and a theme cannot leave out a part that the law asks for.

A file `papers/<name>.toml` of the theme or of what it stands on:

    parts = ["seller", "rule.double", "title", …]   # parts; between them rule.thin|dashed|double, space
    qr_mm = 30
    [styles.title]
    align = "centre"                                # left, centre, right
    size = "large"                                  # normal, tall, large
    is_bold = true
    is_inverted = false
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel.errors import Fault
from kernel.printing.paper import PLAIN, Align, Block, Rule, Size, Space, Stroke, Style

PAPERS = "papers"
QR_MM_MIN, QR_MM_MAX, QR_MM = 20, 60, 30  # below 20 mm phones do not read a fiscal link
PARTS_MAX = 100
_FILLERS: Mapping[str, Block] = {
    "space": Space(),
    **{f"rule.{stroke.value}": Rule(stroke) for stroke in Stroke},
}


@dataclass(frozen=True, slots=True)
class PaperTheme:
    """Parts in order and the styles of texts by name."""

    parts: tuple[str, ...]
    styles: Mapping[str, Style] = field(default_factory=dict)
    qr_mm: int = QR_MM

    def style(self, name: str) -> Style:
        """The style of that name, plain when the theme has none."""
        return self.styles.get(name, PLAIN)

    def blocks(self, maker: Callable[[str], Sequence[Block]]) -> tuple[Block, ...]:
        """All blocks: parts made by `maker`, between them rules and spaces; none at the head, the foot or
        beside a part that turns out empty.
        """
        blocks: list[Block] = []
        waiting: list[Block] = []
        is_after_empty = False
        for part in self.parts:
            filler = _FILLERS.get(part)
            if filler is not None:
                waiting = [filler] if is_after_empty else [*waiting, filler]
                is_after_empty = False
                continue
            made = maker(part)
            is_after_empty = not made
            if made:
                blocks += [*(waiting if blocks else ()), *made]
                waiting = []
        return tuple(blocks)


@dataclass(frozen=True, slots=True)
class PaperKind:
    """What a kind of paper offers to themes: its parts, those that may not be missing, its styles."""

    name: str
    parts: frozenset[str]
    needed: frozenset[str]
    styles: frozenset[str]


def paper_theme(kind: PaperKind, folders: Iterable[Path]) -> PaperTheme:
    """The first of the themes' files for that kind. Raises Fault for a wrong one, or when there is none."""
    for folder in folders:
        path = folder / PAPERS / f"{kind.name}.toml"
        if path.exists():
            try:
                table = tomllib.loads(path.read_text(encoding="utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise Fault(f"{path}: {error}") from error
            return read_theme(kind, table, str(path))
    raise Fault(f"no theme has {PAPERS}/{kind.name}.toml")


def read_theme(kind: PaperKind, table: Mapping[str, Any], place: str) -> PaperTheme:
    """The theme out of its table. Raises Fault saying what is wrong in which file."""
    problems = [f"unknown key {key}" for key in sorted(set(table) - {"parts", "styles", "qr_mm"})]
    parts = table.get("parts", [])
    if not (isinstance(parts, list) and len(parts) <= PARTS_MAX and all(isinstance(p, str) for p in parts)):
        raise Fault(f"{place}: parts must be a list of at most {PARTS_MAX} names")
    known = kind.parts | _FILLERS.keys()
    problems += [f"unknown part {part}" for part in parts if part not in known]
    problems += [f"part {part} may not be missing" for part in sorted(kind.needed - set(parts))]
    once = [part for part in parts if part in kind.parts]
    twice = sorted({part for part in once if once.count(part) > 1})
    problems += [f"part {part} stands twice" for part in twice]
    styles = table.get("styles", {})
    problems += [f"unknown style {name}" for name in sorted(set(styles) - kind.styles)]
    qr_mm = table.get("qr_mm", QR_MM)
    if not isinstance(qr_mm, int) or not QR_MM_MIN <= qr_mm <= QR_MM_MAX:
        problems.append(f"qr_mm must be from {QR_MM_MIN} to {QR_MM_MAX}")
    read = {name: _style(entry, f"styles.{name}", problems) for name, entry in styles.items()}
    if problems:
        raise Fault(f"{place}: {'; '.join(problems)}")
    return PaperTheme(tuple(parts), read, qr_mm)


def _style(entry: Mapping[str, Any], name: str, problems: list[str]) -> Style:
    kinds = {"align": Align, "size": Size, "is_bold": bool, "is_inverted": bool}
    values: dict[str, Any] = {}
    for key, raw in entry.items():
        kind = kinds.get(key)
        if kind is None:
            problems.append(f"unknown key {name}.{key}")
        elif kind is bool:
            values[key] = raw
            if not isinstance(raw, bool):
                problems.append(f"{name}.{key} must be true or false")
        elif raw in [each.value for each in kind]:  # type: ignore[attr-defined]
            values[key] = kind(raw)
        else:
            problems.append(f"{name}.{key}: no such value {raw!r}")
    return Style(**values)
