"""Operations and the tickets made of them: trade's port CardAcquirer, and what becomes of the ticket.

A ticket claims its operations in its own transaction. Of its outcome a job of its own asks trade, so that
tickets without operations cost nothing; a rejection, which may come days later, is an event of trade.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.events import Claimed, ReceiptMade, ReceiptRefused
from addons.pos_terminal.domain.payment import OperationKind, PaymentState
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.payment_step import happen, lane_key
from addons.trade.api import (
    CardClaim,
    CardDetails,
    ClaimedPayment,
    FiscalState,
    MobileDetails,
    PaymentKind,
    SaleKind,
    receipt_card,
)
from kernel import crash
from kernel.errors import Refusal
from kernel.jobs.policy import DONE, Again, Settled
from kernel.money import Money, total

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.events.subscribers import Event
    from kernel.jobs.lanes import Job

RECEIPT_JOB = "pos_terminal.receipt"
OPERATIONS_MAX = 20  # of one payment
RECEIPT_PAUSES_MS = (300, 700, 2_000, 5_000, 15_000)  # between questions to trade, then the last one again

_KINDS = {
    SaleKind.SELL: frozenset({OperationKind.PURCHASE}),
    SaleKind.SELL_RETURN: frozenset({OperationKind.VOID, OperationKind.REFUND}),
}
_OF_SALE = (
    "SELECT id, terminal_id FROM pos_payment WHERE sale_id = ? AND company_id = ? ORDER BY terminal_id, id"
)


class Claims:
    """The implementation of trade's CardAcquirer."""

    async def claim(self, work: Work, claim: CardClaim) -> Mapping[PaymentKind, CardDetails | MobileDetails]:
        """See CardAcquirer.

        Raises Refusal: CARD_OPERATIONS_TOO_MANY, CARD_OPERATION_REPEATED, CARD_OPERATION_UNKNOWN,
        CARD_OPERATION_OTHER_REGISTER, CARD_OPERATION_OTHER_KIND, CARD_OPERATION_OTHER_TENDER,
        CARD_OPERATION_OTHER_SALE, CARD_NOT_APPROVED, CARD_ALREADY_CLAIMED, CARD_SUM_DIFFERS.
        """
        follower = await work.lane(f"pos-receipt:{claim.register_id}", company_id=work.company_id)
        records = await _locked(work, claim)
        details: dict[PaymentKind, CardDetails | MobileDetails] = {}
        for payment in claim.payments:
            own = [records[each] for each in payment.operation_ids]
            for record in own:
                await _check(work, claim, payment, record)
            paid = total([_worth(record) for record in own])
            if paid != payment.amount:
                raise Refusal(
                    "CARD_SUM_DIFFERS",
                    field=f"payments.{payment.index}.amount",
                    operations=str(paid),
                    payment=str(payment.amount),
                )
            for record in own:
                lane = await work.lane(lane_key(record.terminal_id), company_id=record.company_id)
                await happen(
                    work,
                    lane,
                    record,
                    Claimed(),
                    source="sale",
                    actor=work.principal.subject_id,
                    detail={"sale": claim.sale_id},
                    sale_id=claim.sale_id,
                )
            details[payment.kind] = _details(payment.kind, own[0])
        due_ms = work.now_ms + RECEIPT_PAUSES_MS[0]
        follower.enqueue(RECEIPT_JOB, {"sale": claim.sale_id}, due_ms=due_ms)
        crash.point("pos_terminal.claimed")
        return details


async def follow_receipt(work: Work, job: Job) -> Settled:
    """What became of the ticket of some operations, asked until it is known."""
    sale_id = str(job.body["sale"])
    ticket = await receipt_card(work, sale_id)
    if ticket.state is FiscalState.PENDING:
        place = min(job.attempts + 1, len(RECEIPT_PAUSES_MS) - 1)
        return Again(RECEIPT_PAUSES_MS[place])
    await tell_operations(work, sale_id, is_made=ticket.state is not FiscalState.REJECTED)
    return DONE


async def receipt_rejected(work: Work, event: Event) -> None:
    """A ticket was refused for good, at once or when an offline one was delivered."""
    await tell_operations(work, event.subject_id, is_made=False)


async def tell_operations(work: Work, sale_id: str, *, is_made: bool) -> None:
    """Tell the operations of a ticket what became of it; those of another one have gone on."""
    found = await work.rows(_OF_SALE, sale_id, work.company_id)
    for row in found:
        lane = await work.lane(lane_key(row["terminal_id"]), company_id=work.company_id)
        record = await rows.locked_payment(work, row["id"])
        event = ReceiptMade() if is_made else ReceiptRefused()
        await happen(work, lane, record, event, source="sale", detail={"sale": sale_id})


async def _locked(work: Work, claim: CardClaim) -> dict[str, PaymentRecord]:
    """All operations of a ticket, their lanes and rows locked in one order for everybody."""
    ids = [each for payment in claim.payments for each in payment.operation_ids]
    field = f"payments.{claim.payments[0].index}.operationIds"
    if len(ids) > OPERATIONS_MAX:
        raise Refusal("CARD_OPERATIONS_TOO_MANY", field=field, max=OPERATIONS_MAX)
    if len(set(ids)) < len(ids):
        raise Refusal("CARD_OPERATION_REPEATED", field=field)
    found = [await rows.payment_by_id(work, each) for each in ids]
    for terminal_id in sorted({each.terminal_id for each in found}):
        await work.lane(lane_key(terminal_id), company_id=work.company_id)
    return {each: await rows.locked_payment(work, each) for each in sorted(ids)}


async def _check(work: Work, claim: CardClaim, payment: ClaimedPayment, record: PaymentRecord) -> None:
    field = f"payments.{payment.index}.operationIds"
    if record.register_id != claim.register_id:
        raise Refusal("CARD_OPERATION_OTHER_REGISTER", field=field)
    if record.kind not in _KINDS.get(claim.kind, frozenset()):
        raise Refusal("CARD_OPERATION_OTHER_KIND", field=field)
    if record.state is not PaymentState.APPROVED:
        raise Refusal("CARD_NOT_APPROVED", field=field)
    if record.tender.value != payment.kind.value:
        raise Refusal("CARD_OPERATION_OTHER_TENDER", field=field, tender=record.tender.value)
    if record.original_id is not None:
        purchase = await rows.payment_by_id(work, record.original_id)
        if purchase.sale_id not in (None, claim.original_id):
            raise Refusal("CARD_OPERATION_OTHER_SALE", field=field)


def _worth(record: PaymentRecord) -> Money:
    """How much of a ticket an operation pays: of a purchase what was not given back before."""
    return record.payment.left if record.kind is OperationKind.PURCHASE else record.payment.approved


def _details(kind: PaymentKind, record: PaymentRecord) -> CardDetails | MobileDetails:
    """For the OFD (CPCR 2.0.3): of several cards the first; numbers that are no digits stay away."""
    facts = record.facts
    if kind is PaymentKind.MOBILE:
        return MobileDetails(qr_type=facts.scheme, qr_id=facts.order_number or facts.rrn)
    return CardDetails(
        terminal_id=facts.terminal_code,
        card_type=facts.scheme,
        authorization_code=facts.authorization_code,
        rrn=_digits(facts.rrn, 18),
        receipt_number=_digits(facts.slip_number, 9),
    )


def _digits(text: str, length_max: int) -> str:
    return text if text.isascii() and text.isdigit() and len(text) <= length_max else ""
