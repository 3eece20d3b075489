"""One exchange with an OFD over TCP: connect, send, wait, and within one deadline reconnect and send the
same bytes again.

Source: CPCR 2.0.2 §5.1. It decides nothing about documents: it tells "answered", "surely not sent" or
"unknown".
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from addons.fiscal_kz.domain.codes import UNAVAILABLE, UNKNOWN_ERROR
from addons.fiscal_kz.services.ports import OfdAnswered, OfdLost, OfdOutcome, Shipment
from kernel import crash
from kernel.data.work import forbid_in_transaction
from protocols.ofd import frame
from protocols.ofd.answer import read_answer
from protocols.ofd.errors import WireError

CONNECTIONS_MAX = 4_096  # kept per process; the longest idle is closed first
IDLE_MAX_S = 20.0  # a connection idle for longer may be dead without a word (NAT): it is made anew
PAUSE_S = 0.1  # between attempts inside one deadline; doubles up to PAUSE_MAX_S
PAUSE_MAX_S = 1.0


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: tuple[str, int]
    loop: asyncio.AbstractEventLoop
    idle_since_s: float = 0.0

    @property
    def is_usable(self) -> bool:
        """Call in the loop of the connection."""
        is_fresh = self.loop.time() - self.idle_since_s <= IDLE_MAX_S
        return is_fresh and not self.reader.at_eof() and not self.writer.is_closing()


class OfdClient:
    """Implements services.ports.Ofd. Keeps at most one idle connection per register."""

    def __init__(self) -> None:
        self._idle: OrderedDict[str, _Connection] = OrderedDict()

    async def exchange(self, shipment: Shipment) -> OfdOutcome:
        """Answered, surely not sent, or unknown; never later than the deadline, never raises for the
        network's sake.
        """
        forbid_in_transaction()
        attempt = _Attempt(self, shipment)
        try:
            async with asyncio.timeout(shipment.deadline_ms / 1000):
                return await attempt.until_answered()
        except TimeoutError:
            return OfdLost(attempt.may_have_arrived, attempt.reason)

    def close(self) -> None:
        """Drop every idle connection."""
        while self._idle:
            _, connection = self._idle.popitem()
            _drop(connection)

    def take(self, shipment: Shipment) -> _Connection | None:
        """The register's idle connection if it still stands."""
        connection = self._idle.pop(shipment.key, None)
        if connection is None:
            return None
        same = connection.address == (shipment.host, shipment.port)
        if same and connection.loop is asyncio.get_running_loop() and connection.is_usable:
            return connection
        _drop(connection)
        return None

    def keep(self, shipment: Shipment, connection: _Connection) -> None:
        """Leave the connection for the register's next exchange."""
        if not shipment.is_connection_kept:
            _drop(connection)
            return
        old = self._idle.pop(shipment.key, None)
        if old is not None:
            _drop(old)
        connection.idle_since_s = connection.loop.time()
        self._idle[shipment.key] = connection
        if len(self._idle) > CONNECTIONS_MAX:
            _, oldest = self._idle.popitem(last=False)
            _drop(oldest)


class _Attempt:
    """The tries of one exchange and what is known about them when the time is over."""

    def __init__(self, client: OfdClient, shipment: Shipment) -> None:
        self.client = client
        self.shipment = shipment
        self.packet = frame.encode_frame(
            shipment.version, shipment.device_id, shipment.token, shipment.reqnum, shipment.payload
        )
        self.may_have_arrived = False
        self.reason = "timeout"

    async def until_answered(self) -> OfdOutcome:
        """Runs until an answer comes; the caller's deadline ends it."""
        pause = PAUSE_S
        while True:
            answered = await self._once()
            if answered is not None:
                return answered
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_MAX_S)

    async def _once(self) -> OfdAnswered | None:
        connection = self.client.take(self.shipment)
        if connection is None:
            try:
                reader, writer = await asyncio.open_connection(self.shipment.host, self.shipment.port)
            except OSError:
                self.reason = "refused"
                return None
            loop = asyncio.get_running_loop()
            connection = _Connection(reader, writer, (self.shipment.host, self.shipment.port), loop)
        answer = await self._talk(connection)
        if answer is None:
            _drop(connection)
        else:
            self.client.keep(self.shipment, connection)
        return answer

    async def _talk(self, connection: _Connection) -> OfdAnswered | None:
        self.may_have_arrived = True  # from the first byte on nobody can know
        self.reason = "timeout"
        try:
            connection.writer.write(self.packet)
            crash.point("fiscal_kz.after_send")
            received = await frame.read_frame(connection.reader)
            return self._read(received)
        except WireError:
            self.reason = "closed" if connection.reader.at_eof() else "garbage"
        except OSError:
            self.reason = "closed"
        except asyncio.CancelledError:  # the deadline: nobody wants the answer that may still come
            _drop(connection)
            raise
        return None

    def _read(self, received: frame.Frame) -> OfdAnswered | None:
        if received.device_id != self.shipment.device_id or received.reqnum != self.shipment.reqnum:
            self.reason = "garbage"
            return None
        answer = read_answer(received.payload, version=received.version)
        if answer.code in (UNAVAILABLE, UNKNOWN_ERROR):  # the text: drop the connection and try again
            self.reason = "unavailable"
            return None
        return OfdAnswered(answer.code, received.token, answer.sign, answer.qr, received.payload)


def _drop(connection: _Connection) -> None:
    if connection.loop.is_closed():
        return
    connection.writer.transport.abort()
