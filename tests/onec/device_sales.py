"""Shifts as they are told to 1C, made for tests, and readers of reports as 1C's own drivers are."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from addons.catalog_1c.domain.sales import SoldLine, SoldReceipt, SoldShift
from addons.trade.api import (
    CashDirection,
    CashFiscalFacts,
    CashId,
    CashRecord,
    FiscalState,
    PaymentKind,
    SaleFiscalFacts,
    SaleId,
    SaleKind,
    SaleRecord,
    ShiftSummaryFacts,
    TicketLine,
    TicketPayment,
)
from addons.trade.services.records import NOTHING_RETURNED, Header
from kernel.money import Money
from kernel.quantity import Quantity

OPENED_MS = 1_795_237_200_000  # 2026-11-21 10:00 in Almaty
SALE_ID = "019a0000-0000-7000-8000-{:012d}"
HEADER = Header("ТОО", "ЖШС", "123456789012", True, "Дом", "", "", "Asia/Almaty", 3, "Касса 3", 7, "Айгуль")


def line(
    total: int,
    *,
    price: int | None = None,
    thousandths: int = 1000,
    external_id: str = "17",
    vat_bp: int | None = 1600,
    marks: tuple[str, ...] = (),
    barcode: str = "4870001",
) -> SoldLine:
    """A position; sums in tiyn."""
    unit = Money(total * 1000 // thousandths if price is None else price)
    full = unit.times(Quantity(thousandths))
    discount = max(0, full.tiyn - total)
    markup = max(0, total - full.tiyn)
    ticket = TicketLine(
        1, None, "Кефир", "1", Quantity(thousandths), unit, full, Money(discount), Money(markup),
        Money(total), vat_bp, Money.ZERO, "796", barcode, "", marks,
    )  # fmt: skip
    return SoldLine(ticket, external_id, 0)


def receipt(
    number: int,
    *lines: SoldLine,
    kind: SaleKind = SaleKind.SELL,
    card: int = 0,
    mobile: int = 0,
    change: int = 0,
    is_cancelled: bool = False,
    original: int | None = None,
) -> SoldReceipt:
    """A receipt paid in cash but for what card and mobile took."""
    total = sum(each.line.total.tiyn for each in lines)
    amounts = {
        PaymentKind.CASH: total - card - mobile,
        PaymentKind.CARD: card,
        PaymentKind.MOBILE: mobile,
    }
    sale_id = SaleId(SALE_ID.format(number))
    at_ms = OPENED_MS + number * 60_000
    sale = SaleRecord(
        sale_id, "c", f"k{number}", "", kind, "r", "o", at_ms, Money(total), Money.ZERO, Money.ZERO,
        Money.ZERO, Money(total + change), Money(change),
        tuple(TicketPayment(each, Money(amount)) for each, amount in amounts.items() if amount),
        NOTHING_RETURNED, None if original is None else SaleId(SALE_ID.format(original)), "", HEADER,
        SaleFiscalFacts(
            sale_id, FiscalState.FISCALIZED, sign="1234567890", at_ms=at_ms, shift_number=5,
            document_number=number,
        ),
    )  # fmt: skip
    return SoldReceipt(sale, lines, None, 1, True, is_cancelled)


def cash(number: int, amount: int, direction: CashDirection = CashDirection.DEPOSIT) -> CashRecord:
    """Money put in or taken out."""
    cash_id = CashId(SALE_ID.format(number))
    at_ms = OPENED_MS + number * 60_000
    facts = CashFiscalFacts(cash_id, FiscalState.FISCALIZED, at_ms=at_ms, document_number=number)
    return CashRecord(cash_id, f"k{number}", direction, "r", "o", at_ms, Money(amount), facts)


def shift(
    *receipts: SoldReceipt, cash: Sequence[CashRecord] = (), number: int = 5, is_retold: bool = False
) -> SoldShift:
    """A closed shift of register 3."""
    facts = ShiftSummaryFacts(
        SALE_ID.format(900 + number), "r", "c", number, OPENED_MS, closed_ms=OPENED_MS + 8 * 3_600_000
    )
    return SoldShift(facts, 3, "Касса 3", "outlet", 1, tuple(receipts), tuple(cash), is_retold)


def log_rows(content: bytes) -> list[list[str]]:
    """The rows of a report as a driver of 1C takes it: unread, from the fourth line on."""
    lines = content.decode("cp1251").split("\r\n")
    assert lines[0] == "#"
    assert lines[-1] == ""
    return [row.split(";") for row in lines[3:-1]]


def number(text: str) -> Decimal:
    """A number with either decimal mark."""
    return Decimal(text.replace(",", "."))


def frontol_sales(content: bytes) -> list[dict[str, Any]]:
    """Positions of closed receipts: code, quantity, price, sum with its sign, as 1C gathers them."""
    positions: list[dict[str, Any]] = []
    closed: set[tuple[str, str]] = set()
    for row in log_rows(content):
        assert len(row) >= 34
        kind, document = int(row[3]), (row[5], row[13])
        for place in (1, 4, 6, 14):
            int(row[place - 1])
        if kind == 11:
            positions.append(
                {
                    "document": document,
                    "code": row[7],
                    "price": number(row[9]),
                    "quantity": number(row[10]),
                    "sum": number(row[15]),
                }
            )
        elif kind == 55:
            closed.add(document)
    return [each for each in positions if each.pop("document") in closed]


def shtrih_revenue(content: bytes) -> Decimal:
    """What Shtrih-M's readers come to: sales less returns."""
    signs = {"11": 1, "13": -1}
    return sum((signs.get(row[3], 0) * number(row[11] or "0") for row in log_rows(content)), Decimal(0))
