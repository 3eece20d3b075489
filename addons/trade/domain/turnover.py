"""What was sold in a period or a shift, added up from tickets: as a whole, by cashier, section,
register or outlet.

The same sums as in a Z report (ofd_protocol §2.5), so that a shift's turnover equals its Z to the tiyn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from addons.trade.domain.kinds import PaymentKind, SaleKind
from kernel.errors import Refusal
from kernel.money import Money

DAY_MS = 86_400_000
PERIOD_MAX_DAYS = 93  # a quarter
NO_SECTION = "1"  # where the fiscal engine counts positions without a section
REVENUE_PLUS = (SaleKind.SELL, SaleKind.BUY_RETURN)


class TurnoverBy(StrEnum):
    """What a turnover is broken down by."""

    CASHIER = "CASHIER"
    SECTION = "SECTION"
    REGISTER = "REGISTER"
    OUTLET = "OUTLET"


@dataclass(frozen=True, slots=True)
class Period:
    """From since_ms to before until_ms, by the time of the fiscal document."""

    since_ms: int
    until_ms: int

    def check(self) -> None:
        """Raises Refusal: PERIOD_EMPTY, PERIOD_TOO_LONG."""
        if self.until_ms <= self.since_ms:
            raise Refusal("PERIOD_EMPTY", field="until")
        if self.until_ms - self.since_ms > PERIOD_MAX_DAYS * DAY_MS:
            raise Refusal("PERIOD_TOO_LONG", field="until", days=PERIOD_MAX_DAYS)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many and how much."""

    count: int = 0
    sum: Money = Money.ZERO


@dataclass(frozen=True, slots=True)
class TurnoverOperation:
    """Tickets of one operation. before: positions before discounts and markups; total = before − discount +
    markup. Of a section tickets, change and payments stay 0: they belong to whole tickets.
    """

    kind: SaleKind
    count: int
    positions: int
    before: Money
    discount: Money
    markup: Money
    total: Money
    vat: Money
    change: Money
    offline_count: int
    payments: tuple[tuple[PaymentKind, Counted], ...]


@dataclass(frozen=True, slots=True)
class TurnoverTax:
    """VAT of one rate and operation; turnover with the tax inside."""

    rate_bp: int
    kind: SaleKind
    turnover: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class TurnoverGroup:
    """One cashier, section or register; key is an id, or the section's code."""

    key: str
    title: str
    operations: tuple[TurnoverOperation, ...]
    deposits: Counted = Counted()
    withdrawals: Counted = Counted()

    @property
    def revenue(self) -> Money:
        """Signed."""
        return revenue_of(self.operations)


@dataclass(frozen=True, slots=True)
class Turnover:
    """Everything of a period or a shift. withdrawals: with what shift closes took out by themselves."""

    period: Period
    operations: tuple[TurnoverOperation, ...]
    taxes: tuple[TurnoverTax, ...]
    deposits: Counted
    withdrawals: Counted
    groups: tuple[TurnoverGroup, ...]
    shift_number: int | None = None

    @property
    def revenue(self) -> Money:
        """Signed."""
        return revenue_of(self.operations)


def revenue_of(operations: Iterable[TurnoverOperation]) -> Money:
    """SELL − SELL_RETURN − BUY + BUY_RETURN."""
    return Money(
        sum(each.total.tiyn if each.kind in REVENUE_PLUS else -each.total.tiyn for each in operations)
    )
