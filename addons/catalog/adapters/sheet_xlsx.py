"""Excel workbooks (.xlsx) of goods, read and written row by row. What the cells mean does not belong here.

A workbook is a packed folder of XML that anybody may have made: before openpyxl sees it, its size unpacked,
its number of parts and its ratio are bounded and document types are refused.
"""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from lxml.etree import XMLSyntaxError
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from addons.catalog.domain.sheet_profile import (
    COLUMNS_MAX,
    DecimalMark,
    SheetFacts,
    SheetKind,
    SheetProfile,
)
from addons.catalog.domain.sheet_row import is_blank
from addons.catalog.services.sheet_ports import ROWS_MAX, Cell, Line
from kernel.errors import Refusal
from kernel.money import TIYN_PER_TENGE, Money

PARTS_MAX = 2_000
UNPACKED_BYTES_MAX = 768 * 1024 * 1024
STRINGS_BYTES_MAX = 128 * 1024 * 1024  # the table of shared texts, which is read whole
RATIO_MAX = 300  # of a part, unpacked to packed; real sheets of goods stay below 30
RATIO_FROM_BYTES = 1024 * 1024  # smaller parts may be packed as tightly as they like
HEAD_BYTES = 64 * 1024
LINES_MAX = 1_048_576  # rows of a sheet of Excel
# What zipfile, expat and openpyxl raise for parts that are missing or not as they should be; OSError: a place
# in the file that cannot be.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, XMLSyntaxError, ParseError, LookupError, ValueError,
    TypeError, AttributeError, ArithmeticError, AssertionError, EOFError, NotImplementedError, RuntimeError,
    OSError, struct.error,
)  # fmt: skip


def look_at_xlsx(path: Path, profile: SheetProfile) -> SheetFacts:
    """Raises Refusals SHEET_EXCEL_BROKEN, SHEET_EXCEL_UNSAFE, SHEET_EMPTY and those of the profile's
    columns.
    """
    check_package(path)
    header = next(_rows(path, COLUMNS_MAX), None)
    if header is None:
        raise Refusal("SHEET_EMPTY")
    columns = profile.columns_of(header[1] if profile.has_header else None)
    return SheetFacts(SheetKind.XLSX, None, None, DecimalMark.POINT, profile.has_header, columns)


def xlsx_lines(path: Path, facts: SheetFacts) -> Iterator[Line]:
    """Raises Refusals SHEET_EXCEL_BROKEN, SHEET_ROWS_TOO_MANY."""
    rows = islice(_rows(path, len(facts.columns)), int(facts.has_header), None)
    for count, line in enumerate(rows, 1):
        if count > ROWS_MAX:
            raise Refusal("SHEET_ROWS_TOO_MANY", max=ROWS_MAX)
        yield line


class XlsxWriter:
    """A workbook being written; texts are texts, whatever they begin with."""

    def __init__(self, path: Path, facts: SheetFacts) -> None:
        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Sauda")

    def write(self, cells: Sequence[Cell]) -> None:
        """Add a row."""
        self._sheet.append([self._cell(cell) for cell in cells])

    def close(self) -> None:
        """Finish the file."""
        self._book.save(self._path)
        self._book.close()

    def _cell(self, content: Cell) -> Any:
        if isinstance(content, int):
            return content
        if isinstance(content, Money):
            cell = WriteOnlyCell(self._sheet, content.tiyn / TIYN_PER_TENGE)
            cell.number_format = "0.00"
        else:
            cell = WriteOnlyCell(self._sheet, ILLEGAL_CHARACTERS_RE.sub(" ", content))
            cell.data_type = "s"
        return cell


def check_package(path: Path) -> None:
    """Raises Refusal("SHEET_EXCEL_BROKEN") for what is no workbook, ("SHEET_EXCEL_UNSAFE") for a workbook
    that unpacks to too much or holds a document type.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise Refusal("SHEET_EXCEL_BROKEN")
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
                raise Refusal("SHEET_EXCEL_UNSAFE")
            for part in parts:
                _check_part(package, part)
    except _BROKEN as error:
        raise Refusal("SHEET_EXCEL_BROKEN") from error


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    is_bomb = part.file_size > RATIO_FROM_BYTES and part.file_size > RATIO_MAX * max(1, part.compress_size)
    is_heavy = part.filename.endswith("sharedStrings.xml") and part.file_size > STRINGS_BYTES_MAX
    if is_bomb or is_heavy or part.flag_bits & 1:
        raise Refusal("SHEET_EXCEL_UNSAFE")
    if part.filename.endswith((".xml", ".rels")):
        with package.open(part) as file:
            head = file.read(HEAD_BYTES)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"\0" in head:
            raise Refusal("SHEET_EXCEL_UNSAFE")


def _rows(path: Path, columns: int) -> Iterator[Line]:
    """Rows of the first sheet with something in the first columns."""
    try:
        with path.open("rb") as file:  # its name has no ending, by which openpyxl would judge it
            with warnings.catch_warnings():  # of styles and the like that programs leave out
                warnings.simplefilter("ignore")
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            if not book.worksheets:
                raise Refusal("SHEET_EMPTY")
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            blank: Any = None  # a gap of a million rows is one and the same row, given a million times
            for line, cells in enumerate(sheet.iter_rows(max_row=LINES_MAX, max_col=columns), 1):
                if cells is blank:
                    continue
                texts = [_text(cell) for cell in cells]
                if is_blank(texts):
                    blank = cells
                else:
                    yield line, texts
    except _BROKEN as error:
        raise Refusal("SHEET_EXCEL_BROKEN") from error


def _text(cell: Any) -> str:
    """What the cell shows: whole numbers without a point, shares in percent where they are shown so."""
    content = cell.value
    if content is None:
        return ""
    if isinstance(content, bool):
        return str(int(content))
    if isinstance(content, float):
        if "%" in (cell.number_format or ""):
            content *= 100
        return str(int(content)) if content.is_integer() else f"{content:.10g}"
    if isinstance(content, int) and "%" in (cell.number_format or ""):
        return str(content * 100)
    return str(content)
