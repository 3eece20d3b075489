"""Cards of products for other rooms: one statement each. Lists with paging live in gql."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.product import ProductCard, ProductId
from addons.catalog.domain.vat import Vat, VatKind, VatTable, day_of, parse_periods
from addons.catalog.services.tables import BARCODE, GROUP, PRODUCT, select_in
from addons.catalog.settings import CatalogSettings
from kernel.data.work import Reader, SqlRow
from kernel.money import Money

_COLUMNS = """
p.id, p.company_id, p.code, p.name, p.name_kk, p.barcode, p.price_tiyn, p.vat_kind, p.vat_bp, p.unit_code,
p.unit_name, p.article, p.ntin, p.gtin, p.is_marked, p.is_price_editable, p.discount_bp, p.markup_bp,
p.section, p.is_archived, g.code AS group_code"""
_GROUP = f"LEFT JOIN {GROUP} g ON g.id = p.group_id"
# No company_id beside "id IN": SQLite would walk every product of the company instead of the few asked for.
_BY_IDS = f"SELECT {_COLUMNS} FROM {PRODUCT} p {_GROUP} WHERE p.id IN ({{marks}})"
_BY_CODE = f"SELECT {_COLUMNS} FROM {PRODUCT} p {_GROUP} WHERE p.company_id = ? AND p.code = ?"
_BY_BARCODE = f"""
SELECT {_COLUMNS} FROM {BARCODE} b JOIN {PRODUCT} p ON p.id = b.product_id {_GROUP}
WHERE b.company_id = ? AND b.key_text = ? ORDER BY p.is_archived, p.code LIMIT 1"""


async def products_by_ids(reader: Reader, ids: Sequence[ProductId]) -> dict[ProductId, ProductCard]:
    """Cards by id; ids of other companies and unknown ids are simply absent. Archived goods are included."""
    company_id = reader.company_id
    found = await select_in(reader, _BY_IDS, ids)
    cards = _cards(reader, [row for row in found if row["company_id"] == company_id])
    return {card.id: card for card in cards}


async def product_by_code(reader: Reader, code: int) -> ProductCard | None:
    """The good of a code, archived or not."""
    row = await reader.row(_BY_CODE, reader.company_id, code)
    return _cards(reader, [row])[0] if row else None


async def product_by_barcode(reader: Reader, barcode: str) -> ProductCard | None:
    """The good a scanner read: exact barcode (12, 13 and 14 digit forms are one) or national catalogue
    number.

    Several goods with one barcode are allowed; one for sale goes before an archived one, then the smallest
    code.
    """
    key = barcode_key(barcode)
    if not key:
        return None
    row = await reader.row(_BY_BARCODE, reader.company_id, key)
    return _cards(reader, [row])[0] if row else None


def vat_table(reader: Reader) -> VatTable:
    """The law's table with the periods of the settings."""
    return _table(reader.settings(CatalogSettings).vat_periods)


def today(reader: Reader) -> date:
    """The day whose rates apply now."""
    return day_of(reader.now)


@lru_cache(maxsize=64)
def _table(periods: str) -> VatTable:
    return VatTable(parse_periods(periods))


def vat_of(kind: str, vat_bp: int | None) -> Vat:
    """The choice stored in a row."""
    vat_kind = VatKind(kind)
    return Vat(vat_kind, vat_bp if vat_kind is VatKind.FIXED else None)


def _cards(reader: Reader, rows: Sequence[SqlRow]) -> list[ProductCard]:
    table, day = vat_table(reader), today(reader)
    return [
        ProductCard(
            id=ProductId(row["id"]),
            code=row["code"],
            name=row["name"],
            name_kk=row["name_kk"],
            barcode=row["barcode"],
            price=Money(row["price_tiyn"] or 0),
            has_price=row["price_tiyn"] is not None,
            vat_bp=table.rate_on(vat_of(row["vat_kind"], row["vat_bp"]), day),
            unit_code=row["unit_code"],
            unit_name=row["unit_name"],
            article=row["article"],
            ntin=row["ntin"],
            gtin=row["gtin"],
            is_marked=bool(row["is_marked"]),
            is_price_editable=bool(row["is_price_editable"]),
            discount_bp=row["discount_bp"],
            markup_bp=row["markup_bp"],
            group_code=row["group_code"] or "",
            section=row["section"],
            is_archived=bool(row["is_archived"]),
        )
        for row in rows
    ]
