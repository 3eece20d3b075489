"""The statement of a banking day, as the bank sends it next morning: seventeen columns, a row of totals.

Layout after the "Выписка по POS" of a Kazakh bank (acquiring reference §6.1). A payment voided or reversed in
its own day is not in it; a reversal of a later day is a row of that day. Money is whole tiyn, shown as tenge.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from kernel.clock import from_ms
from kernel.money import divide_half_up
from simulators.acquirer.exchange import Terminal
from simulators.acquirer.ledger import PURCHASE, REFUND, VOID, Ledger, Posting
from simulators.acquirer.settings import AcquirerSettings, Tariff

COLUMNS = (
    "Дата зачисления",
    "Дата и время операции",
    "Наименование организации",
    "Торговое наименование",
    "Адрес точки",
    "Номер терминала",
    "Номер договора",
    "Тип операции",
    "Сумма операции",
    "Сумма к зачислению",
    "Комиссия банка",
    "Код авторизации",
    "RRN",
    "Номер карты",
    "Платежная система",
    "Способ оплаты",
    "Примечание",
)
TOTAL = "Итого"
PAYMENT, RETURN, UNDONE = "Покупка", "Возврат", "Отмена"
PPM = 1_000_000
_METHODS = {"05": "Чип", "07": "Бесконтактная", "90": "Магнитная полоса", "80": "Магнитная полоса"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. gross and net signed as the merchant sees them; fee: what the bank keeps, negative = kept."""

    posting: Posting
    kind: str
    gross: int
    fee: int

    @property
    def net(self) -> int:
        """To be credited."""
        return self.gross + self.fee


def rows_of(ledger: Ledger, tariff: Tariff, day: date) -> list[Row]:
    """Lines of a banking day, in order of the postings."""
    fees = _Fees(ledger, tariff)
    found: list[Row] = []
    for each in ledger.postings:
        is_undone_today = each.reversed_day == each.day or _voided_at(ledger, each) == each.day
        if each.day == day and each.kind != VOID and not is_undone_today:
            found.append(Row(each, PAYMENT if each.kind == PURCHASE else RETURN, *fees.of(each)))
        if each.reversed_day == day and each.day != day and each.kind != VOID:
            gross, fee = fees.of(each)
            found.append(Row(each, UNDONE, -gross, -fee))
    return found


def days_of(ledger: Ledger) -> list[date]:
    """Banking days with postings or reversals."""
    found = {each.day for each in ledger.postings}
    return sorted(found | {each.reversed_day for each in ledger.postings if each.reversed_day is not None})


def as_table(
    rows: Sequence[Row], day: date, terminals: dict[str, Terminal], settings: AcquirerSettings
) -> list[list[str | int]]:
    """Head, lines and totals; sums in tiyn."""
    zone = ZoneInfo(settings.zone)
    credited = (day + timedelta(days=settings.credit_days)).strftime("%d.%m.%Y")
    table: list[list[str | int]] = [list(COLUMNS)]
    for row in rows:
        posting, data = row.posting, terminals[row.posting.terminal].data
        table.append(
            [
                credited,
                from_ms(posting.at_ms).astimezone(zone).strftime("%d.%m.%Y %H:%M:%S"),
                data.company,
                data.outlet,
                data.address,
                data.terminal_code,
                data.contract,
                row.kind,
                row.gross,
                row.net,
                row.fee,
                posting.authorization_code,
                posting.rrn,
                posting.masked_number.replace("******", "..."),
                posting.scheme,
                _METHODS.get(posting.entry_mode[:2], "Карта"),
                "",
            ]
        )
    totals: list[str | int] = [sum(getattr(row, name) for row in rows) for name in ("gross", "net", "fee")]
    return [*table, [TOTAL, *[""] * 7, *totals, *[""] * 6]]


def as_csv(table: Sequence[Sequence[str | int]]) -> bytes:
    """Semicolons, UTF-8 with a mark, sums with two decimals."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([[_tenge(cell) if isinstance(cell, int) else cell for cell in row] for row in table])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(table: Sequence[Sequence[str | int]]) -> bytes:
    """One sheet; sums as numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Выписка"
    for row in table:
        sheet.append([cell / 100 if isinstance(cell, int) else cell for cell in row])
    for column in ("I", "J", "K"):
        for cell in sheet[column][1:]:
            cell.number_format = "0.00"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


class _Fees:
    """Gross and fee of every posting; a return gives back a part of what the payment had cost."""

    def __init__(self, ledger: Ledger, tariff: Tariff) -> None:
        self._ledger, self._tariff = ledger, tariff
        self._cost: dict[int, int] = {}
        by_day: dict[tuple[date, int], list[Posting]] = defaultdict(list)
        for each in ledger.postings:
            is_gone = each.reversed_day == each.day or _voided_at(ledger, each) == each.day
            if each.kind == PURCHASE and not is_gone:
                by_day[each.day, self._rate(each)].append(each)
        for (_, rate), members in by_day.items():
            exact = [self._exact(each.amount, rate) for each in members]
            costs = _spread(exact) if tariff.is_per_day else [divide_half_up(part, PPM) for part in exact]
            self._cost |= {each.number: cost for each, cost in zip(members, costs, strict=True)}

    def of(self, posting: Posting) -> tuple[int, int]:
        """Gross and fee as the merchant sees them."""
        if posting.kind == PURCHASE:
            return posting.amount, -self._cost.get(posting.number, 0)
        if not self._tariff.is_returned or posting.original is None:
            return -posting.amount, 0
        original = self._ledger.postings[posting.original - 1]
        before = sum(
            each.amount
            for each in self._ledger.postings[: posting.number - 1]
            if each.kind == REFUND and each.original == original.number and each.is_standing
        )
        cost = self._cost.get(original.number, 0)
        after = divide_half_up(cost * (before + posting.amount), original.amount)
        return -posting.amount, after - divide_half_up(cost * before, original.amount)

    def _rate(self, posting: Posting) -> int:
        rates = self._tariff.rates_ppm
        return rates.get(posting.scheme, rates.get("*", 0))

    def _exact(self, amount: int, rate: int) -> int:
        raw = max(amount * rate, self._tariff.fee_min * PPM)
        return raw if self._tariff.fee_max is None else min(raw, self._tariff.fee_max * PPM)


def _spread(exact: Sequence[int]) -> list[int]:
    """The rounded total over its parts: whole tiyn first, the rest to the largest remainders."""
    parts = [each // PPM for each in exact]
    left = divide_half_up(sum(exact), PPM) - sum(parts)
    order = sorted(range(len(exact)), key=lambda at: (-(exact[at] % PPM), at))
    for at in order[:left]:
        parts[at] += 1
    return parts


def _voided_at(ledger: Ledger, posting: Posting) -> date | None:
    return None if posting.voided_by is None else ledger.postings[posting.voided_by - 1].day


def _tenge(tiyn: int) -> str:
    return f"{'-' if tiyn < 0 else ''}{abs(tiyn) // 100}.{abs(tiyn) % 100:02d}"
