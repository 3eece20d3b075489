"""A bookkeeper of her own: counts a register's life from the rows of its documents by the formulas of the
protocol alone (ofd_protocol §2.5, §2.6), in plain dictionaries, without any line of the engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
INTO_DRAWER = ("SELL", "BUY_RETURN")
PLUS = ("SELL", "BUY_RETURN")
KINDS = ("BUY", "BUY_RETURN", "SELL", "SELL_RETURN")


@dataclass
class ShiftBook:
    """What one shift's Z has to say."""

    count: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sum: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    before: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    discount: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    markup: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    change: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    offline: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    sections: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    taxes: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    placed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    by_cashier: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    start: dict[str, int] = field(default_factory=dict)
    end: dict[str, int] = field(default_factory=dict)
    drawer: int = 0
    documents: int = 0

    @property
    def revenue(self) -> int:
        """SELL − SELL_RETURN − BUY + BUY_RETURN."""
        return sum(self.sum[kind] if kind in PLUS else -self.sum[kind] for kind in KINDS)


def keep_books(
    sales: Iterable[Row], lines: Mapping[str, list[Row]], cash: Iterable[Row], closes: Iterable[Row]
) -> list[ShiftBook]:
    """Shifts in order, out of fiscal documents. closes: number and takes_cash of each Z."""
    documents: list[tuple[int, str, Row]] = [(row["document_number"], "sale", row) for row in sales]
    documents += [(row["document_number"], "cash", row) for row in cash]
    documents += [(row["document_number"], "close", row) for row in closes]
    documents.sort(key=lambda each: each[0])
    assert [number for number, _, _ in documents] == list(range(1, len(documents) + 1))
    life: dict[str, int] = dict.fromkeys(KINDS, 0)
    drawer, books = 0, [ShiftBook(start=dict(life))]
    for _, what, row in documents:
        book = books[-1]
        if what == "close":
            if row["takes_cash"] and drawer:
                book.placed["WITHDRAWAL"][0] += 1
                book.placed["WITHDRAWAL"][1] += drawer
                drawer = 0
            book.drawer, book.end = drawer, dict(life)
            books.append(ShiftBook(start=dict(life)))
            continue
        assert row["shift_number"] == len(books)
        book.documents += 1
        if what == "cash":
            book.placed[row["direction"]][0] += 1
            book.placed[row["direction"]][1] += row["amount"]
            drawer += row["amount"] if row["direction"] == "DEPOSIT" else -row["amount"]
        else:
            check_ticket(row, lines[row["id"]])
            add_ticket(book, row, lines[row["id"]])
            life[row["kind"]] += row["total"]
            drawer += row["cash"] if row["kind"] in INTO_DRAWER else -row["cash"]
        assert drawer >= 0
        book.drawer, book.end = drawer, dict(life)
    return books if books[-1].documents else books[:-1]


def add_ticket(book: ShiftBook, sale: Row, lines: list[Row]) -> None:
    """Sections before modifiers, modifiers in rows of their own, totals after them."""
    kind = sale["kind"]
    book.count[kind] += 1
    book.sum[kind] += sale["total"]
    book.change[kind] += sale["change_back"]
    book.offline[kind] += sale["is_offline"]
    cashier = book.by_cashier[sale["operator_id"], kind]
    cashier[0] += 1
    cashier[1] += sale["total"]
    for means in ("cash", "card", "mobile"):
        if sale[means]:
            paid = book.paid[kind, means.upper()]
            paid[0] += 1
            paid[1] += sale[means]
    for line in lines:
        section = book.sections[line["section"], kind]
        section[0] += 1
        section[1] += line["amount"]
        book.before[kind] += line["amount"]
        book.discount[kind] += line["discount"]
        book.markup[kind] += line["markup"]
        if line["vat_bp"] is not None:
            tax = book.taxes[line["vat_bp"], kind]
            tax[0] += line["total"]
            tax[1] += line["vat"]


def check_ticket(sale: Row, lines: list[Row]) -> None:
    """total = lines − discounts + markups; VAT = sum × r / (100 + r); cash = taken − change."""
    for line in lines:
        assert abs(line["amount"] * 1000 - line["price"] * line["quantity"]) <= 500
        assert line["total"] == line["amount"] - line["discount"] + line["markup"]
        if line["vat_bp"] is not None and not sale["kind"].endswith("RETURN"):
            exact = line["total"] * line["vat_bp"]
            assert 2 * abs(line["vat"] * (10_000 + line["vat_bp"]) - exact) <= 10_000 + line["vat_bp"]
    assert sale["total"] == sum(line["total"] for line in lines) > 0
    assert sale["vat"] == sum(line["vat"] for line in lines)
    assert sale["total"] == sale["cash"] + sale["card"] + sale["mobile"]
    if sale["kind"] == "SELL" and sale["cash"]:
        assert sale["cash"] == sale["taken"] - sale["change_back"]
