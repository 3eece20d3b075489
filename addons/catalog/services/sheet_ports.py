"""What the services need of file formats of sheets, and where files lie; adapters implement the formats. All
of it blocks: call it in a thread, one at a time for each file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from addons.catalog.domain.sheet_profile import SheetFacts, SheetProfile
from kernel.money import Money

FILE_BYTES_MAX = 64 * 1024 * 1024
ROWS_MAX = 300_000  # with something in them, in one file

FILE_KEPT_S = 7 * 86_400  # after it came

Cell = str | int | Money
Line = tuple[int, list[str]]  # number of the row in the file, from 1, and its cells


class SheetWriter(Protocol):
    """A file being written."""

    def write(self, cells: Sequence[Cell]) -> None:
        """Add a row."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class SheetFormats(Protocol):
    """The formats we read and write."""

    def look(self, path: Path, profile: SheetProfile) -> SheetFacts:
        """What the file is, read to its end where its text must be checked. Raises Refusal."""
        ...

    def lines(self, path: Path, facts: SheetFacts) -> Iterator[Line]:
        """Rows with something in them, the header left out. Raises Refusal for what is no table."""
        ...

    def writer(self, path: Path, facts: SheetFacts) -> SheetWriter:
        """Begin a file."""
        ...


def sheet_path(folder: str, company_id: str, import_id: str) -> Path:
    """Where a file lies, below one folder that all gateways and workers share. Both ids are ours: neither
    holds a separator.
    """
    return Path(folder) / company_id / import_id


def sweep_sheets(folder: str) -> int:
    """Throw away files older than FILE_KEPT_S, and those of uploads that were cut off; how many."""
    until = time.time() - FILE_KEPT_S
    old = [path for path in Path(folder).glob("*/*") if path.stat().st_mtime < until]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
