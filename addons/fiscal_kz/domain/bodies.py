"""What a request to the OFD is built from, apart from numbers: kept as JSON in the document's row until its
turn.

Sums in tiyn, quantities in thousandths, rates in basis points, times in epoch ms.
"""

from __future__ import annotations

from dataclasses import dataclass

from addons.fiscal_kz.domain.facts import CashFacts, SectionSum, TaxSum, TicketFacts
from addons.fiscal_kz.domain.kinds import Means, Operation, Placement


@dataclass(frozen=True, slots=True)
class Line:
    """One position; total = sum − discount + markup; vat lies inside total, vat_bp None means without VAT."""

    name: str
    section: str
    quantity: int
    price: int
    sum: int
    discount: int
    markup: int
    total: int
    vat_bp: int | None
    vat: int
    unit_code: str
    barcode: str
    ntin: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parent:
    """The original of a return (CPCR 2.0.3, parent ticket). subject_id: the sale of trade."""

    subject_id: str
    sign: str
    at_ms: int
    registration_number: str
    total: int
    is_offline: bool


@dataclass(frozen=True, slots=True)
class TicketBody:
    """A ticket of any operation."""

    operation: Operation
    operator_code: int
    operator_name: str
    lines: tuple[Line, ...]
    payments: tuple[tuple[Means, int], ...]
    total: int
    taken: int
    change: int
    customer_bin: str
    customer_email: str
    customer_phone: str
    parent: Parent | None

    @property
    def facts(self) -> TicketFacts:
        """The sums that counters need."""
        sections: dict[str, tuple[int, int]] = {}
        taxes: dict[int, tuple[int, int]] = {}
        discounts = discount = markups = markup = 0
        for line in self.lines:
            count, amount = sections.get(line.section, (0, 0))
            sections[line.section] = (count + 1, amount + line.sum)
            if line.discount:
                discounts, discount = discounts + 1, discount + line.discount
            if line.markup:
                markups, markup = markups + 1, markup + line.markup
            if line.vat_bp is not None:
                turnover, tax = taxes.get(line.vat_bp, (0, 0))
                taxes[line.vat_bp] = (turnover + line.total, tax + line.vat)
        return TicketFacts(
            operation=self.operation,
            total=self.total,
            payments=self.payments,
            change=self.change,
            discount=discount,
            discount_count=discounts,
            markup=markup,
            markup_count=markups,
            sections=tuple(SectionSum(code, count, amount) for code, (count, amount) in sections.items()),
            taxes=tuple(TaxSum(rate, turnover, tax) for rate, (turnover, tax) in taxes.items()),
        )


@dataclass(frozen=True, slots=True)
class CashBody:
    """Cash in or out."""

    placement: Placement
    amount: int
    operator_code: int
    operator_name: str

    @property
    def facts(self) -> CashFacts:
        """The sums that counters need."""
        return CashFacts(self.placement, self.amount)


@dataclass(frozen=True, slots=True)
class DeskBody:
    """Shift close or X report: who asked."""

    operator_id: str
    operator_code: int
    operator_name: str


Body = TicketBody | CashBody | DeskBody

MARK_LISTS_VERSION = 203


def version_refusal(body: Body, version: int) -> str | None:
    """Why the document cannot be said in that protocol version, or None.

    Before 2.0.3 a line carries one marking code.
    """
    if version >= MARK_LISTS_VERSION or not isinstance(body, TicketBody):
        return None
    return "KKM_MARKS_NEED_203" if any(len(line.marks) > 1 for line in body.lines) else None


def modifier_taxes(line: Line) -> tuple[int, int, int]:
    """VAT of the position before modifiers, of its discount and of its markup.

    They add up exactly: first − discount's + markup's = the line's own VAT, so that rounding is done once
    per line.
    """
    if line.vat_bp is None:
        return 0, 0, 0
    before = _vat_inside(line.sum, line.vat_bp)
    if not line.discount:
        return before, 0, line.vat - before
    of_markup = _vat_inside(line.markup, line.vat_bp)
    of_discount = before + of_markup - line.vat
    if of_discount < 0:  # two roundings may differ by a tiyn; give it to the markup
        of_markup, of_discount = of_markup - of_discount, 0
    return before, of_discount, of_markup


def _vat_inside(amount: int, rate_bp: int) -> int:
    base = 10_000 + rate_bp
    return (2 * amount * rate_bp + base) // (2 * base)
