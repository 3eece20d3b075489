"""CSV files of goods: telling encoding, delimiter and decimal mark, reading and writing. What the cells mean
does not belong here.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from addons.catalog.domain.sheet_profile import (
    DecimalMark,
    Delimiter,
    Encoding,
    SheetColumn,
    SheetFacts,
    SheetKind,
    SheetProfile,
)
from addons.catalog.domain.sheet_row import FORMULA_MARKS, decimal_of, is_blank
from addons.catalog.services.sheet_ports import ROWS_MAX, Cell, Line
from kernel.errors import Refusal
from kernel.money import Money

CHUNK_BYTES = 256 * 1024
SAMPLE_ROWS = 500  # by which delimiter and decimal mark are told
CELL_CHARACTERS_MAX = 32 * 1024  # a quote that nobody closes would make one cell of the whole file
LINES_MAX = 2_000_000  # blank ones included
_BOMS = (
    (codecs.BOM_UTF8, Encoding.UTF_8_BOM),
    (codecs.BOM_UTF16_LE, Encoding.UTF_16),
    (codecs.BOM_UTF16_BE, Encoding.UTF_16),
)
# Letters that windows-1251 does not have, as the ones people write for them.
_LIKE = str.maketrans("ӘәҒғҚқҢңӨөҰұҮүҺһ", "АаГгКкНнОоУуУуХх")


def look_at_csv(path: Path, profile: SheetProfile) -> SheetFacts:
    """Raises Refusals SHEET_NOT_A_TABLE, SHEET_ENCODING_UNKNOWN, SHEET_EMPTY, SHEET_CELL_TOO_LONG and those
    of the profile's columns.
    """
    encoding = profile.encoding
    told = _encoding_of(path)
    if encoding is None or (encoding is Encoding.UTF_8 and told is Encoding.UTF_8_BOM):
        encoding = told
    _check_text(path, encoding)
    delimiter = profile.delimiter or _delimiter_of(path, encoding, profile)
    with path.open(encoding=encoding.value, newline="") as file:
        sample = [cells for _, cells in islice(_rows(file, delimiter), SAMPLE_ROWS)]
    if not sample:
        raise Refusal("SHEET_EMPTY")
    header = sample[0] if profile.has_header else None
    columns = profile.columns_of(header)
    decimal = profile.decimal
    if decimal is None and SheetColumn.PRICE in columns:
        place = columns.index(SheetColumn.PRICE)
        body = sample[1:] if profile.has_header else sample
        decimal = decimal_of(cells[place] for cells in body if place < len(cells))
    if decimal is None:
        decimal = DecimalMark.POINT if delimiter is Delimiter.COMMA else DecimalMark.COMMA
    return SheetFacts(SheetKind.CSV, encoding, delimiter, decimal, profile.has_header, columns)


def csv_lines(path: Path, facts: SheetFacts) -> Iterator[Line]:
    """Raises Refusals SHEET_CELL_TOO_LONG, SHEET_ROWS_TOO_MANY, SHEET_ENCODING_UNKNOWN."""
    assert facts.encoding is not None
    assert facts.delimiter is not None
    with path.open(encoding=facts.encoding.value, newline="") as file:
        count = 0
        for line, cells in _rows(file, facts.delimiter):
            count += 1
            if facts.has_header and count == 1:
                continue
            if count > ROWS_MAX + facts.has_header:
                raise Refusal("SHEET_ROWS_TOO_MANY", max=ROWS_MAX)
            yield line, cells


class CsvWriter:
    """A CSV file being written: no cell of it is a formula to a spreadsheet."""

    def __init__(self, path: Path, facts: SheetFacts) -> None:
        assert facts.encoding is not None
        assert facts.delimiter is not None
        self._decimal = facts.decimal.value
        self._is_narrow = facts.encoding is Encoding.WINDOWS_1251
        self._file = path.open("w", encoding=facts.encoding.value, errors="replace", newline="")
        self._writer = csv.writer(self._file, delimiter=facts.delimiter.value, lineterminator="\r\n")

    def write(self, cells: Sequence[Cell]) -> None:
        """Add a row."""
        self._writer.writerow([self._text(cell) for cell in cells])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def _text(self, cell: Cell) -> str:
        if isinstance(cell, Money):
            return str(cell).replace(".", self._decimal)
        text = str(cell)
        if self._is_narrow:
            text = text.translate(_LIKE)
        return f"'{text}" if text.startswith(FORMULA_MARKS) else text


def _encoding_of(path: Path) -> Encoding:
    """By its first bytes, else UTF-8 when all of it is, else windows-1251."""
    with path.open("rb") as file:
        head = file.read(CHUNK_BYTES)
        for bom, encoding in _BOMS:
            if head.startswith(bom):
                return encoding
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while head:
                decoder.decode(head)
                head = file.read(CHUNK_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return Encoding.WINDOWS_1251
    return Encoding.UTF_8


def _check_text(path: Path, encoding: Encoding) -> None:
    """Raises Refusal("SHEET_ENCODING_UNKNOWN") for other bytes, ("SHEET_NOT_A_TABLE") for no text at all."""
    try:
        with path.open(encoding=encoding.value, newline="") as file:
            while piece := file.read(CHUNK_BYTES):
                if "\0" in piece:
                    raise Refusal("SHEET_NOT_A_TABLE")
    except UnicodeError as error:
        raise Refusal("SHEET_ENCODING_UNKNOWN", encoding=encoding.value) from error


def _delimiter_of(path: Path, encoding: Encoding, profile: SheetProfile) -> Delimiter:
    """The delimiter by which most rows have the same number of cells, at least two; with a profile without
    header preferably as many as it has columns.
    """
    best, best_score = Delimiter.SEMICOLON, (False, 0, 0)
    for delimiter in (Delimiter.SEMICOLON, Delimiter.TAB, Delimiter.COMMA, Delimiter.BAR):
        try:
            with path.open(encoding=encoding.value, newline="") as file:
                counts = Counter(len(cells) for _, cells in islice(_rows(file, delimiter), SAMPLE_ROWS))
        except Refusal:
            continue
        counts.pop(1, None)
        if counts:
            width, rows = max(counts.items(), key=lambda each: (each[1], each[0]))
            score = (not profile.has_header and width == len(profile.columns), rows, width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _rows(file: TextIO, delimiter: Delimiter) -> Iterator[Line]:
    """Rows with something in them. Raises Refusal("SHEET_CELL_TOO_LONG")."""
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    reader = csv.reader(file, delimiter=delimiter.value)
    line = 0
    while line < LINES_MAX:
        line += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Refusal("SHEET_CELL_TOO_LONG", max=CELL_CHARACTERS_MAX, line=line) from error
        if cells is None:
            return
        if not is_blank(cells):
            yield line, cells
    raise Refusal("SHEET_ROWS_TOO_MANY", max=LINES_MAX)
