"""What a CommerceML file says, in our words, before any decision. None = the tag is missing, "" = present but
empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from addons.catalog.api import PackCode
from addons.catalog_1c.domain.options import Wanted
from addons.catalog_1c.domain.report import Note
from kernel.money import Money

NO_TYPES = "*"  # type of a price in a format that knows no price types
VARIANT_MARK = "#"  # between the Ид of a good and that of its characteristic


class Part(StrEnum):
    """What a file may bring; decided by its content, never by its name."""

    CLASSIFIER = "classifier"
    CATALOGUE = "catalogue"
    OFFERS = "offers"


class Completeness(StrEnum):
    """СодержитТолькоИзменения: missing in old versions, and then nothing may be concluded from an absence."""

    FULL = "full"
    CHANGES = "changes"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FileCard:
    """A file that passed the first look: well formed to its end, no DOCTYPE, CommerceML 2.x.

    encoding None: as the file itself declares.
    """

    path: str
    bytes: int
    parts: tuple[Part, ...]
    schema_version: str
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group of the classifier; parents are read before children."""

    external_id: str
    name: str
    parent_id: str
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class PropertyRecord:
    """A property of the classifier: its name and, for a reference type, the texts of its values."""

    external_id: str
    name: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PriceType:
    """A declared price type."""

    external_id: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class PriceRecord:
    """One Цена of an offer, as written."""

    type_id: str
    amount: str | None
    currency: str
    coefficient: str
    min_quantity: str


@dataclass(frozen=True, slots=True)
class StockRecord:
    """How much is in one warehouse, as written; warehouse_id "" for all of them together."""

    warehouse_id: str
    amount: str


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A declared warehouse."""

    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class GoodsRecord:
    """One Товар or Предложение, as written. named: values of реквизиты and properties by their names in lower
    case. characteristics: of a variant, as one text. packs: barcodes of several units with how many, as
    written. pictures: names of files, the first one first. facts: what the format itself has a place for,
    whatever the names a connection chose.
    """

    external_id: str
    digest: str
    is_offer: bool
    is_deleted: bool = False
    name: str | None = None
    article: str | None = None
    code: str | None = None
    barcodes: tuple[str, ...] | None = None
    unit_code: str | None = None
    unit_name: str | None = None
    group_id: str | None = None
    more_group_ids: tuple[str, ...] = ()
    vat_texts: tuple[str, ...] | None = None
    prices: tuple[PriceRecord, ...] | None = None
    stock: tuple[StockRecord, ...] | None = None
    characteristics: str | None = None
    packs: tuple[tuple[str, str], ...] = ()
    pictures: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[Wanted, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Extras:
    """What a row says beside the card. stock: (outlet, thousandths). prices: (name of a type, price or None
    for no price). packs: of goods only; none leaves those that are there. groups: beside the first one, by
    Ид; None says nothing of them. pictures: cleaned names of files, the first one first.
    """

    stock: tuple[tuple[str, int], ...] = ()
    prices: tuple[tuple[str, Money | None], ...] = ()
    packs: tuple[PackCode, ...] = ()
    groups: tuple[str, ...] | None = None
    pictures: tuple[str, ...] = ()


@dataclass(slots=True)
class Preamble:
    """What came before the rows of a batch and must be stored before them."""

    groups: Sequence[GroupRecord] = ()
    properties: Sequence[PropertyRecord] = ()
    price_types: Sequence[PriceType] = ()
    warehouses: Sequence[Warehouse] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing came before the rows."""
        return not (self.groups or self.properties or self.price_types or self.warehouses)


@dataclass(slots=True)
class Batch:
    """Rows of one kind in file order: identifiers and digests now, records on demand
    (`CatalogueFile.records`)."""

    is_offers: bool
    completeness: Completeness
    external_ids: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    preamble: Preamble = field(default_factory=Preamble)
    nameless: int = 0  # rows without an identifier
    notes: Sequence[Note] = ()  # remarks of the reader itself
    has_price_types: bool = True  # whether the format knows any
    bytes_read: int = 0

    def __len__(self) -> int:
        return len(self.external_ids)
