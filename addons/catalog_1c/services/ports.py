"""What the services need from a file format; adapters implement it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from addons.catalog_1c.domain.exchange import StoredEntry, UnpackLimits
from addons.catalog_1c.domain.records import Batch, FileCard, GoodsRecord

Properties = Mapping[str, tuple[str, Mapping[str, str]]]


class CatalogueFile(Protocol):
    """A file being read in batches. Its methods block: call them in a thread, one at a time."""

    def next_batch(self, limit: int) -> Batch | None: ...

    def records(self, wanted: Sequence[int]) -> list[GoodsRecord]: ...

    def close(self) -> None: ...


class CatalogueFormat(Protocol):
    """A format of catalogue files."""

    def look(self, path: Path) -> FileCard: ...

    def open(
        self, card: FileCard, *, salt: bytes, names: frozenset[str], known_properties: Properties
    ) -> CatalogueFile: ...


class Shelf(Protocol):
    """The folder of received files; its methods but `path` block."""

    def path(self, connection_id: str, file_id: str) -> Path: ...

    def unpack(self, path: Path, limits: UnpackLimits) -> list[StoredEntry]: ...

    def digest(self, path: Path) -> str: ...

    def forget(self, path: Path) -> None: ...
