"""X and Z of the tax side, computed from the accepted documents when somebody asks.

Source: CPCR 2.0.2 ZXReport; which sums are before and after modifiers: ofd answers seen in the field.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from protocols.ofd import ofd_pb2 as pb
from simulators.ofd.ledger import CLOSE_SHIFT, MONEY_PLACEMENT, OPERATIONS, TICKET, Account
from simulators.ofd.rules import modifier_of, tiyn

# Signs of the operations in the revenue: buy, buy return, sell, sell return.
_REVENUE = (-1, 1, 1, -1)
_VAT = 100


class ShiftTotals:
    """Everything a report says about one shift."""

    def __init__(self) -> None:
        self.sections: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0] for _ in range(OPERATIONS)])
        self.operations = [[0, 0] for _ in range(OPERATIONS)]
        self.discounts = [[0, 0] for _ in range(OPERATIONS)]
        self.markups = [[0, 0] for _ in range(OPERATIONS)]
        self.tickets = [[0, 0] for _ in range(OPERATIONS)]  # count, sum with modifiers
        self.offline = [0] * OPERATIONS
        self.changes = [0] * OPERATIONS
        self.payments: list[dict[int, list[int]]] = [defaultdict(lambda: [0, 0]) for _ in range(OPERATIONS)]
        # rate → operation → turnover, tax
        self.taxes: dict[int, list[list[int]]] = defaultdict(lambda: [[0, 0] for _ in range(OPERATIONS)])
        self.placements = [[0, 0, 0], [0, 0, 0]]  # count, sum, offline count

    @classmethod
    def of(cls, account: Account) -> ShiftTotals:
        """Totals of the current or last shift of a register."""
        totals = cls()
        for document in account.shift_documents():
            if document.command == TICKET:
                totals.add_ticket(pb.Request.FromString(document.payload).ticket, document.is_offline)
            elif document.command == MONEY_PLACEMENT:
                totals.add_placement(document.operation, document.total, document.is_offline)
            elif document.command == CLOSE_SHIFT and document.total:
                totals.add_placement(1, document.total, document.is_offline)
        return totals

    def add_placement(self, operation: int, amount: int, is_offline: bool) -> None:
        row = self.placements[operation]
        row[0] += 1
        row[1] += amount
        row[2] += is_offline

    def add_ticket(self, ticket: pb.TicketRequest, is_offline: bool) -> None:
        operation = ticket.operation
        for item in ticket.items:
            modifier = modifier_of(item)
            if modifier is not None:
                is_markup = item.type in (pb.ITEM_MARKUP, pb.ITEM_STORNO_MARKUP)
                is_storno = item.type in (pb.ITEM_STORNO_MARKUP, pb.ITEM_STORNO_DISCOUNT)
                self._add_modifier(operation, modifier, is_markup=is_markup, is_storno=is_storno)
                continue
            is_storno = item.type == pb.ITEM_STORNO_COMMODITY
            commodity = item.storno_commodity if is_storno else item.commodity
            sign = -1 if is_storno else 1
            amount = sign * tiyn(commodity.sum)
            for row in (self.operations[operation], self.sections[commodity.section_code][operation]):
                row[0] += sign
                row[1] += amount
            for tax in commodity.taxes:
                self._add_tax(operation, tax, amount, sign)
        amounts = ticket.amounts
        if amounts.HasField("markup"):
            self._add_modifier(operation, amounts.markup, is_markup=True, is_storno=False)
        if amounts.HasField("discount"):
            self._add_modifier(operation, amounts.discount, is_markup=False, is_storno=False)
        total = tiyn(amounts.total)
        for tax in ticket.taxes:
            self._add_tax(operation, tax, total, 1)
        self.tickets[operation][0] += 1
        self.tickets[operation][1] += total
        self.offline[operation] += is_offline
        self.changes[operation] += tiyn(amounts.change)
        for payment in ticket.payments:
            row = self.payments[operation][payment.type]
            row[0] += tiyn(payment.sum)
            row[1] += 1

    def _add_modifier(
        self, operation: int, modifier: pb.TicketRequest.Modifier, *, is_markup: bool, is_storno: bool
    ) -> None:
        row = (self.markups if is_markup else self.discounts)[operation]
        sign = -1 if is_storno else 1
        row[0] += sign
        row[1] += sign * tiyn(modifier.sum)
        effect = sign if is_markup else -sign
        for tax in modifier.taxes:
            self._add_tax(operation, tax, effect * tiyn(modifier.sum), effect)

    def _add_tax(self, operation: int, tax: pb.TicketRequest.Tax, base: int, sign: int) -> None:
        row = self.taxes[tax.percent][operation]
        row[0] += base
        row[1] += sign * tiyn(tax.sum)

    def revenue(self) -> int:
        """Sales − their returns − purchases + their returns, in tiyn, signed."""
        return sum(sign * row[1] for sign, row in zip(_REVENUE, self.tickets, strict=True))


def write_report(
    target: pb.ZXReport, account: Account, *, at: datetime, closed_at: datetime | None = None
) -> pb.ZXReport:
    """The full report of the current or last shift, one row per enum value as the protocol text wants."""
    totals = ShiftTotals.of(account)
    write_moment(target.date_time, at)
    target.shift_number = account.shift_number
    for code in sorted(totals.sections):
        section = target.sections.add(section_code=code)
        for operation, (times, amount) in enumerate(totals.sections[code]):
            if times:
                _write_operation(section.operations.add(), operation, times, amount)
    for rows, repeated in (
        (totals.operations, target.operations),
        (totals.discounts, target.discounts),
        (totals.markups, target.markups),
        (totals.tickets, target.total_result),
    ):
        for operation, (times, amount) in enumerate(rows):
            _write_operation(repeated.add(), operation, times, amount)
    for percent in sorted(totals.taxes):
        _write_tax(target.taxes.add(), percent, totals.taxes[percent])
    for sums, non_nullable in (
        (account.start_sums, target.start_shift_non_nullable_sums),
        (account.sums, target.non_nullable_sums),
    ):
        for operation, amount in enumerate(sums):
            row = non_nullable.add(operation=operation)  # type: ignore[arg-type]
            write_money(row.sum, amount)
    for operation in range(OPERATIONS):
        _write_ticket_row(target.ticket_operations.add(), operation, totals, account)
    for operation, (times, amount, offline) in enumerate(totals.placements):
        placement = target.money_placements.add(operation=operation)  # type: ignore[arg-type]
        placement.operations_total_count = account.placement_counts[operation]
        placement.operations_count = times
        write_money(placement.operations_sum, amount)
        placement.offline_count = offline
    write_money(target.cash_sum, account.drawer)
    revenue = totals.revenue()
    write_money(target.revenue.sum, abs(revenue))
    target.revenue.is_negative = revenue < 0
    if account.shift_number:
        write_moment(target.open_shift_time, account.opened_at)
    if closed_at is not None:
        write_moment(target.close_shift_time, closed_at)
    return target


def write_empty_report(target: pb.ZXReport, account: Account) -> None:
    """What a register that never opened a shift is told: shift 0 and no money."""
    write_moment(target.date_time, account.last_at)
    target.shift_number = 0
    write_money(target.cash_sum, account.drawer)
    write_money(target.revenue.sum, 0)
    target.revenue.is_negative = False


def write_money(target: pb.Money, amount: int) -> None:
    target.bills, target.coins = divmod(amount, 100)


def write_moment(target: pb.DateTime, at: datetime) -> None:
    target.date.year, target.date.month, target.date.day = at.year, at.month, at.day
    target.time.hour, target.time.minute, target.time.second = at.hour, at.minute, at.second


def _write_operation(target: pb.ZXReport.Operation, operation: int, times: int, amount: int) -> None:
    target.operation = operation  # type: ignore[assignment]
    target.count = max(times, 0)
    write_money(target.sum, max(amount, 0))


def _write_tax(target: pb.ZXReport.Tax, percent: int, rows: list[list[int]]) -> None:
    target.tax_type = _VAT
    target.percent = percent
    for operation, (turnover, tax) in enumerate(rows):
        row = target.operations.add(operation=operation)  # type: ignore[arg-type]
        write_money(row.turnover, max(turnover, 0))
        write_money(row.sum, max(tax, 0))
        write_money(row.turnover_without_tax, max(turnover - tax, 0))


def _write_ticket_row(
    target: pb.ZXReport.TicketOperation, operation: int, totals: ShiftTotals, account: Account
) -> None:
    target.operation = operation  # type: ignore[assignment]
    target.tickets_total_count = account.ticket_counts[operation]
    target.tickets_count, amount = totals.tickets[operation]
    write_money(target.tickets_sum, amount)
    for kind in sorted(totals.payments[operation]):
        paid, times = totals.payments[operation][kind]
        row = target.payments.add(payment=kind, count=times)  # type: ignore[arg-type]
        write_money(row.sum, paid)
    target.offline_count = totals.offline[operation]
    write_money(target.discount_sum, max(totals.discounts[operation][1], 0))
    write_money(target.markup_sum, max(totals.markups[operation][1], 0))
    write_money(target.change_sum, totals.changes[operation])
