"""From a record of a file to a row of the catalogue: every decision about an odd value is taken here, with
its reason.

Reading of XML and storing do not belong here. Rules come from what real writers do to data (docs of the
exchange, README).
"""

from __future__ import annotations

from datetime import date

from addons.catalog.api import (
    UNSET,
    Aspect,
    GoodsRow,
    PackCode,
    Unset,
    VatKind,
    VatTable,
    unit_by_code,
    unit_by_name,
)
from addons.catalog_1c.domain.choices import folded
from addons.catalog_1c.domain.file_names import clean_name
from addons.catalog_1c.domain.options import ALL_WAREHOUSES, MappingOptions, Wanted
from addons.catalog_1c.domain.prices import PriceChoice
from addons.catalog_1c.domain.records import VARIANT_MARK, Extras, GoodsRecord, PriceRecord
from addons.catalog_1c.domain.report import Note
from addons.catalog_1c.domain.texts import (
    NotANumber,
    Rate,
    VatWord,
    parse_code,
    parse_flag,
    parse_scaled,
    parse_vat,
)
from kernel.errors import Refusal
from kernel.money import Money
from kernel.quantity import Quantity

SERVICE_UNIT = "5114"
NOTHING_BESIDE = Extras()
_SERVICE_KIND = "услуга"
PACK_MAX = 1_000_000_000  # thousandths: a million units
PACK_BARCODE_MAX = 64
PACKS_MAX = 50  # of one good


class RowMapper:
    """Maps the records of one file; notes gathers the reasons of what was changed or left out, extras what
    stands beside the cards, by Ид. Both are emptied by whoever stores a batch.
    """

    def __init__(self, options: MappingOptions, *, prices: PriceChoice, table: VatTable, day: date) -> None:
        self.notes: list[Note] = []
        self.extras: dict[str, Extras] = {}
        self.tells_groups = False  # also of goods with one group: some of the source had more
        self.takes_pictures = False  # only files that come by an exchange can be found
        self._told: set[tuple[str, str]] = set()
        self._vat_texts = dict(options.vat_texts)
        self._warehouses = dict(options.warehouses)
        self._price_types = dict(options.price_types)
        self._prices = prices
        self._table = table
        self._day = day
        self._in_law: dict[int, bool] = {}
        self._wanted = {name: wanted for wanted, names in options.names.items() for name in names}
        self._default_vat = parse_vat(options.default_vat)

    def row(self, record: GoodsRecord) -> GoodsRow:
        """The row for the catalogue. An offer speaks of the price; an offer of a variant also of its name and
        barcode."""
        facts = {self._wanted[name]: value for name, value in record.named if name in self._wanted}
        facts.update(record.facts)
        base, mark, _ = record.external_id.partition(VARIANT_MARK)
        is_variant = record.is_offer and bool(mark)
        is_card = not record.is_offer
        unit = self._unit(record, facts) if is_card else (UNSET, UNSET)
        extras = Extras(
            self._stock(record),
            self._other_prices(record),
            self._packs(record),
            self._more_groups(record),
            self._pictures(record),
        )
        if extras != NOTHING_BESIDE:
            self.extras[record.external_id] = extras
        code = record.code if record.code is not None else facts.get(Wanted.CODE, "")
        return GoodsRow(
            external_id=record.external_id,
            digest=record.digest,
            aspect=Aspect.CARD if is_card else Aspect.OFFER,
            is_deleted=record.is_deleted,
            base_external_id=base if is_variant else "",
            wanted_code=parse_code(code) if is_card else None,
            name=self._name(record) if is_card or is_variant else UNSET,
            name_kk=facts.get(Wanted.NAME_KK, UNSET),
            article=_given(record.article) if is_card or is_variant else UNSET,
            barcodes=self._barcodes(record, facts),
            group_external_id=_given(record.group_id) if is_card else UNSET,
            unit_code=unit[0],
            unit_name=unit[1],
            vat_bp=self._vat(record) if is_card else UNSET,
            price=self._price(record),
            ntin=facts.get(Wanted.NTIN, UNSET),
            gtin=facts.get(Wanted.GTIN, UNSET),
            is_marked=self._marked(facts),
            characteristic=_given(record.characteristics) if is_variant else UNSET,
        )

    def _note(self, record: GoodsRecord, code: str, fact: str = "") -> None:
        self.notes.append(Note(code, record.external_id, fact[:80]))

    def _note_once(self, code: str, fact: str) -> None:
        """A remark about the whole file rather than about a row."""
        if (code, fact) not in self._told:
            self._told.add((code, fact))
            self.notes.append(Note(code, "", fact[:80]))

    def _name(self, record: GoodsRecord) -> str | Unset:
        if record.name:
            return record.name
        if record.name is not None:
            self._note(record, "C1C_NAME_EMPTY")
        return UNSET

    def _barcodes(self, record: GoodsRecord, facts: dict[Wanted, str]) -> tuple[str, ...] | Unset:
        more = facts.get(Wanted.MORE_BARCODES, "").replace(";", " ").replace(",", " ").split()
        if record.barcodes is None and not more:
            return UNSET
        barcodes = tuple(dict.fromkeys((*(record.barcodes or ()), *more)))
        if record.is_offer and not barcodes:
            return UNSET  # the card speaks of barcodes; an empty tag beside a price is only a habit
        return barcodes

    def _unit(self, record: GoodsRecord, facts: dict[Wanted, str]) -> tuple[str | Unset, str | Unset]:
        if record.unit_code is None:
            is_service = facts.get(Wanted.KIND, "").lower() == _SERVICE_KIND
            service = unit_by_code(SERVICE_UNIT) if is_service else None
            return (service.code, service.name_ru) if service else (UNSET, UNSET)
        name = record.unit_name or ""
        unit = unit_by_code(record.unit_code) or unit_by_name(name) or unit_by_code(name)
        if unit is not None:
            return unit.code, unit.name_ru
        self._note(record, "C1C_UNIT_UNKNOWN", record.unit_code or record.unit_name or "")
        return UNSET, UNSET

    def _vat(self, record: GoodsRecord) -> int | Unset | None:
        if record.vat_texts is None or not any(record.vat_texts):
            if isinstance(self._default_vat, VatWord):
                return None if self._default_vat is VatWord.WITHOUT else UNSET
            return self._default_vat.basis_points
        for text in filter(None, record.vat_texts):
            key = folded(text)
            if key in self._vat_texts:
                return self._vat_texts[key]
            value = parse_vat(text)
            if isinstance(value, Rate):
                if not self._is_in_law(value):
                    self._note(record, "C1C_VAT_NOT_IN_LAW", record.vat_texts[0])
                return value.basis_points
            if value is VatWord.WITHOUT:
                return None
        self._note(record, "C1C_VAT_UNREADABLE", record.vat_texts[0])
        return UNSET

    def _is_in_law(self, rate: Rate) -> bool:
        known = self._in_law.get(rate.basis_points)
        if known is None:
            vat = self._table.vat_for(rate.basis_points, self._day)
            known = self._in_law[rate.basis_points] = vat.kind is not VatKind.FIXED
        return known

    def _price(self, record: GoodsRecord) -> Money | Unset | None:
        if record.prices is None:
            return UNSET
        chosen = self._prices.choose(record.prices)
        if isinstance(chosen, str):
            self._note(record, chosen)
            return UNSET
        if chosen is None:
            return None  # prices are present and empty
        return self._amount(record, chosen)

    def _amount(self, record: GoodsRecord, chosen: PriceRecord) -> Money | Unset | None:
        tiyn = parse_scaled(chosen.amount or "", digits=2)
        if tiyn is NotANumber.EMPTY or tiyn == 0:
            self._note(record, "C1C_PRICE_EMPTY")
            return None
        if isinstance(tiyn, NotANumber) or tiyn < 0:
            self._note(record, "C1C_PRICE_UNREADABLE", chosen.amount or "")
            return UNSET
        try:
            return Money(tiyn)
        except Refusal:
            self._note(record, "C1C_PRICE_UNREADABLE", chosen.amount or "")
            return UNSET

    def _other_prices(self, record: GoodsRecord) -> tuple[tuple[str, Money | None], ...]:
        """Prices of the types that the connection takes beside the one to sell by."""
        found: list[tuple[str, Money | None]] = []
        for type_id in self._prices.others(record.prices or ()):
            name = self._prices.name_of(type_id)
            ours = self._price_types.get(type_id) or self._price_types.get(name or "")
            if name is None:
                self._note_once("C1C_PRICE_TYPE_UNDECLARED", type_id)
            elif ours is None:
                self._note_once("C1C_PRICE_TYPE_UNMAPPED", name)
            if ours is None:
                continue
            chosen = self._prices.of_type(record.prices or (), type_id)
            amount = chosen if isinstance(chosen, str) else self._amount(record, chosen)
            if isinstance(amount, str):
                self._note(record, amount, ours)
            elif not isinstance(amount, Unset):
                found.append((ours, amount))
        return tuple(found)

    def _stock(self, record: GoodsRecord) -> tuple[tuple[str, int], ...]:
        """What the outlets of the connection have; warehouses of one outlet are added up."""
        if not record.stock:
            return ()
        if not self._warehouses:
            self._note_once("C1C_STOCK_NOT_TAKEN", "")
            return ()
        found: dict[str, int] = {}
        for each in record.stock:
            outlet_id = self._warehouses.get(each.warehouse_id or ALL_WAREHOUSES)
            if outlet_id is None:
                if each.warehouse_id:
                    self._note_once("C1C_WAREHOUSE_UNMAPPED", each.warehouse_id)
                continue
            amount = parse_scaled(each.amount, digits=3)
            if isinstance(amount, int):
                found[outlet_id] = found.get(outlet_id, 0) + amount
            elif amount is NotANumber.MALFORMED:
                self._note(record, "C1C_STOCK_UNREADABLE", each.amount)
        return tuple(found.items())

    def _packs(self, record: GoodsRecord) -> tuple[PackCode, ...]:
        """Barcodes of packs; a pack of unknown size is left out: sold by one it would cost one."""
        found: dict[str, PackCode] = {}
        for barcode, text in record.packs:
            amount = parse_scaled(text, digits=3)
            is_sane = (
                isinstance(amount, int) and 0 < amount <= PACK_MAX and amount != Quantity.ONE.thousandths
            )
            if is_sane and isinstance(amount, int) and 0 < len(barcode) <= PACK_BARCODE_MAX:
                found[barcode] = PackCode(barcode, Quantity(amount))
            else:
                self._note(record, "C1C_PACK_BARCODE", f"{barcode} × {text}")
        return tuple(found.values())[:PACKS_MAX]

    def _more_groups(self, record: GoodsRecord) -> tuple[str, ...] | None:
        """Further groups; that there are none is said only where goods of the source have had some."""
        if record.is_offer or record.group_id is None:
            return None
        return record.more_group_ids if record.more_group_ids or self.tells_groups else None

    def _pictures(self, record: GoodsRecord) -> tuple[str, ...]:
        """Names of the files a good or an offer names as its pictures, each once."""
        if record.is_deleted or not self.takes_pictures:
            return ()
        found: dict[str, None] = {}
        for text in record.pictures:
            try:
                found[clean_name(text)] = None
            except Refusal:
                self._note(record, "C1C_PICTURE_NAME", text)
        return tuple(found)

    def _marked(self, facts: dict[Wanted, str]) -> bool | Unset:
        text = facts.get(Wanted.MARKED)
        if text is None:
            return UNSET
        flag = parse_flag(text)
        if flag is None:
            # A text other than yes or no names the group of marked goods ("Табак"); an empty one says "not
            # marked".
            return bool(text)
        return flag


def _given(text: str | None) -> str | Unset:
    return UNSET if text is None else text
