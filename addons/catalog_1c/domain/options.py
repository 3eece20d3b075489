"""What a connection lets people choose: which fields of 1C mean what, which price type is sold by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from hashlib import blake2b

# Changes whenever the reading of rows changes, so that the next import looks at every row anew.
READER_VERSION = "3"


ALL_WAREHOUSES = "*"


class Wanted(StrEnum):
    """Facts that CommerceML has no element for; they come as a реквизит or a property under some name."""

    CODE = "code"
    NAME_KK = "name_kk"
    NTIN = "ntin"
    GTIN = "gtin"
    MARKED = "marked"
    MORE_BARCODES = "more_barcodes"
    KIND = "kind"


DEFAULT_NAMES: Mapping[Wanted, tuple[str, ...]] = {
    Wanted.CODE: ("код",),
    Wanted.NAME_KK: ("наименование на казахском", "казахское наименование", "наименованиеқаз", "атауы"),
    Wanted.NTIN: ("нтин", "ntin", "код нкт"),
    Wanted.GTIN: ("gtin", "гтин"),
    Wanted.MARKED: ("маркируемый", "маркируемый товар", "маркировка"),
    Wanted.MORE_BARCODES: ("дополнительные штрихкоды", "штрихкоды"),
    Wanted.KIND: ("типноменклатуры",),
}


@dataclass(frozen=True, slots=True)
class MappingOptions:
    """names: names (lower case) under which a fact may come. price_type: identifier or name of the price type
    to sell by, "" when the connection has not chosen. default_vat: text of a rate for goods without VAT tags,
    "" = say nothing. vat_texts: (folded text, basis points or None for "without"). warehouses: (Ид, outlet);
    ALL_WAREHOUSES stands for the amount of all of them. price_types: (Ид or name, name of a type of ours).
    takes_pictures: whether pictures of goods are wanted.
    """

    names: Mapping[Wanted, tuple[str, ...]] = field(default_factory=lambda: DEFAULT_NAMES)
    price_type: str = ""
    default_vat: str = ""
    vat_texts: tuple[tuple[str, int | None], ...] = ()
    warehouses: tuple[tuple[str, str], ...] = ()
    price_types: tuple[tuple[str, str], ...] = ()
    takes_pictures: bool = True

    def all_names(self) -> frozenset[str]:
        """Every name the reader has to look for."""
        return frozenset(name for names in self.names.values() for name in names)

    def salt(self, *, more: str = "") -> bytes:
        """Key of digests: another choice gives other digests, so a changed setting reaches every row."""
        text = (
            repr([(each.name, str(getattr(self, each.name))) for each in fields(self)])
            + READER_VERSION
            + more
        )
        return blake2b(text.encode(), digest_size=16).digest()
