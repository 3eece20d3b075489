"""Report of sales in the text format of ATOL and Frontol: `#`, number of the base, of the report, rows.

A row: 1 number, 2 date, 3 time, 4 type, 5 workplace, 6 document, 7 cashier, then by type. Types written: 62
open shift, 42 open document, 11 registration, 40 payment, 55 close document, 50/51 cash in and out, 61 close
shift, 63 Z. A return has the operation 1 and goes with negative quantities and sums, so that readers who look
at sums only are right too. Decimal mark is a comma, as in files of Frontol itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from addons.catalog_1c.domain.device_reports import (
    Document,
    Event,
    ReportHead,
    ReportOptions,
    WrittenReport,
    code_of,
    documents_of,
    local,
    money,
    quantity,
    unit_price,
    units_of,
    write_log,
    zone_of,
)
from addons.catalog_1c.domain.sales import SoldReceipt, SoldShift
from addons.trade.api import CashDirection, PaymentKind
from kernel.money import Money

WIDTH = 44  # 1C asks for 26 or 34 fields, Frontol writes these
_MARK = ","
_OPEN_SHIFT, _CLOSE_SHIFT, _Z = 62, 61, 63
_OPEN, _LINE, _PAYMENT, _CLOSE = 42, 11, 40, 55
_DEPOSIT, _WITHDRAWAL = 50, 51
_KINDS = {PaymentKind.CASH: 1, PaymentKind.CARD: 2}


def write_report(shifts: Sequence[SoldShift], head: ReportHead, options: ReportOptions) -> WrittenReport:
    """The report of these shifts. The same shifts and numbers give the same bytes."""
    return write_log(shifts, head, options, events=_events, width=WIDTH)


def _events(shift: SoldShift, options: ReportOptions) -> Iterator[Event]:
    facts, zone = shift.facts, zone_of(shift, options)
    if not shift.is_retold:
        yield local(facts.opened_ms, zone), _OPEN_SHIFT, {6: 0, 7: 0}
    for document in documents_of(shift, options):
        if document.receipt is not None:
            yield from _receipt(shift, document, document.receipt, options)
        if document.cash is not None:
            kind = _DEPOSIT if document.cash.direction is CashDirection.DEPOSIT else _WITHDRAWAL
            yield document.at, kind, {6: document.number, 7: 0, 12: money(document.cash.amount, mark=_MARK)}
    if not shift.is_retold:
        closed = local(facts.closed_ms or facts.opened_ms, zone)
        yield closed, _CLOSE_SHIFT, {6: 0, 7: 0}
        yield closed, _Z, {6: 0, 7: 0}


def _receipt(
    shift: SoldShift, document: Document, receipt: SoldReceipt, options: ReportOptions
) -> Iterator[Event]:
    sign = document.sign
    sale = receipt.sale
    operation = 0 if sign > 0 else 1
    head: dict[int, str | int] = {
        6: document.number,
        7: document.cashier,
        13: operation,
        23: operation + 1,
        26: f"{shift.register_number}/{shift.facts.number}/{document.number}",
        27: 1,
    }
    full = Money(sum(each.line.sum.tiyn for each in receipt.lines))
    sums = {
        11: quantity(units_of(receipt), sign, mark=_MARK),
        12: money(sale.total, sign, mark=_MARK),
        20: money(full, sign, mark=_MARK),
    }
    yield document.at, _OPEN, {**head, 10: 0, **sums}
    for sold in receipt.lines:
        line = sold.line
        yield (
            document.at,
            _LINE,
            {
                **head,
                8: code_of(sold, options),
                10: money(line.price, mark=_MARK),
                11: quantity(line.quantity.thousandths, sign, mark=_MARK),
                12: money(line.sum, sign, mark=_MARK),
                15: money(unit_price(sold), mark=_MARK),
                16: money(line.total, sign, mark=_MARK),
                19: line.barcode,
                20: money(line.sum, sign, mark=_MARK),
                32: line.marks[0] if line.marks else "",
            },
        )
    for payment in sale.payments:
        tendered = payment.amount + sale.change if payment.kind is PaymentKind.CASH else payment.amount
        yield (
            document.at,
            _PAYMENT,
            {
                **head,
                9: _KINDS.get(payment.kind, options.mobile_kind),
                10: 0,
                11: money(tendered, sign, mark=_MARK),
                12: money(payment.amount, sign, mark=_MARK),
            },
        )
    yield document.at, _CLOSE, {**head, **sums}
