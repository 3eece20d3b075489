"""What others may know of a dealer and its clients: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

LinkId = NewType("LinkId", str)
MoveId = NewType("MoveId", str)

DEALER_ROLE = "dealer"  # the further role of a user that makes the company a dealer


class LinkState(StrEnum):
    """What became of a client's request to a dealer."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ENDED = "ended"


class MoveState(StrEnum):
    """What became of a proposal to move a register."""

    PROPOSED = "proposed"
    CHECKING = "checking"  # both agreed; somebody outside is asked first, see `code`
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Link:
    """A dealer and a client. permissions: what the client lets the dealer's people do in its account."""

    id: LinkId
    dealer_id: str
    client_id: str
    state: LinkState
    permissions: frozenset[str]
    asked_ms: int
    answered_ms: int | None
    ended_ms: int | None
