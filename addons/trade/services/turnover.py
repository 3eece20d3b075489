"""Turnover out of rows of tickets by the time of their fiscal document: a handful of grouped statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from addons.organization.api import RegisterName, operator_names, outlet_names, register_names
from addons.trade.domain.kinds import CashDirection, PaymentKind, SaleKind
from addons.trade.domain.turnover import (
    NO_SECTION,
    Counted,
    Period,
    Turnover,
    TurnoverBy,
    TurnoverGroup,
    TurnoverOperation,
    TurnoverTax,
)
from addons.trade.services.tickets_by_time import register_groups, tickets_made
from kernel.errors import Refusal
from kernel.money import Money

if TYPE_CHECKING:
    from addons.trade.services.tickets_by_time import Condition
    from kernel.data.work import Param, Reader

_FISCAL = "s.state IN ('FISCALIZED', 'OFFLINE')"
_CASH = "s.register_id IN ({marks}) AND s.ticket_at >= ? AND s.ticket_at < ?"
HEADS_SQL = """SELECT s.kind AS kind, {key} AS grp, COUNT(*) AS n, SUM(s.total) AS total,
SUM(s.change_back) AS change_back, SUM(s.is_offline) AS offline, SUM(s.cash) AS cash, SUM(s.card) AS card,
SUM(s.mobile) AS mobile, SUM(s.cash <> 0) AS cash_n, SUM(s.card <> 0) AS card_n,
SUM(s.mobile <> 0) AS mobile_n FROM trd_sale s WHERE {where} GROUP BY s.kind, {key}"""
LINES_SQL = """SELECT s.kind AS kind, {key} AS grp, l.vat_bp AS vat_bp, COUNT(*) AS n,
SUM(l.amount) AS amount, SUM(l.discount) AS discount, SUM(l.markup) AS markup,
SUM(l.total) AS total, SUM(l.vat) AS vat
FROM trd_sale s JOIN trd_sale_line l ON l.sale_id = s.id
WHERE {where} GROUP BY s.kind, {key}, l.vat_bp"""
CASH_SQL = """SELECT s.direction AS kind, {key} AS grp, COUNT(*) AS n, SUM(s.amount) AS total
FROM trd_cash s WHERE {where} GROUP BY s.direction, {key}"""
CLOSES_SQL = """SELECT '{withdrawal}' AS kind, {key} AS grp, COUNT(*) AS n, SUM(s.withdrawn_at_close) AS total
FROM trd_shift_summary s WHERE s.register_id IN ({marks})
AND s.closed_at >= ? AND s.closed_at < ? AND s.withdrawn_at_close > 0{shift} GROUP BY {key}"""
_SHIFT = """SELECT opened_at, closed_at FROM trd_shift_summary
WHERE register_id = ? AND company_id = ? AND number = ? ORDER BY opened_at DESC LIMIT 1"""
KEYS = {
    None: "''",
    TurnoverBy.CASHIER: "s.operator_id",
    TurnoverBy.REGISTER: "s.register_id",
    TurnoverBy.OUTLET: "s.register_id",  # tickets know their register, registers their outlet
    TurnoverBy.SECTION: f"CASE WHEN l.section = '' THEN '{NO_SECTION}' ELSE l.section END",
}


class _Sums:
    """Adds up the rows of one group."""

    def __init__(self) -> None:
        self.heads: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.lines: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.taxes: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
        self.cash: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def add_head(self, row: Any) -> None:
        for name in (
            "n", "total", "change_back", "offline", "cash", "card", "mobile", "cash_n", "card_n", "mobile_n",
        ):  # fmt: skip
            self.heads[row["kind"]][name] += int(row[name])

    def add_lines(self, row: Any) -> None:
        for name in ("n", "amount", "discount", "markup", "total", "vat"):
            self.lines[row["kind"]][name] += int(row[name])
        if row["vat_bp"] is not None:
            tax = self.taxes[int(row["vat_bp"]), row["kind"]]
            tax[0] += int(row["total"])
            tax[1] += int(row["vat"])

    def add_cash(self, row: Any) -> None:
        counted = self.cash[row["kind"]]
        counted[0] += int(row["n"])
        counted[1] += int(row["total"])

    def placed(self, direction: CashDirection) -> Counted:
        count, total = self.cash[direction.value]
        return Counted(count, Money(total))

    def operations(self) -> tuple[TurnoverOperation, ...]:
        return tuple(self._operation(kind) for kind in SaleKind if self.lines[kind.value])

    def _operation(self, kind: SaleKind) -> TurnoverOperation:
        head, lines = self.heads[kind.value], self.lines[kind.value]
        return TurnoverOperation(
            kind=kind,
            count=head["n"],
            positions=lines["n"],
            before=Money(lines["amount"]),
            discount=Money(lines["discount"]),
            markup=Money(lines["markup"]),
            total=Money(lines["total"]),
            vat=Money(lines["vat"]),
            change=Money(head["change_back"]),
            offline_count=head["offline"],
            payments=tuple(
                (means, Counted(head[f"{means.value.lower()}_n"], Money(head[means.value.lower()])))
                for means in PaymentKind
                if head[f"{means.value.lower()}_n"]
            ),
        )

    def tax_rows(self) -> tuple[TurnoverTax, ...]:
        order = {kind.value: place for place, kind in enumerate(SaleKind)}
        return tuple(
            TurnoverTax(rate, SaleKind(kind), Money(turnover), Money(vat))
            for (rate, kind), (turnover, vat) in sorted(
                self.taxes.items(), key=lambda each: (-each[0][0], order[each[0][1]])
            )
        )


class _Groups:
    """Sums by key; what rows tell of a register stands under its outlet where that is asked."""

    def __init__(self, by: TurnoverBy | None, registers: Sequence[RegisterName]) -> None:
        self.sums: dict[str, _Sums] = defaultdict(_Sums)
        self._outlets = {each.id: each.outlet_id for each in registers} if by is TurnoverBy.OUTLET else {}

    def of(self, key: str) -> _Sums:
        """Sums of the group a row belongs to."""
        return self.sums[self._outlets.get(key, key)]


async def turnover_of_period(
    reader: Reader,
    period: Period,
    *,
    register_id: str | None = None,
    outlet_id: str | None = None,
    by: TurnoverBy | None = None,
) -> Turnover:
    """What the registers of the reader's reach sold: one register, those of an outlet, or all.

    Raises Refusal: PERIOD_EMPTY, PERIOD_TOO_LONG, REGISTER_FORBIDDEN, REGISTER_UNKNOWN.
    """
    period.check()
    return await _turnover(reader, period, await _scope(reader, register_id, outlet_id), by, None)


async def turnover_of_shift(
    reader: Reader, register_id: str, number: int, *, by: TurnoverBy | None = None
) -> Turnover:
    """What was sold in a shift, open or closed: equal to its X or Z.

    Raises Refusal: SHIFT_UNKNOWN, REGISTER_FORBIDDEN, REGISTER_UNKNOWN.
    """
    registers = await _scope(reader, register_id, None)
    row = await reader.row(_SHIFT, register_id, reader.company_id, number)
    if row is None:
        raise Refusal("SHIFT_UNKNOWN", field="number", number=number)
    until = reader.now_ms if row["closed_at"] is None else row["closed_at"]
    period = Period(row["opened_at"], until + 1)
    return await _turnover(reader, period, registers, by, number)


async def _scope(reader: Reader, register_id: str | None, outlet_id: str | None) -> list[RegisterName]:
    registers = await register_names(reader, outlet_id=outlet_id)
    if register_id is None:
        return registers
    reader.principal.require_register(register_id)
    found = [each for each in registers if each.id == register_id]
    if not found:
        raise Refusal("REGISTER_UNKNOWN", field="registerId")
    return found


async def _turnover(
    reader: Reader,
    period: Period,
    registers: Sequence[RegisterName],
    by: TurnoverBy | None,
    shift_number: int | None,
) -> Turnover:
    whole = _Sums()
    groups = _Groups(by, registers)
    ids = [each.id for each in registers]
    for condition in await conditions(reader, ids, period, shift_number):
        await _add_tickets(reader, whole, groups, by, condition)
    for condition in cash_conditions(ids, period, shift_number):
        await _add_cash(reader, whole, groups, by, condition)
    await _add_closes(reader, whole, groups, by, registers, period, shift_number)
    titles = await _titles(reader, by, registers, list(groups.sums))
    return Turnover(
        period=period,
        operations=whole.operations(),
        taxes=whole.tax_rows(),
        deposits=whole.placed(CashDirection.DEPOSIT),
        withdrawals=whole.placed(CashDirection.WITHDRAWAL),
        groups=tuple(
            TurnoverGroup(
                key,
                titles[key],
                sums.operations(),
                sums.placed(CashDirection.DEPOSIT),
                sums.placed(CashDirection.WITHDRAWAL),
            )
            for key, sums in sorted(groups.sums.items(), key=lambda each: (titles[each[0]], each[0]))
        ),
        shift_number=shift_number,
    )


async def conditions(
    reader: Reader, register_ids: Sequence[str], period: Period, shift_number: int | None
) -> list[Condition]:
    """Which tickets are summed up, a few hundred registers at a time."""
    made = await tickets_made(reader, register_ids, period.since_ms, period.until_ms)
    return [_fiscal(where, params, shift_number) for where, params in made]


def cash_conditions(register_ids: Sequence[str], period: Period, shift_number: int | None) -> list[Condition]:
    """Which cash operations are."""
    return [
        _fiscal(_CASH.format(marks=marks), (*ids, period.since_ms, period.until_ms), shift_number)
        for marks, ids in register_groups(register_ids)
    ]


def _fiscal(where: str, params: tuple[Param, ...], shift_number: int | None) -> Condition:
    where = f"{where} AND {_FISCAL}"
    if shift_number is None:
        return where, params
    return f"{where} AND s.shift_number = ?", (*params, shift_number)


async def _add_tickets(
    reader: Reader, whole: _Sums, groups: _Groups, by: TurnoverBy | None, condition: Condition
) -> None:
    (where, params), of_tickets = condition, _of_tickets(by)
    for row in await reader.rows(HEADS_SQL.format(key=KEYS[of_tickets], where=where), *params):
        whole.add_head(row)
        if of_tickets is not None:
            groups.of(row["grp"]).add_head(row)
    for row in await reader.rows(LINES_SQL.format(key=KEYS[by], where=where), *params):
        whole.add_lines(row)
        if by is not None:
            groups.of(row["grp"]).add_lines(row)


async def _add_cash(
    reader: Reader, whole: _Sums, groups: _Groups, by: TurnoverBy | None, condition: Condition
) -> None:
    (where, params), of_tickets = condition, _of_tickets(by)
    for row in await reader.rows(CASH_SQL.format(key=KEYS[of_tickets], where=where), *params):
        whole.add_cash(row)
        if of_tickets is not None:
            groups.of(row["grp"]).add_cash(row)


def _of_tickets(by: TurnoverBy | None) -> TurnoverBy | None:
    """Payments, change and cash belong to whole tickets, not to sections."""
    return None if by is TurnoverBy.SECTION else by


async def _add_closes(
    reader: Reader,
    whole: _Sums,
    groups: _Groups,
    by: TurnoverBy | None,
    registers: Sequence[RegisterName],
    period: Period,
    shift_number: int | None,
) -> None:
    """What shift closes took out by themselves: withdrawals of who closed."""
    key = {TurnoverBy.CASHIER: "COALESCE(s.closed_by, '')", None: "''", TurnoverBy.SECTION: "''"}.get(
        by, "s.register_id"
    )
    bounds: tuple[Param, ...] = (period.since_ms, period.until_ms)
    for marks, ids in register_groups([each.id for each in registers]):
        sql = CLOSES_SQL.format(
            key=key,
            marks=marks,
            withdrawal=CashDirection.WITHDRAWAL.value,
            shift="" if shift_number is None else " AND s.number = ?",
        )
        number: tuple[Param, ...] = () if shift_number is None else (shift_number,)
        for row in await reader.rows(sql, *ids, *bounds, *number):
            whole.add_cash(row)
            if by not in (None, TurnoverBy.SECTION):
                groups.of(row["grp"]).add_cash(row)


async def _titles(
    reader: Reader, by: TurnoverBy | None, registers: Sequence[RegisterName], keys: list[str]
) -> dict[str, str]:
    if by is TurnoverBy.REGISTER:
        return {each.id: f"{each.number} · {each.title}" for each in registers}
    if by is TurnoverBy.OUTLET:
        return await outlet_names(reader)
    if by is TurnoverBy.CASHIER:
        names = await operator_names(reader, keys)
        return {key: f"{names[key][0]} · {names[key][1]}" if key in names else "—" for key in keys}
    return {key: key for key in keys}
