"""X and Z reports between our values and the wire's.

An absent row on the wire means zero (ofd_protocol §1.9 trap 7).
"""

from __future__ import annotations

from datetime import datetime

from addons.fiscal_kz.domain.counters import DRAWER, Counters
from addons.fiscal_kz.domain.kinds import Means, Operation, Placement
from addons.fiscal_kz.domain.report import (
    OperationRow,
    Report,
    operation_row,
    placement_rows,
    section_rows,
    tax_rows,
)
from addons.fiscal_kz.domain.zones import wall_time, zone_of
from kernel.clock import to_ms
from protocols.ofd import codes, values

_WIRE_OPERATION = {each: int(codes.Operation[each.value]) for each in Operation}
_OUR_OPERATION = {number: each for each, number in _WIRE_OPERATION.items()}
_WIRE_MEANS = {each: int(codes.PaymentType[each.value]) for each in Means}
_OUR_MEANS = {number: each for each, number in _WIRE_MEANS.items()}
_WIRE_PLACEMENT = {each: int(codes.PlacementType[each.value]) for each in Placement}
_OUR_PLACEMENT = {number: each for each, number in _WIRE_PLACEMENT.items()}


def moment_ms(moment: datetime, zone: str) -> int:
    """Epoch ms of a local moment of the outlet."""
    return to_ms(moment.replace(tzinfo=zone_of(zone)))


def wire_report(report: Report, zone: str) -> values.Report:
    """Our report for the wire, full rows."""

    def rows(pick: str) -> tuple[values.OperationRow, ...]:
        return tuple(
            values.OperationRow(_WIRE_OPERATION[row.operation], *getattr(row, pick))
            for row in report.operations
        )

    return values.Report(
        at=wall_time(report.at_ms, zone),
        shift_number=report.shift_number,
        cash=report.drawer,
        revenue=report.revenue,
        opened_at=None if report.opened_ms is None else wall_time(report.opened_ms, zone),
        closed_at=None if report.closed_ms is None else wall_time(report.closed_ms, zone),
        sections=tuple(
            values.SectionRow(
                each.section,
                tuple(
                    values.OperationRow(_WIRE_OPERATION[operation], count, amount)
                    for operation, count, amount in each.operations
                ),
            )
            for each in report.sections
        ),
        operations=rows("lines"),
        discounts=rows("discount"),
        markups=rows("markup"),
        totals=tuple(
            values.OperationRow(_WIRE_OPERATION[row.operation], row.count, row.sum)
            for row in report.operations
        ),
        taxes=tuple(
            values.TaxRow(
                each.rate_bp,
                tuple(
                    values.TaxTurnover(_WIRE_OPERATION[operation], turnover, tax, turnover - tax)
                    for operation, turnover, tax in each.operations
                ),
            )
            for each in report.taxes
        ),
        start_sums=tuple(
            values.SumRow(_WIRE_OPERATION[row.operation], row.non_nullable_at_start)
            for row in report.operations
        ),
        sums=tuple(
            values.SumRow(_WIRE_OPERATION[row.operation], row.non_nullable) for row in report.operations
        ),
        tickets=tuple(_ticket_row(row) for row in report.operations),
        placements=tuple(
            values.PlacementRow(
                _WIRE_PLACEMENT[row.placement], row.total_count, row.count, row.sum, row.offline_count
            )
            for row in report.placements
        ),
    )


def _ticket_row(row: OperationRow) -> values.TicketRow:
    return values.TicketRow(
        operation=_WIRE_OPERATION[row.operation],
        total_count=row.total_count,
        shift_count=row.count,
        sum=row.sum,
        payments=tuple(
            values.PaymentRow(_WIRE_MEANS[means], amount, count) for means, count, amount in row.payments
        ),
        offline_count=row.offline_count,
        discount=row.discount[1],
        markup=row.markup[1],
        change=row.change,
    )


def counters_of(report: values.Report | None, *, is_shift_open: bool) -> Counters:
    """Counters as the OFD has them, to begin with or to compare with ours.

    After a Z (no shift open) the shift's own sums are over: only totals since registration and the drawer
    count.
    """
    if report is None:
        return Counters()
    life: dict[str, int] = {DRAWER: report.cash}
    shift: dict[str, int] = {}
    for total in report.sums:
        life[f"sum.{_OUR_OPERATION[total.operation]}"] = total.sum
    for total in report.start_sums if is_shift_open else report.sums:
        life[f"start.{_OUR_OPERATION[total.operation]}"] = total.sum
    for ticket in report.tickets:
        operation = _OUR_OPERATION[ticket.operation]
        life[f"n.{operation}"] = ticket.total_count
        shift |= {
            f"n.{operation}": ticket.shift_count,
            f"sum.{operation}": ticket.sum,
            f"off.{operation}": ticket.offline_count,
            f"chg.{operation}": ticket.change,
        }
        for payment in ticket.payments:
            if payment.type in _OUR_MEANS:
                means = _OUR_MEANS[payment.type]
                shift[f"pay.{operation}.{means}"] = payment.sum
                shift[f"payn.{operation}.{means}"] = payment.times
    for place in report.placements:
        placement = _OUR_PLACEMENT[place.operation]
        life[f"n.{placement}"] = place.total_count
        shift |= {
            f"cash.{placement}": place.sum,
            f"cashn.{placement}": place.shift_count,
            f"off.{placement}": place.offline_count,
        }
    for prefix, rows in (("disc", report.discounts), ("mark", report.markups)):
        for row in rows:
            shift[f"{prefix}.{_OUR_OPERATION[row.operation]}"] = row.sum
            shift[f"{prefix}n.{_OUR_OPERATION[row.operation]}"] = row.times
    for section in report.sections:
        for row in section.operations:
            shift[f"sec.{_OUR_OPERATION[row.operation]}.{section.code}"] = row.sum
            shift[f"secn.{_OUR_OPERATION[row.operation]}.{section.code}"] = row.times
    for tax in report.taxes:
        for turn in tax.operations:
            shift[f"turn.{_OUR_OPERATION[turn.operation]}.{tax.bp}"] = turn.turnover
            shift[f"vat.{_OUR_OPERATION[turn.operation]}.{tax.bp}"] = turn.sum
    if not is_shift_open:
        shift = {}
    return Counters(
        {key: amount for key, amount in life.items() if amount},
        {key: amount for key, amount in shift.items() if amount},
    )


def read_wire_report(report: values.Report, zone: str, *, is_z: bool) -> Report:
    """The server's report in our form. Rows come in our order, absent ones as zeros."""
    counters = counters_of(report, is_shift_open=True)
    lines = {_OUR_OPERATION[row.operation]: (row.times, row.sum) for row in report.operations}
    return Report(
        is_z=is_z,
        at_ms=moment_ms(report.at, zone),
        shift_number=report.shift_number,
        opened_ms=None if report.opened_at is None else moment_ms(report.opened_at, zone),
        closed_ms=None if report.closed_at is None else moment_ms(report.closed_at, zone),
        documents=0,  # not on the wire
        operations=tuple(operation_row(counters, each, lines.get(each, (0, 0))) for each in Operation),
        sections=section_rows(counters),
        taxes=tax_rows(counters),
        placements=placement_rows(counters),
        drawer=report.cash,
        revenue=report.revenue,
    )
