"""Statements of the catalogue's tables on both SQL dialects. Decisions about values do not belong here.

Bulk statements hold placeholders only: a literal inside VALUES makes the MySQL drivers send row by row (six
times slower).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from kernel.data.work import Param, Reader, SqlRow

PRODUCT = "cat_product"
GROUP = "cat_group"
BARCODE = "cat_barcode"
COUNTER = "cat_code_counter"
EXTRA_GROUP = "cat_extra_group"
GROUP_PATH = "cat_group_path"
PRICE = "cat_price"
PRICE_TYPE = "cat_price_type"
STOCK = "cat_stock"
PICTURE = "cat_picture"
REGISTER_VIEW = "cat_register_view"
REGISTER_GROUP = "cat_register_group"
SCALE_RULE = "cat_scale_rule"
BUNDLE = "cat_bundle"
BUNDLE_LINE = "cat_bundle_line"
BUNDLE_REGISTER = "cat_bundle_register"
MARK = "cat_mark"
CHANGE = "cat_change"

PRODUCT_COLUMNS = (
    "id", "company_id", "code", "name", "name_kk", "search_key", "article", "barcode", "group_id", "section",
    "price_tiyn", "vat_kind", "vat_bp", "unit_code", "unit_name", "ntin", "gtin", "is_marked",
    "is_price_editable", "discount_bp", "markup_bp", "is_archived", "is_archived_by_source", "source",
    "external_id", "base_id", "card_digest", "offer_digest", "characteristic", "own_register_id",
    "purchase_price_tiyn", "created_ms", "updated_ms",
)  # fmt: skip
GROUP_COLUMNS = (
    "id", "company_id", "code", "name", "name_kk", "parent_id", "is_archived", "source", "external_id",
    "updated_ms",
)  # fmt: skip
BARCODE_COLUMNS = (
    "id", "company_id", "product_id", "key_text", "barcode", "place", "coefficient_thousandths",
)  # fmt: skip

# Lists of IN are padded to these lengths, so that a handful of statements serves every batch and stays
# prepared.
_IN_LENGTHS = (1, 3, 10, 100, 500)
_MARKS = tuple(", ".join("?" * length) for length in _IN_LENGTHS)


# The join whose left side is read first, whatever an engine thinks of it: few rows choose many.
LEFT_FIRST = {"sqlite": "CROSS JOIN", "mysql": "STRAIGHT_JOIN"}


def in_lists(values: Iterable[str | int]) -> Iterator[tuple[str, list[str | int]]]:
    """Placeholders and parameters for `column IN (…)`, in pieces of at most 500 values."""
    left = list(dict.fromkeys(values))
    while left:
        piece, left = left[: _IN_LENGTHS[-1]], left[_IN_LENGTHS[-1] :]
        place = bisect_left(_IN_LENGTHS, len(piece))
        yield _MARKS[place], piece + [piece[-1]] * (_IN_LENGTHS[place] - len(piece))


async def select_in(
    reader: Reader, sql: str, values: Iterable[str | int], *, before: Sequence[Param] = ()
) -> list[SqlRow]:
    """Rows of a SELECT with {marks} where the list goes; `before` are the parameters left of it."""
    found: list[SqlRow] = []
    for marks, piece in in_lists(values):
        found.extend(await reader.rows(sql.replace("{marks}", marks), *before, *piece))
    return found


@cache
def upsert_statement(table: str, columns: tuple[str, ...], kept: tuple[str, ...], dialect: str) -> str:
    """INSERT that updates the row of the same id where any column differs; `kept` columns are never changed.

    SQLite compares in WHERE; InnoDB itself leaves a row alone when no value differs.
    """
    inserted = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    changed = [column for column in columns if column not in kept]
    if dialect == "mysql":
        return f"{inserted} ON DUPLICATE KEY UPDATE {', '.join(f'{name}=VALUES({name})' for name in changed)}"
    compared = [name for name in changed if name != "updated_ms"]
    return (
        f"{inserted} ON CONFLICT(id) DO UPDATE SET {', '.join(f'{name}=excluded.{name}' for name in changed)}"
        f" WHERE ({', '.join(f'{table}.{name}' for name in compared)})"
        f" IS NOT ({', '.join(f'excluded.{name}' for name in compared)})"
    )
