"""Files for browsers under names that contain their content's hash, so that they may be kept for ever.

Where they come from: the kernel, the chosen theme and its parents, add-ons, and vendored npm packages.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from kernel.errors import Fault

STATIC_PATH = "/static/"
KEEP_FOR_EVER = "public, max-age=31536000, immutable"
HASH_LENGTH = 12  # hexadecimal digits in a name
PACKED_MIN = 1_000  # bytes; a smaller file is not worth packing
PACKED_MAX = 128  # packed files kept at once: those of the console and of the cashier screen
_REFERENCE = re.compile(rb"url\(asset:([^)]+)\)")
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: what pages call it, what browsers call it."""

    name: str
    path: Path
    digest: str
    media_type: str
    body: bytes | None = None  # a style sheet whose references to other assets were filled in

    def content(self) -> bytes:
        """What is served."""
        return self.path.read_bytes() if self.body is None else self.body

    @property
    def is_packable(self) -> bool:
        """Whether packing makes it smaller."""
        return self.media_type.startswith("text/") or self.media_type in ("image/svg+xml", "application/wasm")

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
        for name, each in self._by_name.items():
            if each.path.suffix == ".css":
                self._by_name[name] = self._referring(each)
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

    def _referring(self, sheet: Asset) -> Asset:
        """The sheet with every `url(asset:name)` as the address of that file; nothing where it is not
        installed.
        """
        given = sheet.path.read_bytes()
        if b"url(asset:" not in given:
            return sheet

        def address(found: re.Match[bytes]) -> bytes:
            name = found[1].decode()
            return f"url({self._by_name[name].url})".encode() if name in self._by_name else b"url(data:,)"

        body = _REFERENCE.sub(address, given)
        return replace(sheet, body=body, digest=hashlib.sha256(body).hexdigest()[:HASH_LENGTH])

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


def asset_answer(request: Request, asset: Asset) -> Response:
    """The file, packed for who takes it so, to be kept for ever: its address names its content."""
    headers = {"cache-control": KEEP_FOR_EVER, "vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", "") and (body := packed(asset)) is not None:
        return Response(body, media_type=asset.media_type, headers={**headers, "content-encoding": "gzip"})
    return Response(asset.content(), media_type=asset.media_type, headers=headers)


@lru_cache(maxsize=PACKED_MAX)
def packed(asset: Asset) -> bytes | None:
    """The content as gzip; None when that is no use."""
    content = asset.content()
    return gzip.compress(content, 9, mtime=0) if asset.is_packable and len(content) >= PACKED_MIN else None
