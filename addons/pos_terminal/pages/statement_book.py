"""A statement of a period as an Excel workbook and as CSV. Pure: no page, no database.

Numbers are stored numbers with two digits, never formulas; no text can become one. The first columns are
those of the mobile terminal's manual: date of credit, kind, POS id, sum, commission, credited.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from kernel.money import Money

FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
MONEY_FORMAT = "0.00"
_BOLD = Font(bold=True)

Content = Money | int | str | datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. head: lines above the table; widths: of the columns in characters; total: the last line."""

    title: str
    head: Sequence[Sequence[Content]]
    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[Content]]
    total: Sequence[Content] = ()


def workbook_of(sheets: Sequence[Sheet]) -> bytes:
    """The file."""
    book = Workbook(write_only=True)
    for each in sheets:
        sheet = book.create_sheet(each.title[:31])
        for place, width in enumerate(each.widths, 1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.freeze_panes = f"A{len(each.head) + 2}"
        for line in each.head:
            sheet.append([_cell(sheet, content) for content in line])
        sheet.append([_bold(sheet, content) for content in each.columns])
        for line in each.rows:
            sheet.append([_cell(sheet, content) for content in line])
        if each.total:
            sheet.append([_bold(sheet, content) for content in each.total])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def csv_of(sheet: Sheet) -> Iterator[bytes]:
    """One sheet as CSV: UTF-8 with a mark, semicolons, as spreadsheets of the country open it."""
    yield "\ufeff".encode()
    for line in (sheet.columns, *sheet.rows, sheet.total):
        if line:
            buffer = io.StringIO()
            csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(
                [text_of(each) for each in line]
            )
            yield buffer.getvalue().encode()


def text_of(content: Content) -> str:
    """As it stands in a CSV: a sum is a number, a text that looks like a formula gets a mark before it."""
    if isinstance(content, Money):
        return str(content)
    if isinstance(content, datetime):
        return content.strftime("%Y-%m-%d %H:%M:%S")
    text = str(content)
    return f"'{text}" if text.startswith(FORMULA_MARKS) and not isinstance(content, int) else text


def _cell(sheet: Any, content: Content) -> Any:
    if isinstance(content, Money):
        cell = WriteOnlyCell(sheet, content.tiyn / 100)  # 15 digits hold any sum of money there is
        cell.number_format = MONEY_FORMAT
        return cell
    if isinstance(content, int):
        return WriteOnlyCell(sheet, content)
    if isinstance(content, datetime):
        cell = WriteOnlyCell(sheet, content.replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub(" ", content)
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if text.startswith(FORMULA_MARKS):
        cell.quotePrefix = True
    return cell


def _bold(sheet: Any, content: Content) -> Any:
    cell = _cell(sheet, content)
    cell.font = _BOLD
    return cell
