"""What a scanner read at a register: a good, a package, a scale's label or a marking code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from addons.catalog.domain.barcode import BARCODE_LENGTH_MAX, barcode_key
from addons.catalog.domain.keyboard import typed_in_latin
from addons.catalog.domain.mark import MARK_LENGTH_MAX, MarkKind, read_mark
from addons.catalog.domain.product import ProductId
from addons.catalog.domain.scale_code import read_label
from addons.catalog.domain.view import BundleCard, Scanned, ScannedProduct, ViewCard
from addons.catalog.services.scale_rules import ask_scale_rules, rules_found
from addons.catalog.services.tables import BUNDLE, BUNDLE_LINE, BUNDLE_REGISTER
from addons.catalog.services.view import ask_by_keys, found_by_keys, view_by_code, view_by_ids
from kernel.data.questions import Question
from kernel.data.work import Param, Reader, SqlRow
from kernel.quantity import Quantity

_MARK_LENGTH_MIN = 21  # characters of the shortest mark; longer than any barcode of goods
_BUNDLE_COLUMNS = "b.id, b.company_id, b.name, b.name_kk, b.barcode"
_SOLD_THERE = f"""b.is_archived = 0 AND (b.is_everywhere = 1
OR EXISTS (SELECT 1 FROM {BUNDLE_REGISTER} r WHERE r.bundle_id = b.id AND r.register_id = ?))"""
_BUNDLE_BY_KEY = f"""SELECT {_BUNDLE_COLUMNS} FROM {BUNDLE} b
WHERE b.company_id = ? AND b.key_text = ? AND {_SOLD_THERE} ORDER BY b.id LIMIT 1"""
_BUNDLE_BY_ID = (
    f"SELECT {_BUNDLE_COLUMNS} FROM {BUNDLE} b WHERE b.id = ? AND b.company_id = ? AND {_SOLD_THERE}"
)
_LINES = f"""SELECT product_id, quantity_thousandths FROM {BUNDLE_LINE}
WHERE bundle_id = ? AND company_id = ? ORDER BY place"""


async def scan(reader: Reader, register_id: str, text: str) -> Scanned | None:
    """What the register has under the text a scanner gave; None when there is nothing of the kind.

    In this order: a good by an exact barcode or national number, a package, a marking code by its GTIN, a
    label by the rules of scales. A good that is archived, or not in the register's assortment, is given only
    when nothing else fits; whether it may be sold is the caller's question.
    """
    answers = await reader.together(*ask_scans(reader, register_id, [text]))
    return await scan_found(reader, register_id, text, scans_found(reader, answers))


def ask_scans(reader: Reader, register_id: str, texts: Iterable[str]) -> list[Question]:
    """The questions that find goods by exact codes, to be asked together with others; scans_found reads the
    answers.
    """
    return ask_by_keys(reader, register_id, dict.fromkeys(filter(None, map(_key, texts))))


def scans_found(reader: Reader, answers: Iterable[Sequence[SqlRow]]) -> dict[str, tuple[ViewCard, int]]:
    """Goods by key, out of the answers to ask_scans, for scan_found."""
    return found_by_keys(reader, answers)


async def scan_found(
    reader: Reader, register_id: str, text: str, goods: Mapping[str, tuple[ViewCard, int]]
) -> Scanned | None:
    """As scan, with what scans_found gave; asks nothing more for a good the register sells."""
    text = typed_in_latin(text.strip())
    found = goods.get(_key(text))
    exact = None if found is None else ScannedProduct(found[0], Quantity(found[1]), text)
    if exact is not None and exact.view.is_for_sale:
        return exact
    if len(text) >= _MARK_LENGTH_MIN:
        return (await _marked(reader, register_id, text) if len(text) <= MARK_LENGTH_MAX else None) or exact
    if not text:
        return None
    bundles, rules = await reader.together(
        _ask_bundle(reader, register_id, _key(text)), ask_scale_rules(reader)
    )
    if bundles:
        return await _unfolded(reader, register_id, bundles[0])
    label = read_label(text, rules_found(rules))
    if label is not None:
        weighed = await view_by_code(reader, register_id, label.code)
        if weighed is not None and (weighed.is_for_sale or exact is None):
            return ScannedProduct(weighed, label.quantity, price=label.price)
    return exact


async def bundle_card(reader: Reader, register_id: str, bundle_id: str) -> BundleCard | None:
    """A package as the register has it; None when the register does not sell it."""
    row = await reader.row(_BUNDLE_BY_ID, bundle_id, reader.company_id, register_id)
    return None if row is None else await _unfolded(reader, register_id, row)


def _ask_bundle(reader: Reader, register_id: str, key: str) -> tuple[str, Sequence[Param]]:
    return _BUNDLE_BY_KEY, (reader.company_id, key, register_id)


async def _marked(reader: Reader, register_id: str, text: str) -> ScannedProduct | None:
    """The good whose GTIN a marking code holds."""
    mark = read_mark(text, field="text")
    if mark.kind is MarkKind.OTHER:
        return None
    answers = await reader.together(*ask_by_keys(reader, register_id, [barcode_key(mark.gtin)]))
    for view, coefficient in found_by_keys(reader, answers).values():
        return ScannedProduct(view, Quantity(coefficient), mark=mark)
    return None


def _key(text: str) -> str:
    return barcode_key(typed_in_latin(text.strip())[:BARCODE_LENGTH_MAX])


async def _unfolded(reader: Reader, register_id: str, row: SqlRow) -> BundleCard:
    lines = await reader.rows(_LINES, row["id"], reader.company_id)
    views = await view_by_ids(reader, register_id, [ProductId(line["product_id"]) for line in lines])
    held: list[tuple[ViewCard, Quantity]] = [
        (views[line["product_id"]], Quantity(line["quantity_thousandths"]))
        for line in lines
        if line["product_id"] in views
    ]
    return BundleCard(row["id"], row["name"], row["name_kk"], row["barcode"], tuple(held))
