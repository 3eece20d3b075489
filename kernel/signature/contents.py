"""Which files this installation consists of, under names that do not depend on where it lies.

    kernel/app.py                 our own packages and themes
    node_modules/…                vendored scripts that browsers get, fonts that papers are drawn with
    addon:<name>/models.py        an add-on that lies elsewhere (SAUDA_ADDONS_PATH, an entry point)
    theme:<name>/tokens.css       a theme of web.themes_path

Digests are taken of the bytes as they lie on the disk: no line end, encoding or byte order is translated, so
they are the same on every machine. `__pycache__` holds what Python makes of signed files and is judged by
kernel.signature.bytecode. Whether a list of files is a good one is decided in kernel.signature.build.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kernel.addons.discovery import discover
from kernel.printing.fonts import PACKAGED
from kernel.web.scripts import SCRIPTS

HOUSE = Path(__file__).resolve().parents[2]
HOUSE_FOLDERS = ("addons", "agent", "gateway", "kernel", "protocols", "simulators", "themes", "worker")
CACHE = "__pycache__"
BYTECODE = ".pyc"
FILES_MAX = 100_000  # of one installation: more is a mistake in its paths


@dataclass(frozen=True, slots=True)
class Root:
    """A folder whose files belong to the software, and how their names begin."""

    prefix: str
    folder: Path


@dataclass(slots=True)
class Contents:
    """paths: where each file lies, by its name. odd: names of what cannot be signed: links, sockets, other
    files among the cached bytecode."""

    paths: dict[str, Path] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file by its name, lower-case hex."""
        return {name: digest_of(path) for name, path in self.paths.items()}


def digest_of(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def roots(themes_path: str = "", *, house: Path = HOUSE) -> list[Root]:
    """Every folder of this installation: our own, those of foreign add-ons, those of further themes."""
    found = [Root(name, house / name) for name in HOUSE_FOLDERS if (house / name).is_dir()]
    own = HOUSE / "addons"
    found += [
        Root(f"addon:{manifest.name}", manifest.folder)
        for manifest in discover().values()
        if not manifest.folder.is_relative_to(own)
    ]
    for part in filter(None, themes_path.split(os.pathsep)):
        folder = Path(part).resolve()
        if folder.is_dir():
            found += [Root(f"theme:{each.name}", each) for each in sorted(folder.iterdir()) if each.is_dir()]
    return found


def contents(folders: Sequence[Root], *, house: Path = HOUSE) -> Contents:
    """Everything in these folders, and the vendored scripts and fonts. Raises ValueError beyond FILES_MAX."""
    found = Contents()
    for root in folders:
        _walk(root, found)
    for file in sorted({*SCRIPTS.values(), *PACKAGED.values()}):
        path = house / "node_modules" / file
        if path.exists():
            _add(found, f"node_modules/{file}", path)
    return found


def _walk(root: Root, found: Contents) -> None:
    for folder, inner, files in os.walk(root.folder, followlinks=False):
        place = Path(folder)
        name = f"{root.prefix}/{place.relative_to(root.folder).as_posix()}".removesuffix("/.")
        _links(inner, place, name, found)
        for file in files:
            if place.name != CACHE:
                _add(found, f"{name}/{file}", place / file)
            elif not file.endswith(BYTECODE):
                found.odd.append(f"{name}/{file}")


def _links(inner: Iterable[str], place: Path, name: str, found: Contents) -> None:
    found.odd += [f"{name}/{each}" for each in inner if (place / each).is_symlink()]


def _add(found: Contents, name: str, path: Path) -> None:
    if len(found.paths) == FILES_MAX:
        raise ValueError(f"more than {FILES_MAX} files")
    if path.is_symlink() or not path.is_file():
        found.odd.append(name)
    else:
        found.paths[name] = path
