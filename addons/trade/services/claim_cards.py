"""Payments that name operations of card terminals: the acquirer gives them to this ticket and tells how they
paid. A ticket that names none does not come here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.trade.domain.commands import SaleId
from addons.trade.domain.kinds import SaleKind
from addons.trade.domain.ticket import TicketPayment
from addons.trade.ports import CardAcquirer, CardClaim, ClaimedPayment
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


def names_operations(payments: Sequence[TicketPayment]) -> bool:
    """Whether any of them was taken by a terminal of ours."""
    return any(each.operation_ids for each in payments)


async def claim_cards(
    work: Work,
    payments: Sequence[TicketPayment],
    *,
    sale_id: SaleId,
    register_id: str,
    kind: SaleKind,
    original_id: SaleId | None = None,
) -> tuple[TicketPayment, ...]:
    """The payments with the details of their operations.

    Raises Refusal: CARD_ACQUIRER_MISSING and those of CardAcquirer.claim.
    """
    acquirer = work.port_or_none(CardAcquirer)
    if acquirer is None:
        raise Refusal("CARD_ACQUIRER_MISSING", field="payments")
    claimed = tuple(
        ClaimedPayment(each.kind, each.amount, each.operation_ids, index)
        for index, each in enumerate(payments)
        if each.operation_ids
    )
    claim = CardClaim(sale_id, register_id, kind, claimed, original_id)
    details = await acquirer.claim(work, claim)
    return tuple(
        TicketPayment(each.kind, each.amount, details.get(each.kind)) if each.operation_ids else each
        for each in payments
    )
