"""What may happen to a register: the inputs of `decide`."""

from __future__ import annotations

from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.facts import Document
from kernel.values import value


@value
class Accepted:
    """A document is offered. waiting: documents that stand before it in the lane."""

    document: Document
    waiting: int


@value
class Backlog:
    """The link was lost while this document waited behind the head: it becomes an offline document in its
    turn.
    """

    document: Document


@value
class BacklogEnded:
    """A batch of backlog is through. has_more: further documents still wait."""

    has_more: bool


@value
class Turned:
    """The document is the head of the lane (again: after a pause, after a restart)."""

    document: Document


@value
class Answered:
    """The OFD answered the exchange in flight. token: from the answer's header."""

    document: Document
    code: int
    token: int


@value
class Lost:
    """No answer within the transaction time. may_have_arrived False: surely not a byte was written."""

    document: Document
    may_have_arrived: bool


@value
class TokenEntered:
    """A person typed a new token in."""

    token: int


@value
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


@value
class Handled:
    """A person takes this document, the refused head, out of the queue."""

    document: Document


@value
class ClockSeen:
    """Our clock was compared with another: ahead of it by that, behind when negative."""

    drift_ms: int


@value
class Released:
    """A person looked at the trouble and lets the register try again."""


@value
class ProgrammingBegun:
    """A person wants to set the register up. waiting: documents in its lane."""

    waiting: int


@value
class ProgrammingEnded:
    """Setting up is finished."""


@value
class Decommissioned:
    """The register is taken out of use for good. waiting: documents in its lane."""

    waiting: int


Event = (
    Accepted
    | Backlog
    | BacklogEnded
    | Turned
    | Answered
    | Lost
    | TokenEntered
    | Activated
    | Released
    | ProgrammingBegun
    | ProgrammingEnded
    | Decommissioned
    | ClockSeen
    | Handled
)
