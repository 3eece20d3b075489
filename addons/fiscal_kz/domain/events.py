"""What may happen to a register: the inputs of `decide`."""

from __future__ import annotations

from dataclasses import dataclass

from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.facts import Document


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document is offered. waiting: documents that stand before it in the lane."""

    document: Document
    waiting: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """The link was lost while this document waited behind the head: it becomes an offline document in its
    turn.
    """

    document: Document


@dataclass(frozen=True, slots=True)
class BacklogEnded:
    """A batch of backlog is through. has_more: further documents still wait."""

    has_more: bool


@dataclass(frozen=True, slots=True)
class Turned:
    """The document is the head of the lane (again: after a pause, after a restart)."""

    document: Document


@dataclass(frozen=True, slots=True)
class Answered:
    """The OFD answered the exchange in flight. token: from the answer's header."""

    document: Document
    code: int
    token: int


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer within the transaction time. may_have_arrived False: surely not a byte was written."""

    document: Document
    may_have_arrived: bool


@dataclass(frozen=True, slots=True)
class TokenEntered:
    """A person typed a new token in."""

    token: int


@dataclass(frozen=True, slots=True)
class Activated:
    """INFO was answered for the first time, or again after re-registration; what the OFD knows of this
    register.

    counters None: keep ours (we have documents of our own).
    """

    version: int
    shift_number: int
    shift_opened_ms: int | None
    documents: int
    counters: Counters | None


@dataclass(frozen=True, slots=True)
class Released:
    """A person looked at the trouble and lets the register try again."""


Event = Accepted | Backlog | BacklogEnded | Turned | Answered | Lost | TokenEntered | Activated | Released
