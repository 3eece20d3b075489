"""What people and statements say about an operation: give it up, ask again, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.events import (
    Asked,
    CancelAsked,
    Event,
    Proved,
    ReceiptSettled,
    Reviewed,
)
from addons.pos_terminal.domain.payment import PaymentState, Verdict
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.payment_step import happen, lane_key
from addons.pos_terminal.services.start_payment import free_terminal
from kernel.errors import Refusal
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane

EVIDENCE_LENGTH_MAX = 250
RRN_LENGTH_MAX = 32
CODE_LENGTH_MAX = 16


@dataclass(frozen=True, slots=True)
class ReviewPayment:
    """One of two persons found out how an operation ended. evidence: where it stands (the terminal's journal,
    a slip, the bank's answer); rrn and authorization_code: as they stand there.
    """

    operation_id: str
    verdict: Verdict
    evidence: str
    rrn: str = ""
    authorization_code: str = ""


@dataclass(frozen=True, slots=True)
class SettleReceipt:
    """A person has seen to the receipt in another way."""

    operation_id: str
    reason: str


async def cancel_payment(work: Work, operation_id: str) -> str:
    """The cashier gives this very operation up: at once while nothing has left, else the terminal is asked.

    Raises Refusal: CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN, CARD_CANCEL_ON_TERMINAL,
    CARD_ALREADY_APPROVED, CARD_OUTCOME_UNKNOWN, CARD_OPERATION_ENDED.
    """
    lane, record = await _locked(work, operation_id)
    await happen(work, lane, record, CancelAsked(), source="cashier", actor=work.principal.subject_id)
    return record.id


async def ask_again(work: Work, operation_id: str) -> str:
    """The terminal is asked once more what became of an operation that people have to look at.

    Raises Refusal: CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN, CARD_NOT_IN_REVIEW, CARD_QUERY_IMPOSSIBLE,
    TERMINAL_BUSY.
    """
    lane, record = await _locked(work, operation_id)
    if record.state is PaymentState.REVIEW:
        await free_terminal(work, lane, record.terminal_id)
    await happen(work, lane, record, Asked(), source="person", actor=work.principal.subject_id)
    return record.id


async def review_payment(work: Work, command: ReviewPayment) -> str:
    """The word of one person; the second one's, when it is the same, closes the operation.

    Raises Refusal: CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN, CARD_EVIDENCE_MISSING, CARD_NOT_IN_REVIEW,
    CARD_REVIEW_SAME_PERSON.
    """
    evidence = _reason(command.evidence, "evidence")
    rrn = one_line(command.rrn)[:RRN_LENGTH_MAX]
    code = one_line(command.authorization_code)[:CODE_LENGTH_MAX]
    lane, record = await _locked(work, command.operation_id)
    person = work.principal.subject_id
    event: Event = Reviewed(person, command.verdict)
    facts = replace(
        record.facts,
        rrn=rrn or record.facts.rrn,
        authorization_code=code or record.facts.authorization_code,
    )
    told = {"evidence": evidence, "rrn": rrn, "authorization_code": code}
    after, _ = await happen(
        work, lane, record, event, source="person", actor=person, detail=told, facts=facts
    )
    if after.state is not PaymentState.REVIEW:
        await rows.update_payment(work, after, replace(after, closed_by=person))
    await work.audit(
        "pos_terminal.review", f"card_operation:{record.id}", {"verdict": command.verdict.value, **told}
    )
    return record.id


async def prove_payment(work: Work, operation_id: str, verdict: Verdict, evidence: str) -> bool:
    """The bank's statement says how it ended. False when that changes nothing."""
    lane, record = await _locked(work, operation_id)
    after, _ = await happen(
        work,
        lane,
        record,
        Proved(verdict),
        source="statement",
        detail={"evidence": one_line(evidence)[:EVIDENCE_LENGTH_MAX]},
    )
    if after.state is record.state:
        return False
    await rows.update_payment(work, after, replace(after, closed_by="statement"))
    return True


async def settle_receipt(work: Work, command: SettleReceipt) -> str:
    """No receipt is to be made of it any more, and nobody has to look.

    Raises Refusal: CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN, CARD_EVIDENCE_MISSING, CARD_RECEIPT_NOT_OPEN.
    """
    reason = _reason(command.reason, "reason")
    lane, record = await _locked(work, command.operation_id)
    actor = work.principal.subject_id
    await happen(
        work, lane, record, ReceiptSettled(), source="person", actor=actor, detail={"reason": reason}
    )
    await work.audit("pos_terminal.settle_receipt", f"card_operation:{record.id}", {"reason": reason})
    return record.id


def _reason(text: str, field: str) -> str:
    reason = one_line(text)
    if not reason:
        raise Refusal("CARD_EVIDENCE_MISSING", field=field)
    return reason[:EVIDENCE_LENGTH_MAX]


async def _locked(work: Work, operation_id: str) -> tuple[Lane, PaymentRecord]:
    """The operation's lane and row; within the caller's reach."""
    found = await rows.payment_by_id(work, operation_id)
    work.principal.require_register(found.register_id)
    lane = await work.lane(lane_key(found.terminal_id), company_id=found.company_id)
    return lane, await rows.locked_payment(work, operation_id)
