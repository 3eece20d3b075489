"""What trade asks of others and what it is told by them: ports, orders and facts. No rule of calculation
belongs here.

The Fiscalizer gets orders inside trade's own transaction and later reports facts through the record_*
functions of `addons.trade.api`; trade never learns what a KKM, a shift number or an OFD protocol is beyond
these facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from addons.organization.api import OperatorCard, RegisterCard
from addons.trade.domain.commands import CashId, SaleId
from addons.trade.domain.details import TicketDetails
from addons.trade.domain.kinds import CashDirection, FiscalState, PaymentKind, SaleKind
from addons.trade.domain.ticket import CardDetails, MobileDetails, TicketLine, TicketPayment
from kernel.money import Money
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane


@dataclass(frozen=True, slots=True)
class OriginalTicket:
    """The five facts of the ticket being returned, mandatory on a return since CPCR 2.0.3 (parent ticket)."""

    sale_id: SaleId
    sign: str  # fiscal sign, or the offline number when the original was autonomous and is not delivered yet
    at_ms: int  # time of the original as printed
    kkm_registration_number: str
    total: Money
    is_offline: bool


@value
class TicketOrder:
    """A calculated, immutable ticket on its way to the fiscal engine.

    discount and markup are the receipt's own modifiers, for print only: they are already inside the lines.
    taken is the cash tendered, change the cash handed back; the CASH payment equals taken − change.
    details: None on most tickets.
    """

    sale_id: SaleId
    sale_key: str
    company_id: str
    register: RegisterCard
    operator: OperatorCard
    kind: SaleKind
    lines: tuple[TicketLine, ...]
    discount: Money
    markup: Money
    total: Money
    taken: Money
    change: Money
    payments: tuple[TicketPayment, ...]
    customer_bin: str | None
    customer_email: str | None
    customer_phone: str | None
    created_ms: int
    original: OriginalTicket | None = None
    details: TicketDetails | None = None

    @property
    def vat(self) -> Money:
        """Sum of the lines' VAT."""
        return Money(sum([line.vat.tiyn for line in self.lines]))

    def paid_by(self, kind: PaymentKind) -> Money:
        """Amount by one means; zero when it was not used."""
        return next((each.amount for each in self.payments if each.kind is kind), Money.ZERO)


@value
class CashOrder:
    """Money put in or taken out of the drawer."""

    cash_id: CashId
    cash_key: str
    company_id: str
    register: RegisterCard
    operator: OperatorCard
    direction: CashDirection
    amount: Money
    created_ms: int


class Fiscalizer(Protocol):
    """Makes documents fiscal. Both calls happen inside trade's transaction, after trade has stored its own
    rows.

    They may read, write, journal and enqueue on the lane, but not touch the network; a Refusal undoes the
    whole sale. When the outcome is known at once (an autonomous receipt), call record_sale_fiscal /
    record_cash_fiscal right here.
    """

    async def accept_ticket(self, work: Work, lane: Lane, order: TicketOrder) -> None:
        """Take the ticket to the tail of its lane.

        Refusals: KKM_NOT_ACTIVE, KKM_BLOCKED, SHIFT_TOO_LONG, NOT_ENOUGH_CASH.
        """

    async def accept_cash(self, work: Work, lane: Lane, order: CashOrder) -> None:
        """The same for a cash operation."""


@value
class SaleFiscalFacts:
    """What became of a ticket, as the fiscal engine knows it.

    code: why it was rejected (a refusal code), else None. is_test: the OFD is a simulator: receipts carry
    the banner «ТЕСТ, нефискальный» whatever the sign says. qr_text: the check link, bytes of the OFD
    unchanged.
    """

    sale_id: SaleId
    state: FiscalState
    sign: str | None = None
    offline_number: int | None = None
    is_offline: bool = False  # was issued autonomously; stays true after delivery
    at_ms: int = 0  # time of the ticket
    kkm_registration_number: str = ""  # given by the KGD
    kkm_factory_number: str = ""
    shift_number: int | None = None
    document_number: int | None = None  # sequential number of the receipt
    qr_text: str = ""
    ofd_title: str = ""
    ofd_site: str = ""
    code: str | None = None
    is_test: bool = False


@value
class CashFiscalFacts:
    """What became of a cash operation."""

    cash_id: CashId
    state: FiscalState
    is_offline: bool = False
    at_ms: int = 0
    kkm_registration_number: str = ""
    shift_number: int | None = None
    document_number: int | None = None
    offline_number: int | None = None
    code: str | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class ShiftOperation:
    """Totals of one operation within a shift."""

    kind: SaleKind
    count: int
    total: Money
    cash: Money = Money.ZERO
    card: Money = Money.ZERO
    mobile: Money = Money.ZERO
    discount: Money = Money.ZERO
    markup: Money = Money.ZERO
    change: Money = Money.ZERO
    vat: Money = Money.ZERO


@dataclass(frozen=True, slots=True)
class ShiftSummaryFacts:
    """State of one shift; recorded as often as the fiscal engine likes (at least at opening and at close)."""

    shift_id: str  # the fiscal engine's own id: the key of the read model
    register_id: str
    company_id: str
    number: int
    opened_ms: int
    closed_ms: int | None = None
    closed_by: str | None = None  # operator id
    kkm_registration_number: str = ""
    documents: int = 0
    offline_documents: int = 0
    deposits: Money = Money.ZERO
    withdrawals: Money = Money.ZERO
    drawer: Money = Money.ZERO  # cash in the drawer now, or at close
    operations: tuple[ShiftOperation, ...] = ()
    is_test: bool = False
    withdrawn_at_close: Money = Money.ZERO  # by the close itself; among the withdrawals


@value
class ClaimedPayment:
    """A part of a ticket that was paid by operations of card terminals. operation_ids: at least one."""

    kind: PaymentKind
    amount: Money
    operation_ids: tuple[str, ...]
    index: int  # of the payment, for pointing at it


@value
class CardClaim:
    """What a ticket says about operations that were made before it. original_id: of a return, the sale."""

    sale_id: SaleId
    register_id: str
    kind: SaleKind
    payments: tuple[ClaimedPayment, ...]
    original_id: SaleId | None = None


class CardAcquirer(Protocol):
    """Takes card payments before the sale is registered. Provided by an acquiring add-on; optional.

    It is asked about nothing but tickets whose payments name operations.
    """

    async def claim(self, work: Work, claim: CardClaim) -> Mapping[PaymentKind, CardDetails | MobileDetails]:
        """Give the operations to this ticket and tell how they paid; called inside trade's transaction, under
        the register's lane.

        Raises Refusal when one is not approved, another register's, another ticket's, or when they do not add
        up to their payment; that undoes the whole ticket.
        """
        ...
