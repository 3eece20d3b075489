"""What offline-register files have in common: text of records, goods gathered from several rows, their
errors.

The formats themselves are in atol_goods.py, shtrih_goods.py and their reports; files and folders do not
belong here. A row that cannot be read refuses the whole file and names its line and field: a `;` too many
shifts every field behind it, and a wrong price is worse than an old one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from addons.catalog_1c.domain.options import Wanted
from addons.catalog_1c.domain.records import NO_TYPES, GoodsRecord, GroupRecord, PriceRecord, StockRecord
from addons.catalog_1c.domain.report import Note
from addons.catalog_1c.domain.texts import NotANumber, VatWord, parse_scaled, parse_vat
from kernel.errors import Refusal

FILE_MIB_MAX = 64
LINE_CHARS_MAX = 16_384
GOODS_MAX = 200_000  # of one file: they are held in memory, about 1 kB each
CODE_LENGTH_MAX = 40
NEW = "#"  # the reader puts TAKEN in its place when it has stored the file
TAKEN = "@"
HIDDEN_SEPARATOR = "¤"  # stands for a ";" inside a value
KILOGRAM = "166"

ENCODINGS: Mapping[str, str] = {
    "cp1251": "cp1251",
    "windows-1251": "cp1251",
    "cp866": "cp866",
    "utf-8": "utf-8",
}
_BOM = b"\xef\xbb\xbf"
_CYRILLIC = re.compile("[\u0400-\u04ff]")


class DeviceFormat(StrEnum):
    """Formats of offline registers: goods come in them and sales go back."""

    FRONTOL = "frontol"
    SHTRIH = "shtrih"
    EQUIPMENT = "equipment"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a connection wants its files read.

    encoding: a key of ENCODINGS, or "" for UTF-8 when the bytes are that, else windows-1251. taxes: what the
    numbers of tax groups mean, as texts of rates ("16", "Без НДС"); tables inside a file go first.
    """

    encoding: str = ""
    taxes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoodsFile:
    """A file of goods, read to its end. groups: parents before children. is_full: it says that there are no
    other goods."""

    is_full: bool
    groups: Sequence[GroupRecord]
    goods: Sequence[GoodsRecord]
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number (from 1) and whether a line break ended it."""

    number: int
    text: str
    is_ended: bool = True


def text_lines(content: bytes, *, file: str, encoding: str) -> Iterator[Line]:
    """The lines of a file, one at a time.

    Raises Refusals C1C_FILE_EMPTY, C1C_DEVICE_FILE_TOO_LARGE, C1C_DEVICE_ENCODING, C1C_DEVICE_LINE_TOO_LONG.
    """
    if len(content) > FILE_MIB_MAX * 1024**2:
        raise Refusal("C1C_DEVICE_FILE_TOO_LARGE", file=file, max=FILE_MIB_MAX)
    body = io.BytesIO(content)
    has_mark = content.startswith(_BOM)
    if has_mark:
        body.seek(len(_BOM))
    if not content.removeprefix(_BOM).strip(b"\x00 \t\r\n"):
        raise Refusal("C1C_FILE_EMPTY", file=file)
    choice = encoding or ("utf-8" if has_mark or _is_utf8(content) else "cp1251")
    for number, raw in enumerate(body, 1):
        try:
            text = raw.decode(ENCODINGS[choice])
        except UnicodeDecodeError as error:
            raise Refusal("C1C_DEVICE_ENCODING", file=file, line=number, encoding=choice) from error
        is_ended = text.endswith("\n")
        text = text.rstrip("\r\n")
        if len(text) > LINE_CHARS_MAX or "\x00" in text:
            raise Refusal("C1C_DEVICE_LINE_TOO_LONG", file=file, line=number, max=LINE_CHARS_MAX)
        yield Line(number, text, is_ended)


def _is_utf8(body: bytes) -> bool:
    """True for UTF-8 with Cyrillic letters: a word in windows-1251 never looks like that."""
    try:
        return _CYRILLIC.search(body.decode()) is not None
    except UnicodeDecodeError:
        return False


class Row:
    """The fields of one line, numbered from 1 as the formats number them."""

    __slots__ = ("_fields", "file", "line")

    def __init__(self, line: Line, *, file: str, text: str | None = None) -> None:
        self.line = line
        self.file = file
        self._fields = (line.text if text is None else text).split(";")

    def __len__(self) -> int:
        return len(self._fields)

    def given(self, number: int) -> str | None:
        """The field without blanks around; None when the row is shorter, "" when the field is empty."""
        if number > len(self._fields):
            return None
        return self._fields[number - 1].strip().replace(HIDDEN_SEPARATOR, ";")

    def text(self, number: int) -> str:
        """The field, "" when the row is shorter."""
        return self.given(number) or ""

    def rest(self, number: int) -> list[str]:
        """The fields from this one on."""
        return [each.strip() for each in self._fields[number - 1 :]]

    def wrong(self, number: int, code: str = "C1C_DEVICE_FIELD") -> Refusal:
        """The refusal that names file, line, field and value."""
        return Refusal(
            code, file=self.file, line=self.line.number, place=number, value=self.text(number)[:40]
        )

    def amount(self, number: int) -> str | None:
        """A price or a quantity not below zero as written; None when not given or empty."""
        text = self.text(number)
        if not text:
            return None
        value = parse_scaled(text, digits=3)
        if isinstance(value, NotANumber) or value < 0:
            raise self.wrong(number)
        return text

    def code(self, number: int) -> str:
        """The code of a good or a group."""
        code = self.text(number)
        if not 0 < len(code) <= CODE_LENGTH_MAX or not code.isprintable():
            raise self.wrong(number, "C1C_DEVICE_CODE")
        return code

    def flag(self, number: int) -> bool | None:
        """A field that is 0 or 1; None when it is neither."""
        return {"0": False, "1": True}.get(self.text(number))


@dataclass(slots=True)
class Draft:
    """A good as it grows row by row. barcodes None: nobody spoke of them."""

    code: str
    name: str | None = None
    barcodes: list[str] | None = None
    packs: dict[str, str] = field(default_factory=dict)
    price: str | None = None
    is_priced: bool = False
    stock: str = ""
    article: str | None = None
    group: str | None = None
    unit_code: str | None = None
    unit_name: str | None = None
    tax_group: str = ""
    is_marked: bool | None = None
    is_deleted: bool = False


class Gathering:
    """Goods and groups of one file by their codes; the rows of one good become one record."""

    def __init__(self, *, file: str, options: ReadOptions) -> None:
        self.is_full = False
        self.notes: list[Note] = []
        self.taxes: dict[str, str] = {}  # tables of the file itself
        self._file = file
        self._options = options
        self._goods: dict[str, Draft] = {}
        self._groups: dict[str, GroupRecord] = {}

    def forget(self) -> None:
        """The file says that there are no goods but those that follow."""
        self._goods.clear()
        self._groups.clear()
        self.is_full = True

    def good(self, code: str) -> Draft:
        """The draft of a good, made at its first mention. Raises Refusal C1C_DEVICE_ROWS."""
        draft = self._goods.get(code)
        if draft is None:
            if len(self._goods) >= GOODS_MAX:
                raise Refusal("C1C_DEVICE_ROWS", file=self._file, max=GOODS_MAX)
            draft = self._goods[code] = Draft(code)
        return draft

    def delete(self, code: str) -> None:
        """The good is gone, unless a later row brings it back."""
        self._groups.pop(code, None)
        self.good(code)
        self._goods[code] = Draft(code, is_deleted=True)

    def group(self, code: str, *, name: str, parent: str) -> None:
        """A group; the last mention counts. Raises Refusal C1C_DEVICE_ROWS."""
        if len(self._groups) >= GOODS_MAX:
            raise Refusal("C1C_DEVICE_ROWS", file=self._file, max=GOODS_MAX)
        self._groups[code] = GroupRecord(code, name, "" if parent in ("0", code) else parent, False)

    def barcodes(self, draft: Draft, barcodes: Iterable[str], *, coefficient: str | None) -> None:
        """Barcodes of a row; a coefficient other than one makes them barcodes of a pack."""
        fresh = [each for each in barcodes if each]
        if fresh and coefficient and parse_scaled(coefficient, digits=3) not in (0, 1000):
            draft.packs.update(dict.fromkeys(fresh, coefficient))
        elif fresh:
            draft.barcodes = list(dict.fromkeys((*(draft.barcodes or ()), *fresh)))

    def skip(self, what: str) -> None:
        """Note a part of the file that is not used, once."""
        note = Note("C1C_DEVICE_COMMAND", "", what[:80])
        if note not in self.notes:
            self.notes.append(note)

    def result(self) -> GoodsFile:
        """All of it."""
        goods = []
        for code in list(self._goods):  # a draft is let go as soon as its record is there
            goods.append(self._record(self._goods.pop(code)))
        return GoodsFile(self.is_full, parents_first(self._groups.values()), goods, tuple(self.notes))

    def _record(self, draft: Draft) -> GoodsRecord:
        if draft.is_deleted:
            return GoodsRecord(draft.code, "", is_offer=False, is_deleted=True)
        marked = () if draft.is_marked is None else ((Wanted.MARKED, str(draft.is_marked)),)
        barcodes = draft.barcodes
        if barcodes is None and self.is_full:
            barcodes = []
        group = draft.group
        return GoodsRecord(
            external_id=draft.code,
            digest="",
            is_offer=False,
            name=draft.name,
            article=draft.article,
            code=draft.code,
            barcodes=None if barcodes is None else tuple(barcodes),
            unit_code=draft.unit_code,
            unit_name=draft.unit_name,
            group_id="" if group == "0" else group,
            vat_texts=self._vat(draft),
            prices=(price(draft.price),) if draft.is_priced else None,
            stock=stock_of(draft.stock),
            packs=tuple(draft.packs.items()),
            facts=marked,
        )

    def _vat(self, draft: Draft) -> tuple[str, ...] | None:
        if not draft.tax_group:
            return None
        text = self.taxes.get(draft.tax_group) or self._options.taxes.get(draft.tax_group)
        if text is None:
            self.notes.append(Note("C1C_TAX_GROUP", draft.code, draft.tax_group[:80]))
            return None
        return (text,)


def price(amount: str | None) -> PriceRecord:
    """The one price of a format that has no price types, in tenge and for one unit."""
    return PriceRecord(type_id=NO_TYPES, amount=amount or "", currency="", coefficient="", min_quantity="")


def stock_of(amount: str | None) -> tuple[StockRecord, ...] | None:
    """How much there is, of a format that has no warehouses; unknown is not zero."""
    return (StockRecord("", amount),) if amount else None


def rate_text(name: str, value: str) -> str | None:
    """What a row of a tax table means: "Без НДС" by its name, else its number; None when it says neither."""
    if parse_vat(name) is VatWord.WITHOUT:
        return name
    return None if isinstance(parse_vat(value), VatWord) else value


def parents_first(groups: Iterable[GroupRecord]) -> tuple[GroupRecord, ...]:
    """Groups in an order in which each parent that is among them comes before its children; a ring is cut."""
    by_id = {group.external_id: group for group in groups}
    ordered: dict[str, GroupRecord] = {}
    for group in by_id.values():
        path: dict[str, GroupRecord] = {}
        step: GroupRecord | None = group
        while step is not None and step.external_id not in ordered and step.external_id not in path:
            path[step.external_id] = step
            step = by_id.get(step.parent_id)
        ring = step.external_id if step is not None and step.external_id in path else None
        for each in reversed(path.values()):
            if ring is not None:  # the outermost of a ring becomes a root
                each = GroupRecord(each.external_id, each.name, "", each.is_deleted)
                ring = None
            ordered[each.external_id] = each
    return tuple(ordered.values())


def body_of(lines: Iterator[Line], *, file: str, head: str) -> tuple[str, Iterator[Line]]:
    """What follows `head` in the first line, and the lines from the third on, blank ones left out.

    Raises Refusals C1C_DEVICE_HEAD when the first two lines are not those of the format, C1C_DEVICE_TAKEN
    when the second says that the file was read before.
    """
    first = next(lines).text.strip()
    second = next(lines, None)
    mark = "" if second is None else second.text.strip()
    if not first.startswith(head):
        raise Refusal("C1C_DEVICE_HEAD", file=file, line=1, value=first[:40])
    if mark == TAKEN:
        raise Refusal("C1C_DEVICE_TAKEN", file=file)
    if mark != NEW:
        raise Refusal("C1C_DEVICE_HEAD", file=file, line=2, value=mark[:40])
    return first.removeprefix(head), (line for line in lines if line.text.strip())


def check_whole(row: Row, fields_before: int) -> None:
    """A last line that no line break ended and that is shorter than the row before was cut on the way.

    Raises Refusal C1C_DEVICE_CUT.
    """
    if not row.line.is_ended and len(row) < fields_before:
        raise Refusal("C1C_DEVICE_CUT", file=row.file, line=row.line.number)
