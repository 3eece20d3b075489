"""Files for browsers under names that contain their content's hash, so that they may be kept for ever.

Where they come from: the kernel, the chosen theme and its parents, add-ons, and vendored npm packages.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kernel.errors import Fault

STATIC_PATH = "/static/"
HASH_LENGTH = 12  # hexadecimal digits in a name
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: what pages call it, what browsers call it."""

    name: str
    path: Path
    digest: str
    media_type: str

    @property
    def hashed_name(self) -> str:
        """ "theme/base.css" → "theme/base.0123456789ab.css"."""
        place = PurePosixPath(self.name)
        return str(place.with_name(f"{place.stem}.{self.digest}{place.suffix}"))

    @property
    def url(self) -> str:
        return STATIC_PATH + self.hashed_name


class Assets:
    """All files of one set of add-ons and one theme, hashed once at start."""

    def __init__(self, assets: Iterable[Asset]) -> None:
        self._by_name: dict[str, Asset] = {}
        for each in assets:
            self._by_name.setdefault(each.name, each)  # earlier wins: the theme before its parents
        self._by_hashed_name: Mapping[str, Asset] = {
            each.hashed_name: each for each in self._by_name.values()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def url(self, name: str) -> str:
        """Address of a file. Raises Fault for a name nobody brought."""
        if name not in self._by_name:
            raise Fault(f"there is no static file {name}")
        return self._by_name[name].url

    def find(self, hashed_name: str) -> Asset | None:
        """The file served under that name."""
        return self._by_hashed_name.get(hashed_name)


def asset_of(name: str, path: Path) -> Asset:
    """Read and hash one file."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_LENGTH]
    media_type = _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(name, path, digest, media_type)


def assets_in(prefix: str, folder: Path) -> list[Asset]:
    """Every file below the folder, named "prefix/relative/path"; none when there is no such folder."""
    if not folder.is_dir():
        return []
    files = sorted(each for each in folder.rglob("*") if each.is_file() and not each.name.startswith("."))
    return [asset_of(f"{prefix}/{each.relative_to(folder).as_posix()}", each) for each in files]
