"""Exchanges with devices on demand: what may be ordered, the states an order goes through and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NOTE_LENGTH_MAX = 200
WAIT_MAX_S = 900  # an order no device has finished by then has failed
REGISTERS_MAX = 2_000  # of one order


class ExchangeKind(StrEnum):
    """What is ordered."""

    SEND_GOODS = "send_goods"
    FETCH_SALES = "fetch_sales"
    TEST_LINK = "test_link"


class ExchangeState(StrEnum):
    """How far an order is."""

    WAITING = "waiting"  # no device has heard of it yet
    EXCHANGING = "exchanging"  # a device is at it
    READY = "ready"  # everything is on the device, which waits for its main menu and an empty cart
    APPLIED = "applied"
    FAILED = "failed"


class FailReason(StrEnum):
    """Why an order failed, as the server knows it; a device says its own in a note."""

    DEVICE_SILENT = "device_silent"  # no device took it in time
    DEVICE_SLOW = "device_slow"  # a device took it and did not finish in time
    DEVICE_REFUSED = "device_refused"  # the device said it cannot, and why
    REPLACED = "replaced"  # a newer order of the kind took its place


OPEN_STATES = (ExchangeState.WAITING, ExchangeState.EXCHANGING, ExchangeState.READY)

_RANK = {state: place for place, state in enumerate(ExchangeState)}


def may_follow(before: ExchangeState, after: ExchangeState) -> bool:
    """States only go forwards; one that is over stays as it is, and saying the same twice is fine."""
    if before not in OPEN_STATES:
        return before is after
    return _RANK[after] >= _RANK[before] and after is not ExchangeState.WAITING


@dataclass(frozen=True, slots=True)
class OrderExchange:
    """Order something of registers, named one by one or by groups. is_full: goods are loaded all anew."""

    kind: ExchangeKind
    register_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class ReportExchange:
    """A device says how far it is. moved_count: cards or sales; note: in its own words, for people."""

    exchange_id: str
    state: ExchangeState
    note: str = ""
    moved_count: int | None = None


@dataclass(frozen=True, slots=True)
class AckCatalog:
    """A device has applied everything up to a cursor. is_verified: count and checksum were what they should
    be."""

    register_id: str
    cursor: str
    is_verified: bool
