"""Set-based import of goods from an outside source: a few statements for a batch, tuples for a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.source import ROWS_MAX, Aspect, GoodsRow, SourceKey, Unset, UpsertReport
from addons.catalog.services.cards import today, vat_table
from addons.catalog.services.codes import lock_catalogue, take_codes
from addons.catalog.services.merge_row import RowMerger, StoredRow, differs, scan_codes
from addons.catalog.services.tables import (
    BARCODE,
    BARCODE_COLUMNS,
    GROUP,
    PRODUCT,
    PRODUCT_COLUMNS,
    in_lists,
    select_in,
    upsert_statement,
)
from kernel.data.work import Param, Work
from kernel.ids import new_ids

# Never changed by an import: identity, and what only people set.
_KEPT = (
    "id", "company_id", "code", "source", "external_id", "base_id", "is_price_editable", "discount_bp",
    "markup_bp", "created_ms",
)  # fmt: skip
_PRODUCT_ALL = ", ".join(PRODUCT_COLUMNS)
_OF_SOURCE = "WHERE company_id = ? AND source = ? AND external_id IN ({marks})"

# Codes of reasons; the importer shows them to people.
DUPLICATE_ID = "GOODS_DUPLICATE_ID"
DELETED_UNKNOWN = "GOODS_DELETED_UNKNOWN"
NAME_MISSING = "GOODS_NAME_MISSING"
GROUP_UNKNOWN = "GOODS_GROUP_UNKNOWN"
CODE_TAKEN = "GOODS_CODE_TAKEN"


async def upsert_goods(work: Work, source: SourceKey, rows: Sequence[GoodsRow]) -> UpsertReport:
    """Create, change or archive products of a source, found by (company, source, external_id).

    Rows with the stored digest write nothing. A row marked deleted archives, a missing row means nothing at
    all. Offers of unknown goods are returned in `report.unknown` and not stored. At most ROWS_MAX rows a
    call.
    """
    assert len(rows) <= ROWS_MAX
    batch = _Batch(work, source)
    return await batch.store(rows)


class _Batch:
    def __init__(self, work: Work, source: SourceKey) -> None:
        self.work = work
        self.source = source
        self.company_id = work.company_id
        self.report = UpsertReport()
        self.ids: Iterator[str] = iter(())
        self.fresh: list[StoredRow] = []
        self.wanted: list[int | None] = []
        self.changed: list[StoredRow] = []
        self.codes: dict[str, tuple[str, ...]] = {}  # product id → what a scanner may read
        self.recoded: list[str] = []  # products whose scan codes replace stored ones

    async def store(self, rows: Sequence[GoodsRow]) -> UpsertReport:
        unique = {row.external_id: row for row in rows}
        if len(unique) < len(rows):
            self._note_duplicates(rows)
        first_code = await lock_catalogue(self.work, self.company_id)
        known = await self._known(unique.values())
        groups = await self._groups(unique.values())
        merger = RowMerger(
            company_id=self.company_id,
            source=self.source,
            now_ms=self.work.now_ms,
            day=today(self.work),
            table=vat_table(self.work),
            group_ids=groups,
        )
        self.ids = iter(new_ids(len(unique)))
        for row in unique.values():
            self._decide(row, known, merger)
            group = row.group_external_id
            if not isinstance(group, Unset) and group and group not in groups:
                self.report.notes.append((row.external_id, GROUP_UNKNOWN))
        await self._inherit(merger)
        await self._write(first_code)
        return self.report

    def _note_duplicates(self, rows: Sequence[GoodsRow]) -> None:
        seen: set[str] = set()
        for row in rows:
            if row.external_id in seen:
                self.report.skipped.append((row.external_id, DUPLICATE_ID))
            seen.add(row.external_id)

    async def _known(self, rows: Iterable[GoodsRow]) -> dict[str, StoredRow]:
        ids: list[str] = []
        for row in rows:
            ids.append(row.external_id)
            if row.base_external_id:
                ids.append(row.base_external_id)
        found = await select_in(
            self.work,
            f"SELECT {_PRODUCT_ALL} FROM {PRODUCT} {_OF_SOURCE}",
            ids,
            before=[self.company_id, self.source],
        )
        return {row["external_id"]: dict(row) for row in found}

    async def _groups(self, rows: Iterable[GoodsRow]) -> dict[str, str]:
        wanted = {
            row.group_external_id
            for row in rows
            if not isinstance(row.group_external_id, Unset) and row.group_external_id
        }
        found = await select_in(
            self.work,
            f"SELECT id, external_id FROM {GROUP} {_OF_SOURCE}",
            wanted,
            before=[self.company_id, self.source],
        )
        return {row["external_id"]: row["id"] for row in found}

    def _decide(self, row: GoodsRow, known: dict[str, StoredRow], merger: RowMerger) -> None:
        present = known.get(row.external_id)
        if present is None:
            self._create(row, known, merger)
            return
        digest = present["card_digest" if row.aspect is Aspect.CARD else "offer_digest"]
        if digest and digest == row.digest:
            self.report.unchanged += 1
            return
        result = merger.merged(row, present)
        self.changed.append(result)
        if self._recode(row, present, result) or differs(result, present):
            if result["is_archived"] and not present["is_archived"]:
                self.report.archived += 1
            else:
                self.report.updated += 1
        else:
            self.report.unchanged += 1

    def _create(self, row: GoodsRow, known: dict[str, StoredRow], merger: RowMerger) -> None:
        base = known.get(row.base_external_id) if row.base_external_id else None
        if row.is_deleted:
            self.report.skipped.append((row.external_id, DELETED_UNKNOWN))
        elif row.aspect is Aspect.OFFER and base is None:
            self.report.unknown.append(row.external_id)
        elif base is None and (isinstance(row.name, Unset) or not row.name):
            self.report.skipped.append((row.external_id, NAME_MISSING))
        else:
            product = merger.created(row, product_id=next(self.ids), base=base)
            self.fresh.append(product)
            self.wanted.append(row.wanted_code)
            codes = scan_codes(row, product)
            if codes:
                self.codes[str(product["id"])] = codes
            self.report.created.append(row.external_id)

    def _recode(self, row: GoodsRow, present: StoredRow, result: StoredRow) -> bool:
        """Remember the scan codes of a changed product; True when the first of them is another one."""
        codes = scan_codes(row, result)
        if codes is None or row.is_deleted:
            return False
        product_id = str(result["id"])
        self.codes[product_id] = codes
        self.recoded.append(product_id)
        return result["barcode"] != present["barcode"] or result["ntin"] != present["ntin"]

    async def _inherit(self, merger: RowMerger) -> None:
        """Carry a change of a good over to its variants."""
        bases = {row["id"]: row for row in self.changed if row["base_id"] is None}
        if not bases:
            return
        already = {row["id"]: place for place, row in enumerate(self.changed)}
        variants = await select_in(
            self.work,
            f"SELECT {_PRODUCT_ALL} FROM {PRODUCT} WHERE base_id IN ({{marks}})",
            [str(product_id) for product_id in bases],
        )
        for variant in variants:
            place = already.get(variant["id"])
            present = dict(variant) if place is None else self.changed[place]
            result = merger.inherited(present, bases[variant["base_id"]])
            if not differs(result, present):
                continue
            if place is None:
                self.changed.append(result)
                self.report.updated += 1
            else:
                self.changed[place] = result

    async def _write(self, first_code: int) -> None:
        work = self.work
        if self.fresh:
            codes = await take_codes(work, self.company_id, first=first_code, wanted=self.wanted)
            for product, code, wanted in zip(self.fresh, codes, self.wanted, strict=True):
                product["code"] = code
                if wanted is not None and wanted != code:
                    self.report.notes.append((str(product["external_id"]), CODE_TAKEN))
            await work.insert_many(PRODUCT, PRODUCT_COLUMNS, map(_values, self.fresh))
        if self.changed:
            statement = upsert_statement(PRODUCT, PRODUCT_COLUMNS, _KEPT, work.dialect)
            await work.execute_many(statement, map(_values, self.changed))
        for marks, piece in in_lists(self.recoded):
            await work.execute(f"DELETE FROM {BARCODE} WHERE product_id IN ({marks})", *piece)
        if self.codes:
            await work.insert_many(BARCODE, BARCODE_COLUMNS, self._barcode_rows())
        if self.fresh or self.changed:
            work.notice("catalog", self.company_id)

    def _barcode_rows(self) -> list[tuple[str | int, ...]]:
        rows = [
            (self.company_id, product_id, barcode_key(code), code, place)
            for product_id, codes in self.codes.items()
            for place, code in enumerate(codes)
        ]
        return [(barcode_id, *row) for barcode_id, row in zip(new_ids(len(rows)), rows, strict=True)]


_values: Callable[[StoredRow], tuple[Param, ...]] = itemgetter(*PRODUCT_COLUMNS)
