"""Themes: folders of tokens, styles and templates, each standing on its parent. What a page says is not
decided here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kernel.config_sections import WebSettings
from kernel.errors import Fault

THEME_FILE = "theme.toml"
THEMES_FOLDER = Path(__file__).resolve().parents[2] / "themes"
CHAIN_MAX = 8  # themes standing on each other
_KEYS = {"name", "title", "parent", "preview"}


class ThemeError(Fault):
    """A theme is missing or says something it may not."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: tokens.css, static/ and templates/ in its folder; parent is the theme it stands on."""

    name: str
    title: str
    parent: str | None
    folder: Path

    @property
    def templates(self) -> Path:
        return self.folder / "templates"

    @property
    def static(self) -> Path:
        return self.folder / "static"


def theme_chain(name: str, folders: tuple[Path, ...] = (THEMES_FOLDER,)) -> tuple[Theme, ...]:
    """The theme, then what it stands on. Raises ThemeError for a missing theme, a wrong file or a circle."""
    chain: list[Theme] = []
    wanted: str | None = name
    while wanted is not None:
        if len(chain) == CHAIN_MAX or wanted in {each.name for each in chain}:
            raise ThemeError(
                f"themes stand on each other in a circle: {' → '.join(each.name for each in chain)}"
            )
        chain.append(_read(wanted, folders))
        wanted = chain[-1].parent
    return tuple(chain)


def folders_of(settings: WebSettings) -> tuple[Path, ...]:
    """Where themes are looked for, the installation's own folders first."""
    return (*(Path(each) for each in settings.themes_path.split(":") if each), THEMES_FOLDER)


@lru_cache(maxsize=16)
def installed_themes(settings: WebSettings) -> tuple[Theme, ...]:
    """Every theme that could be chosen, by name."""
    folders = folders_of(settings)
    names = {path.parent.name for folder in folders for path in folder.glob(f"*/{THEME_FILE}")}
    return tuple(_read(name, folders) for name in sorted(names))


@lru_cache(maxsize=16)
def chosen_themes(settings: WebSettings) -> tuple[Theme, ...]:
    """The installation's theme, then what it stands on. Raises ThemeError."""
    return theme_chain(settings.theme, folders_of(settings))


def _read(name: str, folders: tuple[Path, ...]) -> Theme:
    for folder in folders:
        path = folder / name / THEME_FILE
        if path.exists():
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            if unknown := set(table) - _KEYS:
                raise ThemeError(f"{path}: unknown keys {', '.join(sorted(unknown))}")
            if table.get("name") != name:
                raise ThemeError(f"{path}: the folder is {name}, the file says {table.get('name')}")
            return Theme(name, str(table.get("title", name)), table.get("parent"), path.parent)
    raise ThemeError(f"there is no theme {name} in {', '.join(str(each) for each in folders)}")
