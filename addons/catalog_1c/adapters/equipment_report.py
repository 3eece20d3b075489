"""SaleReport of 1C EquipmentService 3.x: one document per shift, alone for the service, together for a file.

Numbers of states and operations are those of the requirements for drivers: shift 1 closed; receipt 1 sale,
2 return of a sale, 3 purchase, 4 return of a purchase; 4 full payment. UUIDs are ours and stay the same, so a
report that is sent again is recognised. Nothing is written beyond the attributes that 1C knows: it refuses a
document with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lxml import etree

from addons.catalog_1c.adapters.equipment_goods import VARIANT_MARK
from addons.catalog_1c.domain.device_reports import (
    ReportHead,
    ReportOptions,
    WrittenReport,
    code_of,
    local,
    money,
    quantity,
    unit_price,
    unknown_lines,
    zone_of,
)
from addons.catalog_1c.domain.sales import SoldLine, SoldReceipt, SoldShift
from addons.trade.api import CashDirection, CashRecord, PaymentKind, SaleKind
from kernel.money import Money

NAMESPACE = "http://www.1c.ru/EquipmentService/3.0.0.3"
FORMAT_VERSION = "3003"
_CLOSED = "1"
_OPERATIONS = {SaleKind.SELL: "1", SaleKind.SELL_RETURN: "2", SaleKind.BUY: "3", SaleKind.BUY_RETURN: "4"}
_FULL_PAYMENT = "4"
# XML has no place for the separator of GS1; this is its picture.
_GROUP_SEPARATOR, _PICTURE = "\x1d", "\u241d"


def write_report(shifts: Sequence[SoldShift], head: ReportHead, options: ReportOptions) -> WrittenReport:
    """A file for 1C to load: ImportData with a SaleReport per shift. The same shifts give the same bytes.

    head has no place in it: the UUIDs of the shifts tell one report from another.
    """
    root = etree.Element(_tag("ImportData"), FormatVersion=FORMAT_VERSION, nsmap={None: NAMESPACE})
    reports = etree.SubElement(root, _tag("SaleReports"))
    for shift in shifts:
        reports.append(_shift(shift, options))
    return WrittenReport(_bytes(root), len(shifts), unknown_lines(shifts), purchases=0)


def sale_report(shift: SoldShift, options: ReportOptions) -> str:
    """The document of one shift, as PostDocs takes it. The same shift gives the same text."""
    return _bytes(_shift(shift, options)).decode()


def report_id(shift: SoldShift) -> str:
    """UUID of the document of a shift."""
    return _uuid(shift.facts.shift_id)


def _shift(shift: SoldShift, options: ReportOptions) -> etree._Element:
    zone = zone_of(shift, options)
    facts = shift.facts
    report = _element(
        None,
        "SaleReport",
        ShiftNumber=facts.number,
        OpeningDate=_date(local(facts.opened_ms, zone)),
        ClosingDate=_date(local(facts.closed_ms or facts.opened_ms, zone)),
        UUID=report_id(shift),
        ShiftState=_CLOSED,
    )
    checks = _element(report, "Checks")
    for receipt in shift.standing:
        fiscal = receipt.sale.fiscal
        _check(checks, receipt, local(fiscal.at_ms or receipt.sale.created_ms, zone), options)
    moves = _element(report, "IncomeOutcomeChecks")
    for cash in shift.cash:
        _move(moves, cash, local(cash.fiscal.at_ms or cash.created_ms, zone))
    return report


def _check(checks: etree._Element, receipt: SoldReceipt, at: datetime, options: ReportOptions) -> None:
    sale = receipt.sale
    fiscal = sale.fiscal
    check = _element(
        checks,
        "Check",
        Date=_date(at),
        Number=fiscal.document_number or fiscal.offline_number or 0,
        OperationType=_OPERATIONS[sale.kind],
        UUID=_uuid(sale.id),
    )
    if sale.original_id is not None:
        check.set("RefDocumentUUID", _uuid(sale.original_id))
        check.set("RefDocumentType", "Check")
    goods = _element(check, "Goods")
    for sold in receipt.lines:
        _good(goods, sold, options)
    payments = _element(check, "Payments")
    for payment in sale.payments:
        kind = "Cash" if payment.kind is PaymentKind.CASH else "ElectronicPayment"
        _element(payments, "Payment", **{kind: money(payment.amount)})


def _good(goods: etree._Element, sold: SoldLine, options: ReportOptions) -> None:
    line = sold.line
    good = _element(goods, "Good", **_identity(sold, options))
    good.set("Quantity", quantity(line.quantity.thousandths))
    good.set("Price", money(unit_price(sold)))
    good.set("Sum", money(line.total))
    good.set("TaxRate", _rate(line.vat_bp))
    good.set("PaymentMethod", _FULL_PAYMENT)
    for mark in line.marks:
        _element(good, "ExciseStamps").text = _clean(mark)


def _identity(sold: SoldLine, options: ReportOptions) -> dict[str, str]:
    """What 1C calls the good: the parts of the identity that its price list gave."""
    good, _, rest = sold.external_id.partition(VARIANT_MARK)
    characteristic, _, pack = rest.partition(VARIANT_MARK)
    if not good:
        return {"Code": code_of(sold, options)}
    parts = {"GoodUUID" if _is_uuid(good) else "Code": good}
    if characteristic:
        parts["CharacteristicUUID"] = characteristic
    if pack:
        parts["PackingUUID"] = pack
    return parts


def _move(moves: etree._Element, cash: CashRecord, at: datetime) -> None:
    _element(
        moves,
        "IncomeOutcomeCheck",
        Type="Income" if cash.direction is CashDirection.DEPOSIT else "Outcome",
        Sum=money(cash.amount),
        Date=_date(at),
        Number=cash.fiscal.document_number or cash.fiscal.offline_number or 0,
    )


def _element(parent: etree._Element | None, name: str, **values: str | int) -> etree._Element:
    element = (
        etree.Element(_tag(name), nsmap={None: NAMESPACE})
        if parent is None
        else etree.SubElement(parent, _tag(name))
    )
    for key, value in values.items():
        element.set(key, _clean(str(value)))
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _clean(text: str) -> str:
    """Text without what XML cannot hold."""
    shown = text.replace(_GROUP_SEPARATOR, _PICTURE)
    return "".join(each for each in shown if each in "\t\n\r" or (each >= " " and each.isprintable()))


def _rate(vat_bp: int | None) -> str:
    if vat_bp is None:
        return "none"
    return money(Money(vat_bp)).removesuffix(".00")  # both are hundredths


def _date(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def _uuid(text: str) -> str:
    """Our identifiers are UUIDs already; this is their usual spelling."""
    return str(UUID(text))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
