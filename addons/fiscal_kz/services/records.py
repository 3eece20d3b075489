"""Rows of the fiscal engine as values: a KKM with its state, a document with its body."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from addons.fiscal_kz.domain.bodies import Body, CashBody, TicketBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.facts import Document, Numbers
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.domain.state import State


class DocumentState(StrEnum):
    """How far a document has come."""

    QUEUED = "QUEUED"  # accepted; no number yet
    OFFLINE = "OFFLINE"  # issued as an offline document, not delivered
    DONE = "DONE"  # acknowledged by the OFD (a report: ready)
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class DeliveredTicket:
    """A ticket as the OFD knows it: its sign, and whether it came as an offline one."""

    sign: str
    is_offline: bool


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document's row, as much of it as the engine and its performers need."""

    id: str
    kind: DocumentKind
    state: DocumentState
    subject_id: str | None
    lane_seq: int
    created_ms: int
    body: Body | None
    total: int
    numbers: Numbers | None = None
    is_offline: bool = False
    request: bytes | None = None
    _document: list[Document] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def document(self) -> Document:
        """What the engine needs to know."""
        if self._document:
            return self._document[0]
        document = Document(
            id=self.id,
            kind=self.kind,
            created_ms=self.created_ms,
            ticket=self.body.facts if isinstance(self.body, TicketBody) else None,
            cash=self.body.facts if isinstance(self.body, CashBody) else None,
            issued=self.numbers if self.is_offline else None,
        )
        self._document.append(document)  # summed up once per record, asked for several times
        return document
