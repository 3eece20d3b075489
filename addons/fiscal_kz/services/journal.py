"""What the fiscal engine writes into a register's journal, so that counters can be counted again from it
alone.

Kinds: fiscal_kz.counted (a document became a fact), .delivered, .rejected, .link, .block, .exchange,
.activated. Tokens are secrets and stay out; bytes are represented by their digest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.facts import CashFacts, Numbers, TicketFacts
from addons.fiscal_kz.domain.kinds import Block, Command, Link
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

    def counted(
        self,
        record: DocumentRecord,
        numbers: Numbers,
        state: State,
        *,
        request: bytes,
        sign: str | None,
        is_offline: bool,
    ) -> None:
        """The document took its numbers and moved the counters; drawer: cash after it."""
        document = record.document
        self._lane.journal(
            COUNTED,
            {
                "document": record.id,
                "kind": record.kind.value,
                "subject": record.subject_id,
                "at_ms": numbers.at_ms,
                "shift": numbers.shift_number,
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
