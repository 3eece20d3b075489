"""Laying what a source says over what the catalogue has. Reading and writing of rows do not belong here."""

from __future__ import annotations

from datetime import date

from addons.catalog.domain.barcode import BARCODE_LENGTH_MAX
from addons.catalog.domain.product import (
    ARTICLE_LENGTH_MAX,
    BARCODES_MAX,
    CHARACTERISTIC_LENGTH_MAX,
    NAME_LENGTH_MAX,
)
from addons.catalog.domain.search import search_key
from addons.catalog.domain.source import PEOPLE, UNSET, Aspect, GoodsRow, Unset
from addons.catalog.domain.units import PIECE_CODE, UNITS
from addons.catalog.domain.vat import VatKind, VatTable
from kernel.data.work import Param

StoredRow = dict[str, Param]

# What a variant takes over from the good it is a variant of, now and whenever that good changes.
INHERITED = ("group_id", "section", "vat_kind", "vat_bp", "unit_code", "unit_name", "is_marked")
_TEXTS = (
    ("characteristic", CHARACTERISTIC_LENGTH_MAX),
    ("name_kk", NAME_LENGTH_MAX),
    ("article", ARTICLE_LENGTH_MAX),
    ("ntin", 32),
    ("gtin", 14),
    ("unit_code", 8),
    ("unit_name", 32),
)
_PLAIN = ("group_id", "section", "discount_bp", "markup_bp")  # of rows of people
_NO_CONTENT = frozenset({"card_digest", "offer_digest", "created_ms", "updated_ms"})


class RowMerger:
    """Merges the rows of one call: fixed company, source, moment, VAT table and groups."""

    def __init__(
        self,
        *,
        company_id: str,
        source: str,
        now_ms: int,
        day: date,
        table: VatTable,
        group_ids: dict[str, str],
    ) -> None:
        self._is_of_people = source == PEOPLE
        self._now_ms = now_ms
        self._day = day
        self._table = table
        self._group_ids = group_ids
        self._vats: dict[int | None, tuple[str, int | None]] = {}
        piece = UNITS[PIECE_CODE]
        self._blank: StoredRow = {
            "id": "", "company_id": company_id, "code": 0, "name": "", "name_kk": "", "search_key": "",
            "article": "", "barcode": "", "group_id": None, "section": 0, "price_tiyn": None,
            "vat_kind": VatKind.NONE.value, "vat_bp": None, "unit_code": piece.code,
            "unit_name": piece.name_ru, "ntin": "", "gtin": "", "is_marked": 0, "is_price_editable": 0,
            "discount_bp": 0, "markup_bp": 0, "is_archived": 0, "is_archived_by_source": 0, "source": source,
            "external_id": "", "base_id": None, "card_digest": "", "offer_digest": "",
            "characteristic": "", "own_register_id": None, "purchase_price_tiyn": None,
            "created_ms": now_ms, "updated_ms": now_ms,
        }  # fmt: skip

    def created(self, row: GoodsRow, *, product_id: str, base: StoredRow | None = None) -> StoredRow:
        """A new product; a variant starts with what it inherits. Its code is still to be given."""
        fresh = dict(self._blank, id=product_id, external_id=row.external_id)
        if self._is_of_people:
            fresh["source"] = fresh["external_id"] = None
        if base is not None:
            fresh["base_id"] = base["id"]
            fresh["name"], fresh["search_key"] = base["name"], base["search_key"]
            for column in INHERITED:
                fresh[column] = base[column]
        self._lay(row, fresh)
        return fresh

    def merged(self, row: GoodsRow, present: StoredRow) -> StoredRow:
        """The present product with the row laid over it."""
        result = dict(present)
        self._lay(row, result)
        if differs(result, present):
            result["updated_ms"] = self._now_ms
        return result

    def inherited(self, variant: StoredRow, base: StoredRow) -> StoredRow:
        """The variant after its base changed."""
        result = dict(variant)
        for column in INHERITED:
            result[column] = base[column]
        if differs(result, variant):
            result["updated_ms"] = self._now_ms
        return result

    def _lay(self, row: GoodsRow, onto: StoredRow) -> None:
        if self._is_of_people:
            self._lay_of_people(row, onto)
        else:
            onto["card_digest" if row.aspect is Aspect.CARD else "offer_digest"] = row.digest
        if row.is_deleted:
            if not onto["is_archived"]:
                onto["is_archived"] = onto["is_archived_by_source"] = 1
            return
        if onto["is_archived_by_source"] and row.aspect is Aspect.CARD and not self._is_of_people:
            onto["is_archived"] = onto["is_archived_by_source"] = 0
        name = row.name
        if not isinstance(name, Unset) and name:
            onto["name"] = name[:NAME_LENGTH_MAX]
            onto["search_key"] = search_key(name)
        for column, length in _TEXTS:
            text = getattr(row, column)
            if text is not UNSET:
                onto[column] = text[:length]
        if not isinstance(row.barcodes, Unset):
            onto["barcode"] = row.barcodes[0][:BARCODE_LENGTH_MAX] if row.barcodes else ""
        if not isinstance(row.price, Unset):
            onto["price_tiyn"] = None if row.price is None else row.price.tiyn
        if not isinstance(row.vat_bp, Unset):
            onto["vat_kind"], onto["vat_bp"] = self._vat(row.vat_bp)
        if not isinstance(row.is_marked, Unset):
            onto["is_marked"] = int(row.is_marked)
        if not isinstance(row.group_external_id, Unset):
            self._lay_group(row.group_external_id, onto)

    def _lay_of_people(self, row: GoodsRow, onto: StoredRow) -> None:
        if not isinstance(row.is_archived, Unset) and row.is_archived != bool(onto["is_archived"]):
            onto["is_archived"], onto["is_archived_by_source"] = int(row.is_archived), 0
        for column in _PLAIN:
            said = getattr(row, column)
            if said is not UNSET:
                onto[column] = said

    def _vat(self, rate_bp: int | None) -> tuple[str, int | None]:
        found = self._vats.get(rate_bp)
        if found is None:
            vat = self._table.vat_for(rate_bp, self._day)
            found = self._vats[rate_bp] = (vat.kind.value, vat.fixed_bp)
        return found

    def _lay_group(self, group_external_id: str, onto: StoredRow) -> None:
        group_id = self._group_ids.get(group_external_id)
        if group_id is not None or not group_external_id:
            onto["group_id"] = group_id
            return
        # The group has not come yet (or never will): keep what is there and forget the digest, so that the
        # next import tries again.
        onto["card_digest"] = ""


def differs(one: StoredRow, other: StoredRow) -> bool:
    """True when two states of a product differ in anything but digests and times."""
    return any(value != other[column] for column, value in one.items() if column not in _NO_CONTENT)


def scan_codes(row: GoodsRow, stored: StoredRow) -> tuple[str, ...] | None:
    """Everything a scanner may read on the product, or None when the row says nothing about it."""
    if isinstance(row.barcodes, Unset) and isinstance(row.ntin, Unset):
        return None
    barcodes = () if isinstance(row.barcodes, Unset) else row.barcodes
    if isinstance(row.barcodes, Unset) and stored["barcode"]:
        barcodes = (str(stored["barcode"]),)
    codes = (*barcodes[:BARCODES_MAX], str(stored["ntin"]))
    return tuple(dict.fromkeys(code[:BARCODE_LENGTH_MAX] for code in codes if code))
