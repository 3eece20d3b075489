"""The common part of every document: what is asked of the database, who stands at which register, and the way
into the lane.

All that is needed is asked at once under the register's lane. The answer about the key is therefore true
until the commit for every document of this register; a key that comes through two registers at once is
stopped by the unique key of the table, when the second one is written.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from addons.organization.api import OperatorCard, RegisterCard, ask_desk, check_bin, desk_found
from addons.trade.domain.commands import (
    Customer,
    RegisterPurchase,
    RegisterSale,
    SaleId,
)
from addons.trade.ports import Fiscalizer, SaleFiscalFacts, TicketOrder
from addons.trade.services import rows
from addons.trade.services.journal_text import accepted_body
from addons.trade.services.records import Header, SaleRecord, header_of, new_record
from addons.trade.services.settle_marks import settle_marks
from kernel import crash
from kernel.errors import Refusal
from kernel.money import Money
from kernel.security.principal import Principal, PrincipalKind
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.questions import Question
    from kernel.data.work import SqlRow, Work
    from kernel.jobs.lanes import Lane


class Command(Protocol):
    """What names a register and perhaps an operator."""

    @property
    def register_id(self) -> str:
        """Register it is done at."""

    @property
    def operator_id(self) -> str | None:
        """None means the acting operator."""


RECEIPT_SECRET_BYTES = 16  # 128 bits: nobody guesses somebody else's receipt


@value
class NewTicket:
    """A ticket that has just been stored."""

    order: TicketOrder
    vat: Money
    body_digest: str
    receipt_secret: str
    header: Header

    def record(self, fiscal: SaleFiscalFacts) -> SaleRecord:
        """What its row holds when this became of it."""
        return new_record(self.order, self.vat, self.body_digest, self.receipt_secret, self.header, fiscal)


@value
class Accepted:
    """A ticket in its lane. ticket: what was stored of a new one; None when it was accepted earlier under the
    same key.
    """

    sale_id: SaleId
    ticket: NewTicket | None = None

    @property
    def is_replay(self) -> bool:
        """Whether it was accepted earlier."""
        return self.ticket is None


async def ask_all(
    work: Work,
    command: Command,
    key: Question,
    *more: Question,
) -> list[Sequence[SqlRow]]:
    """Answers about the document's key, about its desk, and to what else is asked; the lane is locked."""
    operator_id = _operator_of(work.principal, command.operator_id)
    desk = ask_desk(work, command.register_id, operator_id)
    return await work.ask_under_lane(f"register:{command.register_id}", key, desk, *more)


def known_sale(answer: Sequence[SqlRow], *, body_digest: str) -> Accepted | None:
    """The earlier ticket of the key out of the answer to rows.ask_key, None when there is none.

    Refusal SALE_KEY_CONFLICT when it was another body.
    """
    if not answer:
        return None
    if answer[0]["body_digest"] != body_digest:
        raise Refusal("SALE_KEY_CONFLICT", field="saleKey")
    return Accepted(SaleId(answer[0]["id"]))


def desk_of(
    work: Work,
    command: Command,
    answer: Sequence[SqlRow],
    *,
    permission: str,
) -> tuple[RegisterCard, OperatorCard]:
    """Register and operator of a document, both allowed to the caller.

    Refusals: FORBIDDEN, REGISTER_FORBIDDEN, OPERATOR_REQUIRED, OPERATOR_OTHER and those of
    organization.sale_desk.
    """
    principal = work.principal
    principal.require(permission)
    principal.require_register(command.register_id)
    operator_id = _operator_of(principal, command.operator_id)
    if command.operator_id not in (None, operator_id):
        raise Refusal("SALE_OPERATOR_OTHER", field="operatorId")
    if operator_id is None:
        raise Refusal("SALE_OPERATOR_REQUIRED", field="operatorId")
    return desk_found(work, answer)


def customer_of(command: RegisterSale | RegisterPurchase, register: RegisterCard) -> Customer:
    """Who buys, or from whom is bought.

    Refusals: SALE_CONTACT_TOO_LONG, BIN_MALFORMED and its kin, SALE_CUSTOMER_IS_SELLER (the OFD would refuse
    such a ticket with code 17).
    """
    customer = command.customer.checked()
    if customer.bin is not None:
        check_bin(customer.bin, field="customer.bin")
        if customer.bin == register.company.bin:
            raise Refusal("SALE_CUSTOMER_IS_SELLER", field="customer.bin")
    return customer


async def lane_of(work: Work, register: RegisterCard) -> Lane:
    """The register's lane, locked."""
    return await work.lane(f"register:{register.id}", company_id=register.company_id)


async def accept_ticket(work: Work, lane: Lane, order: TicketOrder, *, body_digest: str) -> Accepted:
    """Store the ticket, journal it and hand it to the fiscal engine. Refusal MARK_TAKEN."""
    await settle_marks(work, order)
    header, header_json = header_of(order)
    vat, secret = order.vat, secrets.token_urlsafe(RECEIPT_SECRET_BYTES)
    await rows.write_sale(
        work, order, vat=vat, body_digest=body_digest, receipt_secret=secret, header=header_json
    )
    lane.journal("sale.accepted", accepted_body(order))
    fiscalizer = work.port(Fiscalizer)
    await fiscalizer.accept_ticket(work, lane, order)
    crash.point("trade.accepted")
    return Accepted(order.sale_id, NewTicket(order, vat, body_digest, secret, header))


def _operator_of(principal: Principal, asked: str | None) -> str | None:
    """An operator acts for nobody else."""
    return principal.subject_id if principal.kind is PrincipalKind.OPERATOR else asked
