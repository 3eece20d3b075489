"""A receipt as plain text of 32 (58 mm) or 48 (80 mm) columns.

Drawing the QR belongs to services/receipts.py.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from addons.trade.domain.pricing import percent_text
from addons.trade.domain.receipt import Receipt, ReceiptStatus, tenge_text
from addons.trade.domain.receipt_words import OPERATIONS, PAYMENTS, WORDS, ReceiptLanguage, say
from addons.trade.domain.ticket import TicketLine

WIDTH_MIN, WIDTH_MAX = 24, 96


class _Paper:
    """Collects lines of a fixed width."""

    def __init__(self, width: int, language: ReceiptLanguage) -> None:
        assert WIDTH_MIN <= width <= WIDTH_MAX
        self.width = width
        self.language = language
        self.lines: list[str] = []

    def word(self, key: str) -> str:
        return say(WORDS[key], self.language)

    def rule(self, char: str = "-") -> None:
        self.lines.append(char * self.width)

    def left(self, text: str) -> None:
        self.lines += self._wrapped(text)

    def centre(self, text: str) -> None:
        self.lines += [line.center(self.width).rstrip() for line in self._wrapped(text)]

    def pair(self, label: str, value: str) -> None:
        """Label to the left, value to the right; on two lines when they do not fit."""
        if len(label) + 1 + len(value) <= self.width:
            self.lines.append(label + value.rjust(self.width - len(label)))
            return
        self.left(label)
        self.lines += [line.rjust(self.width) for line in self._wrapped(value)]

    def titled(self, pair: tuple[str, str]) -> None:
        """A heading; two languages stand on two lines when one is too narrow."""
        text = say(pair, self.language)
        for part in [text] if len(text) <= self.width else text.split(" / "):
            self.centre(part)

    def _wrapped(self, text: str) -> list[str]:
        return textwrap.wrap(text, self.width) or [""]


def receipt_lines(receipt: Receipt, *, width: int, language: ReceiptLanguage) -> list[str]:
    """The receipt without its QR, every line at most `width` characters."""
    paper = _Paper(width, language)
    _head(paper, receipt)
    paper.rule()
    for line in receipt.lines:
        _line(paper, line, receipt)
    paper.rule()
    _sums(paper, receipt)
    paper.rule()
    _fiscal(paper, receipt)
    return paper.lines


def _head(paper: _Paper, receipt: Receipt) -> None:
    for text in chosen(receipt.company_title_kk, receipt.company_title, paper.language):
        paper.centre(text)
    paper.centre(f"{paper.word('bin')} {receipt.bin}")
    for text in chosen(receipt.address_kk, receipt.address, paper.language):
        paper.centre(text)
    paper.rule("=")
    if receipt.is_test:
        paper.titled(WORDS["test"])
    paper.titled(WORDS["fiscal_ticket" if receipt.is_fiscal_paper else "plain_ticket"])
    if receipt.is_copy:
        paper.titled(WORDS["copy"])
    paper.titled(OPERATIONS[receipt.kind])
    if receipt.is_offline:
        paper.titled(WORDS["autonomous"])
    if receipt.status in (ReceiptStatus.PENDING, ReceiptStatus.REJECTED):
        paper.titled(WORDS[receipt.status.value])
    paper.rule("=")
    numbers = (("number", receipt.document_number), ("shift", receipt.shift_number))
    for key, number in numbers:
        if number is not None:
            paper.pair(paper.word(key), str(number))
    paper.pair(paper.word("register"), str(receipt.register_number))
    paper.pair(paper.word("operator"), receipt.operator_name)


def _line(paper: _Paper, line: TicketLine, receipt: Receipt) -> None:
    paper.left(f"{line.position}. {line.name}")
    unit = f" {line.unit_name}" if line.unit_name else ""
    paper.pair(f"  {line.quantity}{unit} × {tenge_text(line.price)}", tenge_text(line.sum))
    for key, amount in (
        ("discount", -(line.discount - line.shared_discount)),
        ("markup", line.markup - line.shared_markup),
    ):
        if amount:
            paper.pair(f"  {paper.word(key)}", tenge_text(amount))
    if receipt.is_vat_payer:
        paper.pair(
            f"  {vat_label(line.vat_bp, paper.language)}", "" if line.vat_bp is None else tenge_text(line.vat)
        )
    if line.ntin:
        paper.pair(f"  {paper.word('ntin')}", line.ntin)
    for mark in line.marks:
        paper.left(f"  {paper.word('mark')}: {printable(mark)}")


def _sums(paper: _Paper, receipt: Receipt) -> None:
    if receipt.discount or receipt.markup:
        paper.pair(paper.word("subtotal"), tenge_text(receipt.subtotal))
        for key, amount in (("receipt_discount", -receipt.discount), ("receipt_markup", receipt.markup)):
            if amount:
                paper.pair(paper.word(key), tenge_text(amount))
    paper.pair(paper.word("total"), f"{tenge_text(receipt.total)} ₸")
    for payment in receipt.payments:
        paper.pair(say(PAYMENTS[payment.kind], paper.language), tenge_text(payment.amount))
    if receipt.change:
        paper.pair(paper.word("taken"), tenge_text(receipt.taken))
        paper.pair(paper.word("change"), tenge_text(receipt.change))
    for row in receipt.vat_rows:
        if row.rate_bp is not None:
            paper.pair(f"{paper.word('vat_inside')} {percent_text(row.rate_bp)}%", tenge_text(row.vat))


def _fiscal(paper: _Paper, receipt: Receipt) -> None:
    for label, value in fiscal_facts(receipt, paper.language):
        paper.pair(label, value)
    if receipt.basis is not None:
        paper.left(f"{paper.word('basis')} {receipt.basis.sign}, {receipt.basis.at:%d.%m.%Y %H:%M:%S}")


def fiscal_facts(receipt: Receipt, language: ReceiptLanguage) -> Iterator[tuple[str, str]]:
    """Labels and values of the fiscal part, only those that are known."""
    is_offline = receipt.status is ReceiptStatus.AUTONOMOUS
    facts = (
        ("customer", receipt.customer_bin or ""),
        ("time", f"{receipt.at:%d.%m.%Y %H:%M:%S}"),
        ("factory_number", receipt.kkm_factory_number),
        ("registration_number", receipt.kkm_registration_number),
        ("offline_sign" if is_offline else "sign", receipt.sign),
        ("ofd", receipt.ofd_title),
        ("check_site", receipt.ofd_site),
    )
    for key, value in facts:
        if value:
            yield say(WORDS[key], language), value


def vat_label(rate_bp: int | None, language: ReceiptLanguage) -> str:
    """«НДС 16%» or «Без НДС»."""
    if rate_bp is None:
        return say(WORDS["without_vat"], language)
    return f"{say(WORDS['vat'], language)} {percent_text(rate_bp)}%"


def chosen(kazakh: str, russian: str, language: ReceiptLanguage) -> list[str]:
    """Names in the wanted language or languages; the one that exists when the other is empty."""
    match language:
        case ReceiptLanguage.RU:
            wanted = [russian or kazakh]
        case ReceiptLanguage.KK:
            wanted = [kazakh or russian]
        case ReceiptLanguage.BOTH:
            wanted = [kazakh, russian]
    return [text for text in dict.fromkeys(wanted) if text]


def printable(mark: str) -> str:
    """A DataMatrix text with its group separators made visible."""
    return "".join(char if char.isprintable() else "␝" for char in mark)


def width_is_possible(width: int) -> bool:
    """True for widths a receipt can be laid out in."""
    return WIDTH_MIN <= width <= WIDTH_MAX
