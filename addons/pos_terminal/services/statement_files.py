"""Files of banks as grids of cells: Excel workbooks and CSV. What the cells mean does not belong here.

A workbook is a packed folder of XML that anybody may have made: its size unpacked is bounded and document
types are refused before openpyxl sees it.
"""

from __future__ import annotations

import csv
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

from lxml.etree import XMLSyntaxError
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from addons.pos_terminal.domain.statement import ROWS_MAX, Cell
from kernel.errors import Refusal

FILE_BYTES_MAX = 16 * 1024 * 1024
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
PARTS_MAX = 500
COLUMNS_MAX = 60
LINES_MAX = ROWS_MAX + 1_000  # with what stands around the table
HEAD_BYTES = 4 * 1024
DELIMITERS = ";,\t"
# What zipfile, expat and openpyxl raise for parts that are missing or not as they should be.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, XMLSyntaxError, ParseError, LookupError, ValueError,
    TypeError, AttributeError, ArithmeticError, AssertionError, EOFError, NotImplementedError, RuntimeError,
    OSError, struct.error,
)  # fmt: skip


def read_grid(content: bytes) -> list[list[Cell]]:
    """The cells of the first sheet, or of the CSV.

    Raises Refusal: STATEMENT_TOO_LARGE, STATEMENT_FILE_BROKEN, STATEMENT_ROWS_TOO_MANY.
    """
    if len(content) > FILE_BYTES_MAX:
        raise Refusal("STATEMENT_TOO_LARGE", max_mb=FILE_BYTES_MAX // 1024 // 1024)
    return _workbook(content) if content[:2] == b"PK" else _csv(content)


def _csv(content: bytes) -> list[list[Cell]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", errors="replace")
    if "\0" in text:
        raise Refusal("STATEMENT_FILE_BROKEN")
    lines = text.splitlines()
    delimiter = max(DELIMITERS, key=lambda each: max((line.count(each) for line in lines[:100]), default=0))
    grid: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            grid.append(_bounded([_unescaped(cell) for cell in row], len(grid)))
    except csv.Error as error:
        raise Refusal("STATEMENT_FILE_BROKEN") from error
    return grid


def _workbook(content: bytes) -> list[list[Cell]]:
    _check_package(content)
    grid: list[list[Cell]] = []
    try:
        with warnings.catch_warnings():  # of styles and the like that banks leave out
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        for row in sheet.iter_rows(max_col=COLUMNS_MAX, values_only=True):
            grid.append(_bounded(list(row), len(grid)))
    except _BROKEN as error:
        raise Refusal("STATEMENT_FILE_BROKEN") from error
    return grid


def _check_package(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            is_large = sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX or len(parts) > PARTS_MAX
            heads = [_head(package, part) for part in parts if part.filename.endswith((".xml", ".rels"))]
    except _BROKEN as error:
        raise Refusal("STATEMENT_FILE_BROKEN") from error
    if is_large or any(b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"\0" in head for head in heads):
        raise Refusal("STATEMENT_FILE_BROKEN")


def _head(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with package.open(part) as file:
        return file.read(HEAD_BYTES)


def _bounded(cells: Sequence[Any], line: int) -> list[Cell]:
    if line >= LINES_MAX:
        raise Refusal("STATEMENT_ROWS_TOO_MANY", max=ROWS_MAX)
    return list(cells[:COLUMNS_MAX])


def _unescaped(cell: str) -> str:
    """Without the mark that our own files put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell
