"""X and Z report as plain values, made from counters.

How it is written on the wire or paper does not belong here.

Every enumeration gets its full rows, zero ones too (CPCR 2.0.2 §3.8: n = size of the enumeration).
"""

from __future__ import annotations

from dataclasses import dataclass

from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.kinds import Means, Operation, Placement
from addons.fiscal_kz.domain.proof import ShiftProof
from addons.fiscal_kz.domain.state import State


@dataclass(frozen=True, slots=True)
class OperationRow:
    """Totals of one operation; sums in tiyn. lines: positions before modifiers."""

    operation: Operation
    count: int
    sum: int
    lines: tuple[int, int]
    discount: tuple[int, int]
    markup: tuple[int, int]
    change: int
    total_count: int
    offline_count: int
    payments: tuple[tuple[Means, int, int], ...]  # means, count, sum
    non_nullable_at_start: int
    non_nullable: int


@dataclass(frozen=True, slots=True)
class SectionRow:
    """Positions of one section per operation: count and sum before modifiers."""

    section: str
    operations: tuple[tuple[Operation, int, int], ...]


@dataclass(frozen=True, slots=True)
class TaxRow:
    """VAT of one rate per operation: turnover with tax, tax."""

    rate_bp: int
    operations: tuple[tuple[Operation, int, int], ...]


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """Cash operations of one kind."""

    placement: Placement
    total_count: int
    count: int
    sum: int
    offline_count: int


@dataclass(frozen=True, slots=True)
class Report:
    """X or Z report. revenue is signed; sums in tiyn, times epoch ms.

    withdrawn: cash that the close itself took out; it is among the withdrawals, and the drawer is empty.
    """

    is_z: bool
    at_ms: int
    shift_number: int
    opened_ms: int | None
    closed_ms: int | None
    documents: int
    operations: tuple[OperationRow, ...]
    sections: tuple[SectionRow, ...]
    taxes: tuple[TaxRow, ...]
    placements: tuple[PlacementRow, ...]
    drawer: int
    revenue: int
    proof: ShiftProof | None = None  # none in the OFD's report
    withdrawn: int = 0


def report_of(state: State, *, at_ms: int, is_z: bool, withdrawn: int = 0) -> Report:
    """Report of the current shift; of the last one, all zeros, when none is open."""
    counters = state.counters
    return Report(
        is_z=is_z,
        at_ms=at_ms,
        shift_number=state.shift_number,
        opened_ms=state.shift_opened_ms,
        closed_ms=at_ms if is_z else None,
        documents=state.shift_documents,
        operations=tuple(operation_row(counters, each, _lines(counters, each)) for each in Operation),
        sections=section_rows(counters),
        taxes=tax_rows(counters),
        placements=placement_rows(counters),
        drawer=counters.drawer,
        revenue=counters.revenue,
        withdrawn=withdrawn,
    )


def operation_row(counters: Counters, operation: Operation, lines: tuple[int, int]) -> OperationRow:
    """Totals of one operation; lines: count and sum of positions before modifiers."""
    return OperationRow(
        operation=operation,
        count=counters.count(operation),
        sum=counters.sum(operation),
        lines=lines,
        discount=counters.discount(operation),
        markup=counters.markup(operation),
        change=counters.change(operation),
        total_count=counters.total_count(operation),
        offline_count=counters.offline_count(operation),
        payments=tuple((means, *counters.paid(operation, means)) for means in Means),
        non_nullable_at_start=counters.non_nullable_at_start(operation),
        non_nullable=counters.non_nullable(operation),
    )


def section_rows(counters: Counters) -> tuple[SectionRow, ...]:
    """Every section that occurs, with all operations."""
    return tuple(
        SectionRow(section, tuple((each, *counters.section(section, each)) for each in Operation))
        for section in counters.sections
    )


def tax_rows(counters: Counters) -> tuple[TaxRow, ...]:
    """Every rate that occurs, with all operations."""
    return tuple(
        TaxRow(rate, tuple((each, *counters.tax(rate, each)) for each in Operation))
        for rate in counters.rates_bp
    )


def placement_rows(counters: Counters) -> tuple[PlacementRow, ...]:
    """Cash put in and taken out."""
    return tuple(
        PlacementRow(each, counters.total_count(each), *counters.placed(each), counters.offline_count(each))
        for each in Placement
    )


def _lines(counters: Counters, operation: Operation) -> tuple[int, int]:
    sections = [counters.section(each, operation) for each in counters.sections]
    return sum(count for count, _ in sections), sum(amount for _, amount in sections)
