"""Which good each row of a sheet means, and the row as the import of goods takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.product import FREE_POSITION_CODE, GroupId, ProductId
from addons.catalog.domain.sheet_profile import SheetColumn, SheetKey
from addons.catalog.domain.sheet_row import CellFault, SheetRow, fault_of
from addons.catalog.domain.source import UNSET, GoodsRow, Unset
from addons.catalog.services.sheet_groups import KnownGroups, group_key
from addons.catalog.services.tables import BARCODE, PRODUCT, select_in
from kernel.data.work import Reader, SqlRow
from kernel.errors import Refusal
from kernel.money import Money

UNIT_COEFFICIENT = 1000  # of a barcode of one unit, in thousandths

_FACTS = "p.id, p.code, p.base_id, p.is_archived, p.ntin, p.price_tiyn"


@dataclass(slots=True)
class Matched:
    """Rows with their goods. goods[n] belongs to rows[n]; codes: of the goods that are known already;
    prices: theirs now, by line.
    """

    rows: list[SheetRow] = field(default_factory=list)
    goods: list[GoodsRow] = field(default_factory=list)
    codes: dict[int, int] = field(default_factory=dict)  # line → code
    prices: dict[int, Money | None] = field(default_factory=dict)  # line → price now
    faults: list[CellFault] = field(default_factory=list)  # one a row


async def match_rows(
    reader: Reader,
    rows: Sequence[SheetRow],
    *,
    key: SheetKey,
    groups: KnownGroups,
    are_groups_to_come: bool = False,
) -> Matched:
    """Find the good of every row: by its code, or by its first barcode when it has no code or the profile
    goes by barcodes. A row of no known good makes a new one.

    Of several goods with one barcode the only one for sale is meant; when there are several the row is at
    fault. are_groups_to_come: groups that are not known will be made; otherwise their rows are at fault.
    """
    by_barcode = [row for row in rows if key is SheetKey.BARCODE or row.code is None]
    with_code = [row for row in rows if key is SheetKey.CODE and row.code is not None]
    of_codes = await _by_codes(reader, {row.code for row in with_code if row.code is not None})
    of_keys = await _by_keys(reader, {barcode_key(row.first_barcode) for row in by_barcode})
    wanted = {row.code for row in by_barcode if row.code is not None}
    taken = set(await _by_codes(reader, wanted)) if wanted else set()
    found: dict[int, SqlRow] = {}
    matched = Matched()
    for row in rows:
        if key is SheetKey.CODE and row.code is not None:
            facts = of_codes.get(row.code)
        else:
            several = of_keys.get(barcode_key(row.first_barcode), [])
            for_sale = [each for each in several if not each["is_archived"]]
            if len(for_sale) > 1:
                matched.faults.append(
                    _fault("SHEET_KEY_AMBIGUOUS", row, SheetColumn.BARCODE, row.first_barcode)
                )
                continue
            facts = next(iter(for_sale or several), None)
        if facts is not None:
            found[row.line] = facts
    stored = await scan_codes(reader, [facts["id"] for facts in found.values()])
    refused = {fault.line for fault in matched.faults}
    for row in rows:
        if row.line in refused:
            continue
        facts = found.get(row.line)
        try:
            goods = _goods(row, facts, stored, partial(_group, row, groups, are_groups_to_come), taken)
        except Refusal as refusal:
            column = SheetColumn(refusal.field) if refusal.field else None
            matched.faults.append(fault_of(refusal, row.line, column, str(refusal.facts.get("value", ""))))
            continue
        matched.rows.append(row)
        matched.goods.append(goods)
        if facts is not None:
            matched.codes[row.line] = facts["code"]
            price = facts["price_tiyn"]
            matched.prices[row.line] = None if price is None else Money(price)
    return matched


def _goods(
    row: SheetRow,
    facts: SqlRow | None,
    stored: Mapping[str, list[str]],
    group: partial[GroupId | Unset | None],
    taken: set[int],
) -> GoodsRow:
    """The row as the import takes it.

    Refusals, each at its column: SHEET_GROUP_UNKNOWN, GOODS_NAME_MISSING, PRODUCT_CODE_TAKEN,
    PRODUCT_IS_FREE_POSITION.
    """
    is_archived = row.is_archived
    if facts is None:
        if isinstance(row.name, Unset):
            raise Refusal("GOODS_NAME_MISSING", field=SheetColumn.NAME)
        if row.code is not None and (row.code == FREE_POSITION_CODE or row.code in taken):
            raise Refusal("PRODUCT_CODE_TAKEN", field=SheetColumn.CODE, value=row.code)
    elif facts["code"] == FREE_POSITION_CODE and is_archived is True:
        raise Refusal("PRODUCT_IS_FREE_POSITION", field=SheetColumn.ARCHIVED)
    goods = GoodsRow(
        external_id=str(row.line),
        digest="",
        wanted_code=row.code,
        name=row.name,
        name_kk=row.name_kk,
        article=row.article,
        barcodes=_barcodes(row, facts, stored),
        price=row.price,
        ntin=row.ntin,
        gtin=row.gtin,
        product_id=None if facts is None else ProductId(facts["id"]),
        is_archived=is_archived,
        discount_bp=row.discount_bp,
        markup_bp=row.markup_bp,
    )
    if facts is not None and facts["base_id"] is not None:
        return goods  # a variant has the rest from the good it is a variant of
    return replace(
        goods,
        group_id=group(),
        unit_code=UNSET if isinstance(row.unit, Unset) else row.unit.code,
        unit_name=UNSET if isinstance(row.unit, Unset) else row.unit.name_ru,
        vat_bp=row.vat_bp,
        section=row.section,
        is_marked=row.is_marked,
    )


def _group(row: SheetRow, groups: KnownGroups, are_to_come: bool) -> GroupId | Unset | None:
    key = group_key(row)
    if key is None:
        return UNSET
    if not key:
        return None
    found = groups.find(key)
    if found is None and not are_to_come:
        column = SheetColumn.GROUP_CODE if isinstance(key, str) else SheetColumn.GROUP
        text = key if isinstance(key, str) else " / ".join(key)
        raise Refusal("SHEET_GROUP_UNKNOWN", field=column, value=text[:60])
    return UNSET if found is None else found


def _barcodes(
    row: SheetRow, facts: SqlRow | None, stored: Mapping[str, list[str]]
) -> tuple[str, ...] | Unset:
    """All barcodes of a unit the good shall have; UNSET when it has them."""
    ntin = "" if facts is None else facts["ntin"]
    present = [] if facts is None else [code for code in stored.get(facts["id"], ()) if code != ntin]
    if not isinstance(row.barcodes, Unset):
        wanted = row.barcodes
        if not isinstance(row.barcode, Unset):
            wanted = tuple(dict.fromkeys((row.barcode, *wanted)))
    elif isinstance(row.barcode, Unset):
        return UNSET
    else:
        keys = {barcode_key(code) for code in present}
        wanted = tuple(present) if barcode_key(row.barcode) in keys else (row.barcode, *present)
    return UNSET if facts is not None and wanted == tuple(present) else wanted


def _fault(code: str, row: SheetRow, column: SheetColumn, cell: str) -> CellFault:
    return fault_of(Refusal(code), row.line, column, cell)


async def _by_codes(reader: Reader, codes: Iterable[int]) -> dict[int, SqlRow]:
    sql = f"SELECT {_FACTS} FROM {PRODUCT} p WHERE p.company_id = ? AND p.code IN ({{marks}})"
    return {row["code"]: row for row in await select_in(reader, sql, codes, before=[reader.company_id])}


async def _by_keys(reader: Reader, keys: Iterable[str]) -> dict[str, list[SqlRow]]:
    sql = (
        f"SELECT b.key_text, {_FACTS} FROM {BARCODE} b JOIN {PRODUCT} p ON p.id = b.product_id"
        " WHERE b.company_id = ? AND b.key_text IN ({marks}) ORDER BY p.code"
    )
    found: defaultdict[str, list[SqlRow]] = defaultdict(list)
    for row in await select_in(reader, sql, (key for key in keys if key), before=[reader.company_id]):
        if all(row["id"] != other["id"] for other in found[row["key_text"]]):
            found[row["key_text"]].append(row)
    return found


async def scan_codes(reader: Reader, product_ids: Iterable[str]) -> dict[str, list[str]]:
    """What a scanner may read on one unit of each product, in order."""
    sql = f"SELECT company_id, product_id, barcode, coefficient_thousandths AS coefficient FROM {BARCODE}"
    codes: defaultdict[str, list[str]] = defaultdict(list)
    rows = await select_in(reader, f"{sql} WHERE product_id IN ({{marks}}) ORDER BY place", product_ids)
    for row in rows:
        if row["company_id"] == reader.company_id and row["coefficient"] == UNIT_COEFFICIENT:
            codes[row["product_id"]].append(row["barcode"])
    return codes
