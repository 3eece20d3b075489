"""Documents of sales as 1C takes them: one per shift and operation, or one per receipt. XML is the adapter's.

Sums are those of the receipts: lines are added up, never calculated anew. A document's Ид stays the same for
ever; its version grows when it is told with another content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from addons.catalog_1c.domain.choices import SalesOperation
from addons.catalog_1c.domain.sales import SalesBy, SalesOffer, SoldLine, SoldReceipt, SoldShift
from addons.trade.api import PaymentKind, SaleKind, ShiftOperation
from kernel.clock import from_ms
from kernel.money import Money
from kernel.quantity import Quantity

ZONE = "Asia/Almaty"  # of a shift without a receipt to tell another
NOBODY = "Розничный покупатель"
RETURN_SUFFIX = "-В"
_OPERATIONS = {
    SalesOperation.ORDER: "Заказ товара",
    SalesOperation.RELEASE: "Отпуск товара",
    SalesOperation.REPORT: "Отчет о продажах комиссионного товара",
}
_KINDS = {
    SaleKind.SELL: "Продажа",
    SaleKind.SELL_RETURN: "Возврат продажи",
    SaleKind.BUY: "Покупка",
    SaleKind.BUY_RETURN: "Возврат покупки",
}
_MEANS = {
    PaymentKind.CASH: "Наличные",
    PaymentKind.CARD: "Банковская карта",
    PaymentKind.MOBILE: "Мобильный платёж",
}


@dataclass(frozen=True, slots=True)
class SalesOut:
    """An offer with what the connection chose for its documents. warehouses: outlet → Ид of the warehouse."""

    offer: SalesOffer
    by: SalesBy
    operation: SalesOperation
    company_title: str
    company_bin: str
    warehouses: dict[str, str]
    now_ms: int


@dataclass(slots=True)
class DocumentLine:
    """One good of a document; total: after discounts and with VAT inside."""

    external_id: str
    code: int
    name: str
    barcode: str
    ntin: str
    unit_code: str
    unit_name: str
    price: Money
    vat_bp: int | None
    quantity: Quantity
    total: Money
    discount: Money
    markup: Money
    vat: Money
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What 1C gets as one Документ. at: local date and time. facts: реквизиты by name."""

    external_id: str
    version: int
    number: str
    date: str
    time: str
    operation: str
    total: Money
    vat: Money
    buyer_bin: str
    warehouse_id: str
    warehouse_title: str
    lines: tuple[DocumentLine, ...]
    facts: tuple[tuple[str, str], ...]


def documents(sales: SalesOut) -> Iterator[Document]:
    """Every document of the offer, shift by shift."""
    for shift in sales.offer.shifts:
        if sales.by is SalesBy.RECEIPT:
            yield from (_of_receipt(sales, shift, each) for each in shift.receipts if each.is_changed)
        elif sales.by is SalesBy.SHIFT:
            yield from _of_shift(sales, shift)


def _of_receipt(sales: SalesOut, shift: SoldShift, receipt: SoldReceipt) -> Document:
    sale, fiscal = receipt.sale, receipt.sale.fiscal
    date, time = _local(fiscal.at_ms or sale.created_ms, sale.header.zone)
    facts = [
        *_status(is_cancelled=receipt.is_cancelled, kind=sale.kind),
        *((f"Оплачено: {_MEANS[paid.kind]}", str(paid.amount)) for paid in sale.payments),
        ("Метод оплаты", ", ".join(_MEANS[paid.kind] for paid in sale.payments)),
        ("Номер смены", str(shift.facts.number)),
        ("Номер чека", str(fiscal.document_number or "")),
        ("Фискальный признак", fiscal.sign or ""),
        ("Автономный номер", str(fiscal.offline_number or "")),
        ("Оформлен автономно", _flag(fiscal.is_offline)),
        ("Регистрационный номер ККМ", fiscal.kkm_registration_number),
        ("Заводской номер ККМ", fiscal.kkm_factory_number),
        ("Касса", sale.header.register_title),
        ("Номер кассы", str(sale.header.register_number)),
        ("Кассир", sale.header.operator_name),
        ("Код кассира", str(sale.header.operator_code)),
        ("Ссылка на чек", fiscal.qr_text),
        ("Смена Ид", shift.facts.shift_id),
    ]
    original = receipt.original
    if original is not None:
        facts += [
            ("Документ-основание Ид", original.id),
            ("Документ-основание Номер чека", str(original.fiscal.document_number or "")),
            ("Документ-основание Фискальный признак", original.fiscal.sign or ""),
        ]
    number = fiscal.document_number or ""
    return Document(
        external_id=sale.id,
        version=receipt.version,
        number=f"{sale.header.register_number}-{shift.facts.number}-{number}{_suffix(sale.kind)}",
        date=date,
        time=time,
        operation=_operation(sales, sale.kind),
        total=sale.total,
        vat=sale.vat,
        buyer_bin=sale.header.customer.bin or "",
        warehouse_id=sales.warehouses.get(shift.outlet_id, ""),
        warehouse_title=sale.header.outlet_title,
        lines=tuple(_line(each) for each in receipt.lines),
        facts=_said(facts),
    )


def _of_shift(sales: SalesOut, shift: SoldShift) -> Iterator[Document]:
    """One document per operation; an operation whose every receipt was refused since is told as cancelled."""
    header = next((each.sale.header for each in shift.receipts), None)
    zone = ZONE if header is None else header.zone
    date, time = _local(shift.facts.closed_ms or shift.facts.opened_ms, zone)
    for kind in SaleKind:
        every = [each for each in shift.receipts if each.sale.kind is kind]
        if not every:
            continue
        standing = [each for each in every if not each.is_cancelled]
        yield Document(
            external_id=f"{shift.facts.shift_id}#{kind}",
            version=shift.version,
            number=f"{shift.register_number}-{shift.facts.number}{_suffix(kind)}",
            date=date,
            time=time,
            operation=_operation(sales, kind),
            total=_sum(each.sale.total for each in standing),
            vat=_sum(each.sale.vat for each in standing),
            buyer_bin="",
            warehouse_id=sales.warehouses.get(shift.outlet_id, ""),
            warehouse_title="" if header is None else header.outlet_title,
            lines=tuple(_added_up(line for each in standing for line in each.lines)),
            facts=_said([*_status(is_cancelled=not standing, kind=kind), *_shift_facts(shift, kind, zone)]),
        )


def _shift_facts(shift: SoldShift, kind: SaleKind, zone: str) -> list[tuple[str, str]]:
    facts = shift.facts
    z_report = next(
        (each for each in facts.operations if each.kind is kind), ShiftOperation(kind, 0, Money.ZERO)
    )
    opened, closed = _local(facts.opened_ms, zone), _local(facts.closed_ms or 0, zone)
    fiscal = shift.receipts[0].sale.fiscal
    return [
        ("Номер смены", str(facts.number)),
        ("Смена Ид", facts.shift_id),
        ("Смена открыта", "T".join(opened)),
        ("Смена закрыта", "T".join(closed)),
        ("Регистрационный номер ККМ", facts.kkm_registration_number),
        ("Заводской номер ККМ", fiscal.kkm_factory_number),
        ("Касса", shift.register_title),
        ("Номер кассы", str(shift.register_number)),
        ("Чеков", str(z_report.count)),
        ("Z-отчёт: сумма", str(z_report.total)),
        ("Z-отчёт: НДС", str(z_report.vat)),
        ("Z-отчёт: наличными", str(z_report.cash)),
        ("Z-отчёт: картой", str(z_report.card)),
        ("Z-отчёт: мобильным платежом", str(z_report.mobile)),
        ("Внесено в кассу", str(facts.deposits)),
        ("Изъято из кассы", str(facts.withdrawals)),
        ("Наличных в кассе", str(facts.drawer)),
    ]


def _status(*, is_cancelled: bool, kind: SaleKind) -> list[tuple[str, str]]:
    return [
        ("Операция кассы", _KINDS[kind]),
        ("Статус заказа", "Отменён" if is_cancelled else "Выполнен"),
        ("Отменен", _flag(is_cancelled)),
        ("Финальный статус", "true"),
        ("Заказ оплачен", _flag(not is_cancelled)),
        ("Доставка разрешена", "false"),
    ]


def _line(sold: SoldLine) -> DocumentLine:
    line = sold.line
    return DocumentLine(
        external_id=sold.external_id or line.product_id or f"sauda-{line.name}"[:80],
        code=sold.code,
        name=line.name,
        barcode=line.barcode,
        ntin=line.ntin,
        unit_code=line.unit_code,
        unit_name=line.unit_name,
        price=line.price,
        vat_bp=line.vat_bp,
        quantity=line.quantity,
        total=line.total,
        discount=line.discount + line.shared_discount,
        markup=line.markup + line.shared_markup,
        vat=line.vat,
        marks=line.marks,
    )


def _added_up(lines: Iterable[SoldLine]) -> list[DocumentLine]:
    """Lines of one good at one price become one; quantities, sums and marks are added."""
    found: dict[tuple[str, str, int, int | None, str], DocumentLine] = {}
    for sold in lines:
        line = _line(sold)
        key = (line.external_id, line.name, line.price.tiyn, line.vat_bp, line.unit_code)
        known = found.get(key)
        if known is None:
            found[key] = line
            continue
        known.quantity += line.quantity
        known.total += line.total
        known.discount += line.discount
        known.markup += line.markup
        known.vat += line.vat
        known.marks += line.marks
    return sorted(found.values(), key=lambda each: (each.code, each.name, each.price.tiyn))


def _operation(sales: SalesOut, kind: SaleKind) -> str:
    match kind:
        case SaleKind.SELL:
            return _OPERATIONS[sales.operation]
        case SaleKind.SELL_RETURN:
            return "Возврат товара"
        case SaleKind.BUY | SaleKind.BUY_RETURN:
            return "Прочие"


def _suffix(kind: SaleKind) -> str:
    match kind:
        case SaleKind.SELL:
            return ""
        case SaleKind.SELL_RETURN:
            return RETURN_SUFFIX
        case SaleKind.BUY:
            return "-П"
        case SaleKind.BUY_RETURN:
            return "-ВП"


def _local(ms: int, zone: str) -> tuple[str, str]:
    at = from_ms(ms).astimezone(ZoneInfo(zone))
    return at.strftime("%Y-%m-%d"), at.strftime("%H:%M:%S")


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _sum(amounts: Iterable[Money]) -> Money:
    return Money(sum(each.tiyn for each in amounts))


def _said(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in facts if value)
