"""Reports of a shift and slips of cash operations as papers. Whoever knows the figures fills the plain values
here; nothing is added up in this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from addons.trade.domain.kinds import CashDirection, FiscalState, PaymentKind, SaleKind
from addons.trade.domain.pricing import percent_text
from addons.trade.domain.receipt import tenge_text
from addons.trade.domain.receipt_paper import chosen
from addons.trade.domain.receipt_words import OPERATIONS, PAYMENTS, WORDS, ReceiptLanguage, both, say
from addons.trade.domain.report_words import REPORT_WORDS
from kernel.money import Money
from kernel.printing.paper import Block, Cut, Paper, Row, Space, Text
from kernel.printing.themes import PaperKind, PaperTheme


class ReportTitle(StrEnum):
    """Which report it is."""

    X = "X"
    Z = "Z"
    CASHIERS = "CASHIERS"
    SECTIONS = "SECTIONS"
    PERIOD = "PERIOD"


@dataclass(frozen=True, slots=True)
class PaperHead:
    """Who and where, as every fiscal paper begins; times are wall times of the outlet."""

    company_title: str
    company_title_kk: str
    bin: str
    address: str
    address_kk: str
    register_number: int | None  # None: of all registers of a company or an outlet
    operator_name: str
    kkm_registration_number: str
    at: datetime
    kkm_factory_number: str = ""
    is_test: bool = False
    is_offline: bool = False
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class ReportOperationLine:
    """Totals of one operation. payments: means, number, sum."""

    kind: SaleKind
    count: int
    total: Money
    discount: Money = Money.ZERO
    markup: Money = Money.ZERO
    change: Money = Money.ZERO
    payments: tuple[tuple[PaymentKind, int, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportTaxLine:
    """VAT of one rate in one operation."""

    rate_bp: int
    kind: SaleKind
    turnover: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """A cashier or a section with its operations; title is printed as it is."""

    title: str
    operations: tuple[ReportOperationLine, ...]


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """An X or Z report, or one of a period, cashiers or sections. What is None or empty is not printed.

    non_nullable: per operation, at the start of the shift and now; revenue is signed; chain_head and digest
    are hexadecimal.
    """

    head: PaperHead
    title: ReportTitle
    shift_number: int | None = None
    document_number: int | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    documents: int | None = None
    offline_documents: int = 0
    operations: tuple[ReportOperationLine, ...] = ()
    taxes: tuple[ReportTaxLine, ...] = ()
    groups: tuple[ReportGroup, ...] = ()
    deposits: tuple[int, Money] | None = None
    withdrawals: tuple[int, Money] | None = None
    drawer: Money | None = None
    revenue: Money | None = None
    non_nullable: tuple[tuple[SaleKind, Money, Money], ...] = ()
    chain_head: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class CashSlip:
    """Money put into or taken out of the drawer."""

    head: PaperHead
    direction: CashDirection
    amount: Money
    state: FiscalState
    document_number: int | None = None
    shift_number: int | None = None


REPORT_KIND = PaperKind(
    name="report",
    parts=frozenset(
        {"seller", "title", "numbers", "operations", "taxes", "groups", "cash", "totals", "chain"}
    ),
    needed=frozenset(
        {"seller", "title", "numbers", "operations", "taxes", "groups", "cash", "totals", "chain"}
    ),
    styles=frozenset({"company", "seller", "title", "mark", "numbers", "heading", "line", "sum", "chain"}),
)


def report_paper(report: ReportPaper, *, language: ReceiptLanguage, theme: PaperTheme) -> Paper:
    """The report ready for any medium."""
    parts = _Report(report.head, language, theme, report)
    blocks = theme.blocks(lambda name: tuple(parts.make(name)))
    number = "" if report.shift_number is None else f" № {report.shift_number}"
    return _paper(
        (*blocks, Cut()), say(REPORT_WORDS[report.title.value], language) + number, report.head, language
    )


def cash_slip_paper(slip: CashSlip, *, language: ReceiptLanguage, theme: PaperTheme) -> Paper:
    """The slip ready for any medium, with a line to sign on. It is set as the theme sets reports."""
    parts = _Slip(slip.head, language, theme, slip)
    blocks = theme.blocks(lambda name: tuple(parts.make(name)))
    return _paper((*blocks, Cut()), say(REPORT_WORDS[slip.direction.value], language), slip.head, language)


def _paper(blocks: tuple[Block, ...], title: str, head: PaperHead, language: ReceiptLanguage) -> Paper:
    return Paper(
        blocks=blocks,
        title=f"{title}, {head.at:%d.%m.%Y}",
        language="ru" if language is ReceiptLanguage.RU else "kk",
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What reports and slips have in common."""

    head: PaperHead
    language: ReceiptLanguage
    theme: PaperTheme

    def _seller(self) -> Iterator[Block]:
        head, theme = self.head, self.theme
        for text in chosen(head.company_title_kk, head.company_title, self.language):
            yield Text(text, theme.style("company"))
        yield Text(f"{say(WORDS['bin'], self.language)} {head.bin}", theme.style("seller"))
        for text in chosen(head.address_kk, head.address, self.language):
            yield Text(text, theme.style("seller"))

    def _titled(self, pair: tuple[str, str], style: str) -> Iterator[Block]:
        for text in both(pair, self.language):
            yield Text(text, self.theme.style(style))

    def _marks(self) -> Iterator[Block]:
        if self.head.is_test:
            yield from self._titled(WORDS["test"], "mark")
        if self.head.is_copy:
            yield from self._titled(WORDS["copy"], "mark")

    def _autonomous(self) -> Iterator[Block]:
        if self.head.is_offline:
            yield from self._titled(WORDS["autonomous"], "title")

    def _row(self, pair: tuple[str, str], value: str, *, style: str = "line", indent: int = 0) -> Row:
        return Row((" " * indent + say(pair, self.language), value), self.theme.style(style))

    def _said(self, pair: tuple[str, str], value: object) -> Iterator[Block]:
        """A row of numbers, left out when there is nothing to say."""
        if isinstance(value, datetime):
            value = f"{value:%d.%m.%Y %H:%M:%S}"
        if value is not None and value != "":
            yield self._row(pair, str(value), style="numbers")

    def _kkm(self) -> Iterator[Block]:
        yield from self._said(WORDS["factory_number"], self.head.kkm_factory_number)
        yield from self._said(WORDS["registration_number"], self.head.kkm_registration_number)


@dataclass(frozen=True, slots=True)
class _Report(_Parts):
    """Parts of a report by the names themes know."""

    report: ReportPaper

    def make(self, name: str) -> Iterator[Block]:
        """The blocks of a part; none when there is nothing to say."""
        makers = {
            "seller": self._seller,
            "title": self._title,
            "numbers": self._numbers,
            "operations": self._operations,
            "taxes": self._taxes,
            "groups": self._groups,
            "cash": self._cash,
            "totals": self._totals,
            "chain": self._chain,
        }
        return makers[name]()

    def _title(self) -> Iterator[Block]:
        yield from self._marks()
        title = self.report.title
        yield from self._titled(REPORT_WORDS[title.value], "title")
        if title in (ReportTitle.X, ReportTitle.Z):
            yield from self._titled(REPORT_WORDS[f"{title.value}_more"], "seller")
        yield from self._autonomous()

    def _numbers(self) -> Iterator[Block]:
        report, head = self.report, self.head
        yield from self._said(REPORT_WORDS["document"], report.document_number)
        yield from self._said(WORDS["shift"], report.shift_number)
        yield from self._said(WORDS["register"], head.register_number)
        yield from self._said(WORDS["operator"], head.operator_name)
        yield from self._kkm()
        yield from self._said(REPORT_WORDS["since"], report.since)
        yield from self._said(REPORT_WORDS["until"], report.until)
        yield from self._said(REPORT_WORDS["opened"], report.opened_at)
        yield from self._said(REPORT_WORDS["closed"], report.closed_at)
        yield from self._said(REPORT_WORDS["made"], head.at)
        yield from self._said(REPORT_WORDS["documents"], report.documents)
        if report.offline_documents:
            yield self._row(REPORT_WORDS["offline"], str(report.offline_documents), indent=2)

    def _operations(self) -> Iterator[Block]:
        for operation in self.report.operations:
            yield from self._operation(operation)

    def _operation(self, operation: ReportOperationLine) -> Iterator[Block]:
        kazakh, russian = OPERATIONS[operation.kind]
        yield from self._titled((kazakh.upper(), russian.upper()), "heading")
        yield self._row(REPORT_WORDS["count"], str(operation.count), indent=2)
        yield self._row(REPORT_WORDS["sum"], tenge_text(operation.total), style="sum", indent=2)
        for means, count, amount in operation.payments:
            yield self._row(_counted(PAYMENTS[means], count), tenge_text(amount), indent=2)
        for key, amount in (
            ("discounts", -operation.discount),
            ("markups", operation.markup),
            ("changes", operation.change),
        ):
            if amount:
                yield self._row(REPORT_WORDS[key], tenge_text(amount), indent=2)

    def _taxes(self) -> Iterator[Block]:
        if self.report.taxes:
            yield from self._titled(WORDS["vat"], "heading")
        for tax in self.report.taxes:
            rate = f"{percent_text(tax.rate_bp)}%"
            kazakh, russian = OPERATIONS[tax.kind]
            yield self._row((f"{kazakh}, {rate}", f"{russian}, {rate}"), tenge_text(tax.vat), indent=2)
            yield self._row(REPORT_WORDS["turnover"], tenge_text(tax.turnover), indent=4)

    def _groups(self) -> Iterator[Block]:
        for group in self.report.groups:
            yield Text(group.title, self.theme.style("title"))
            for operation in group.operations:
                yield from self._operation(operation)

    def _cash(self) -> Iterator[Block]:
        report = self.report
        rows = [
            self._row(_counted(REPORT_WORDS[key], placed[0]), tenge_text(placed[1]), indent=2)
            for key, placed in (("deposits", report.deposits), ("withdrawals", report.withdrawals))
            if placed is not None
        ]
        if report.drawer is not None:
            rows.append(self._row(REPORT_WORDS["drawer"], tenge_text(report.drawer), style="sum", indent=2))
        if report.revenue is not None:
            rows.append(self._row(REPORT_WORDS["revenue"], tenge_text(report.revenue), style="sum", indent=2))
        if rows:
            yield from self._titled(REPORT_WORDS["cash"], "heading")
            yield from rows

    def _totals(self) -> Iterator[Block]:
        if self.report.non_nullable:
            yield from self._titled(REPORT_WORDS["non_nullable"], "heading")
        for kind, at_start, at_end in self.report.non_nullable:
            yield self._row(OPERATIONS[kind], "", indent=2)
            yield self._row(REPORT_WORDS["at_start"], tenge_text(at_start), indent=4)
            yield self._row(REPORT_WORDS["at_end"], tenge_text(at_end), indent=4)

    def _chain(self) -> Iterator[Block]:
        for key, digest in (("chain_head", self.report.chain_head), ("digest", self.report.digest)):
            if digest:
                yield self._row(REPORT_WORDS[key], "", style="chain")
                yield Text(digest, self.theme.style("chain"))


@dataclass(frozen=True, slots=True)
class _Slip(_Parts):
    """Parts of a slip by the names themes know; those of reports that it has not are empty."""

    slip: CashSlip

    def make(self, name: str) -> Iterator[Block]:
        """The blocks of a part; none when there is nothing to say."""
        makers = {
            "seller": self._seller,
            "title": self._title,
            "numbers": self._numbers,
            "operations": self._amount,
            "totals": self._signature,
        }
        return makers[name]() if name in makers else iter(())

    def _title(self) -> Iterator[Block]:
        yield from self._marks()
        states = {FiscalState.REJECTED: "rejected", FiscalState.PENDING: "pending"}
        if self.slip.state in states:
            yield from self._titled(REPORT_WORDS[states[self.slip.state]], "mark")
        yield from self._titled(REPORT_WORDS[self.slip.direction.value], "title")
        yield from self._autonomous()

    def _numbers(self) -> Iterator[Block]:
        yield from self._said(REPORT_WORDS["document"], self.slip.document_number)
        yield from self._said(WORDS["shift"], self.slip.shift_number)
        yield from self._said(WORDS["register"], self.head.register_number)
        yield from self._said(WORDS["operator"], self.head.operator_name)
        yield from self._kkm()
        yield from self._said(WORDS["time"], self.head.at)

    def _amount(self) -> Iterator[Block]:
        yield self._row(REPORT_WORDS["amount"], f"{tenge_text(self.slip.amount)} ₸", style="sum")

    def _signature(self) -> Iterator[Block]:
        yield Space()
        yield self._row(REPORT_WORDS["signature"], "_" * 16)


def _counted(pair: tuple[str, str], count: int) -> tuple[str, str]:
    """A label with a number of documents. Beside the sum it would read as its thousands."""
    return f"{pair[0]} ({count})", f"{pair[1]} ({count})"
