"""Reading the cells of one row of a sheet. Which good a row means, and writing it, do not belong here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from addons.catalog.domain.barcode import BARCODE_LENGTH_MAX
from addons.catalog.domain.product import (
    ARTICLE_LENGTH_MAX,
    BARCODES_MAX,
    NAME_LENGTH_MAX,
    check_code,
    check_percent,
    check_section,
    clean_name,
)
from addons.catalog.domain.sheet_profile import DecimalMark, SheetColumn, SheetKey, title_of
from addons.catalog.domain.source import UNSET, Unset
from addons.catalog.domain.units import Unit, unit_by_code, unit_by_name
from addons.catalog.domain.vat import VAT_BP_MAX
from kernel.errors import Refusal
from kernel.money import Money
from kernel.texts import one_line
from kernel.values import value

CELL_LENGTH_SHOWN = 60
CELL_LENGTH_MAX = 2_000
GROUP_DEPTH_MAX = 20
# A cell that begins so is taken for a formula by spreadsheets; files of ours put an apostrophe before it.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
_BLANKS = str.maketrans("", "", " \u00a0\u202f\u2009'")
_CURRENCY = re.compile(r"(?:₸|тг\.?|тенге|теңге|kzt)$", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,13})(?:[.,](\d{1,2}))?", re.ASCII)
_GROUPED = {
    DecimalMark.COMMA: re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", re.ASCII),
    DecimalMark.POINT: re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?", re.ASCII),
}
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_BARCODE_BREAKS = re.compile(r"[\s,;|]+")
_TRUE = frozenset({"1", "да", "иә", "yes", "true", "+", "истина"})
_FALSE = frozenset({"0", "нет", "жоқ", "no", "false", "-", "ложь", ""})
_WITHOUT_VAT = frozenset(
    {"безндс", "ққссыз", "ққс-сыз", "ндснеоблагается", "нет", "жоқ", "none", "-", "novat"}
)

Value = TypeVar("Value")


@value
class CellFault:
    """Why a row is refused: its number in the file, from 1; the title of its column, "" for the row as a
    whole; a code with facts for its text; the cell as it stands, cut.
    """

    line: int
    column: str
    code: str
    facts: Mapping[str, str | int]
    cell: str


@value
class SheetRow:
    """What a row says. UNSET: not mentioned.

    barcode: one that the good has among others; barcodes: all it has. groups: names from the root down;
    () and group_code "": in no group. vat_bp None: without VAT. price None: typed at the till.
    """

    line: int
    code: int | None
    barcode: str | Unset = UNSET
    barcodes: tuple[str, ...] | Unset = UNSET
    name: str | Unset = UNSET
    name_kk: str | Unset = UNSET
    article: str | Unset = UNSET
    group_code: str | Unset = UNSET
    groups: tuple[str, ...] | Unset = UNSET
    price: Money | Unset | None = UNSET
    discount_bp: int | Unset = UNSET
    markup_bp: int | Unset = UNSET
    vat_bp: int | Unset | None = UNSET
    unit: Unit | Unset = UNSET
    section: int | Unset = UNSET
    ntin: str | Unset = UNSET
    gtin: str | Unset = UNSET
    is_marked: bool | Unset = UNSET
    is_archived: bool | Unset = UNSET

    @property
    def first_barcode(self) -> str:
        """The barcode the row may be known by; "" when it has none."""
        if not isinstance(self.barcode, Unset) and self.barcode:
            return self.barcode
        return self.barcodes[0] if not isinstance(self.barcodes, Unset) and self.barcodes else ""


class RowReader:
    """Reads rows of one file: fixed places of columns, key and decimal mark."""

    def __init__(self, places: Mapping[SheetColumn, int], *, key: SheetKey, decimal: DecimalMark) -> None:
        self._places = places
        self._key = key
        percent = partial(read_percent, decimal=decimal)
        self._readers: Mapping[SheetColumn, tuple[str, Callable[[str], object]]] = {
            SheetColumn.BARCODE: ("barcode", read_barcode),
            SheetColumn.BARCODES: ("barcodes", read_barcodes),
            SheetColumn.NAME: ("name", read_name),
            SheetColumn.NAME_KK: ("name_kk", partial(read_text, length_max=NAME_LENGTH_MAX)),
            SheetColumn.ARTICLE: ("article", partial(read_text, length_max=ARTICLE_LENGTH_MAX)),
            SheetColumn.GROUP_CODE: ("group_code", partial(read_text, length_max=ARTICLE_LENGTH_MAX)),
            SheetColumn.GROUP: ("groups", read_groups),
            SheetColumn.PRICE: ("price", partial(read_price, decimal=decimal)),
            SheetColumn.DISCOUNT: ("discount_bp", percent),
            SheetColumn.MARKUP: ("markup_bp", percent),
            SheetColumn.VAT: ("vat_bp", partial(read_vat, decimal=decimal)),
            SheetColumn.UNIT: ("unit", read_unit),
            SheetColumn.SECTION: ("section", read_section),
            SheetColumn.NTIN: ("ntin", read_digits),
            SheetColumn.GTIN: ("gtin", read_digits),
            SheetColumn.MARKED: ("is_marked", read_flag),
            SheetColumn.ARCHIVED: ("is_archived", read_flag),
        }

    def read(self, line: int, cells: Sequence[str]) -> SheetRow | list[CellFault]:
        """The row, or everything that is wrong with its cells."""
        faults: list[CellFault] = []
        said: dict[str, object] = {}
        code: int | None = None
        for column, place in self._places.items():
            cell = plain_cell(cells[place][: CELL_LENGTH_MAX + 1]) if place < len(cells) else ""
            try:
                if len(cell) > CELL_LENGTH_MAX:
                    raise Refusal("SHEET_CELL_TOO_LONG", max=CELL_LENGTH_MAX)
                if column is SheetColumn.CODE:
                    code = read_code(cell)
                else:
                    name, read = self._readers[column]
                    said[name] = read(cell)
            except Refusal as refusal:
                faults.append(fault_of(refusal, line, column, cell))
        if faults:
            return faults
        row = SheetRow(line, code, **said)  # type: ignore[arg-type]
        if not row.first_barcode and (self._key is SheetKey.BARCODE or row.code is None):
            return [CellFault(line, title_of(SheetColumn(self._key.value)), "SHEET_KEY_EMPTY", {}, "")]
        return row


def fault_of(refusal: Refusal, line: int, column: SheetColumn | None, cell: str = "") -> CellFault:
    """A refusal as the fault of a cell."""
    facts = {name: fact for name, fact in refusal.facts.items() if isinstance(fact, (str, int))}
    title = "" if column is None else title_of(column)
    return CellFault(line, title, refusal.code, facts, cell[:CELL_LENGTH_SHOWN])


def plain_cell(cell: str) -> str:
    """The cell as people see it: one line, without the apostrophe that keeps a text from being a formula."""
    if cell.startswith("'") and cell[1:2] in FORMULA_MARKS:
        cell = cell[1:]
    return one_line(cell)


def is_blank(cells: Iterable[str]) -> bool:
    """Whether a row holds nothing."""
    return not any(cell and not cell.isspace() for cell in cells)


def read_code(cell: str) -> int | None:
    """Raises Refusal("SHEET_CODE_MALFORMED") and the one of check_code."""
    text = cell.translate(_BLANKS).removesuffix(".0")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Refusal("SHEET_CODE_MALFORMED")
    return check_code(int(text[:20]), field="code")


def read_name(cell: str) -> str | Unset:
    """An empty name says nothing: a good cannot be without one."""
    return clean_name(cell, field="name") if cell else UNSET


def read_text(cell: str, *, length_max: int) -> str:
    """Raises Refusal("PRODUCT_TEXT_TOO_LONG")."""
    if len(cell) > length_max:
        raise Refusal("PRODUCT_TEXT_TOO_LONG", max=length_max)
    return cell


def read_barcode(cell: str) -> str | Unset:
    """An empty cell says nothing. Refusals as read_barcodes."""
    return _barcode(cell) if cell else UNSET


def read_barcodes(cell: str) -> tuple[str, ...]:
    """All barcodes between blanks, commas or bars.

    Raises Refusals SHEET_BARCODE_ROUNDED, PRODUCT_BARCODE_MALFORMED, PRODUCT_BARCODES_TOO_MANY.
    """
    if _ROUNDED.fullmatch(cell):
        raise Refusal("SHEET_BARCODE_ROUNDED")
    found = tuple(dict.fromkeys(_barcode(each) for each in _BARCODE_BREAKS.split(cell) if each))
    if len(found) > BARCODES_MAX:
        raise Refusal("PRODUCT_BARCODES_TOO_MANY", max=BARCODES_MAX)
    return found


def _barcode(text: str) -> str:
    if _ROUNDED.fullmatch(text):
        raise Refusal("SHEET_BARCODE_ROUNDED")
    if len(text) > BARCODE_LENGTH_MAX or not text.isprintable():
        raise Refusal("PRODUCT_BARCODE_MALFORMED")
    return text


def read_groups(cell: str) -> tuple[str, ...]:
    """Names of groups from the root down: "Напитки / Соки". Raises Refusal("GROUP_TOO_DEEP")."""
    names = tuple(clean_name(each, field="group") for each in cell.split("/") if each.strip())
    if len(names) > GROUP_DEPTH_MAX:
        raise Refusal("GROUP_TOO_DEEP", max=GROUP_DEPTH_MAX)
    return names


def read_price(cell: str, *, decimal: DecimalMark) -> Money | None:
    """Empty: no price. Raises Refusal("SHEET_NUMBER_MALFORMED")."""
    text = _CURRENCY.sub("", cell.translate(_BLANKS))
    return Money(_hundredths(text, decimal)) if text else None


def read_percent(cell: str, *, decimal: DecimalMark) -> int:
    """Basis points; empty is none. Raises Refusals SHEET_NUMBER_MALFORMED, PRODUCT_PERCENT_OUT_OF_RANGE."""
    text = cell.translate(_BLANKS).removesuffix("%")
    return check_percent(_hundredths(text, decimal), field="percent") if text else 0


def read_vat(cell: str, *, decimal: DecimalMark) -> int | Unset | None:
    """Basis points, None for "Без НДС"; an empty cell says nothing.

    Raises Refusals SHEET_NUMBER_MALFORMED, PRODUCT_VAT_OUT_OF_RANGE.
    """
    text = cell.translate(_BLANKS).lower()
    if not text:
        return UNSET
    if text in _WITHOUT_VAT:
        return None
    rate = _hundredths(text.removeprefix("ндс").removeprefix("ққс").removesuffix("%"), decimal)
    if rate >= VAT_BP_MAX:
        raise Refusal("PRODUCT_VAT_OUT_OF_RANGE")
    return rate


def read_unit(cell: str) -> Unit | Unset:
    """By code or short name; an empty cell says nothing. Raises Refusal("PRODUCT_UNIT_UNKNOWN")."""
    if not cell:
        return UNSET
    unit = unit_by_code(cell) or unit_by_name(cell)
    if unit is None:
        raise Refusal("PRODUCT_UNIT_UNKNOWN", value=cell[:10])
    return unit


def read_section(cell: str) -> int:
    """Empty is 0. Raises Refusals SHEET_NUMBER_MALFORMED, PRODUCT_SECTION_OUT_OF_RANGE."""
    if not cell:
        return 0
    if not (cell.isascii() and cell.isdigit()):
        raise Refusal("SHEET_NUMBER_MALFORMED")
    return check_section(int(cell[:10]), field="section")


def read_digits(cell: str) -> str:
    """At most 14 digits or nothing. Raises Refusals PRODUCT_NUMBER_MALFORMED, SHEET_BARCODE_ROUNDED."""
    if _ROUNDED.fullmatch(cell):
        raise Refusal("SHEET_BARCODE_ROUNDED")
    if cell and not (cell.isascii() and cell.isdigit() and len(cell) <= 14):
        raise Refusal("PRODUCT_NUMBER_MALFORMED")
    return cell


def read_flag(cell: str) -> bool:
    """Yes or no in three languages; empty is no. Raises Refusal("SHEET_FLAG_MALFORMED")."""
    word = cell.lower()
    if word not in _TRUE and word not in _FALSE:
        raise Refusal("SHEET_FLAG_MALFORMED")
    return word in _TRUE


def _hundredths(text: str, decimal: DecimalMark) -> int:
    """A number with at most two digits after its mark, in hundredths.

    Either mark before one or two last digits is decimal whatever the file's mark is; before three it is a
    mark of thousands unless it is the file's decimal mark: then the number is finer than a tiyn and refused.
    """
    if _GROUPED[decimal].fullmatch(text):
        text = text.replace("." if decimal is DecimalMark.COMMA else ",", "")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Refusal("SHEET_NUMBER_MALFORMED")
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def decimal_of(cells: Iterable[str]) -> DecimalMark | None:
    """The decimal mark that cells with prices speak for; None when none of them has one."""
    votes = dict.fromkeys(DecimalMark, 0)
    for cell in cells:
        text = _CURRENCY.sub("", cell.translate(_BLANKS))
        for mark in DecimalMark:
            if re.fullmatch(rf"[\d.,]*\d{re.escape(mark.value)}\d{{1,2}}", text):
                votes[mark] += 1
    best = max(votes, key=lambda mark: votes[mark])
    return best if votes[best] else None
