"""What a request to the OFD is built from, apart from numbers: kept as JSON in the document's row until its
turn.

Sums in tiyn, quantities in thousandths, rates in basis points, times in epoch ms.
"""

from __future__ import annotations

from dataclasses import replace

from addons.fiscal_kz.domain.facts import CashFacts, SectionSum, TaxSum, TicketFacts
from addons.fiscal_kz.domain.kinds import Means, Operation, Placement
from addons.fiscal_kz.domain.rarities import FIRST_WANTED, DomainBlock, DomainType, Rarities
from addons.fiscal_kz.domain.rarities import Line as Line
from kernel.errors import Refusal
from kernel.values import value


@value
class Parent:
    """The original of a return (CPCR 2.0.3, parent ticket). subject_id: the sale of trade."""

    subject_id: str
    sign: str
    at_ms: int
    registration_number: str
    total: int
    is_offline: bool


@value
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
    rarities: Rarities | None = None

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


@value
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


@value
class DeskBody:
    """Shift close or X report: who asked. withdraws_cash: the close takes all cash out of the drawer."""

    operator_id: str
    operator_code: int
    operator_name: str
    withdraws_cash: bool = False


Body = TicketBody | CashBody | DeskBody


def in_domain(body: TicketBody, domain: DomainType) -> TicketBody:
    """The ticket in the KKM's line of trade unless it names its own.

    Refusal KKM_DOMAIN_FIELD_MISSING when the line wants facts that only a sale can tell.
    """
    rarities = body.rarities or Rarities()
    if rarities.domain is not None or domain is DomainType.TRADING:
        return body
    if domain in FIRST_WANTED:
        raise Refusal("KKM_DOMAIN_FIELD_MISSING", field=f"domain.{FIRST_WANTED[domain]}", domain=domain.value)
    return replace(body, rarities=replace(rarities, domain=DomainBlock(domain)))


def modifier_taxes(line: Line) -> tuple[int, int, int]:
    """VAT of the position before modifiers, of its discount and of its markup.

    They add up exactly: first − discount's + markup's = the line's own VAT, so that rounding is done once
    per line. A modifier that is not there has none.
    """
    if line.vat_bp is None:
        return 0, 0, 0
    if not line.discount and not line.markup:
        return line.vat, 0, 0
    before = _vat_inside(line.sum, line.vat_bp)
    of_markup = _vat_inside(line.markup, line.vat_bp)
    of_discount = before + of_markup - line.vat
    if not line.discount or of_discount < 0:
        of_markup, of_discount = of_markup - of_discount, 0
    if not line.markup or of_markup < 0:  # one of several pieces of a line
        before, of_markup = line.vat + of_discount, 0
    return before, of_discount, of_markup


def _vat_inside(amount: int, rate_bp: int) -> int:
    base = 10_000 + rate_bp
    return (2 * amount * rate_bp + base) // (2 * base)
