"""What the engine needs to know of a document: sums for counters and the numbers it was given.

Goods and names stay outside.
"""

from __future__ import annotations

from addons.fiscal_kz.domain.kinds import DocumentKind, Means, Operation, Placement
from kernel.values import value


@value
class SectionSum:
    """Positions of one section in a ticket, before modifiers. Sums in tiyn."""

    section: str
    count: int
    sum: int


@value
class TaxSum:
    """VAT of one rate in a ticket. turnover includes the tax, which lies inside the price. Sums in tiyn."""

    rate_bp: int
    turnover: int
    tax: int


@value
class TicketFacts:
    """Sums of one ticket in tiyn; modifiers summed over its lines. The cash payment is taken − change."""

    operation: Operation
    total: int
    payments: tuple[tuple[Means, int], ...]
    change: int
    discount: int
    discount_count: int
    markup: int
    markup_count: int
    sections: tuple[SectionSum, ...]
    taxes: tuple[TaxSum, ...]

    @property
    def cash(self) -> int:
        """Cash that moves through the drawer, always positive."""
        return sum(amount for means, amount in self.payments if means is Means.CASH)


@value
class CashFacts:
    """One cash operation, tiyn."""

    placement: Placement
    amount: int


@value
class Numbers:
    """Numbers and time of a document, given once: when its turn comes online, or when it becomes an offline
    document.

    offline_number: 31 bits, unique for the register's life, tickets only. is_marked: the bytes for the OFD
    say "made offline"; False for a document in hand whose first sending may have arrived (its bytes must
    not change, see engine_answer.py).
    """

    shift_number: int
    document_number: int  # since registration
    shift_document_number: int
    at_ms: int
    offline_number: int | None = None
    is_marked: bool = False


@value
class Document:
    """One entry of a register's lane. issued: its numbers once it is an offline document, else None.

    ticket, cash: sums to be counted; an issued document has been counted and may come without them.
    withdraws_cash: a shift close that takes all cash out of the drawer inside the shift.
    """

    id: str
    kind: DocumentKind
    created_ms: int
    ticket: TicketFacts | None = None
    cash: CashFacts | None = None
    issued: Numbers | None = None
    withdraws_cash: bool = False

    @property
    def cash_out(self) -> int:
        """Cash that this document takes out of the drawer; zero when it takes none."""
        if self.ticket is not None and self.ticket.operation.takes_cash_out:
            return self.ticket.cash
        if self.cash is not None and self.cash.placement is Placement.WITHDRAWAL:
            return self.cash.amount
        return 0

    @property
    def weight(self) -> int:
        """No counter grows by more than this when the document is counted, tiyn."""
        if self.ticket is not None:
            ticket = self.ticket
            return max(ticket.total + ticket.discount, ticket.markup, ticket.change)
        return 0 if self.cash is None else self.cash.amount
