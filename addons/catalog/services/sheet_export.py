"""Writing the goods of a company into a file by a profile, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from addons.catalog.domain.sheet_profile import (
    DecimalMark,
    Delimiter,
    Encoding,
    SheetColumn,
    SheetFacts,
    SheetKind,
    SheetProfile,
    title_of,
)
from addons.catalog.domain.vat import VatTable
from addons.catalog.services.cards import today, vat_of, vat_table
from addons.catalog.services.sheet_groups import names_from_root
from addons.catalog.services.sheet_match import scan_codes
from addons.catalog.services.sheet_ports import Cell, SheetFormats
from addons.catalog.services.tables import GROUP, PRODUCT, PRODUCT_COLUMNS
from kernel.data.work import Reader, SqlRow
from kernel.money import Money

PAGE_ROWS = 500
_SELECT = f"SELECT {', '.join(PRODUCT_COLUMNS)} FROM {PRODUCT} WHERE company_id = ? AND code > ?"
_YES, _NO, _WITHOUT_VAT = "да", "нет", "Без НДС"

Reading = Callable[[], AbstractAsyncContextManager[Reader]]


def facts_for(profile: SheetProfile, kind: SheetKind) -> SheetFacts:
    """How a file of ours by this profile is written; what the profile leaves open suits spreadsheets here."""
    is_csv = kind is SheetKind.CSV
    return SheetFacts(
        kind=kind,
        encoding=(profile.encoding or Encoding.UTF_8_BOM) if is_csv else None,
        delimiter=(profile.delimiter or Delimiter.SEMICOLON) if is_csv else None,
        decimal=(profile.decimal or DecimalMark.COMMA) if is_csv else DecimalMark.POINT,
        has_header=profile.has_header,
        columns=profile.columns,
    )


async def export_goods(
    reading: Reading,
    path: Path,
    profile: SheetProfile,
    *,
    kind: SheetKind,
    formats: SheetFormats,
    with_archived: bool = False,
) -> int:
    """Write the goods in the order of their codes; how many. Memory is that of a page."""
    facts = facts_for(profile, kind)
    writer = await asyncio.to_thread(formats.writer, path, facts)
    count = 0
    try:
        if facts.has_header:
            writer.write(_titles(profile))
        async for rows in _pages(reading, profile, facts.decimal, with_archived=with_archived):
            await asyncio.to_thread(_write, writer.write, rows)
            count += len(rows)
    finally:
        await asyncio.to_thread(writer.close)
    return count


def _write(write: Callable[[Sequence[Cell]], None], rows: Sequence[Sequence[Cell]]) -> None:
    for row in rows:
        write(row)


def _titles(profile: SheetProfile) -> list[Cell]:
    own = dict(enumerate(profile.titles))
    return [own.get(place) or title_of(column) for place, column in enumerate(profile.columns)]


async def _pages(
    reading: Reading, profile: SheetProfile, decimal: DecimalMark, *, with_archived: bool
) -> AsyncIterator[list[list[Cell]]]:
    shown = "" if with_archived else " AND is_archived = 0"
    last = 0
    while True:
        async with reading() as reader:
            rows = await reader.rows(
                f"{_SELECT}{shown} ORDER BY code LIMIT ?", reader.company_id, last, PAGE_ROWS
            )
            if not rows:
                return
            last = rows[-1]["code"]
            cells = _Cells(
                decimal, vat_table(reader), reader, await _groups(reader), await _codes(reader, rows, profile)
            )
            yield [[cells.of(column, row) for column in profile.columns] for row in rows]


async def _codes(reader: Reader, rows: Sequence[SqlRow], profile: SheetProfile) -> dict[str, list[str]]:
    """All barcodes of each good, where the profile has them."""
    if SheetColumn.BARCODES not in profile.columns:
        return {}
    return await scan_codes(reader, [row["id"] for row in rows])


async def _groups(reader: Reader) -> dict[str, tuple[str, str]]:
    """Code, and names from the root down, of every group by its id."""
    rows = await reader.rows(
        f"SELECT id, code, name, parent_id FROM {GROUP} WHERE company_id = ?", reader.company_id
    )
    names = names_from_root(rows)
    return {row["id"]: (row["code"], " / ".join(names[row["id"]])) for row in rows}


class _Cells:
    """Cells of one page."""

    def __init__(
        self,
        decimal: DecimalMark,
        table: VatTable,
        reader: Reader,
        groups: dict[str, tuple[str, str]],
        codes: dict[str, list[str]],
    ) -> None:
        self._decimal = decimal
        self._table = table
        self._day = today(reader)
        self._groups = groups
        self._codes = codes

    def of(self, column: SheetColumn, row: SqlRow) -> Cell:
        """What stands in that column of the row."""
        match column:
            case SheetColumn.BARCODES:
                return " ".join(code for code in self._codes.get(row["id"], ()) if code != row["ntin"])
            case SheetColumn.GROUP_CODE:
                return self._groups.get(row["group_id"], ("", ""))[0]
            case SheetColumn.GROUP:
                return self._groups.get(row["group_id"], ("", ""))[1]
            case SheetColumn.PRICE:
                return "" if row["price_tiyn"] is None else Money(row["price_tiyn"])
            case SheetColumn.DISCOUNT:
                return self._percent(row["discount_bp"])
            case SheetColumn.MARKUP:
                return self._percent(row["markup_bp"])
            case SheetColumn.VAT:
                rate = self._table.rate_on(vat_of(row["vat_kind"], row["vat_bp"]), self._day)
                return _WITHOUT_VAT if rate is None else self._percent(rate)
            case SheetColumn.UNIT:
                return str(row["unit_name"])
            case SheetColumn.MARKED:
                return _YES if row["is_marked"] else _NO
            case SheetColumn.ARCHIVED:
                return _YES if row["is_archived"] else _NO
            case SheetColumn.SKIP:
                return ""
            case SheetColumn.CODE | SheetColumn.SECTION:
                return int(row[column.value])
            case _:
                return str(row[column.value])

    def _percent(self, basis_points: int) -> str:
        whole, part = divmod(basis_points, 100)
        return f"{whole}{self._decimal.value}{part:02d}".rstrip("0").rstrip(self._decimal.value)
