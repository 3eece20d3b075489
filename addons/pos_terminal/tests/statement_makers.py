"""Files as banks send them, made for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from openpyxl import Workbook

ALMATY = timedelta(hours=5)
HALYK_HEAD = (
    "Дата зачисления", "Дата и время операции", "Юридическое название", "Торговое название",
    "Адрес точки продаж", "Номер терминала", "Номер договора", "Тип операции", "Сумма операции",
    "Сумма к зачислению", "Комиссия банка", "Код авторизации", "RRN/SRN", "Маска карты",
    "Платёжная система", "Способ оплаты", "Назначение",
)  # fmt: skip
KASPI_HEAD = (
    "Торговая точка", "Дата", "Время", "Сумма", "Комиссия Kaspi", "Тип операции", "Способ оплаты", "Канал",
    "Номер операции",
)  # fmt: skip


def halyk_row(
    tiyn: int, commission: int, number: str, /, when: datetime, terminal: str = "TRM00001", **changes: Any
) -> list[Any]:
    """A line of a statement with 17 columns. when: in UTC; tiyn: below zero for a return."""
    local = when + ALMATY
    row = {
        "credit": (local + timedelta(days=1)).strftime("%d.%m.%Y"),
        "at": local.strftime("%d.%m.%Y %H:%M:%S"),
        "legal": "ТОО «Береке»", "trade": "Береке", "address": "Алматы", "terminal": terminal,
        "contract": "77",
        "kind": "Покупка" if tiyn > 0 else "Возврат",
        "gross": tiyn / 100, "net": (tiyn - commission) / 100, "commission": -commission / 100,
        "code": "A00001", "rrn": number, "mask": "440043...1234", "scheme": "MASTERCARD",
        "method": "Бесконтактно", "text": "",
    }  # fmt: skip
    return list({**row, **changes}.values())


def with_total(rows: Sequence[list[Any]], **off: float) -> list[list[Any]]:
    """Heads, rows and the total, which may be made wrong."""
    total: list[Any] = [None] * 17
    total[0] = "Итого"
    for place, name in ((8, "gross"), (9, "net"), (10, "commission")):
        total[place] = round(sum(row[place] for row in rows) + off.get(name, 0), 2)
    return [list(HALYK_HEAD), *rows, total]


def kaspi_grid(rows: Sequence[tuple[datetime, int, int, str]]) -> list[list[Any]]:
    """A statement with its totals above. rows: moment in UTC, tiyn, commission, number."""
    grid: list[list[Any]] = [
        ["Выписка по Kaspi Pay"],
        ["Период", "15.01.2026 — 16.01.2026"],
        ["Сумма операций", sum(row[1] for row in rows) / 100],
        ["Комиссия Kaspi", -sum(row[2] for row in rows) / 100],
        [],
        list(KASPI_HEAD),
    ]
    for at, tiyn, commission, number in rows:
        local = at + ALMATY
        kind = "Покупка" if tiyn > 0 else "Возврат"
        sums = [tiyn / 100, -commission / 100]
        grid.append(["Береке", local.date(), local.time(), *sums, kind, "Kaspi Gold", "Kaspi QR", number])
    return grid


def workbook(grid: Sequence[Sequence[Any]]) -> bytes:
    """The grid as an Excel file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Выписка")
    for row in grid:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def csv_file(grid: Sequence[Sequence[Any]], encoding: str = "cp1251") -> bytes:
    """The grid as a CSV with a semicolon and a decimal comma."""
    lines = [";".join(_cell(cell) for cell in row) for row in grid]
    return "\r\n".join(lines).encode(encoding)


def _cell(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", ",")
    return "" if cell is None else str(cell)
