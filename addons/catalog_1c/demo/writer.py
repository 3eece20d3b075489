"""Writes CommerceML 2.08 files the way 1C 8 does: UTF-8 with BOM, namespace urn:1C.ru:commerceml_2, tabs and
CRLF.

Used by the bundled demo catalogue, by benchmarks and by tests; the importer itself never needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid5
from xml.sax.saxutils import escape, quoteattr

SPACE = UUID("6f3a51a0-54c5-4d6c-9d0a-7d1f6a1c2b90")
CATALOGUE_ID = str(uuid5(SPACE, "catalogue"))
PRICE_TYPE_ID = str(uuid5(SPACE, "retail"))
_ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ВерсияСхемы="2.08" '
    'ДатаФормирования="2026-01-12T09:00:00">\n'
)


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """A group; parent "" is the root."""

    key: str
    name: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class DemoGoods:
    """A good. price: text of a decimal in tenge, "" = not for sale yet; vat: text of Ставка."""

    key: str
    code: str
    group: str
    name: str
    name_kk: str
    unit: tuple[str, str, str]
    vat: str
    price: str
    barcode: str = ""
    article: str = ""
    kind: str = "Товар"
    ntin: str = ""
    is_marked: bool = False
    description: str = ""


def external_id(key: str) -> str:
    """Ид of a group or a good: the same on every run."""
    return str(uuid5(SPACE, key))


def write_import(path: Path, groups: Sequence[DemoGroup], goods: Iterable[DemoGoods]) -> None:
    """Write the classifier and the goods."""
    with path.open("wb") as file, _Writer(file) as out:
        out.put(0, "<Классификатор>")
        _head(out, "Классификатор (Основной каталог товаров)")
        _groups(out, groups)
        out.put(0, "</Классификатор>")
        out.put(0, '<Каталог СодержитТолькоИзменения="false">')
        _head(out, "Основной каталог товаров", classifier=True)
        out.put(1, "<Товары>")
        for each in goods:
            _goods(out, each)
        out.put(1, "</Товары>")
        out.put(0, "</Каталог>")


def write_offers(path: Path, goods: Iterable[DemoGoods]) -> None:
    """Write the prices of the goods."""
    with path.open("wb") as file, _Writer(file) as out:
        out.put(0, '<ПакетПредложений СодержитТолькоИзменения="false">')
        out.tag(1, "Ид", f"{CATALOGUE_ID}#")
        out.tag(1, "Наименование", "Пакет предложений (Основной каталог товаров)")
        out.tag(1, "ИдКаталога", CATALOGUE_ID)
        out.tag(1, "ИдКлассификатора", CATALOGUE_ID)
        out.put(1, "<ТипыЦен>")
        out.put(2, "<ТипЦены>")
        out.tag(3, "Ид", PRICE_TYPE_ID)
        out.tag(3, "Наименование", "Розничная")
        out.tag(3, "Валюта", "KZT")
        out.put(3, "<Налог>")
        out.tag(4, "Наименование", "НДС")
        out.tag(4, "УчтеноВСумме", "true")
        out.put(3, "</Налог>")
        out.put(2, "</ТипЦены>")
        out.put(1, "</ТипыЦен>")
        out.put(1, "<Предложения>")
        for each in goods:
            _offer(out, each)
        out.put(1, "</Предложения>")
        out.put(0, "</ПакетПредложений>")


class _Writer:
    def __init__(self, file: BinaryIO) -> None:
        self._text = TextIOWrapper(file, encoding="utf-8-sig", newline="\r\n", write_through=False)

    def __enter__(self) -> _Writer:
        self._text.write(_ROOT)
        return self

    def __exit__(self, *_: object) -> None:
        self._text.write("</КоммерческаяИнформация>\n")
        self._text.flush()
        self._text.detach()

    def put(self, depth: int, text: str) -> None:
        self._text.write("\t" * (depth + 1) + text + "\n")

    def tag(self, depth: int, name: str, text: str) -> None:
        self.put(depth, f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>")


def _head(out: _Writer, title: str, *, classifier: bool = False) -> None:
    out.tag(1, "Ид", CATALOGUE_ID)
    if classifier:
        out.tag(1, "ИдКлассификатора", CATALOGUE_ID)
    out.tag(1, "Наименование", title)
    out.put(1, "<Владелец>")
    out.tag(2, "Ид", external_id("owner"))
    out.tag(2, "Наименование", "ТОО «Дастархан Маркет»")
    out.put(1, "</Владелец>")


def _groups(out: _Writer, groups: Sequence[DemoGroup], parent: str = "", depth: int = 1) -> None:
    children = [group for group in groups if group.parent == parent]
    if not children:
        return
    out.put(depth, "<Группы>")
    for group in children:
        out.put(depth + 1, "<Группа>")
        out.tag(depth + 2, "Ид", external_id(group.key))
        out.tag(depth + 2, "Наименование", group.name)
        _groups(out, groups, group.key, depth + 2)
        out.put(depth + 1, "</Группа>")
    out.put(depth, "</Группы>")


def _goods(out: _Writer, each: DemoGoods) -> None:
    code, short, full = each.unit
    out.put(2, "<Товар>")
    out.tag(3, "Ид", external_id(each.key))
    if each.barcode:
        out.tag(3, "Штрихкод", each.barcode)
    out.tag(3, "Артикул", each.article)
    out.tag(3, "Наименование", each.name)
    out.put(
        3,
        f"<БазоваяЕдиница Код={quoteattr(code)} НаименованиеПолное={quoteattr(full)}>"
        f"{escape(short)}</БазоваяЕдиница>",
    )
    out.put(3, "<Группы>")
    out.tag(4, "Ид", external_id(each.group))
    out.put(3, "</Группы>")
    if each.description:
        out.tag(3, "Описание", each.description)
    out.put(3, "<СтавкиНалогов>")
    out.put(4, "<СтавкаНалога>")
    out.tag(5, "Наименование", "НДС")
    out.tag(5, "Ставка", each.vat)
    out.put(4, "</СтавкаНалога>")
    out.put(3, "</СтавкиНалогов>")
    out.put(3, "<ЗначенияРеквизитов>")
    for name, value in (
        ("ВидНоменклатуры", each.kind),
        ("ТипНоменклатуры", each.kind),
        ("Полное наименование", each.name),
        ("Код", each.code),
        ("Наименование на казахском", each.name_kk),
        ("НТИН", each.ntin),
        ("Маркируемый товар", "Да" if each.is_marked else ""),
    ):
        if value:
            out.put(4, "<ЗначениеРеквизита>")
            out.tag(5, "Наименование", name)
            out.tag(5, "Значение", value)
            out.put(4, "</ЗначениеРеквизита>")
    out.put(3, "</ЗначенияРеквизитов>")
    out.put(2, "</Товар>")


def _offer(out: _Writer, each: DemoGoods) -> None:
    code, short, full = each.unit
    out.put(2, "<Предложение>")
    out.tag(3, "Ид", external_id(each.key))
    if each.barcode:
        out.tag(3, "Штрихкод", each.barcode)
    out.tag(3, "Наименование", each.name)
    out.put(
        3,
        f"<БазоваяЕдиница Код={quoteattr(code)} НаименованиеПолное={quoteattr(full)}>"
        f"{escape(short)}</БазоваяЕдиница>",
    )
    out.put(3, "<Цены>")
    out.put(4, "<Цена>")
    out.tag(5, "Представление", f"{each.price} KZT за {short}" if each.price else "Цену уточняйте")
    out.tag(5, "ИдТипаЦены", PRICE_TYPE_ID)
    out.tag(5, "ЦенаЗаЕдиницу", each.price)
    out.tag(5, "Валюта", "KZT")
    out.tag(5, "Единица", short)
    out.tag(5, "Коэффициент", "1")
    out.put(4, "</Цена>")
    out.put(3, "</Цены>")
    out.put(2, "</Предложение>")
