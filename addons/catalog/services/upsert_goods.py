"""Set-based import of goods from an outside source: a few statements for a batch, tuples for a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.source import PEOPLE, ROWS_MAX, Aspect, GoodsRow, SourceKey, Unset, UpsertReport
from addons.catalog.services.cards import today, vat_table
from addons.catalog.services.codes import lock_catalogue, take_codes
from addons.catalog.services.feed_notes import note_cards
from addons.catalog.services.history import Changes, note_changes
from addons.catalog.services.leave_bundles import leave_bundles
from addons.catalog.services.merge_row import RowMerger, StoredRow, differs, scan_codes
from addons.catalog.services.prices import forget_due_prices
from addons.catalog.services.search_index import SEARCHED_COLUMNS, goods_were_named
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
from kernel.money import Money

# Never changed by an import: identity, and what only people set.
_KEPT = (
    "id", "company_id", "code", "source", "external_id", "base_id", "is_price_editable", "discount_bp",
    "markup_bp", "own_register_id", "created_ms",
)  # fmt: skip
# A product that differs in one of these may enter or leave what a register sees.
_PLACE = ("is_archived", "group_id", "own_register_id")
_KEPT_FROM_PEOPLE = tuple(column for column in _KEPT if column not in ("discount_bp", "markup_bp"))
# Columns whose changes go into the history, and their names there.
_TOLD = {
    "name": "name", "name_kk": "name_kk", "article": "article", "barcode": "barcode", "group_id": "group_id",
    "price_tiyn": "price", "purchase_price_tiyn": "purchase_price", "vat_kind": "vat_kind",
    "vat_bp": "vat_bp", "unit_code": "unit_code", "ntin": "ntin", "gtin": "gtin", "is_marked": "is_marked",
    "is_archived": "is_archived", "characteristic": "characteristic", "section": "section",
    "discount_bp": "discount_bp", "markup_bp": "markup_bp",
}  # fmt: skip
_PRODUCT_ALL = ", ".join(PRODUCT_COLUMNS)
_OF_SOURCE = "WHERE company_id = ? AND source = ? AND external_id IN ({marks})"

# Codes of reasons; the importer shows them to people.
DUPLICATE_ID = "GOODS_DUPLICATE_ID"
DELETED_UNKNOWN = "GOODS_DELETED_UNKNOWN"
NAME_MISSING = "GOODS_NAME_MISSING"
GROUP_UNKNOWN = "GOODS_GROUP_UNKNOWN"
CODE_TAKEN = "GOODS_CODE_TAKEN"


async def upsert_goods(
    work: Work, source: SourceKey, rows: Sequence[GoodsRow], *, is_dry_run: bool = False
) -> UpsertReport:
    """Create, change or archive products of a source, found by (company, source, external_id).

    Rows with the stored digest write nothing. A row marked deleted archives, a missing row means nothing at
    all. Offers of unknown goods are returned in `report.unknown` and not stored. At most ROWS_MAX rows a
    call. is_dry_run: say what would become of the rows, and write nothing.
    """
    assert len(rows) <= ROWS_MAX
    batch = _Batch(work, source)
    first_code = await batch.decide(rows)
    if not is_dry_run:
        await batch.write(first_code)
    return batch.report


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
        self.other: dict[str, bool] = {}  # product id → also at another place, or out of sale
        self.renamed: list[StoredRow] = []  # products with other words to be found by
        self.told: list[tuple[str, Changes]] = []  # lines of histories
        self.repriced: list[str] = []
        self.archived: list[str] = []

    async def decide(self, rows: Sequence[GoodsRow]) -> int:
        """Lock the catalogue and say what each row does; the next code to try."""
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
        return first_code

    def _note_duplicates(self, rows: Sequence[GoodsRow]) -> None:
        seen: set[str] = set()
        for row in rows:
            if row.external_id in seen:
                self.report.skipped.append((row.external_id, DUPLICATE_ID))
            seen.add(row.external_id)

    async def _known(self, rows: Iterable[GoodsRow]) -> dict[str, StoredRow]:
        if self.source == PEOPLE:
            return await self._named(rows)
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

    async def _named(self, rows: Iterable[GoodsRow]) -> dict[str, StoredRow]:
        """Products that rows of people name."""
        wanted = {row.product_id: row.external_id for row in rows if row.product_id is not None}
        found = await select_in(
            self.work, f"SELECT {_PRODUCT_ALL} FROM {PRODUCT} WHERE id IN ({{marks}})", wanted
        )
        return {wanted[row["id"]]: dict(row) for row in found if row["company_id"] == self.company_id}

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
        if any(result[column] != present[column] for column in SEARCHED_COLUMNS):
            self.renamed.append(result)
        if self._recode(row, present, result) or differs(result, present):
            if result["is_archived"] and not present["is_archived"]:
                self.report.archived += 1
            else:
                self.report.updated += 1
            self._note(result, present)
            # What a source fills in for the first time is no change.
            self._tell(result, present, is_told=bool(digest) or self.source == PEOPLE)
        else:
            self.report.unchanged += 1
            if result["id"] in self.codes:  # further barcodes, which are not compared
                self._note(result, present)

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

    def _note(self, result: StoredRow, present: StoredRow) -> None:
        is_moved = bool(result["is_archived"]) or any(result[each] != present[each] for each in _PLACE)
        product_id = str(result["id"])
        self.other[product_id] = is_moved or self.other.get(product_id, False)

    def _tell(self, result: StoredRow, present: StoredRow, *, is_told: bool) -> None:
        product_id = str(result["id"])
        if is_told:
            changes = {
                name: (_text(column, present[column]), _text(column, result[column]))
                for column, name in _TOLD.items()
                if result[column] != present[column]
            }
            self.told.append((product_id, changes))
        if result["price_tiyn"] != present["price_tiyn"]:
            self.repriced.append(product_id)
        if result["is_archived"] and not present["is_archived"]:
            self.archived.append(product_id)

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
            self._note(result, present)
            self._tell(result, present, is_told=True)
            if place is None:
                self.changed.append(result)
                self.report.updated += 1
            else:
                self.changed[place] = result

    async def write(self, first_code: int) -> None:
        """Write what was decided."""
        work = self.work
        if self.fresh:
            codes = await take_codes(work, self.company_id, first=first_code, wanted=self.wanted)
            for product, code, wanted in zip(self.fresh, codes, self.wanted, strict=True):
                product["code"] = code
                if wanted is not None and wanted != code:
                    self.report.notes.append((str(product["external_id"]), CODE_TAKEN))
            await work.insert_many(PRODUCT, PRODUCT_COLUMNS, map(_values, self.fresh))
        if self.changed:
            kept = _KEPT_FROM_PEOPLE if self.source == PEOPLE else _KEPT
            statement = upsert_statement(PRODUCT, PRODUCT_COLUMNS, kept, work.dialect)
            await work.execute_many(statement, map(_values, self.changed))
        for marks, piece in in_lists(self.recoded):
            unit_codes = f"product_id IN ({marks}) AND coefficient_thousandths = 1000"  # packs stay
            await work.execute(f"DELETE FROM {BARCODE} WHERE {unit_codes}", *piece)
        if self.codes:
            await work.insert_many(BARCODE, BARCODE_COLUMNS, self._barcode_rows())
        await note_changes(work, "imported", self.told, source="" if self.source == PEOPLE else self.source)
        await forget_due_prices(work, self.repriced)
        await leave_bundles(work, self.archived)
        await goods_were_named(work, [int(str(row["code"])) for row in (*self.fresh, *self.renamed)])
        await note_cards(work, [str(row["id"]) for row in self.fresh], archived=())
        gone = {str(row["id"]) for row in self.changed if row["is_archived"]}
        for is_moved in (True, False):
            told = [each for each, has_moved in self.other.items() if has_moved is is_moved]
            await note_cards(work, told, is_moved=is_moved, archived=gone)

    def _barcode_rows(self) -> list[tuple[str | int, ...]]:
        rows = [
            (self.company_id, product_id, barcode_key(code), code, place, 1000)
            for product_id, codes in self.codes.items()
            for place, code in enumerate(codes)
        ]
        return [(barcode_id, *row) for barcode_id, row in zip(new_ids(len(rows)), rows, strict=True)]


def _text(column: str, value: Param) -> str | None:
    """As services.written tells values."""
    if value is None:
        return None
    if column.endswith("_tiyn"):
        return str(Money(int(value)))
    return str(bool(value)).lower() if column.startswith("is_") else str(value)


_values: Callable[[StoredRow], tuple[Param, ...]] = itemgetter(*PRODUCT_COLUMNS)
