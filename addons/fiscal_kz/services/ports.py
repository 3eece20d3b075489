"""What the services need from the outside: the wire format and one exchange with the OFD.

Adapters implement them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from addons.fiscal_kz.domain.bodies import CashBody, DeskBody, TicketBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.goods import OfdGoods
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.domain.ways import Way
from kernel.values import value


@value
class Shipment:
    """One request ready to leave.

    key: whose connection may be reused (the KKM). deadline_ms: for everything together, both addresses of
    the way included.
    """

    key: str
    way: Way
    version: int
    device_id: int
    token: int
    reqnum: int
    payload: bytes
    deadline_ms: int
    is_connection_kept: bool = True


@value
class OfdAnswered:
    """The OFD answered. payload: raw bytes of the answer without header."""

    code: int
    token: int
    sign: str
    qr: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class OfdLost:
    """No usable answer in time. may_have_arrived False: no connection was made, so surely nothing was sent.

    reason: a short word for logs and people (refused, certificate, timeout, closed, garbage, unavailable).
    """

    may_have_arrived: bool
    reason: str


OfdOutcome = OfdAnswered | OfdLost


class Ofd(Protocol):
    """One exchange with an operator of fiscal data."""

    async def exchange(self, shipment: Shipment) -> OfdOutcome:
        """Send and wait, reconnecting and repeating the same bytes until the deadline.

        Never raises for the network's sake.
        """


@dataclass(frozen=True, slots=True)
class InfoFacts:
    """What an INFO answer says. counters, shift and documents as the OFD has them."""

    card: KkmCard
    is_shift_open: bool
    shift_number: int
    shift_opened_ms: int | None
    documents: int
    counters: Counters
    notices: tuple[tuple[int, str], ...]  # advertising type, text
    told_ms: int | None = None  # moment of the OFD's report: now, or when it last heard of the register


class Wire(Protocol):
    """Requests as bytes, answers as values, for the protocol version of a KKM."""

    def ticket(self, body: TicketBody, numbers: Numbers, card: KkmCard, *, version: int) -> bytes:
        """A TICKET request."""

    def cash(self, body: CashBody, numbers: Numbers, card: KkmCard, *, version: int) -> bytes:
        """A MONEY_PLACEMENT request."""

    def close_shift(
        self, body: DeskBody, numbers: Numbers, card: KkmCard, *, report: Report, version: int
    ) -> bytes:
        """A CLOSE_SHIFT request with our own Z."""

    def x_report(self, card: KkmCard, *, report: Report, version: int) -> bytes:
        """A REPORT request with our own X."""

    def info(self, card: KkmCard, *, version: int) -> bytes:
        """An INFO request that asks for registration data."""

    def system(self, card: KkmCard, *, version: int) -> bytes:
        """A SYSTEM request with registration data."""

    def goods(self, card: KkmCard, *, loaded_version: int, barcode: str, version: int) -> bytes:
        """A NOMENCLATURE request: what changed since a version (0: all), or one good by barcode."""

    def read_goods(self, payload: bytes) -> OfdGoods | None:
        """Goods in an answer to NOMENCLATURE; None when nobody can read it."""

    def with_period(self, payload: bytes, period: tuple[int, int], card: KkmCard) -> bytes:
        """The same request with service.offline_period (epoch ms), the only thing a repeat may change."""

    def read_info(self, payload: bytes, card: KkmCard, *, version: int) -> InfoFacts:
        """Facts of an INFO answer; card: what is known so far (zone, position)."""

    def read_refusal(self, payload: bytes, *, version: int) -> str:
        """The OFD's own words in an answer; empty when it said none."""

    def read_report(self, payload: bytes, card: KkmCard, *, version: int) -> Report | None:
        """The server's report in an answer, if it is there."""
