"""Cards of products for other rooms: one statement each. Lists with paging live in gql.

A row comes as one column of JSON: drivers pay for every column, and by its text a card is found that was made
before, as most goods are sold again and again. Equal text on one day gives an equal card, so none is stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.product import ProductCard, ProductId
from addons.catalog.domain.vat import Vat, VatKind, VatTable, day_of, parse_periods
from addons.catalog.services.tables import BARCODE, GROUP, PRODUCT, in_lists
from addons.catalog.settings import CatalogSettings
from kernel.data.work import Param, Reader, SqlRow
from kernel.money import Money

CARDS_KEPT = 4096  # of all companies

# Of a product p and its group g, in the order of card_of.
CARD_COLUMNS = """
p.id, p.code, p.name, p.name_kk, p.barcode, p.price_tiyn, p.vat_kind, p.vat_bp, p.unit_code, p.unit_name,
p.article, p.ntin, p.gtin, p.is_marked, p.is_price_editable, p.discount_bp, p.markup_bp, p.section,
p.is_archived, g.code, p.base_id, p.characteristic"""
_CARD = f"JSON_ARRAY(p.company_id, {CARD_COLUMNS}) AS card"
_GROUP = f"LEFT JOIN {GROUP} g ON g.id = p.group_id"
# No company_id beside "id IN": SQLite would walk every product of the company instead of the few asked for.
_BY_IDS = f"SELECT {_CARD} FROM {PRODUCT} p {_GROUP} WHERE p.id IN ({{marks}})"
_BY_CODE = f"SELECT {_CARD} FROM {PRODUCT} p {_GROUP} WHERE p.company_id = ? AND p.code = ?"
_BY_BARCODE = f"""
SELECT {_CARD} FROM {BARCODE} b JOIN {PRODUCT} p ON p.id = b.product_id {_GROUP}
WHERE b.company_id = ? AND b.key_text = ? ORDER BY p.is_archived, p.code LIMIT 1"""


async def products_by_ids(reader: Reader, ids: Sequence[ProductId]) -> dict[ProductId, ProductCard]:
    """Cards by id; ids of other companies and unknown ids are simply absent. Archived goods are included."""
    answers = await reader.together(*ask_products(ids))
    return products_found(reader, answers)


def ask_products(ids: Iterable[ProductId]) -> list[tuple[str, Sequence[Param]]]:
    """The statements of products_by_ids, to be asked together with others; products_found reads the answers.

    None for no ids, one for any 500.
    """
    return [(_BY_IDS.replace("{marks}", marks), piece) for marks, piece in in_lists(ids)]


def products_found(reader: Reader, answers: Iterable[Sequence[SqlRow]]) -> dict[ProductId, ProductCard]:
    """Cards by id out of the answers to ask_products."""
    return {card.id: card for rows in answers for card in _cards(reader, rows)}


async def product_by_code(reader: Reader, code: int) -> ProductCard | None:
    """The good of a code, archived or not."""
    found = _cards(reader, await reader.rows(_BY_CODE, reader.company_id, code))
    return found[0] if found else None


async def product_by_barcode(reader: Reader, barcode: str) -> ProductCard | None:
    """The good a scanner read: exact barcode (12, 13 and 14 digit forms are one) or national catalogue
    number.

    Several goods with one barcode are allowed; one for sale goes before an archived one, then the smallest
    code.
    """
    key = barcode_key(barcode)
    if not key:
        return None
    found = _cards(reader, await reader.rows(_BY_BARCODE, reader.company_id, key))
    return found[0] if found else None


def vat_table(reader: Reader) -> VatTable:
    """The law's table with the periods of the settings."""
    return table_of(reader.settings(CatalogSettings).vat_periods)


def today(reader: Reader) -> date:
    """The day whose rates apply now."""
    return day_of(reader.now)


@lru_cache(maxsize=64)
def table_of(periods: str) -> VatTable:
    return VatTable(parse_periods(periods))


def vat_of(kind: str, vat_bp: int | None) -> Vat:
    """The choice stored in a row."""
    vat_kind = VatKind(kind)
    return Vat(vat_kind, vat_bp if vat_kind is VatKind.FIXED else None)


def _cards(reader: Reader, rows: Sequence[SqlRow]) -> list[ProductCard]:
    """Cards of the rows that are the reader's company's."""
    company_id, day = reader.company_id, today(reader)
    periods = reader.settings(CatalogSettings).vat_periods
    cards = [_card(row["card"], periods, day) for row in rows]
    return [card for owner, card in cards if owner == company_id]


@lru_cache(maxsize=CARDS_KEPT)
def _card(text: str, periods: str, day: date) -> tuple[str, ProductCard]:
    """The company and the card of a row, with the rate of that day."""
    company_id, *values = orjson.loads(text)
    return company_id, card_of(values, table_of(periods), day)


def card_of(values: Sequence[Any], table: VatTable, day: date) -> ProductCard:
    """The card of the values of CARD_COLUMNS, with the rate of that day."""
    (
        product_id, code, name, name_kk, barcode, price, vat_kind, vat_bp, unit_code, unit_name, article,
        ntin, gtin, is_marked, is_price_editable, discount_bp, markup_bp, section, is_archived, group_code,
        base_id, characteristic,
    ) = values  # fmt: skip
    return ProductCard(
        id=product_id,
        code=code,
        name=name,
        name_kk=name_kk,
        barcode=barcode,
        price=Money(price or 0),
        has_price=price is not None,
        vat_bp=table.rate_on(vat_of(vat_kind, vat_bp), day),
        unit_code=unit_code,
        unit_name=unit_name,
        article=article,
        ntin=ntin,
        gtin=gtin,
        is_marked=bool(is_marked),
        is_price_editable=bool(is_price_editable),
        discount_bp=discount_bp,
        markup_bp=markup_bp,
        group_code=group_code or "",
        section=section,
        is_archived=bool(is_archived),
        base_id=base_id,
        characteristic=characteristic,
    )
