"""PriceList of 1C EquipmentService, versions 1.x to 3.x: as a file (ExportData) and as a package of the
service.

3.x: Groups/Group, Units/Unit, Goods/Good with Barcodes/Barcode, Characteristics/Characteristic, Packs/Pack;
1.x: Goods/RecordGood with barcodes in one attribute. Namespaces differ by version and are not looked at.
Facts: docs/1c-user.md. TaxRate is read as any rate or word: the Russian enumeration knows none of ours.
"""

from __future__ import annotations

import re

from lxml import etree

from addons.catalog_1c.adapters.equipment_xml import children, first, identity, name_of, stream, value
from addons.catalog_1c.domain.device_files import (
    CODE_LENGTH_MAX,
    GOODS_MAX,
    KILOGRAM,
    GoodsFile,
    ReadOptions,
    parents_first,
    price,
    stock_of,
)
from addons.catalog_1c.domain.options import Wanted
from addons.catalog_1c.domain.records import GoodsRecord, GroupRecord, PriceRecord
from addons.catalog_1c.domain.report import Note
from addons.catalog_1c.domain.texts import NotANumber, parse_flag, parse_scaled
from kernel.errors import Refusal

VARIANT_MARK = "#"  # between the identities of a good, its characteristic and its pack
_UUID_LENGTH = 36
_ROW = re.compile(rb"<(?:[\w.-]+:)?(?:Good|RecordGood|Group)[\s/>]")
_ROWS = ("Good", "RecordGood", "Group", "Unit")
_WITHOUT = frozenset({"none", "без ндс"})


def read_goods(content: bytes, *, file: str, options: ReadOptions) -> GoodsFile:
    """The goods of a price list. A file that 1C's side marked as read (Processed) is refused.

    Raises the Refusals of equipment_xml.stream, and C1C_DEVICE_HEAD, C1C_DEVICE_TAKEN, C1C_DEVICE_ATTRIBUTE,
    C1C_DEVICE_ROWS; each names the file and, where there is one, the line and the attribute.
    """
    reader = _Reader(file)
    root = reader.read(content)
    if reader.has_late_tables:
        root = reader.read(content)
    if name_of(root) == "ExportData" and (value(root, "Processed") or "").lower() not in ("", "false"):
        raise Refusal("C1C_DEVICE_TAKEN", file=file)
    lists = [root] if name_of(root) == "PriceList" else list(children(root, "PriceList"))
    if not lists and name_of(root) != "ExportData":
        raise Refusal("C1C_DEVICE_HEAD", file=file, line=root.sourceline, value=name_of(root)[:40])
    is_full = any(parse_flag(value(each, "FullExport") or "") for each in lists)
    return reader.result(is_full=is_full)


def has_rows(content: bytes) -> bool:
    """True for a list that may hold goods or groups; told without reading it."""
    return _ROW.search(content) is not None


class _Reader:
    """has_late_tables: groups or units came behind goods that may speak of them."""

    def __init__(self, file: str) -> None:
        self.has_late_tables = False
        self._file = file
        self._goods: dict[str, GoodsRecord] = {}
        self._groups: dict[str, tuple[str, str]] = {}  # name and what the group says of its parent
        self._group_of_code: dict[str, str] = {}
        self._units: dict[str, tuple[str | None, str | None]] = {}
        self._notes: list[Note] = []

    def read(self, content: bytes) -> etree._Element:
        """Read every row; the root of the document, without them."""
        self._goods.clear()
        self._notes.clear()
        events = stream(content, _ROWS, file=self._file)
        while True:
            try:
                element = next(events)
            except StopIteration as end:
                root: etree._Element = end.value
                return root
            self._take(element)

    def result(self, *, is_full: bool) -> GoodsFile:
        """All of it, goods before their variants."""
        groups = [
            GroupRecord(key, name, self._group_of_code.get(parent, parent), False)
            for key, (name, parent) in self._groups.items()
        ]
        goods = sorted(self._goods.values(), key=lambda record: record.is_offer)
        return GoodsFile(is_full, parents_first(groups), goods, tuple(self._notes))

    def _take(self, element: etree._Element) -> None:
        """One row, if it stands in a price list: orders have goods too."""
        container = element.getparent()
        outer = None if container is None else container.getparent()
        if container is None or outer is None or name_of(outer) != "PriceList":
            return
        match name_of(container), name_of(element):
            case "Goods", "Good" | "RecordGood":
                self._read_good(element)
            case "Groups", "Group":
                self._read_group(element)
            case "Units", "Unit":
                self._read_unit(element)
            case _:
                pass

    def _read_unit(self, unit: etree._Element) -> None:
        code = value(unit, "OKEICode") or value(unit, "Code")
        for key in (value(unit, "UUID"), value(unit, "Code")):
            if key and key.lower() not in self._units:
                self._units[key.lower()] = (code, value(unit, "Name"))
                self.has_late_tables = self.has_late_tables or bool(self._goods)

    def _read_group(self, group: etree._Element) -> None:
        key = self._key(group)
        if key not in self._groups:
            self.has_late_tables = self.has_late_tables or bool(self._goods)
        self._check_room(len(self._groups) + 1)
        self._group_of_code[value(group, "Code") or key] = key
        self._groups[key] = (value(group, "Name") or key, identity(group, "ParentGroup"))

    def _read_good(self, good: etree._Element) -> None:
        key = self._key(good)
        self._check_room(len(self._goods) + 1)
        name = value(good, "Name")
        if first(good, "Packs", "Pack") is not None or first(good, "Characteristics") is not None:
            self._read_variants(good, key, name or "")
        vat = value(good, "TaxRate")
        group = identity(good, "Group")
        has_group = value(good, "GroupUUID") is not None or value(good, "GroupCode") is not None
        unit_code, unit_name = self._unit(good)
        self._goods[key] = GoodsRecord(
            external_id=key,
            digest="",
            is_offer=False,
            name=name,
            article=value(good, "Article"),
            code=value(good, "Code"),
            barcodes=self._barcodes(good),
            unit_code=unit_code,
            unit_name=unit_name,
            group_id=self._group_of_code.get(group, group) if has_group else None,
            vat_texts=None if vat is None else ("Без НДС" if vat.lower() in _WITHOUT else vat,),
            prices=self._prices(good),
            stock=stock_of(value(good, "Balance")),
            packs=self._packs(good),
            facts=self._marked(good),
        )

    def _read_variants(self, good: etree._Element, base: str, name: str) -> None:
        """Characteristics and packs: products of their own that stand on their good."""
        for each in children(good, "Characteristics", "Characteristic"):
            key = f"{base}{VARIANT_MARK}{self._key(each)}"
            self._variant(each, key, name)
            for pack in children(each, "Packs", "Pack"):
                if value(pack, "Price"):
                    self._variant(pack, f"{key}{VARIANT_MARK}{self._key(pack)}", name)
                elif barcodes := self._barcodes(pack):
                    self._notes.append(Note("C1C_PACK_BARCODE", key, ",".join(barcodes)[:80]))
        for pack in children(good, "Packs", "Pack"):
            if value(pack, "Price"):
                self._variant(pack, f"{base}{VARIANT_MARK}{VARIANT_MARK}{self._key(pack)}", name)

    def _packs(self, good: etree._Element) -> tuple[tuple[str, str], ...]:
        """Barcodes of packs without a price of their own, with how many units they hold."""
        return tuple(
            (barcode, value(pack, "UnitsPerPack") or value(pack, "Coefficient") or "")
            for pack in children(good, "Packs", "Pack")
            if not value(pack, "Price")
            for barcode in self._barcodes(pack) or ()
        )

    def _variant(self, element: etree._Element, key: str, name: str) -> None:
        self._check_room(len(self._goods) + 1)
        own = value(element, "Name") or ""
        self._goods[key] = GoodsRecord(
            external_id=key,
            digest="",
            is_offer=True,
            name=own if own.startswith(name) else f"{name} ({own})" if own else name,
            article=value(element, "Article"),
            barcodes=self._barcodes(element),
            prices=self._prices(element),
            stock=stock_of(value(element, "Balance")),
        )

    def _key(self, element: etree._Element) -> str:
        key = identity(element)
        if not 0 < len(key) <= max(CODE_LENGTH_MAX, _UUID_LENGTH) or VARIANT_MARK in key:
            raise self._wrong(element, "Code", key)
        return key

    def _barcodes(self, element: etree._Element) -> tuple[str, ...] | None:
        if (together := element.get("BarCode")) is not None:  # 1.x
            return tuple(dict.fromkeys(filter(None, (each.strip() for each in together.split(",")))))
        if first(element, "Barcodes") is None:
            return None
        found = (value(each, "Value") for each in children(element, "Barcodes", "Barcode"))
        return tuple(dict.fromkeys(filter(None, found)))

    def _prices(self, element: etree._Element) -> tuple[PriceRecord, ...] | None:
        text = value(element, "Price")
        if text is None:
            return None
        number = parse_scaled(text, digits=2)
        if number is NotANumber.MALFORMED or (isinstance(number, int) and number < 0):
            raise self._wrong(element, "Price", text)
        return (price(text),)

    def _unit(self, good: etree._Element) -> tuple[str | None, str | None]:
        for key in (value(good, "UnitUUID"), value(good, "UnitCode")):
            if key and key.lower() in self._units:
                return self._units[key.lower()]
        code = value(good, "UnitCode")
        if code:
            return code, None
        return (KILOGRAM, None) if parse_flag(value(good, "IsWeight") or "") else (None, None)

    def _marked(self, good: etree._Element) -> tuple[tuple[Wanted, str], ...]:
        text = value(good, "IsMarked")
        if text is None:
            return ()
        flag = parse_flag(text)
        if flag is None:
            raise self._wrong(good, "IsMarked", text)
        return ((Wanted.MARKED, str(flag)),)

    def _check_room(self, rows: int) -> None:
        if rows > GOODS_MAX:
            raise Refusal("C1C_DEVICE_ROWS", file=self._file, max=GOODS_MAX)

    def _wrong(self, element: etree._Element, attribute: str, text: str) -> Refusal:
        line = element.sourceline
        return Refusal(
            "C1C_DEVICE_ATTRIBUTE", file=self._file, line=line, attribute=attribute, value=text[:40]
        )
