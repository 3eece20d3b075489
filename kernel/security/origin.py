"""Where a request comes from: set at the edge for as long as it lasts, read by audits and limits of guesses.

It proves nothing about who is calling.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

ADDRESS_LENGTH = 45  # characters of the longest address of IPv6
AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """address: of the client; empty for what nobody asked over the network. agent: what it calls itself."""

    address: str = ""
    agent: str = ""


NOWHERE = Origin()

_current: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current_origin() -> Origin:
    """Where the running request comes from."""
    return _current.get()


def come_from(origin: Origin) -> None:
    """Make the origin current for as long as the running context lasts: a request has one of its own."""
    _current.set(origin)
