"""Rows of the fiscal engine as values: a KKM with its state, a document with its body."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from addons.fiscal_kz.domain.bodies import Body, CashBody, DeskBody, Parent, TicketBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.facts import Document, Numbers
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.domain.state import State
from addons.fiscal_kz.services.texts import may_have_marks, may_have_parent, read_body
from kernel.values import value


class DocumentState(StrEnum):
    """How far a document has come."""

    QUEUED = "QUEUED"  # accepted; no number yet
    OFFLINE = "OFFLINE"  # issued as an offline document, not delivered
    DONE = "DONE"  # acknowledged by the OFD (a report: ready)
    REJECTED = "REJECTED"
    HANDLED = "HANDLED"  # issued offline, refused by the OFD, taken out of the queue by a person


@value
class KkmRecord:
    """A KKM's row. state: as loaded, with the exchange in flight. request: its payload, if any."""

    id: str
    company_id: str
    register_id: str
    profile: str
    ofd_id: int
    card: KkmCard
    shift_id: str | None
    state: State
    exchange_id: str | None = None
    request: bytes | None = None
    device_id: str | None = None  # the only device it works for


@value
class DeliveredTicket:
    """A ticket as the OFD knows it: its sign, and whether it came as an offline one."""

    sign: str
    is_offline: bool


@dataclass(slots=True, eq=False)
class DocumentRecord:
    """A document's row, as much of it as the engine and its performers need. Nobody changes one.

    raw_body: the body, or the text it is read from when somebody asks; request: bytes of an offline document.
    """

    id: str
    kind: DocumentKind
    state: DocumentState
    subject_id: str | None
    lane_seq: int
    created_ms: int
    raw_body: Body | str | None
    total: int
    numbers: Numbers | None = None
    is_offline: bool = False
    request: bytes | None = None
    _document: Document | None = field(default=None, init=False, repr=False)

    @property
    def body(self) -> Body | None:
        """What the request is built from; None for a question to the OFD."""
        if isinstance(self.raw_body, str):
            self.raw_body = read_body(self.kind, self.raw_body)
        return self.raw_body

    @property
    def parent(self) -> Parent | None:
        """The original of a return."""
        if isinstance(self.raw_body, str) and not may_have_parent(self.raw_body):
            return None
        return self.body.parent if isinstance(self.body, TicketBody) else None

    @property
    def may_have_marks(self) -> bool:
        """False when surely no line of the ticket carries a marking code."""
        if isinstance(self.raw_body, str):
            return may_have_marks(self.raw_body)
        return isinstance(self.raw_body, TicketBody) and any(line.marks for line in self.raw_body.lines)

    @property
    def document(self) -> Document:
        """What the engine needs to know: sums of what is still to be counted, numbers of what is issued."""
        if self._document is None:
            body = None if self.is_offline else self.body
            self._document = Document(
                id=self.id,
                kind=self.kind,
                created_ms=self.created_ms,
                ticket=body.facts if isinstance(body, TicketBody) else None,
                cash=body.facts if isinstance(body, CashBody) else None,
                issued=self.numbers if self.is_offline else None,
                withdraws_cash=isinstance(body, DeskBody) and body.withdraws_cash,
            )
        return self._document
