"""The register's view in SQL: cards as one register has them now, at its price, one statement for any number.

Trade sells by it and the change feed hands it to devices, so both always agree. The rule about prices is
domain/view.register_price; which goods are in the assortment is said here once, as a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache

import orjson

from addons.catalog.domain.product import FREE_POSITION_CODE, ProductId
from addons.catalog.domain.view import AS_IS, PriceToCome, ViewCard, ViewRules, register_price
from addons.catalog.models import VIEW
from addons.catalog.services.cards import CARD_COLUMNS, CARDS_KEPT, card_of, table_of, today
from addons.catalog.services.tables import (
    BARCODE,
    EXTRA_GROUP,
    GROUP,
    GROUP_PATH,
    LEFT_FIRST,
    PRICE,
    PRODUCT,
    REGISTER_GROUP,
    REGISTER_VIEW,
    in_lists,
)
from addons.catalog.settings import CatalogSettings
from kernel.data.questions import KeptQuestion, Many, Question
from kernel.data.work import Param, Reader, SqlRow
from kernel.money import Money

PRICES_TO_COME_MAX = 10  # of one product at one register
PAGE_ROWS_MAX = 2_000

_BELOW = f"""EXISTS (SELECT 1 FROM {GROUP_PATH} a JOIN {REGISTER_GROUP} c ON c.group_id = a.ancestor_id
AND c.register_id = v.register_id WHERE a.group_id = p.group_id)
OR EXISTS (SELECT 1 FROM {EXTRA_GROUP} e JOIN {GROUP_PATH} a ON a.group_id = e.group_id
JOIN {REGISTER_GROUP} c ON c.group_id = a.ancestor_id AND c.register_id = v.register_id
WHERE e.product_id = p.id)"""
# Of a product p and the rules v of a register ("?" is its id): own goods are sold at their register alone,
# the free position everywhere, the rest as the register chose.
IN_ASSORTMENT = f"""CASE WHEN p.own_register_id IS NOT NULL THEN p.own_register_id = ?
WHEN v.register_id IS NULL OR v.is_all_goods = 1 OR p.code = {FREE_POSITION_CODE} THEN 1
ELSE {_BELOW} END"""
_CARD = f"""p.id AS product_id, x.from_ms, JSON_ARRAY(p.company_id, {CARD_COLUMNS}, x.price_type_id,
x.from_ms, x.price_tiyn, v.percent_bp, v.rounding_step_tiyn, {IN_ASSORTMENT}) AS card"""
_RULES_OF = f"LEFT JOIN {REGISTER_VIEW} v ON v.register_id = ?"
# Prices beside the product's own, in force or to come: seldom any, so a good is one row; of several in force
# _view takes the last.
# The plus keeps SQLite from looking for each type by itself, which takes three times as long.
_TABLES = f"""LEFT JOIN {GROUP} g ON g.id = p.group_id {_RULES_OF} LEFT JOIN {PRICE} x
ON x.product_id = p.id AND +x.price_type_id IN ('', v.price_type_id)"""
# No company_id beside "id IN": SQLite would walk every product of the company instead of the few asked for.
_BY_IDS = f"SELECT {_CARD} FROM {PRODUCT} p {_TABLES} WHERE p.id IN ({{marks}})"
_BY_ID = _BY_IDS.format(marks="?")
_MANY_IDS = Many(_BY_IDS, "product_id")
_BY_CODE = f"SELECT {_CARD} FROM {PRODUCT} p {_TABLES} WHERE p.company_id = ? AND p.code = ?"
_BY_KEYS = f"""SELECT {_CARD}, b.key_text, b.coefficient_thousandths AS coefficient
FROM {BARCODE} b JOIN {PRODUCT} p ON p.id = b.product_id {_TABLES}
WHERE b.company_id = ? AND b.key_text IN ({{marks}}) ORDER BY p.is_archived, p.code"""
_BY_KEY = _BY_KEYS.format(marks="?")
_MANY_KEYS = Many(_BY_KEYS, "key_text")
_LISTED = "SELECT p.id, p.code AS code FROM"
# Everything a register with chosen groups may sell, each good once.
_PICKED = f"""SELECT t.id AS picked_id FROM {REGISTER_GROUP} c {{left_first}} {GROUP_PATH} a
ON a.ancestor_id = c.group_id {{left_first}} {PRODUCT} t ON t.group_id = a.group_id AND t.company_id = ?
WHERE c.register_id = ?
UNION SELECT e.product_id FROM {REGISTER_GROUP} c {{left_first}} {GROUP_PATH} a
ON a.ancestor_id = c.group_id {{left_first}} {EXTRA_GROUP} e ON e.group_id = a.group_id AND e.company_id = ?
WHERE c.register_id = ?
UNION SELECT id FROM {PRODUCT} WHERE own_register_id = ?
UNION SELECT id FROM {PRODUCT} WHERE company_id = ? AND code = {FREE_POSITION_CODE}"""
_RULES = f"""SELECT company_id, is_all_goods, percent_bp, rounding_step_tiyn, price_type_id
FROM {REGISTER_VIEW} WHERE register_id = ?"""
_TO_COME = f"""SELECT x.company_id, x.product_id, x.price_type_id, x.from_ms, x.price_tiyn FROM {PRICE} x
WHERE x.product_id IN ({{marks}}) AND x.from_ms > ? AND x.price_type_id IN ('', ?)
ORDER BY x.product_id, x.from_ms"""


async def view_by_ids(
    reader: Reader, register_id: str, ids: Iterable[ProductId]
) -> dict[ProductId, ViewCard]:
    """Cards as the register has them, archived and not in its assortment included; strangers are absent."""
    return view_found(reader, await reader.together(*ask_view(reader, register_id, ids)))


def ask_view(reader: Reader, register_id: str, ids: Iterable[ProductId]) -> list[Question]:
    """The questions of view_by_ids, to be asked together with others; view_found reads the answers.

    None for no ids; one for each where answers are kept, so that every cart finds its goods; else one for any
    500.
    """
    before = _before(register_id)
    if reader.keeps:
        return [KeptQuestion(_BY_ID, (*before, each), VIEW, _MANY_IDS) for each in dict.fromkeys(ids)]
    return [(_statement(_BY_IDS, marks), [*before, *piece]) for marks, piece in in_lists(ids)]


def view_found(reader: Reader, answers: Iterable[Sequence[SqlRow]]) -> dict[ProductId, ViewCard]:
    """Cards by id out of the answers to ask_view."""
    return _views(reader, [row for rows in answers for row in rows])


async def view_by_code(reader: Reader, register_id: str, code: int) -> ViewCard | None:
    """The good of a code as the register has it, archived or not."""
    found = await reader.rows(_BY_CODE, *_before(register_id), reader.company_id, code)
    return next(iter(_views(reader, found).values()), None)


def ask_by_keys(reader: Reader, register_id: str, keys: Iterable[str]) -> list[Question]:
    """The questions that find goods by keys of barcodes and national numbers; found_by_keys reads the
    answers. As many as ask_view has.
    """
    before = (*_before(register_id), reader.company_id)
    if reader.keeps:
        return [KeptQuestion(_BY_KEY, (*before, key), VIEW, _MANY_KEYS) for key in dict.fromkeys(keys)]
    return [(_statement(_BY_KEYS, marks), [*before, *piece]) for marks, piece in in_lists(keys)]


def found_by_keys(reader: Reader, answers: Iterable[Sequence[SqlRow]]) -> dict[str, tuple[ViewCard, int]]:
    """By key: the good, and the coefficient of its barcode in thousandths, out of the answers to ask_by_keys.

    Of several goods with one barcode: one the register sells goes first, then one for sale, then the smallest
    code.
    """
    found: dict[str, tuple[ViewCard, int]] = {}
    rows = [row for answer in answers for row in answer]
    views = _views(reader, rows)
    for row in rows:
        view, known = views.get(row["product_id"]), found.get(row["key_text"])
        if view is None:
            continue
        if known is None or (view.is_in_assortment and not known[0].is_in_assortment):
            found[row["key_text"]] = view, row["coefficient"]
    return found


async def view_page(
    reader: Reader, register_id: str, *, after_code: int = 0, limit: int = PAGE_ROWS_MAX
) -> list[ViewCard]:
    """What the register sells now, in order of codes after the given one; at most `limit` cards."""
    select, where, params = await ask_view_list(reader, register_id)
    sql = f"{select} WHERE {where} AND p.code > ? ORDER BY p.code LIMIT ?"
    rows = await reader.rows(sql, *params, after_code, min(limit, PAGE_ROWS_MAX))
    ids = [ProductId(row["id"]) for row in rows]
    views = await view_by_ids(reader, register_id, ids)
    return [views[product_id] for product_id in ids]


async def ask_view_list(reader: Reader, register_id: str) -> tuple[str, str, tuple[Param, ...]]:
    """Ids and codes of what the register sells now, for a list ordered by p.code: SELECT, condition,
    parameters of both.

    A register with chosen groups gets its goods by them: walking the whole company would take long where it
    sells few.
    """
    rules = await rules_of(reader, register_id)
    company_id = reader.company_id
    if rules.is_all_goods:
        where = f"p.company_id = ? AND p.is_archived = 0 AND {IN_ASSORTMENT}"
        return f"{_LISTED} {PRODUCT} p {_RULES_OF}", where, (register_id, company_id, register_id)
    join = LEFT_FIRST[reader.dialect]
    chosen = f"({_PICKED.format(left_first=join)}) picked {join} {PRODUCT} p ON p.id = picked.picked_id"
    picked = (company_id, register_id, company_id, register_id, register_id, company_id)
    where = f"COALESCE(p.company_id, '') = ? AND p.is_archived = 0 AND {IN_ASSORTMENT}"
    return f"{_LISTED} {chosen} {_RULES_OF}", where, (*picked, register_id, company_id, register_id)


async def rules_of(reader: Reader, register_id: str) -> ViewRules:
    """How the register sells; AS_IS for one nobody said anything about."""
    row = await reader.row(_RULES, register_id)
    if row is None or row["company_id"] != reader.company_id:
        return AS_IS
    return ViewRules(
        bool(row["is_all_goods"]), row["percent_bp"], row["rounding_step_tiyn"], row["price_type_id"]
    )


async def prices_to_come(
    reader: Reader, register_id: str, views: Iterable[ViewCard]
) -> dict[ProductId, list[PriceToCome]]:
    """Changes of the register's price that are planned already, the nearest first, at most PRICES_TO_COME_MAX
    for a product; products without any are absent.
    """
    known = {view.card.id: view for view in views}
    if not known:
        return {}
    rules = await rules_of(reader, register_id)
    prices = {product_id: (view.ordinary, view.of_type) for product_id, view in known.items()}
    to_come: dict[ProductId, list[PriceToCome]] = {}
    for marks, piece in in_lists(known):
        params = (*piece, reader.now_ms, rules.price_type_id or "")
        for row in await reader.rows(_TO_COME.replace("{marks}", marks), *params):
            if row["company_id"] != reader.company_id:
                continue
            product_id = ProductId(row["product_id"])
            price = None if row["price_tiyn"] is None else Money(row["price_tiyn"])
            ordinary, of_type = prices[product_id]
            ordinary, of_type = (ordinary, price) if row["price_type_id"] else (price, of_type)
            prices[product_id] = ordinary, of_type
            changes = to_come.setdefault(product_id, [])
            if len(changes) < PRICES_TO_COME_MAX:
                asked = register_price(ordinary, of_type, rules.percent_bp, rules.step_tiyn)
                changes.append(PriceToCome(row["from_ms"], asked))
    return to_come


@cache  # a few lengths of lists
def _statement(sql: str, marks: str) -> str:
    return sql.replace("{marks}", marks)


def _before(register_id: str) -> tuple[Param, ...]:
    """Parameters of _CARD and _TABLES."""
    return register_id, register_id


def _views(reader: Reader, rows: Sequence[SqlRow]) -> dict[ProductId, ViewCard]:
    """Cards by id of the rows that are the reader's company's."""
    company_id, day, now_ms = reader.company_id, today(reader), reader.now_ms
    periods = reader.settings(CatalogSettings).vat_periods
    texts: dict[ProductId, tuple[tuple[str, bool], ...]] = {}
    for row in rows:
        product_id, from_ms = row["product_id"], row["from_ms"]
        text = row["card"], from_ms is not None and from_ms <= now_ms
        texts[product_id] = (*texts.get(product_id, ()), text)
    views = {product_id: _view(cards, periods, day) for product_id, cards in texts.items()}
    return {product_id: view for product_id, (owner, view) in views.items() if owner == company_id}


@lru_cache(maxsize=CARDS_KEPT)
def _view(texts: tuple[tuple[str, bool], ...], periods: str, day: date) -> tuple[str, ViewCard]:
    """The company and the card of the rows of one product, each with whether its price is in force, with the
    rate of that day.
    """
    in_force: dict[str, tuple[int, int | None]] = {}  # type of price → the latest moment, price
    for text, is_in_force in texts:
        company_id, *values, type_id, at_ms, tiyn, percent_bp, step_tiyn, is_in_assortment = orjson.loads(
            text
        )
        if is_in_force and at_ms > in_force.get(type_id, (-1, None))[0]:
            in_force[type_id] = at_ms, tiyn
    card = card_of(values, table_of(periods), day)
    due = in_force.pop("", None)
    ordinary = card.price if card.has_price else None
    if due is not None:
        ordinary = None if due[1] is None else Money(due[1])
    of_type = next((None if tiyn is None else Money(tiyn) for _, tiyn in in_force.values()), None)
    if percent_bp is None:
        percent_bp, step_tiyn = AS_IS.percent_bp, AS_IS.step_tiyn
    price = register_price(ordinary, of_type, percent_bp, step_tiyn)
    if price is not None and (price != card.price or not card.has_price):
        card = replace(card, price=price, has_price=True)
    return company_id, ViewCard(card, bool(is_in_assortment), ordinary, of_type, percent_bp, step_tiyn)
