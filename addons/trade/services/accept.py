"""The common part of every document: who stands at which register, is the key new, and the way into the lane.

Lock order: the lane first, then rows. A known key costs a new one nothing: the unique key of the table
answers.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from addons.organization.api import OperatorCard, RegisterCard, sale_desk
from addons.trade.domain.commands import SaleId
from addons.trade.domain.ticket import TicketLine
from addons.trade.ports import Fiscalizer, TicketOrder
from addons.trade.services import rows
from addons.trade.services.journal_text import accepted_body
from addons.trade.services.records import SaleRecord, new_record
from kernel import crash
from kernel.errors import Refusal
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane

RECEIPT_SECRET_BYTES = 16  # 128 bits: nobody guesses somebody else's receipt


@dataclass(frozen=True, slots=True)
class Accepted:
    """A ticket in its lane.

    is_replay: it was accepted earlier under the same key; record (its outcome pending) and lines are at hand
    for a new one.
    """

    sale_id: SaleId
    is_replay: bool
    record: SaleRecord | None = None
    lines: tuple[TicketLine, ...] | None = None


async def desk_of(
    work: Work, register_id: str, operator_id: str | None, *, permission: str
) -> tuple[RegisterCard, OperatorCard]:
    """Register and operator of a document, both allowed to the caller; one statement.

    Refusals: FORBIDDEN, REGISTER_FORBIDDEN, OPERATOR_REQUIRED, OPERATOR_OTHER and those of
    organization.sale_desk.
    """
    principal = work.principal
    principal.require(permission)
    principal.require_register(register_id)
    if principal.kind is PrincipalKind.OPERATOR:
        if operator_id not in (None, principal.subject_id):
            raise Refusal("SALE_OPERATOR_OTHER", field="operatorId")
        operator_id = principal.subject_id
    if operator_id is None:
        raise Refusal("SALE_OPERATOR_REQUIRED", field="operatorId")
    return await sale_desk(work, register_id, operator_id)


async def lane_of(work: Work, register: RegisterCard) -> Lane:
    """The register's lane, locked."""
    return await work.lane(f"register:{register.id}", company_id=register.company_id)


async def accept_ticket(work: Work, lane: Lane, order: TicketOrder, *, body_digest: str) -> Accepted | None:
    """Store the ticket, journal it and hand it to the fiscal engine; None (nothing done) when its key is
    taken.
    """
    record = new_record(
        order, body_digest=body_digest, receipt_secret=secrets.token_urlsafe(RECEIPT_SECRET_BYTES)
    )
    try:
        await rows.insert_sale(work, record)
    except IntegrityError:
        return None
    await rows.insert_lines(work, order)
    lane.journal("sale.accepted", accepted_body(order))
    fiscalizer = work.port(Fiscalizer)
    await fiscalizer.accept_ticket(work, lane, order)
    crash.point("trade.accepted")
    return Accepted(order.sale_id, is_replay=False, record=record, lines=order.lines)


async def replay(work: Work, sale_key: str, *, body_digest: str) -> Accepted | None:
    """The earlier ticket of this key, None when there is none.

    Refusal SALE_KEY_CONFLICT when it was another body.
    """
    known: SaleRecord | None = await rows.sale_by_key(work, sale_key)
    if known is None:
        return None
    if known.body_digest != body_digest:
        raise Refusal("SALE_KEY_CONFLICT", field="saleKey")
    return Accepted(known.id, is_replay=True)
