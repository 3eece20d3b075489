"""Sales as CommerceML documents, the way 1C reads the answer to `query`: UTF-8 that begins with "<?xml"."""

from __future__ import annotations

import base64
from io import BytesIO
from zoneinfo import ZoneInfo

from lxml import etree

from addons.catalog_1c.domain.sales_documents import NOBODY, ZONE, Document, DocumentLine, SalesOut, documents
from kernel.clock import from_ms
from kernel.money import Money

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_ROOT = "КоммерческаяИнформация"
_VERSION = "2.08"
_UNIT_NAME_MAX = 25
# Both spellings of the first name occur in the world: one begins with a latin letter.
_STATUSES = ("Статусы", "Cтатусы")
_DONE, _CANCELLED = "Выполнен", "Отменён"
_MEANS = (("cash", "Наличные", "Наличный расчет"), ("card", "Банковская карта", "Эквайринговая операция"),
          ("mobile", "Мобильный платёж", "Эквайринговая операция"))  # fmt: skip


def sales_xml(sales: SalesOut) -> bytes:
    """The whole answer. An offer without documents is an empty but valid one."""
    target = BytesIO()
    target.write(_HEAD)
    made = from_ms(sales.now_ms).astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%dT%H:%M:%S")
    with (
        etree.xmlfile(target, encoding="UTF-8") as file,
        file.element(_ROOT, {"ВерсияСхемы": _VERSION, "ДатаФормирования": made}),
    ):
        for document in documents(sales):
            file.write(_document(sales, document))
    return target.getvalue()


def _info() -> bytes:
    root = etree.Element("Справочник")
    for name in _STATUSES:
        statuses = _add(root, name)
        for status in (_DONE, _CANCELLED):
            element = _add(statuses, "Элемент")
            _add(element, "Ид", status)
            _add(element, "Название", status)
    means = _add(root, "ПлатежныеСистемы")
    for key, title, kind in _MEANS:
        element = _add(means, "Элемент")
        _add(element, "Ид", key)
        _add(element, "Название", title)
        _add(element, "ТипОплаты", kind)
    _add(root, "СлужбыДоставки")
    return _HEAD + etree.tostring(root, encoding="utf-8")


def _document(sales: SalesOut, document: Document) -> etree._Element:
    root = etree.Element("Документ")
    _add(root, "Ид", document.external_id)
    _add(root, "НомерВерсии", str(document.version))
    _add(root, "Номер", document.number)
    _add(root, "Дата", document.date)
    _add(root, "ХозОперация", document.operation)
    _add(root, "Роль", "Продавец")
    _add(root, "Валюта", "KZT")
    _add(root, "Курс", "1")
    _add(root, "Сумма", str(document.total))
    _parties(root, sales, document)
    _add(root, "Время", document.time)
    if document.warehouse_id:
        store = _add(_add(root, "Склады"), "Склад")
        _add(store, "Ид", document.warehouse_id)
        _add(store, "Наименование", document.warehouse_title)
    if document.vat:
        _tax(_add(root, "Налоги"), document.vat)
    goods = _add(root, "Товары")
    for line in document.lines:
        _line(goods, line)
    _facts(root, document.facts)
    return root


def _parties(root: etree._Element, sales: SalesOut, document: Document) -> None:
    parties = _add(root, "Контрагенты")
    buyer = _add(parties, "Контрагент")
    _add(buyer, "Ид", document.buyer_bin or "sauda-retail")
    _add(buyer, "Наименование", NOBODY if not document.buyer_bin else f"БИН/ИИН {document.buyer_bin}")
    _add(buyer, "ПолноеНаименование", NOBODY if not document.buyer_bin else f"БИН/ИИН {document.buyer_bin}")
    if document.buyer_bin:
        _add(buyer, "ИНН", document.buyer_bin)
    _add(buyer, "Роль", "Покупатель")
    seller = _add(parties, "Контрагент")
    _add(seller, "Ид", sales.company_bin)
    _add(seller, "Наименование", sales.company_title)
    _add(seller, "ОфициальноеНаименование", sales.company_title)
    _add(seller, "ИНН", sales.company_bin)
    _add(seller, "Роль", "Продавец")


def _line(goods: etree._Element, line: DocumentLine) -> None:
    good = _add(goods, "Товар")
    _add(good, "Ид", line.external_id)
    if line.barcode:
        _add(good, "Штрихкод", line.barcode)
    _add(good, "Наименование", line.name)
    unit = _add(good, "БазоваяЕдиница", line.unit_name[:_UNIT_NAME_MAX])
    unit.set("Код", line.unit_code)
    if line.vat_bp is not None:
        rate = _add(_add(good, "СтавкиНалогов"), "СтавкаНалога")
        _add(rate, "Наименование", "НДС")
        _add(rate, "Ставка", _percent(line.vat_bp))
    _add(good, "ЦенаЗаЕдиницу", str(line.price))
    _add(good, "Количество", str(line.quantity))
    _add(good, "Сумма", str(line.total))
    if line.vat_bp is not None:
        _add(_tax(_add(good, "Налоги"), line.vat), "Ставка", _percent(line.vat_bp))
    if line.discount or line.markup:
        discounts = _add(good, "Скидки")
        for title, amount in (("Скидка", line.discount), ("Наценка", -line.markup)):
            if amount:
                discount = _add(discounts, "Скидка")
                _add(discount, "Наименование", title)
                _add(discount, "Сумма", str(amount))
                _add(discount, "УчтеноВСумме", "true")
    facts = [("ВидНоменклатуры", "Товар"), ("ТипНоменклатуры", "Товар")]
    facts += [("Код", str(line.code))] if line.code else []
    facts += [("НТИН", line.ntin)] if line.ntin else []
    facts += [_mark(mark) for mark in line.marks]
    _facts(good, facts)


def _mark(mark: str) -> tuple[str, str]:
    """A mark with group separators, which XML has no place for, goes in base64."""
    if mark.isprintable():
        return "Код маркировки", mark
    return "Код маркировки base64", base64.b64encode(mark.encode()).decode()


def _tax(taxes: etree._Element, amount: Money) -> etree._Element:
    tax = _add(taxes, "Налог")
    _add(tax, "Наименование", "НДС")
    _add(tax, "УчтеноВСумме", "true")
    _add(tax, "Сумма", str(amount))
    return tax


def _facts(root: etree._Element, facts: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> None:
    values = _add(root, "ЗначенияРеквизитов")
    for name, value in facts:
        fact = _add(values, "ЗначениеРеквизита")
        _add(fact, "Наименование", name)
        _add(fact, "Значение", value)


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, name)
    if text:
        element.text = "".join(each if each.isprintable() else " " for each in text)
    return element


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


INFO_XML = _info()
