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
    Unset,
    VatKind,
    VatTable,
    unit_by_code,
    unit_by_name,
)
from addons.catalog_1c.domain.options import MappingOptions, Wanted
from addons.catalog_1c.domain.prices import PriceChoice
from addons.catalog_1c.domain.records import GoodsRecord
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

SERVICE_UNIT = "5114"
_SERVICE_KIND = "услуга"
VARIANT_MARK = "#"


class RowMapper:
    """Maps the records of one file; notes gathers the reasons of what was changed or left out."""

    def __init__(self, options: MappingOptions, *, prices: PriceChoice, table: VatTable, day: date) -> None:
        self.notes: list[Note] = []
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
        base, mark, _ = record.external_id.partition(VARIANT_MARK)
        is_variant = record.is_offer and bool(mark)
        is_card = not record.is_offer
        unit = self._unit(record, facts) if is_card else (UNSET, UNSET)
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
        )

    def _note(self, record: GoodsRecord, code: str, fact: str = "") -> None:
        self.notes.append(Note(code, record.external_id, fact[:80]))

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
        unit = unit_by_code(record.unit_code) or unit_by_name(record.unit_name or "")
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
