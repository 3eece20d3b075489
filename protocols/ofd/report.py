"""X and Z reports, both ways: the device sends its own, the OFD answers with its own. Nothing is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.moments import read_moment, read_moment_or_none, write_moment
from protocols.ofd.money import read_money, write_money
from protocols.ofd.values import (
    OperationRow,
    PaymentRow,
    PlacementRow,
    Report,
    SectionRow,
    SumRow,
    TaxRow,
    TaxTurnover,
    TicketRow,
)


def write_report(target: pb.ZXReport, report: Report) -> None:
    """Fill a ZXReport; rows are written as given, also those of zero."""
    write_moment(target.date_time, report.at)
    target.shift_number = report.shift_number
    for section in report.sections:
        row = target.sections.add()
        row.section_code = section.code
        _write_operations(row.operations, section.operations)
    _write_operations(target.operations, report.operations)
    _write_operations(target.discounts, report.discounts)
    _write_operations(target.markups, report.markups)
    _write_operations(target.total_result, report.totals)
    for tax in report.taxes:
        _write_tax(target.taxes.add(), tax)
    _write_sums(target.start_shift_non_nullable_sums, report.start_sums)
    for ticket in report.tickets:
        _write_ticket_row(target.ticket_operations.add(), ticket)
    for placement in report.placements:
        _write_placement(target.money_placements.add(), placement)
    write_money(target.cash_sum, report.cash)
    write_money(target.revenue.sum, abs(report.revenue))
    target.revenue.is_negative = report.revenue < 0
    _write_sums(target.non_nullable_sums, report.sums)
    if report.opened_at is not None:
        write_moment(target.open_shift_time, report.opened_at)
    if report.closed_at is not None:
        write_moment(target.close_shift_time, report.closed_at)
    if report.checksum:
        target.checksum = report.checksum


def read_report(source: pb.ZXReport) -> Report:
    """The report as values; rows the sender left out are left out here too (they mean zero).

    Raises MalformedMessage for an impossible moment.
    """
    revenue = read_money(source.revenue.sum)
    return Report(
        at=read_moment(source.date_time),
        shift_number=source.shift_number,
        cash=read_money(source.cash_sum),
        revenue=-revenue if source.revenue.is_negative else revenue,
        opened_at=read_moment_or_none(source.open_shift_time, source.HasField("open_shift_time")),
        closed_at=read_moment_or_none(source.close_shift_time, source.HasField("close_shift_time")),
        sections=tuple(SectionRow(s.section_code, _operations(s.operations)) for s in source.sections),
        operations=_operations(source.operations),
        discounts=_operations(source.discounts),
        markups=_operations(source.markups),
        totals=_operations(source.total_result),
        taxes=tuple(_tax(tax) for tax in source.taxes),
        start_sums=_sums(source.start_shift_non_nullable_sums),
        sums=_sums(source.non_nullable_sums),
        tickets=tuple(_ticket_row(row) for row in source.ticket_operations),
        placements=tuple(
            PlacementRow(
                row.operation,
                row.operations_total_count,
                row.operations_count,
                read_money(row.operations_sum),
                row.offline_count,
            )
            for row in source.money_placements
        ),
        checksum=source.checksum,
    )


def _write_operations(target: Iterable[pb.ZXReport.Operation], rows: Sequence[OperationRow]) -> None:
    for operation, times, total in rows:
        row = target.add()  # type: ignore[attr-defined]
        row.operation = operation
        row.count = times
        write_money(row.sum, total)


def _write_tax(target: pb.ZXReport.Tax, tax: TaxRow) -> None:
    target.tax_type = tax.type
    target.percent = tax.bp * 10
    for turnover in tax.operations:
        row = target.operations.add()
        row.operation = turnover.operation  # type: ignore[assignment]
        write_money(row.turnover, turnover.turnover)
        write_money(row.sum, turnover.sum)
        write_money(row.turnover_without_tax, turnover.turnover_without_tax)


def _write_sums(target: Iterable[pb.ZXReport.NonNullableSum], rows: Sequence[SumRow]) -> None:
    for operation, total in rows:
        row = target.add()  # type: ignore[attr-defined]
        row.operation = operation
        write_money(row.sum, total)


def _write_ticket_row(target: pb.ZXReport.TicketOperation, ticket: TicketRow) -> None:
    target.operation = ticket.operation  # type: ignore[assignment]
    target.tickets_total_count = ticket.total_count
    target.tickets_count = ticket.shift_count
    write_money(target.tickets_sum, ticket.sum)
    for payment in ticket.payments:
        row = target.payments.add()
        row.payment = payment.type  # type: ignore[assignment]
        write_money(row.sum, payment.sum)
        row.count = payment.times
    target.offline_count = ticket.offline_count
    write_money(target.discount_sum, ticket.discount)
    write_money(target.markup_sum, ticket.markup)
    write_money(target.change_sum, ticket.change)


def _write_placement(target: pb.ZXReport.MoneyPlacement, placement: PlacementRow) -> None:
    target.operation = placement.operation  # type: ignore[assignment]
    target.operations_total_count = placement.total_count
    target.operations_count = placement.shift_count
    write_money(target.operations_sum, placement.sum)
    target.offline_count = placement.offline_count


def _operations(rows: Iterable[pb.ZXReport.Operation]) -> tuple[OperationRow, ...]:
    return tuple(OperationRow(row.operation, row.count, read_money(row.sum)) for row in rows)


def _sums(rows: Iterable[pb.ZXReport.NonNullableSum]) -> tuple[SumRow, ...]:
    return tuple(SumRow(row.operation, read_money(row.sum)) for row in rows)


def _tax(source: pb.ZXReport.Tax) -> TaxRow:
    turnovers = (
        TaxTurnover(
            row.operation, read_money(row.turnover), read_money(row.sum), read_money(row.turnover_without_tax)
        )
        for row in source.operations
    )
    return TaxRow(source.percent // 10, tuple(turnovers), source.tax_type)


def _ticket_row(source: pb.ZXReport.TicketOperation) -> TicketRow:
    return TicketRow(
        operation=source.operation,
        total_count=source.tickets_total_count,
        shift_count=source.tickets_count,
        sum=read_money(source.tickets_sum),
        payments=tuple(PaymentRow(p.payment, read_money(p.sum), p.count) for p in source.payments),
        offline_count=source.offline_count,
        discount=read_money(source.discount_sum),
        markup=read_money(source.markup_sum),
        change=read_money(source.change_sum),
    )
