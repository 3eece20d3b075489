"""One exchange with an OFD over TCP or TLS: connect, send, wait, and within one deadline reconnect and send
the same bytes again, to its second address when the first does not answer.

Source: CPCR 2.0.2 §5.1. It decides nothing about documents: it tells "answered", "surely not sent" or
"unknown".
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from addons.fiscal_kz.domain.codes import UNAVAILABLE, UNKNOWN_ERROR
from addons.fiscal_kz.services.ports import OfdAnswered, OfdLost, OfdOutcome, Shipment
from kernel import crash
from kernel.data.work import forbid_in_transaction
from protocols.ofd.answer import read_answer
from protocols.ofd.errors import WireError
from protocols.ofd.frame import Frame, FrameBuffer, encode_frame

if TYPE_CHECKING:
    from addons.fiscal_kz.domain.ways import Tls, Way

CONNECTIONS_MAX = 4_096  # kept per process; the longest idle is closed first
ANSWER_SIZE_MAX = 4 << 20  # bytes of one answer: some 30 thousand goods
IDLE_MAX_S = 20.0  # a connection idle for longer may be dead without a word (NAT): it is made anew
PAUSE_S = 0.1  # between attempts inside one deadline; doubles up to PAUSE_MAX_S
PAUSE_MAX_S = 1.0
FIRST_SHARE = 0.5  # of the time left: how long the first of two addresses is waited for
RESERVE_S = 60.0  # how long the second address stays the first choice after it had to stand in


class OfdClient:
    """Implements services.ports.Ofd. Keeps at most one idle connection per register."""

    def __init__(self) -> None:
        self._idle: OrderedDict[str, _Connection] = OrderedDict()
        self._reserves: dict[Way, tuple[int, float]] = {}  # address that answered, until when it goes first

    async def exchange(self, shipment: Shipment) -> OfdOutcome:
        """Answered, surely not sent, or unknown; never later than the deadline, never raises for the
        network's sake.
        """
        forbid_in_transaction()
        attempt = _Attempt(self, shipment)
        kept = self.take(shipment)
        answered = None if kept is None else await attempt.talk(kept, attempt.share_until_s())
        if answered is not None:
            return answered
        try:
            async with asyncio.timeout_at(attempt.deadline_s):
                return await attempt.until_answered(pause_s=0 if kept is None else PAUSE_S)
        except TimeoutError:
            return OfdLost(attempt.may_have_arrived, attempt.reason)

    def close(self) -> None:
        """Drop every idle connection."""
        while self._idle:
            _, connection = self._idle.popitem()
            connection.drop()

    def take(self, shipment: Shipment) -> _Connection | None:
        """The register's idle connection if it still stands."""
        connection = self._idle.pop(shipment.key, None)
        if connection is None:
            return None
        is_of_here = connection.loop is asyncio.get_running_loop()
        if connection.way == shipment.way and is_of_here and connection.is_usable:
            return connection
        connection.drop()
        return None

    def first_choice(self, way: Way) -> int:
        """The address to begin with: the first one, but for a while after another had to stand in for it."""
        index, until_s = self._reserves.get(way, (0, 0.0))
        return index if asyncio.get_running_loop().time() < until_s else 0

    def answered_by(self, way: Way, index: int) -> None:
        """This address of the way answered after a connection was made."""
        if index:
            self._reserves[way] = index, asyncio.get_running_loop().time() + RESERVE_S
        else:
            self._reserves.pop(way, None)

    def keep(self, shipment: Shipment, connection: _Connection) -> None:
        """Leave the connection for the register's next exchange."""
        if not shipment.is_connection_kept:
            connection.drop()
            return
        old = self._idle.pop(shipment.key, None)
        if old is not None:
            old.drop()
        connection.idle_since_s = connection.loop.time()
        self._idle[shipment.key] = connection
        if len(self._idle) > CONNECTIONS_MAX:
            _, oldest = self._idle.popitem(last=False)
            oldest.drop()


class _Connection(asyncio.Protocol):
    """A connection to an OFD, asked by one exchange after another."""

    __slots__ = ("_asked", "_buffer", "_transport", "idle_since_s", "index", "is_over", "loop", "way")

    def __init__(self, way: Way, index: int) -> None:
        self.way = way
        self.index = index  # of the address among those of the way
        self.loop = asyncio.get_running_loop()
        self.idle_since_s = 0.0
        self.is_over = False
        self._asked: asyncio.Future[Frame | str] | None = None
        self._buffer = FrameBuffer(ANSWER_SIZE_MAX)
        self._transport: asyncio.Transport

    @property
    def is_usable(self) -> bool:
        """Call in the loop of the connection."""
        return not self.is_over and self.loop.time() - self.idle_since_s <= IDLE_MAX_S

    async def ask(self, packet: bytes, deadline_s: float) -> Frame | str:
        """The answer to the packet, or the word why there is none (see OfdLost). deadline_s: of the loop's
        clock.
        """
        if self.is_over:
            return "closed"
        self._asked = self.loop.create_future()
        timer = self.loop.call_at(deadline_s, self._tell, "timeout")
        try:
            self._transport.write(packet)
            crash.point("fiscal_kz.after_send")
            return await self._asked
        finally:
            timer.cancel()
            self._asked = None

    def drop(self) -> None:
        """Close without a word."""
        self.is_over = True
        if not self.loop.is_closed():
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of asyncio's

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._asked is None:  # an answer to nothing: what comes next could not be told from it
            self.is_over = True
            return
        try:
            frames = self._buffer.feed(data)
        except WireError:
            self._tell("garbage")
        else:
            for each in frames:
                self._tell(each)

    def eof_received(self) -> None:
        """See asyncio.Protocol."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._end()

    def _end(self) -> None:
        self.is_over = True
        self._tell("closed")

    def _tell(self, outcome: Frame | str) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(outcome)


class _Attempt:
    """The tries of one exchange and what is known about them when the time is over."""

    __slots__ = ("client", "deadline_s", "may_have_arrived", "packet", "reason", "shipment", "silent_index")

    def __init__(self, client: OfdClient, shipment: Shipment) -> None:
        self.client = client
        self.shipment = shipment
        self.deadline_s = asyncio.get_running_loop().time() + shipment.deadline_ms / 1000
        self.packet = encode_frame(
            shipment.version, shipment.device_id, shipment.token, shipment.reqnum, shipment.payload
        )
        self.may_have_arrived = False
        self.reason = "timeout"
        self.silent_index: int | None = None  # the address that took the request and kept silent

    async def until_answered(self, *, pause_s: float) -> OfdOutcome:
        """Runs until an answer comes, after a first pause; the caller's deadline ends it."""
        way = self.shipment.way
        count = len(way.addresses)
        index = self.client.first_choice(way)
        if self.silent_index == index:
            index = (index + 1) % count
        while True:
            if pause_s:
                await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S) or PAUSE_S
            for left in range(count - 1, -1, -1):
                until_s = self.share_until_s() if left else self.deadline_s
                connection = await self._connect(index, until_s)
                if connection is not None:
                    answered = await self.talk(connection, until_s)
                    if answered is not None:
                        if count > 1:
                            self.client.answered_by(way, index)
                        return answered
                index = (index + 1) % count

    def share_until_s(self) -> float:
        """When to turn to the other address, if there is one."""
        if len(self.shipment.way.addresses) == 1:
            return self.deadline_s
        now_s = asyncio.get_running_loop().time()
        return now_s + (self.deadline_s - now_s) * FIRST_SHARE

    async def talk(self, connection: _Connection, until_s: float) -> OfdAnswered | None:
        """One try; a connection that brought no answer is dropped, for it may still come."""
        self.may_have_arrived = True  # from the first byte on nobody can know
        self.reason = "timeout"
        answered = None
        try:
            answered = self._read(await connection.ask(self.packet, until_s))
        finally:
            if answered is None:
                connection.drop()
                self.silent_index = connection.index if self.reason == "timeout" else None
            else:
                self.client.keep(self.shipment, connection)
        return answered

    async def _connect(self, index: int, until_s: float) -> _Connection | None:
        way = self.shipment.way
        if until_s >= self.deadline_s:
            return await self._open(way, index)
        try:
            async with asyncio.timeout_at(until_s):
                return await self._open(way, index)
        except TimeoutError:
            return None

    async def _open(self, way: Way, index: int) -> _Connection | None:
        host, port = way.addresses[index]
        tls = way.tls
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: _Connection(way, index),
                host,
                port,
                ssl=None if tls is None else tls_context(tls),
                server_hostname=None if tls is None else tls.server_name or host,
            )
        except ssl.SSLError:
            self.reason = "certificate"  # or no TLS at all: not a byte of ours was sent
            return None
        except OSError:
            self.reason = "refused"
            return None
        return connection

    def _read(self, received: Frame | str) -> OfdAnswered | None:
        if isinstance(received, str):
            self.reason = received
            return None
        self.reason = "garbage"
        if received.device_id != self.shipment.device_id or received.reqnum != self.shipment.reqnum:
            return None
        try:
            answer = read_answer(received.payload, version=received.version)
        except WireError:
            return None
        if answer.code in (UNAVAILABLE, UNKNOWN_ERROR):  # the text: drop the connection and try again
            self.reason = "unavailable"
            return None
        return OfdAnswered(answer.code, received.token, answer.sign, answer.qr, received.payload)


@lru_cache(maxsize=64)
def tls_context(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 or later with a certificate that is checked. Raises OSError for a file that is no PEM."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
