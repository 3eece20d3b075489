"""Reading of one Товар or Предложение element into a record. Which elements are read is decided by
commerceml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from addons.catalog_1c.adapters.elements import LocalNames, child_text
from addons.catalog_1c.domain.records import GoodsRecord, PriceRecord, PropertyRecord, StockRecord
from addons.catalog_1c.domain.texts import clean, parse_flag

PRICES_MAX = 100  # price types of one offer
WAREHOUSES_MAX = 500  # of one offer
GROUPS_MAX = 50  # of one good
VALUE_LENGTH_MAX = 1000
PICTURES_MAX = 30  # of one good; files with 14 are known
KEYS_MAX = 10_000  # different names of one file that are remembered


class _Keys(dict[str, str]):
    """Name of a реквизит as written → its wanted form, "" for names nobody asked for. Bounded."""

    def __init__(self, wanted: frozenset[str]) -> None:
        super().__init__()
        self._wanted = wanted

    def __missing__(self, name: str) -> str:
        folded = clean(name).lower()
        key = folded if folded in self._wanted else ""
        if len(self) < KEYS_MAX:
            self[name] = key
        return key


class GoodsElementReader:
    """Reads rows of one file. wanted: names of реквизиты and properties (lower case) that the mapping asks
    for."""

    def __init__(
        self,
        names: LocalNames,
        wanted: frozenset[str],
        properties: Mapping[str, tuple[str, Mapping[str, str]]],
    ) -> None:
        self._names = names
        self._wanted = wanted
        self._keys = _Keys(wanted)
        self._properties = {key: value for key, value in properties.items() if value[0].lower() in wanted}

    def learn(self, record: PropertyRecord) -> bool:
        """Remember a property of the classifier when the mapping asks for it; True when it does."""
        if record.name.lower() not in self._wanted:
            return False
        self._properties[record.external_id] = (record.name, dict(record.values))
        return True

    def read(self, element: etree._Element, *, external_id: str, digest: str, is_offer: bool) -> GoodsRecord:
        """Everything the record holds, as written."""
        names = self._names
        deleted = element.get("Статус") == "Удален" or parse_flag(element.get("ПометкаУдаления", "")) is True
        name = article = code = unit_code = unit_name = group_id = None
        more_groups: list[str] = []
        barcodes: list[str] | None = None
        vat: tuple[str, ...] | None = None
        stock: list[StockRecord] | None = None
        characteristics: str | None = None
        prices: tuple[PriceRecord, ...] | None = None
        pictures: list[str] = []
        named: list[tuple[str, str]] = []
        for part in element:
            match names[part.tag]:
                case "Наименование":
                    name = clean(part.text)
                case "Штрихкод":
                    barcodes = barcodes or []
                    if barcode := clean(part.text):
                        barcodes.append(barcode)
                case "Артикул":
                    article = clean(part.text)
                case "Код":
                    code = clean(part.text)
                case "БазоваяЕдиница":
                    unit_code = part.get("Код", "").strip()
                    unit_name = clean(part.text) or part.get("НаименованиеКраткое", "").strip()
                case "Группы":
                    group_id, *more_groups = self._groups(part)
                case "СтавкиНалогов":
                    vat = self._vat(part)
                case "Цены":
                    prices = self._prices(part)
                case "Количество":
                    stock = [*(stock or ()), StockRecord("", clean(part.text))]
                case "Склад":
                    stock = [*(stock or ()), *self._places((part,))]
                case "Склады":
                    stock = [*(stock or ()), *self._places(part)]
                case "Остатки":
                    stock = [*(stock or ()), *self._rests(part)]
                case "ХарактеристикиТовара":
                    characteristics = self._characteristics(part)
                case "Картинка":
                    if (picture := clean(part.text)) and len(pictures) < PICTURES_MAX:
                        pictures.append(picture)
                case "ЗначенияРеквизитов":
                    self._requisites(part, named)
                case "ЗначенияСвойств":
                    self._property_values(part, named)
                case "ПометкаУдаления":
                    deleted = deleted or parse_flag(part.text or "") is True
                case _:
                    pass
        return GoodsRecord(
            external_id=external_id,
            digest=digest,
            is_offer=is_offer,
            is_deleted=deleted,
            name=name,
            article=article,
            code=code,
            barcodes=None if barcodes is None else tuple(barcodes),
            unit_code=unit_code,
            unit_name=unit_name,
            group_id=group_id,
            more_group_ids=tuple(more_groups),
            vat_texts=vat,
            prices=prices,
            stock=None if stock is None else tuple(stock),
            characteristics=characteristics,
            pictures=tuple(pictures),
            named=tuple(named),
        )

    def _vat(self, element: etree._Element) -> tuple[str, ...]:
        texts = []
        for tax in element:
            kind = (child_text(self._names, tax, "Наименование") or "").upper()
            if not kind or "НДС" in kind or "ҚҚС" in kind:
                texts.append(child_text(self._names, tax, "Ставка") or "")
        return tuple(texts)

    def _prices(self, element: etree._Element) -> tuple[PriceRecord, ...]:
        found: list[PriceRecord] = []
        for price in element:
            if len(found) >= PRICES_MAX:
                break
            texts = {self._names[part.tag]: clean(part.text) for part in price}
            found.append(
                PriceRecord(
                    type_id=texts.get("ИдТипаЦены", ""),
                    amount=texts.get("ЦенаЗаЕдиницу"),
                    currency=texts.get("Валюта", ""),
                    coefficient=texts.get("Коэффициент", ""),
                    min_quantity=texts.get("МинКоличество", ""),
                )
            )
        return tuple(found)

    def _groups(self, element: etree._Element) -> list[str]:
        """Groups of a good, the first is its own; [""] when the tag is empty."""
        found = [clean(each.text) for each in element if self._names[each.tag] == "Ид"][:GROUPS_MAX]
        return [each for each in dict.fromkeys(found) if each] or [""]

    def _places(self, elements: Iterable[etree._Element]) -> list[StockRecord]:
        """Amounts by warehouse: attributes of 2.07, or children of the split form."""
        found: list[StockRecord] = []
        for element in elements:
            texts = {self._names[part.tag]: clean(part.text) for part in element}
            place = element.get("ИдСклада") or texts.get("Ид") or texts.get("ИдСклада") or ""
            amount = element.get("КоличествоНаСкладе")
            if amount is None:
                amount = texts.get("КоличествоНаСкладе", texts.get("Количество"))
            if place and amount is not None and len(found) < WAREHOUSES_MAX:
                found.append(StockRecord(place, amount.strip()))
        return found

    def _rests(self, element: etree._Element) -> list[StockRecord]:
        """Остатки/Остаток: amounts by warehouse, one amount, or a bare number."""
        found: list[StockRecord] = []
        for rest in element:
            places = self._places(part for part in rest if self._names[part.tag] == "Склад")
            if places:
                found.extend(places)
                continue
            amount = child_text(self._names, rest, "Количество")
            if amount is None:
                amount = clean(rest.text)
            if amount:
                found.append(StockRecord("", amount))
        return found

    def _characteristics(self, element: etree._Element) -> str:
        """ "Цвет: синий, Размер: 42"; without a name the value alone."""
        texts = []
        for each in element:
            name = child_text(self._names, each, "Наименование") or ""
            value = child_text(self._names, each, "Значение") or ""
            if value:
                texts.append(f"{name}: {value}" if name else value)
        return ", ".join(texts)

    def _requisites(self, element: etree._Element, named: list[tuple[str, str]]) -> None:
        for requisite in element:
            if len(requisite) == 0:
                continue
            # The name is the first child in every known file; the names not asked for must cost little.
            first = requisite[0]
            is_usual = self._names[first.tag] == "Наименование"
            name = first.text if is_usual else child_text(self._names, requisite, "Наименование")
            key = self._keys[name or ""]
            if key:
                value = child_text(self._names, requisite, "Значение") or ""
                named.append((key, value[:VALUE_LENGTH_MAX]))

    def _property_values(self, element: etree._Element, named: list[tuple[str, str]]) -> None:
        if not self._properties:
            return
        for value in element:
            known = self._properties.get(child_text(self._names, value, "Ид") or "")
            if known is not None:
                name, variants = known
                text = child_text(self._names, value, "Значение") or ""
                named.append((name.lower(), variants.get(text, text)[:VALUE_LENGTH_MAX]))
