"""Rows that an outside source (a 1C connection, a file) offers to the catalogue. Where they come from does
not belong here.

A field left UNSET was not mentioned and stays as it is; None or "" was mentioned as empty and clears.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final, NewType

from addons.catalog.domain.product import GroupId, ProductId
from kernel.money import Money

# Identifier of the outside source inside a company; identity of a row is (source, external_id).
SourceKey = NewType("SourceKey", str)

# Rows of a table that people keep: each names its product itself, whoever keeps that, or makes a new one that
# no source keeps; no digest is remembered.
PEOPLE: Final = SourceKey("")

EXTERNAL_ID_LENGTH_MAX = 160
DIGEST_LENGTH_MAX = 32
ROWS_MAX = 5_000  # in one call: one transaction


class Unset(Enum):
    """The type of UNSET."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class Aspect(StrEnum):
    """Which part of a card a row speaks of; each part remembers its own digest."""

    CARD = "card"  # may create a product
    OFFER = "offer"  # price and the like of a product that exists, or of a variant of one


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """One good as the source tells it.

    digest: opaque value that changes whenever the source's row does; equal digests mean "unchanged" and
    nothing is written.
    wanted_code: taken when free. vat_bp: None = without VAT. base_external_id: the good of which an offer is
    a variant. product_id, group_id, is_archived and what follows them: of rows of PEOPLE only, whose
    external_id but tells rows of one call apart.
    """

    external_id: str
    digest: str
    aspect: Aspect = Aspect.CARD
    is_deleted: bool = False
    base_external_id: str = ""
    wanted_code: int | None = None
    name: str | Unset = UNSET
    name_kk: str | Unset = UNSET
    article: str | Unset = UNSET
    barcodes: tuple[str, ...] | Unset = UNSET
    group_external_id: str | Unset = UNSET
    unit_code: str | Unset = UNSET
    unit_name: str | Unset = UNSET
    vat_bp: int | Unset | None = UNSET
    price: Money | Unset | None = UNSET
    ntin: str | Unset = UNSET
    gtin: str | Unset = UNSET
    is_marked: bool | Unset = UNSET
    characteristic: str | Unset = UNSET
    product_id: ProductId | None = None
    group_id: GroupId | Unset | None = UNSET
    is_archived: bool | Unset = UNSET
    section: int | Unset = UNSET
    discount_bp: int | Unset = UNSET
    markup_bp: int | Unset = UNSET


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group as the source tells it; parent "" is the root. Parents come before children."""

    external_id: str
    name: str
    parent_external_id: str = ""
    is_deleted: bool = False


@dataclass(slots=True)
class UpsertReport:
    """What became of the rows of one call. unknown: offers of goods not in the catalogue; skipped: (external
    id, reason code)."""

    created: list[str] = field(default_factory=list)
    updated: int = 0
    unchanged: int = 0
    archived: int = 0
    unknown: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
