"""The typeface of everything we print as a picture: DejaVu Sans Mono, with Kazakh letters and the tenge sign.

It comes with the npm package of package.json at set-up (its licence lets it be embedded and passed on); on a
Debian without Node the same files of fonts-dejavu-core are taken. Nothing is fetched while we run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kernel.errors import Refusal

HOME = Path(__file__).resolve().parents[2]
REGULAR, BOLD = "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"
PACKAGED: Mapping[str, str] = {name: f"dejavu-fonts-ttf/ttf/{name}" for name in (REGULAR, BOLD)}
SYSTEM_FOLDER = Path("/usr/share/fonts/truetype/dejavu")  # Debian's fonts-dejavu-core


def packaged_font(name: str, home: Path = HOME) -> Path:
    """Where set-up puts that file, present or not."""
    return home / "node_modules" / PACKAGED[name]


def missing_fonts(home: Path = HOME) -> list[str]:
    """Names of font files that set-up has not brought."""
    return [name for name in PACKAGED if not packaged_font(name, home).exists()]


def is_font_present(name: str) -> bool:
    """True when the file is there, from wherever it came."""
    return _found(name) is not None


@cache
def font_path(name: str) -> Path:
    """A font file of this machine. Raises Refusal("PRINTING_FONT_MISSING")."""
    path = _found(name)
    if path is None:
        raise Refusal("PRINTING_FONT_MISSING", name=name)
    return path


def _found(name: str) -> Path | None:
    return next((path for path in (packaged_font(name), SYSTEM_FOLDER / name) if path.exists()), None)
