"""Report of sales in the text format of Shtrih-M: Kassir: the same three lines at the top, then rows.

A row: 1 number, 2 date, 3 time, 4 type, 5 till, 6 receipt, 7 cashier, 8 code, 9 section, 10 price,
11 quantity, 12 sum, 14 shift. Types written: 11 sale, 13 return, 40 payment (10 change, 11 kind, 12 sum), 50
and 51 cash in and out, 55 close of the receipt, 61 close of the shift. A return is told by its type, its
numbers are positive.
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

WIDTH = 30
_SALE, _RETURN, _PAYMENT, _CLOSE, _CLOSE_SHIFT = 11, 13, 40, 55, 61
_DEPOSIT, _WITHDRAWAL = 50, 51
_KINDS = {PaymentKind.CASH: 1, PaymentKind.CARD: 2}


def write_report(shifts: Sequence[SoldShift], head: ReportHead, options: ReportOptions) -> WrittenReport:
    """The report of these shifts. The same shifts and numbers give the same bytes."""
    return write_log(shifts, head, options, events=_events, width=WIDTH)


def _events(shift: SoldShift, options: ReportOptions) -> Iterator[Event]:
    for document in documents_of(shift, options):
        if document.receipt is not None:
            yield from _receipt(document, document.receipt, options)
        if document.cash is not None:
            kind = _DEPOSIT if document.cash.direction is CashDirection.DEPOSIT else _WITHDRAWAL
            yield document.at, kind, {6: document.number, 7: 0, 12: money(document.cash.amount)}
    if not shift.is_retold:
        closed = local(shift.facts.closed_ms or shift.facts.opened_ms, zone_of(shift, options))
        yield closed, _CLOSE_SHIFT, {6: 0, 7: 0}


def _receipt(document: Document, receipt: SoldReceipt, options: ReportOptions) -> Iterator[Event]:
    head: dict[int, str | int] = {6: document.number, 7: document.cashier}
    for sold in receipt.lines:
        line = sold.line
        yield (
            document.at,
            _SALE if document.sign > 0 else _RETURN,
            {
                **head,
                8: code_of(sold, options),
                9: 1,
                10: money(unit_price(sold)),
                11: quantity(line.quantity.thousandths),
                12: money(line.total),
                19: line.barcode,
            },
        )
    for payment in receipt.sale.payments:
        is_cash = payment.kind is PaymentKind.CASH
        yield (
            document.at,
            _PAYMENT,
            {
                **head,
                10: money(receipt.sale.change if is_cash else Money.ZERO),
                11: _KINDS.get(payment.kind, options.mobile_kind),
                12: money(payment.amount),
            },
        )
    yield document.at, _CLOSE, {**head, 11: quantity(units_of(receipt)), 12: money(receipt.sale.total)}
