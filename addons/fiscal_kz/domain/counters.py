"""Counters of a register: totals of the shift, totals since registration, cash in the drawer.

Whole tiyn, never reset by halves.

Kept as two flat maps so that one short JSON text holds them; only this module and report.py know the keys.
Source of the arithmetic: CPCR 2.0.2 §3.8, ofd_protocol §2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from addons.fiscal_kz.domain.facts import CashFacts, TicketFacts
from addons.fiscal_kz.domain.kinds import Means, Operation, Placement
from kernel.money import TIYN_MAX
from kernel.values import value

DRAWER = "drawer"
# A report shows sums of at most two counters, and Money is bounded: a counter above this would stop the Z.
SUM_MAX = TIYN_MAX // 2
# Five billion tenge: one slip of the finger must not fill a counter that is never reset.
DOCUMENT_MAX = SUM_MAX // 1_000

_Sums = dict[str, int]


@value
class Counters:
    """life: since registration (n.*, sum.*, start.*, drawer); shift: since the shift was opened.

    Absent means zero.
    """

    life: Mapping[str, int] = field(default_factory=dict)
    shift: Mapping[str, int] = field(default_factory=dict)

    @property
    def drawer(self) -> int:
        """Cash in the drawer."""
        return self.life.get(DRAWER, 0)

    def total_count(self, kind: Operation | Placement) -> int:
        """Tickets of an operation, or cash operations of a kind, since registration."""
        return self.life.get(f"n.{kind}", 0)

    def non_nullable(self, operation: Operation) -> int:
        """Sum of all tickets of the operation since registration."""
        return self.life.get(f"sum.{operation}", 0)

    def non_nullable_at_start(self, operation: Operation) -> int:
        """The same when the shift was opened."""
        return self.life.get(f"start.{operation}", 0)

    def count(self, operation: Operation) -> int:
        """Tickets of the operation in this shift."""
        return self.shift.get(f"n.{operation}", 0)

    def sum(self, operation: Operation) -> int:
        """Sum of tickets of the operation in this shift, after modifiers."""
        return self.shift.get(f"sum.{operation}", 0)

    def offline_count(self, kind: Operation | Placement) -> int:
        """Documents of this shift that the OFD knows as made offline."""
        return self.shift.get(f"off.{kind}", 0)

    def discount(self, operation: Operation) -> tuple[int, int]:
        """Number and sum of discounts in this shift."""
        return self.shift.get(f"discn.{operation}", 0), self.shift.get(f"disc.{operation}", 0)

    def markup(self, operation: Operation) -> tuple[int, int]:
        """Number and sum of markups in this shift."""
        return self.shift.get(f"markn.{operation}", 0), self.shift.get(f"mark.{operation}", 0)

    def change(self, operation: Operation) -> int:
        """Change handed back in this shift."""
        return self.shift.get(f"chg.{operation}", 0)

    def paid(self, operation: Operation, means: Means) -> tuple[int, int]:
        """Number and sum of payments by one means in this shift."""
        return self.shift.get(f"payn.{operation}.{means}", 0), self.shift.get(f"pay.{operation}.{means}", 0)

    def placed(self, placement: Placement) -> tuple[int, int]:
        """Number and sum of cash operations in this shift."""
        return self.shift.get(f"cashn.{placement}", 0), self.shift.get(f"cash.{placement}", 0)

    def section(self, section: str, operation: Operation) -> tuple[int, int]:
        """Number and sum of positions of a section in this shift, before modifiers."""
        return self.shift.get(f"secn.{operation}.{section}", 0), self.shift.get(
            f"sec.{operation}.{section}", 0
        )

    def tax(self, rate_bp: int, operation: Operation) -> tuple[int, int]:
        """Turnover (tax inside) and VAT of one rate in this shift."""
        return self.shift.get(f"turn.{operation}.{rate_bp}", 0), self.shift.get(
            f"vat.{operation}.{rate_bp}", 0
        )

    def can_take(self, weight: int) -> bool:
        """Whether a document of that weight is bearable and leaves every counter below SUM_MAX."""
        if weight > DOCUMENT_MAX:
            return False
        largest = max(max(self.life.values(), default=0), max(self.shift.values(), default=0))
        return largest + weight <= SUM_MAX

    @property
    def can_empty_drawer(self) -> bool:
        """Whether a withdrawal of all cash would be bearable."""
        return 0 < self.drawer <= SUM_MAX - self.placed(Placement.WITHDRAWAL)[1]

    @property
    def sections(self) -> tuple[str, ...]:
        """Sections seen in this shift, sorted."""
        return tuple(sorted({key.split(".", 2)[2] for key in self.shift if key.startswith("sec.")}))

    @property
    def rates_bp(self) -> tuple[int, ...]:
        """VAT rates seen in this shift, ascending."""
        return tuple(sorted({int(key.split(".", 2)[2]) for key in self.shift if key.startswith("turn.")}))

    @property
    def revenue(self) -> int:
        """Signed revenue of the shift: SELL − SELL_RETURN − BUY + BUY_RETURN."""
        return sum(self.sum(each) if each.adds_revenue else -self.sum(each) for each in Operation)


def _add(sums: _Sums, key: str, amount: int) -> None:
    sums[key] = sums.get(key, 0) + amount


def with_ticket(counters: Counters, ticket: TicketFacts, *, is_offline: bool) -> Counters:
    """Counters after one more ticket. is_offline: its bytes say that it was made offline."""
    life, shift = dict(counters.life), dict(counters.shift)
    operation = ticket.operation
    _add(life, f"n.{operation}", 1)
    _add(life, f"sum.{operation}", ticket.total)
    _add(shift, f"n.{operation}", 1)
    _add(shift, f"sum.{operation}", ticket.total)
    if is_offline:
        _add(shift, f"off.{operation}", 1)
    if ticket.discount_count:
        _add(shift, f"disc.{operation}", ticket.discount)
        _add(shift, f"discn.{operation}", ticket.discount_count)
    if ticket.markup_count:
        _add(shift, f"mark.{operation}", ticket.markup)
        _add(shift, f"markn.{operation}", ticket.markup_count)
    if ticket.change:
        _add(shift, f"chg.{operation}", ticket.change)
    for means, amount in ticket.payments:
        _add(shift, f"pay.{operation}.{means}", amount)
        _add(shift, f"payn.{operation}.{means}", 1)
        if means is Means.CASH:
            _add(life, DRAWER, -amount if ticket.operation.takes_cash_out else amount)
    for each in ticket.sections:
        _add(shift, f"sec.{operation}.{each.section}", each.sum)
        _add(shift, f"secn.{operation}.{each.section}", each.count)
    for tax in ticket.taxes:
        _add(shift, f"turn.{operation}.{tax.rate_bp}", tax.turnover)
        _add(shift, f"vat.{operation}.{tax.rate_bp}", tax.tax)
    return Counters(life, shift)


def with_cash(counters: Counters, cash: CashFacts, *, is_offline: bool) -> Counters:
    """Counters after one more cash operation."""
    life, shift = dict(counters.life), dict(counters.shift)
    placement = cash.placement
    _add(life, f"n.{placement}", 1)
    _add(life, DRAWER, cash.amount if cash.placement is Placement.DEPOSIT else -cash.amount)
    _add(shift, f"cash.{placement}", cash.amount)
    _add(shift, f"cashn.{placement}", 1)
    if is_offline:
        _add(shift, f"off.{placement}", 1)
    return Counters(life, shift)


def with_shift_closed(counters: Counters) -> Counters:
    """Counters for the next shift: its start is this shift's end; the drawer keeps its cash."""
    life = dict(counters.life)
    for operation in Operation:
        if f"sum.{operation}" in life:
            life[f"start.{operation}"] = life[f"sum.{operation}"]
    return Counters(life, {})
