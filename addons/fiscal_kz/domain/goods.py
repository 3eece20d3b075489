"""The OFD's goods as rows for the catalogue.

Identity of a row is (source, id at the OFD); the source is the operator, so that registers of one company
with one OFD share their goods. Source: CPCR 2.0.2 §3.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from addons.catalog.api import UNSET, GoodsRow, GroupRow, SourceKey, is_gtin
from kernel.money import Money

DIGEST_BYTES = 16
SOURCE_PREFIX = "ofd:"


class GoodsResult(StrEnum):
    """NomenclatureResultTypeEnum."""

    FOUND = "FOUND"
    ACTUAL = "ACTUAL"
    NO_VERSION = "NO_VERSION"
    UNKNOWN_BARCODE = "UNKNOWN_BARCODE"


@dataclass(frozen=True, slots=True)
class OfdGroup:
    """A group of the OFD's list; parent_id 0: under the root."""

    id: int
    title: str
    parent_id: int


@dataclass(frozen=True, slots=True)
class OfdGood:
    """A good of the OFD's list. price: tiyn, None: not told. vat_bp: None: no VAT was told."""

    id: int
    title: str
    title_kk: str = ""
    group_id: int = 0
    article: str = ""
    barcode: str = ""
    price: int | None = None
    vat_bp: int | None = None
    unit_code: str = ""
    unit_name: str = ""
    ntin: str = ""
    is_marked: bool = False
    is_social: bool = False


@dataclass(frozen=True, slots=True)
class OfdGoods:
    """What an OFD answered. version: of its list."""

    result: GoodsResult
    version: int
    groups: tuple[OfdGroup, ...] = ()
    goods: tuple[OfdGood, ...] = ()


def source_of(profile: str) -> SourceKey:
    """The catalogue's name for the goods of an operator."""
    return SourceKey(f"{SOURCE_PREFIX}{profile}")


def goods_row(good: OfdGood) -> GoodsRow:
    """The good as the catalogue takes it. What the OFD does not tell stays as it is."""
    return GoodsRow(
        external_id=str(good.id),
        digest=blake2b(repr(good).encode(), digest_size=DIGEST_BYTES).hexdigest(),
        name=good.title,
        name_kk=good.title_kk or UNSET,
        article=good.article,
        barcodes=(good.barcode,) if good.barcode else (),
        group_external_id=str(good.group_id) if good.group_id else "",
        unit_code=good.unit_code or UNSET,
        unit_name=good.unit_name or UNSET,
        vat_bp=UNSET if good.vat_bp is None else good.vat_bp,
        price=UNSET if good.price is None else Money(good.price),
        ntin=good.ntin or UNSET,
        gtin=good.barcode if is_gtin(good.barcode) else UNSET,
        is_marked=good.is_marked,
    )


def group_rows(groups: Iterable[OfdGroup]) -> list[GroupRow]:
    """Groups with parents before their children; a parent that is not in the list, or a ring, is the root."""
    by_id = {each.id: each for each in groups}
    rows: dict[int, GroupRow] = {}
    for group in by_id.values():
        for each in reversed(_line(group, by_id)):
            if each.id not in rows:
                parent = str(each.parent_id) if each.parent_id in rows else ""
                rows[each.id] = GroupRow(str(each.id), each.title, parent)
    return list(rows.values())


def _line(group: OfdGroup, by_id: dict[int, OfdGroup]) -> Sequence[OfdGroup]:
    """The group, its parent, and so on upwards; each once."""
    line = {group.id: group}
    parent = by_id.get(group.parent_id)
    while parent is not None and parent.id not in line:
        line[parent.id] = parent
        parent = by_id.get(parent.parent_id)
    return list(line.values())
