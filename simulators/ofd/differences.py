"""Where a register's own X or Z disagrees with the tax side's. An OFD accepts both; tests must not.

Absent rows mean zero. Not compared: times, checksum (no defined algorithm) and counts of rows before
modifiers, whose unit the protocol leaves open.
"""

from __future__ import annotations

from protocols.ofd import ofd_pb2 as pb
from simulators.ofd.rules import tiyn


def differences(told: pb.ZXReport, ours: pb.ZXReport) -> tuple[str, ...]:
    """One text per differing fact, e.g. "cash_sum: register 100, server 200"."""
    register, server = _facts(told), _facts(ours)
    found = []
    for name in sorted(register.keys() | server.keys()):
        theirs, mine = register.get(name, 0), server.get(name, 0)
        if theirs != mine:
            found.append(f"{name}: register {theirs}, server {mine}")
    return tuple(found)


def _facts(report: pb.ZXReport) -> dict[str, int]:
    revenue = tiyn(report.revenue.sum)
    facts = {
        "shift_number": report.shift_number,
        "cash_sum": tiyn(report.cash_sum),
        "revenue": -revenue if report.revenue.is_negative else revenue,
    }
    for section in report.sections:
        for row in section.operations:
            facts[f"section {section.section_code} {row.operation}"] = tiyn(row.sum)
    for name in ("operations", "discounts", "markups", "total_result"):
        for row in getattr(report, name):
            facts[f"{name} {row.operation}"] = tiyn(row.sum)
    for name in ("start_shift_non_nullable_sums", "non_nullable_sums"):
        for row in getattr(report, name):
            facts[f"{name} {row.operation}"] = tiyn(row.sum)
    for tax in report.taxes:
        for turnover in tax.operations:
            where = f"tax {tax.percent} {turnover.operation}"
            facts[f"{where} turnover"] = tiyn(turnover.turnover)
            facts[f"{where} sum"] = tiyn(turnover.sum)
            facts[f"{where} without"] = tiyn(turnover.turnover_without_tax)
    for ticket in report.ticket_operations:
        _add_ticket_facts(facts, ticket)
    for placement in report.money_placements:
        where = f"placement {placement.operation}"
        facts[f"{where} total count"] = placement.operations_total_count
        facts[f"{where} count"] = placement.operations_count
        facts[f"{where} sum"] = tiyn(placement.operations_sum)
        facts[f"{where} offline"] = placement.offline_count
    return facts


def _add_ticket_facts(facts: dict[str, int], ticket: pb.ZXReport.TicketOperation) -> None:
    where = f"tickets {ticket.operation}"
    facts[f"{where} total count"] = ticket.tickets_total_count
    facts[f"{where} count"] = ticket.tickets_count
    facts[f"{where} sum"] = tiyn(ticket.tickets_sum)
    facts[f"{where} offline"] = ticket.offline_count
    facts[f"{where} discount"] = tiyn(ticket.discount_sum)
    facts[f"{where} markup"] = tiyn(ticket.markup_sum)
    facts[f"{where} change"] = tiyn(ticket.change_sum)
    for payment in ticket.payments:
        facts[f"{where} payment {payment.payment}"] = tiyn(payment.sum)
        facts[f"{where} payment {payment.payment} count"] = payment.count
