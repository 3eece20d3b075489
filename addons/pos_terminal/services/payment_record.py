"""A card operation as its row holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import orjson

from addons.pos_terminal.domain.driver import CardFacts, EntryMode
from addons.pos_terminal.domain.payment import (
    FiscalSide,
    OperationKind,
    Payment,
    PaymentMethod,
    PaymentState,
    Proposal,
    Tender,
    Verdict,
)
from kernel.money import Money

FACT_COLUMNS = tuple(each.name for each in fields(CardFacts) if each.name != "method")


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """payment: what the engine decides by; facts: what is known of the card and the host's decision.

    batch and stan None: nothing has left yet. undo_until_ms: of an approved one, until when it may be taken
    back. memo: what the driver wants to remember. Times are epoch ms.
    """

    id: str
    company_id: str
    payment_key: str
    body_digest: str
    payment: Payment
    method: PaymentMethod
    tender: Tender
    contract_id: str
    terminal_id: str
    register_id: str
    operator_id: str | None
    created_by: str
    driver: str
    original_id: str | None
    sale_id: str | None
    batch: int | None
    stan: int | None
    attempts: int
    events: int
    created_ms: int
    deadline_ms: int | None
    decided_ms: int | None
    banking_day: str | None
    note: str
    memo: Mapping[str, str]
    reversal_image: str
    facts: CardFacts
    closed_by: str | None
    undo_until_ms: int | None = None

    @property
    def kind(self) -> OperationKind:
        """What it does."""
        return self.payment.kind

    @property
    def state(self) -> PaymentState:
        """Where the money is."""
        return self.payment.state


def payment_record(row: Mapping[str, Any]) -> PaymentRecord:
    """The record of a whole row of pos_payment."""
    verdict = row["proposed_verdict"]
    payment = Payment(
        kind=OperationKind(row["kind"]),
        amount=Money(row["amount"]),
        state=PaymentState(row["state"]),
        fiscal=FiscalSide(row["fiscal"]),
        approved=Money(row["approved"]),
        refunded=Money(row["refunded"]),
        is_going=bool(row["is_going"]),
        is_cancel_asked=bool(row["is_cancel_asked"]),
        sent_ms=row["sent_ms"],
        unknown_ms=row["unknown_ms"],
        reversing_ms=row["reversing_ms"],
        reversals=row["reversals"],
        late_ms=row["late_ms"] or 0,
        reason=row["reason"],
        code=row["code"],
        proposal=None if verdict is None else Proposal(Verdict(verdict), row["proposed_by"]),
    )
    facts = {name: row[name] for name in FACT_COLUMNS}
    facts |= {"entry_mode": EntryMode(row["entry_mode"]), "is_wallet": bool(row["is_wallet"])}
    return PaymentRecord(
        id=row["id"],
        company_id=row["company_id"],
        payment_key=row["payment_key"],
        body_digest=row["body_digest"],
        payment=payment,
        method=PaymentMethod(row["method"]),
        tender=Tender(row["tender"]),
        contract_id=row["contract_id"],
        terminal_id=row["terminal_id"],
        register_id=row["register_id"],
        operator_id=row["operator_id"],
        created_by=row["created_by"],
        driver=row["driver"],
        original_id=row["original_id"],
        sale_id=row["sale_id"],
        batch=row["batch"],
        stan=row["stan"],
        attempts=row["attempts"],
        events=row["events"],
        created_ms=row["created_ms"],
        deadline_ms=row["deadline_ms"],
        decided_ms=row["decided_ms"],
        banking_day=row["banking_day"],
        undo_until_ms=row["undo_until_ms"],
        note=row["note"],
        memo=orjson.loads(row["memo"]),
        reversal_image=row["reversal_image"],
        facts=CardFacts(**facts),
        closed_by=row["closed_by"],
    )


def payment_columns(record: PaymentRecord) -> dict[str, str | int | None]:
    """The row of the record; its busy columns follow from the state."""
    payment, proposal = record.payment, record.payment.proposal
    facts = {name: getattr(record.facts, name) for name in FACT_COLUMNS}
    facts |= {"entry_mode": record.facts.entry_mode.value, "is_wallet": int(record.facts.is_wallet)}
    is_open_undoing = record.original_id is not None and not payment.state.is_final
    return {
        "id": record.id,
        "company_id": record.company_id,
        "payment_key": record.payment_key,
        "body_digest": record.body_digest,
        "kind": payment.kind.value,
        "state": payment.state.value,
        "fiscal": payment.fiscal.value,
        "method": record.method.value,
        "tender": record.tender.value,
        "contract_id": record.contract_id,
        "terminal_id": record.terminal_id,
        "register_id": record.register_id,
        "operator_id": record.operator_id,
        "created_by": record.created_by,
        "driver": record.driver,
        "busy_terminal_id": record.terminal_id if payment.state.holds_terminal else None,
        "busy_original_id": record.original_id if is_open_undoing else None,
        "original_id": record.original_id,
        "sale_id": record.sale_id,
        "amount": payment.amount.tiyn,
        "approved": payment.approved.tiyn,
        "refunded": payment.refunded.tiyn,
        "batch": record.batch,
        "stan": record.stan,
        "is_going": int(payment.is_going),
        "is_cancel_asked": int(payment.is_cancel_asked),
        "attempts": record.attempts,
        "reversals": payment.reversals,
        "events": record.events,
        "created_ms": record.created_ms,
        "deadline_ms": record.deadline_ms,
        "sent_ms": payment.sent_ms,
        "unknown_ms": payment.unknown_ms,
        "reversing_ms": payment.reversing_ms,
        "late_ms": payment.late_ms or None,
        "decided_ms": record.decided_ms,
        "banking_day": record.banking_day,
        "undo_until_ms": record.undo_until_ms,
        "reason": payment.reason,
        "code": payment.code,
        "note": record.note,
        "memo": orjson.dumps(dict(record.memo), option=orjson.OPT_SORT_KEYS).decode(),
        "reversal_image": record.reversal_image,
        **facts,
        "proposed_verdict": None if proposal is None else proposal.verdict.value,
        "proposed_by": None if proposal is None else proposal.person,
        "closed_by": record.closed_by,
    }
