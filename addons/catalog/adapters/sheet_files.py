"""Which format a file is of, told by its first bytes: the implementation of services/sheet_ports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from addons.catalog.adapters.sheet_csv import CsvWriter, csv_lines, look_at_csv
from addons.catalog.adapters.sheet_xlsx import XlsxWriter, look_at_xlsx, xlsx_lines
from addons.catalog.domain.sheet_profile import SheetFacts, SheetKind, SheetProfile
from addons.catalog.services.sheet_ports import FILE_BYTES_MAX, Line, SheetWriter
from kernel.errors import Refusal

_PACKED = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class SheetFiles:
    """CSV and Excel."""

    def look(self, path: Path, profile: SheetProfile) -> SheetFacts:
        """Raises Refusals SHEET_FILE_GONE, SHEET_EMPTY, SHEET_TOO_LARGE, SHEET_OLD_EXCEL and those of the
        formats.
        """
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                head = file.read(len(_OLD_EXCEL))
        except OSError as error:
            raise Refusal("SHEET_FILE_GONE") from error
        if not size:
            raise Refusal("SHEET_EMPTY")
        if size > FILE_BYTES_MAX:
            raise Refusal("SHEET_TOO_LARGE", max=FILE_BYTES_MAX // 1024**2)
        if head == _OLD_EXCEL:
            raise Refusal("SHEET_OLD_EXCEL")
        return (look_at_xlsx if head.startswith(_PACKED) else look_at_csv)(path, profile)

    def lines(self, path: Path, facts: SheetFacts) -> Iterator[Line]:
        """See the formats."""
        return (xlsx_lines if facts.kind is SheetKind.XLSX else csv_lines)(path, facts)

    def writer(self, path: Path, facts: SheetFacts) -> SheetWriter:
        """Begin a file."""
        return (XlsxWriter if facts.kind is SheetKind.XLSX else CsvWriter)(path, facts)
