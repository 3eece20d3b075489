"""What reports of sales have in common, whatever format they go in: documents in their order, numbers, words.

A shift that was told before brings only what undoes its cancelled receipts: a log that 1C has already read
cannot be taken back, only balanced. Which shifts are told is decided by services/sales_out.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from addons.catalog_1c.domain.device_files import HIDDEN_SEPARATOR, NEW
from addons.catalog_1c.domain.sales import SoldLine, SoldReceipt, SoldShift
from addons.trade.api import CashRecord, SaleKind
from kernel.clock import from_ms
from kernel.money import Money, divide_half_up
from kernel.quantity import THOUSANDTHS

ZONE = "Asia/Almaty"  # of an outlet that is not there any more
UNKNOWN_CODE = "0"
MOBILE_KIND = 2  # mobile payments go with cards
LOG_ENCODING = "cp1251"
_NOT_IN_A_FIELD = str.maketrans({";": HIDDEN_SEPARATOR, "\r": " ", "\n": " "})

Fields: TypeAlias = Mapping[int, str | int]
Event: TypeAlias = tuple[datetime, int, Fields]  # when, type of the row, fields by number


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """How a connection wants its reports.

    unknown_code: code of a good that is not from this 1C base; a code of ours could be another good there.
    mobile_kind: number of the kind of payment for mobile payments. zones: IANA names by outlet.
    """

    unknown_code: str = UNKNOWN_CODE
    mobile_kind: int = MOBILE_KIND
    zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportHead:
    """Numbers by which the reader tells one report and one transaction from another.

    transaction: of the first row; the next report goes on behind the last one.
    """

    base_id: str
    number: int
    transaction: int = 1


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """The bytes of a report. unknown_lines: positions of goods that 1C does not know; purchases: receipts
    left out because the format has no word for them."""

    content: bytes
    transactions: int
    unknown_lines: int
    purchases: int


@dataclass(frozen=True, slots=True)
class Document:
    """One receipt or cash operation of a report.

    number: of the document in its shift. sign: −1 when money and goods go the other way.
    """

    number: int
    at: datetime
    cashier: int
    sign: int
    receipt: SoldReceipt | None = None
    cash: CashRecord | None = None


def write_log(
    shifts: Sequence[SoldShift],
    head: ReportHead,
    options: ReportOptions,
    *,
    events: Callable[[SoldShift, ReportOptions], Iterable[Event]],
    width: int,
) -> WrittenReport:
    """A report that is a log: `#`, number of the base, number of the report, rows of numbered events.

    The same shifts and numbers give the same bytes.
    """
    rows = [NEW, head.base_id, str(head.number)]
    number = head.transaction
    for shift in shifts:
        for at, kind, fields in events(shift, options):
            row: dict[int, str | int] = {
                1: number,
                2: f"{at:%d.%m.%Y}",
                3: f"{at:%H:%M:%S}",
                4: kind,
                5: shift.register_number,
                14: shift.facts.number,
            }
            row.update(fields)
            rows.append(";".join(_text(row.get(place, "")) for place in range(1, width + 1)))
            number += 1
    return WrittenReport(
        "\r\n".join((*rows, "")).encode(LOG_ENCODING, errors="replace"),
        transactions=number - head.transaction,
        unknown_lines=unknown_lines(shifts),
        purchases=purchases(shifts),
    )


def _text(value: str | int) -> str:
    return str(value).translate(_NOT_IN_A_FIELD)


def documents_of(shift: SoldShift, options: ReportOptions) -> list[Document]:
    """What a report has to say of a shift, in the order it happened; purchases are not among it."""
    zone = zone_of(shift, options)
    if shift.is_retold:
        undone = (each for each in shift.receipts if each.is_cancelled and each.is_changed)
        return [_of_receipt(each, zone, -1) for each in undone if not is_purchase(each)]
    found = [_of_receipt(each, zone, 1) for each in shift.standing if not is_purchase(each)]
    found.extend(_of_cash(each, zone) for each in shift.cash)
    return sorted(found, key=lambda each: (each.at, each.number))


def is_purchase(receipt: SoldReceipt) -> bool:
    """True for goods bought from people, and their return."""
    return receipt.sale.kind in (SaleKind.BUY, SaleKind.BUY_RETURN)


def zone_of(shift: SoldShift, options: ReportOptions) -> ZoneInfo:
    """Where the clock of the shift hangs."""
    return ZoneInfo(options.zones.get(shift.outlet_id, ZONE))


def local(ms: int, zone: ZoneInfo) -> datetime:
    """Wall time of an outlet."""
    return from_ms(ms).astimezone(zone)


def code_of(line: SoldLine, options: ReportOptions) -> str:
    """The code by which 1C knows the good."""
    return line.external_id or options.unknown_code


def unit_price(line: SoldLine) -> Money:
    """What one unit cost in the end, half up to one tiyn."""
    thousandths = line.line.quantity.thousandths
    if not thousandths:
        return line.line.price
    return Money(divide_half_up(line.line.total.tiyn * THOUSANDTHS, thousandths))


def money(amount: Money, sign: int = 1, *, mark: str = ".") -> str:
    """A sum with its sign and decimal mark: "-1,50"."""
    return str(amount if sign > 0 else -amount).replace(".", mark)


def quantity(thousandths: int, sign: int = 1, *, mark: str = ".") -> str:
    """A quantity with its sign and decimal mark: "-0,25"."""
    whole, fraction = divmod(thousandths, THOUSANDTHS)
    text = f"{whole}{mark}{fraction:03d}".rstrip("0").rstrip(mark)
    return f"-{text}" if sign < 0 and thousandths else text


def units_of(receipt: SoldReceipt) -> int:
    """Thousandths of a unit of all positions together."""
    return sum(each.line.quantity.thousandths for each in receipt.lines)


def unknown_lines(shifts: Sequence[SoldShift]) -> int:
    """Positions of goods that are not from this 1C base."""
    return sum(not line.external_id for shift in shifts for each in shift.standing for line in each.lines)


def purchases(shifts: Sequence[SoldShift]) -> int:
    """Receipts that are purchases."""
    return sum(is_purchase(each) for shift in shifts for each in shift.standing)


def _of_receipt(receipt: SoldReceipt, zone: ZoneInfo, sign: int) -> Document:
    sale = receipt.sale
    fiscal = sale.fiscal
    return Document(
        number=fiscal.document_number or fiscal.offline_number or 0,
        at=local(fiscal.at_ms or sale.created_ms, zone),
        cashier=sale.header.operator_code,
        sign=-sign if sale.kind is SaleKind.SELL_RETURN else sign,
        receipt=receipt,
    )


def _of_cash(cash: CashRecord, zone: ZoneInfo) -> Document:
    fiscal = cash.fiscal
    return Document(
        number=fiscal.document_number or fiscal.offline_number or 0,
        at=local(fiscal.at_ms or cash.created_ms, zone),
        cashier=0,
        sign=1,
        cash=cash,
    )
