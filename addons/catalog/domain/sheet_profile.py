"""Profiles of sheets: which columns a table of goods has and how they are written. Reading files does not
belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from kernel.errors import Refusal
from kernel.texts import one_line

COLUMNS_MAX = 60
PROFILE_NAME_LENGTH_MAX = 60
PROFILES_MAX = 50  # of one company


class SheetColumn(StrEnum):
    """What a column holds. SKIP: nothing for us."""

    CODE = "code"
    BARCODE = "barcode"
    BARCODES = "barcodes"
    ARTICLE = "article"
    NAME = "name"
    NAME_KK = "name_kk"
    GROUP_CODE = "group_code"
    GROUP = "group"
    PRICE = "price"
    DISCOUNT = "discount"
    MARKUP = "markup"
    VAT = "vat"
    UNIT = "unit"
    SECTION = "section"
    NTIN = "ntin"
    GTIN = "gtin"
    MARKED = "marked"
    ARCHIVED = "archived"
    SKIP = "skip"


class SheetKey(StrEnum):
    """What a row's good is known by."""

    CODE = "code"
    BARCODE = "barcode"


class SheetKind(StrEnum):
    """Kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


class Encoding(StrEnum):
    """How the text of a CSV file is written."""

    UTF_8 = "utf-8"
    UTF_8_BOM = "utf-8-sig"
    WINDOWS_1251 = "windows-1251"
    UTF_16 = "utf-16"


class DecimalMark(StrEnum):
    """What stands before tiyn."""

    POINT = "."
    COMMA = ","


class Delimiter(StrEnum):
    """What stands between cells of a CSV file."""

    SEMICOLON = ";"
    COMMA = ","
    TAB = "\t"
    BAR = "|"


_COLUMN_TITLES: Mapping[SheetColumn, tuple[str, ...]] = {
    SheetColumn.CODE: ("Код", "Код товара", "Тауар коды", "Code"),
    SheetColumn.BARCODE: ("Штрихкод", "Штрих-код", "Штрихкоды товара", "Barcode", "EAN", "EAN13", "ШК"),
    SheetColumn.BARCODES: ("Штрихкоды", "Barcodes"),
    SheetColumn.ARTICLE: ("Артикул", "Article", "SKU"),
    SheetColumn.NAME: ("Название", "Наименование", "Товар", "Наименование товара", "Атауы", "Name"),
    SheetColumn.NAME_KK: ("Название на казахском", "Наименование на казахском", "Қазақша атауы", "Name kk"),
    SheetColumn.GROUP_CODE: ("Код группы", "Топ коды", "Group code"),
    SheetColumn.GROUP: ("Группа", "Категория", "Топ", "Group", "Category"),
    SheetColumn.PRICE: ("Цена", "Цена, тг", "Цена продажи", "Розничная цена", "Бағасы", "Price"),
    SheetColumn.DISCOUNT: ("Скидка", "Скидка, %", "Жеңілдік", "Discount"),
    SheetColumn.MARKUP: ("Наценка", "Наценка, %", "Үстеме", "Markup"),
    SheetColumn.VAT: ("НДС", "НДС, %", "Ставка НДС", "ҚҚС", "VAT"),
    SheetColumn.UNIT: ("Единица", "Ед.", "Ед. изм.", "Единица измерения", "Өлшем бірлігі", "Unit"),
    SheetColumn.SECTION: ("Секция", "Отдел", "Бөлім", "Section"),
    SheetColumn.NTIN: ("NTIN", "НТИН", "Код НКТ"),
    SheetColumn.GTIN: ("GTIN",),
    SheetColumn.MARKED: ("Маркировка", "Маркируемый", "Таңбалау", "Marked"),
    SheetColumn.ARCHIVED: ("В архиве", "Архив", "Мұрағатта", "Archived"),
}


def title_of(column: SheetColumn) -> str:
    """What stands at the head of the column in a file of ours; "" for one that is skipped."""
    return _COLUMN_TITLES[column][0] if column in _COLUMN_TITLES else ""


def folded_title(text: str) -> str:
    """A title without case, blanks at its ends and a point."""
    return one_line(text).lower().replace("ё", "е").rstrip(".:*")


_BY_TITLE = {
    folded_title(title): column for column, titles in _COLUMN_TITLES.items() for title in titles
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetProfile:
    """How sheets of one kind look.

    columns: in the order of the file; with a header they are found by its titles, and `titles` names those
    that are not among the usual ones. None of delimiter, encoding, decimal: told by the file itself; files of
    ours are then written with a semicolon, in UTF-8 with a mark and with a comma. does_make_groups: groups
    that are not known are made; otherwise their rows are refused.
    """

    name: str
    columns: tuple[SheetColumn, ...]
    titles: tuple[str, ...] = ()
    key: SheetKey = SheetKey.CODE
    has_header: bool = True
    delimiter: Delimiter | None = None
    encoding: Encoding | None = None
    decimal: DecimalMark | None = None
    does_make_groups: bool = False

    def columns_of(self, header: Sequence[str] | None) -> tuple[SheetColumn, ...]:
        """What stands in each place of a row.

        header: the first row, when the profile has one. Raises Refusal("SHEET_COLUMN_TWICE") for a title that
        occurs twice and ("SHEET_COLUMN_MISSING") without the column of the key.
        """
        if header is None:
            named = list(self.columns)
        else:
            own = {
                folded_title(title): column
                for title, column in zip(self.titles, self.columns, strict=False)
                if title
            }
            known = {**_BY_TITLE, **own}
            named = [known.get(folded_title(cell), SheetColumn.SKIP) for cell in header]
        used = [column for column in named if column is not SheetColumn.SKIP]
        twice = next((column for column in used if used.count(column) > 1), None)
        if twice is not None:
            raise Refusal("SHEET_COLUMN_TWICE", column=title_of(twice))
        self._require_key(used)
        last = max(place for place, column in enumerate(named) if column is not SheetColumn.SKIP)
        return tuple(named[: last + 1])

    def _require_key(self, found: Iterable[SheetColumn]) -> None:
        wanted = {
            SheetKey.CODE: {SheetColumn.CODE},
            SheetKey.BARCODE: {SheetColumn.BARCODE, SheetColumn.BARCODES},
        }[self.key]
        if not wanted & set(found):
            raise Refusal("SHEET_COLUMN_MISSING", column=title_of(sorted(wanted)[0]))


def check_profile(profile: SheetProfile) -> SheetProfile:
    """The profile with a clean name.

    Raises Refusals SHEET_PROFILE_NAME_WRONG, SHEET_COLUMNS_WRONG, SHEET_COLUMN_TWICE, SHEET_COLUMN_MISSING.
    """
    name = one_line(profile.name)
    if not 0 < len(name) <= PROFILE_NAME_LENGTH_MAX or name in READY_PROFILES:
        raise Refusal("SHEET_PROFILE_NAME_WRONG", field="name", max=PROFILE_NAME_LENGTH_MAX)
    if not 0 < len(profile.columns) <= COLUMNS_MAX or len(profile.titles) > len(profile.columns):
        raise Refusal("SHEET_COLUMNS_WRONG", field="columns", max=COLUMNS_MAX)
    profile.columns_of(None)
    return replace(profile, name=name, titles=tuple(one_line(title) for title in profile.titles))


_ALL = tuple(column for column in SheetColumn if column not in (SheetColumn.BARCODE, SheetColumn.SKIP))
READY_PROFILES: Mapping[str, SheetProfile] = {
    profile.name: profile
    for profile in (
        SheetProfile("goods", _ALL),
        SheetProfile(
            "seven_columns",
            (
                SheetColumn.CODE, SheetColumn.GROUP_CODE, SheetColumn.BARCODE, SheetColumn.NAME,
                SheetColumn.PRICE, SheetColumn.DISCOUNT, SheetColumn.VAT,
            ),
            has_header=False,
            delimiter=Delimiter.COMMA,
            encoding=Encoding.UTF_8,
            decimal=DecimalMark.POINT,
            does_make_groups=True,
        ),
        SheetProfile(
            "register_file",
            (
                SheetColumn.CODE, SheetColumn.NAME, SheetColumn.PRICE, SheetColumn.BARCODE,
                SheetColumn.SECTION, SheetColumn.VAT, SheetColumn.UNIT,
            ),
            has_header=False,
            delimiter=Delimiter.SEMICOLON,
            encoding=Encoding.WINDOWS_1251,
            decimal=DecimalMark.POINT,
        ),
        SheetProfile(
            "price_list", (SheetColumn.BARCODE, SheetColumn.NAME, SheetColumn.PRICE), key=SheetKey.BARCODE
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What a file turned out to be. encoding, delimiter: of a CSV file; columns: as they stand in it."""

    kind: SheetKind
    encoding: Encoding | None
    delimiter: Delimiter | None
    decimal: DecimalMark
    has_header: bool
    columns: tuple[SheetColumn, ...]

    @property
    def places(self) -> dict[SheetColumn, int]:
        """Where in a row each column stands."""
        return {column: place for place, column in enumerate(self.columns) if column is not SheetColumn.SKIP}


def profile_facts(profile: SheetProfile) -> dict[str, Any]:
    """The profile as JSON; read_profile reads it."""
    return {
        "name": profile.name,
        "columns": [column.value for column in profile.columns],
        "titles": list(profile.titles),
        "key": profile.key.value,
        "has_header": profile.has_header,
        "delimiter": profile.delimiter and profile.delimiter.value,
        "encoding": profile.encoding and profile.encoding.value,
        "decimal": profile.decimal and profile.decimal.value,
        "does_make_groups": profile.does_make_groups,
    }


def read_profile(facts: Mapping[str, Any]) -> SheetProfile:
    """What profile_facts made."""
    return SheetProfile(
        name=facts["name"],
        columns=tuple(SheetColumn(column) for column in facts["columns"]),
        titles=tuple(facts["titles"]),
        key=SheetKey(facts["key"]),
        has_header=facts["has_header"],
        delimiter=None if facts["delimiter"] is None else Delimiter(facts["delimiter"]),
        encoding=None if facts["encoding"] is None else Encoding(facts["encoding"]),
        decimal=None if facts["decimal"] is None else DecimalMark(facts["decimal"]),
        does_make_groups=facts["does_make_groups"],
    )


def sheet_facts(facts: SheetFacts) -> dict[str, Any]:
    """What a file turned out to be as JSON; read_facts reads it."""
    return {
        "kind": facts.kind.value,
        "encoding": facts.encoding and facts.encoding.value,
        "delimiter": facts.delimiter and facts.delimiter.value,
        "decimal": facts.decimal.value,
        "has_header": facts.has_header,
        "columns": [column.value for column in facts.columns],
    }


def read_facts(facts: Mapping[str, Any]) -> SheetFacts:
    """What sheet_facts made."""
    return SheetFacts(
        kind=SheetKind(facts["kind"]),
        encoding=None if facts["encoding"] is None else Encoding(facts["encoding"]),
        delimiter=None if facts["delimiter"] is None else Delimiter(facts["delimiter"]),
        decimal=DecimalMark(facts["decimal"]),
        has_header=facts["has_header"],
        columns=tuple(SheetColumn(column) for column in facts["columns"]),
    )
