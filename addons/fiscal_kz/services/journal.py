"""What the fiscal engine writes into a register's journal, so that counters can be counted again from it
alone.

Kinds: fiscal_kz.counted (a document became a fact), .delivered, .rejected, .link, .block, .exchange,
.activated. Tokens are secrets and stay out; bytes are represented by their digest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import CashBody, TicketBody
from addons.fiscal_kz.domain.facts import CashFacts, Numbers, TicketFacts
from addons.fiscal_kz.domain.kinds import Block, Command, Link
from addons.fiscal_kz.domain.proof import CLOSE, ShiftProof
from addons.fiscal_kz.domain.state import State
from addons.fiscal_kz.services.records import DocumentRecord
from kernel.journal.canonical import JSON

if TYPE_CHECKING:
    from kernel.jobs.lanes import Lane

COUNTED = "fiscal_kz.counted"


class Chronicle:
    """Writer of one lane's fiscal entries."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.proof: ShiftProof | None = None  # of the shift that is being closed

    def counted(
        self,
        record: DocumentRecord,
        numbers: Numbers,
        state: State,
        *,
        request: bytes,
        sign: str | None,
        is_offline: bool,
        withdrawn: int = 0,
    ) -> None:
        """The document took its numbers and moved the counters; drawer: cash after it. withdrawn: cash that a
        shift close took out.
        """
        document = record.document
        face = face_json(record, numbers)
        if self.proof is not None and face["op"] == CLOSE:
            face |= {"digest": self.proof.digest, "documents": self.proof.documents}
        if withdrawn:
            face |= {"withdrawn": withdrawn}
        self._lane.journal(
            COUNTED,
            face
            | {
                "document": record.id,
                "kind": record.kind.value,
                "subject": record.subject_id,
                "number": numbers.document_number,
                "offline_number": numbers.offline_number,
                "is_offline": is_offline,
                "is_marked": numbers.is_marked,
                "sign": sign or None,
                "ticket": None if document.ticket is None else ticket_json(document.ticket),
                "cash": None if document.cash is None else cash_json(document.cash),
                "drawer": state.counters.drawer,
                "request": hashlib.sha256(request).hexdigest(),
            },
            face=face,
        )

    def delivered(self, record: DocumentRecord, *, sign: str) -> None:
        """The OFD acknowledged an offline document."""
        self._lane.journal("fiscal_kz.delivered", {"document": record.id, "sign": sign or None})

    def rejected(self, record: DocumentRecord, *, code: str, result_code: int) -> None:
        """The document is refused for good."""
        self._lane.journal(
            "fiscal_kz.rejected", {"document": record.id, "code": code, "result_code": result_code}
        )

    def link(self, link: Link) -> None:
        """The link was lost or is back."""
        self._lane.journal("fiscal_kz.link", {"link": link.value})

    def block(self, block: Block, code: int) -> None:
        """The register was blocked or released."""
        self._lane.journal("fiscal_kz.block", {"block": block.value, "result_code": code})

    def exchange(self, document_id: str, command: Command, reqnum: int, outcome: str) -> None:
        """An exchange that did not end well: a code other than 0, or silence."""
        self._lane.journal(
            "fiscal_kz.exchange",
            {"document": document_id, "command": int(command), "reqnum": reqnum, "outcome": outcome},
        )

    def note(self, kind: str, body: dict[str, JSON]) -> None:
        """Another fact of the register's life."""
        self._lane.journal(f"fiscal_kz.{kind}", body)


def face_json(record: DocumentRecord, numbers: Numbers) -> dict[str, JSON]:
    """What lies open of a counted document, for digests of shifts: date, kind, sum, user; the register is in
    the name of the lane.
    """
    body = record.body
    if isinstance(body, TicketBody):
        op, total = body.operation.value, body.total
    elif isinstance(body, CashBody):
        op, total = body.placement.value, body.amount
    else:
        assert body is not None  # a fiscal document has one
        op, total = CLOSE, 0
    return {
        "at_ms": numbers.at_ms,
        "op": op,
        "shift": numbers.shift_number,
        "sum": total,
        "user": body.operator_code,
    }


def ticket_json(ticket: TicketFacts) -> dict[str, JSON]:
    """Facts of a ticket for the journal."""
    return {
        "operation": ticket.operation.value,
        "total": ticket.total,
        "payments": {means.value: amount for means, amount in ticket.payments},
        "change": ticket.change,
        "discount": [ticket.discount_count, ticket.discount],
        "markup": [ticket.markup_count, ticket.markup],
        "sections": [[each.section, each.count, each.sum] for each in ticket.sections],
        "taxes": [[each.rate_bp, each.turnover, each.tax] for each in ticket.taxes],
    }


def cash_json(cash: CashFacts) -> dict[str, JSON]:
    """Facts of a cash operation for the journal."""
    return {"placement": cash.placement.value, "amount": cash.amount}
