"""The simulator as a whole: listening, connections, faults, control. Rules live in exchange.py and below.

A connection may carry many requests or one. Bytes that are no frame close it quietly and are counted.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

from protocols.ofd.errors import WireError
from protocols.ofd.frame import HEADER_SIZE, Frame, FrameBuffer, encode_frame
from simulators.ofd.exchange import Exchange
from simulators.ofd.faults import Fault, FaultKind, Faults
from simulators.ofd.ledger import Account, Ledger
from simulators.ofd.nomenclature import CabinetGood
from simulators.ofd.settings import FIRST_DAY, Endpoint, OfdSettings, RegisterData

BACKLOG = 4096  # connections waiting to be accepted
MADE_UP_SITE = "https://ofd.invalid/check"


class OfdSimulator:
    """An OFD in this process.

        simulator = OfdSimulator(OfdSettings())
        simulator.add_register(1001, token=123456)
        async with simulator.running() as endpoint:
            ...  # endpoint.host, endpoint.port, endpoint.http_port

    `ledger` is what the tax side believes, `faults` what goes wrong next. tls: listen with TLS.
    """

    def __init__(
        self, settings: OfdSettings | None = None, *, seed: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.settings = settings or OfdSettings()
        self.ledger = Ledger(self.settings.kept_documents)
        self.faults = Faults(seed)
        self.exchange = Exchange(self.ledger, self.settings, self.settings.site or MADE_UP_SITE)
        self.exchanges = 0  # frames received
        self.connections: set[_Connection] = set()
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._address: tuple[str, int] | None = None

    def add_register(self, ofd_id: int, token: int, data: RegisterData | None = None) -> Account:
        """Register a device with its first token. Raises ValueError when the id is taken."""
        return self.ledger.open_account(ofd_id, token, data or RegisterData())

    def block(self, ofd_id: int, reason: str = "blocked by command") -> None:
        """Answer 15 to everything of the register until unblock. Raises KeyError for an unknown device."""
        account = self.ledger.account(ofd_id)
        account.is_blocked = True
        account.block_reason = reason

    def unblock(self, ofd_id: int) -> None:
        """Raises KeyError for an unknown device."""
        account = self.ledger.account(ofd_id)
        account.is_blocked = False
        account.block_reason = ""

    def reset_token(self, ofd_id: int) -> int:
        """As in the cabinet: a new token that the register must be told by hand. Raises KeyError."""
        account = self.ledger.account(ofd_id)
        account.token = (account.token * 22695477 + 12345) & 0x7FFF_FFFF or 1
        return account.token

    def give_goods(self, goods: Iterable[CabinetGood]) -> int:
        """Put this list of goods into the cabinet; its version. Raises ValueError, see CabinetList.give."""
        return self.exchange.cabinet.give(goods, FIRST_DAY)

    async def refuse_connections(self) -> None:
        """Stop listening and break what is open: the OFD is unreachable. Ledger and port stay."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in tuple(self.connections):
            connection.abort()

    async def accept_connections(self) -> None:
        """Listen again on the same port."""
        if self._server is None and self._address is not None:
            self._server = await self._listen(*self._address)

    @property
    def is_accepting(self) -> bool:
        return self._server is not None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Endpoint]:
        """Listen until the block ends. Raises OSError when a port is taken."""
        async with AsyncExitStack() as stack:
            self._server = await self._listen(self.settings.host, self.settings.port)
            stack.push_async_callback(self.refuse_connections)
            host, port = self._server.sockets[0].getsockname()[:2]
            self._address = (host, port)
            http_port = None
            if self.settings.http_port is not None:
                from simulators.ofd.web import serve_web  # Starlette is not needed for the wire alone

                http_port = await stack.enter_async_context(serve_web(self, host, self.settings.http_port))
                if not self.settings.site:
                    self.exchange.site = f"http://{host}:{http_port}/check"
            yield Endpoint(host, port, http_port)

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: _Connection(self), host, port, backlog=BACKLOG, reuse_address=True, ssl=self._tls
        )

    def answer(self, frame: Frame) -> bytes:
        """One exchange without a socket and without faults: whole answer frame."""
        self.exchanges += 1
        token, payload = self.exchange.handle(frame)
        return encode_frame(frame.version, frame.device_id, token, frame.reqnum, payload)


class _Connection(asyncio.Protocol):
    """One client; requests are answered in the order they came."""

    __slots__ = ("_buffer", "_simulator", "_transport")

    def __init__(self, simulator: OfdSimulator) -> None:
        self._simulator = simulator
        self._buffer = FrameBuffer()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of asyncio's
        self._transport = transport
        simulator = self._simulator
        if len(simulator.connections) >= simulator.settings.connections_max:
            transport.abort()
            return
        simulator.connections.add(self)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._simulator.connections.discard(self)
        self._transport = None

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        simulator = self._simulator
        try:
            frames = self._buffer.feed(data)
        except WireError:
            simulator.ledger.garbage += 1
            if self._transport is not None:
                self._transport.close()
            return
        for frame in frames:
            fault = None
            if simulator.faults:
                command = frame.payload[1] if len(frame.payload) > 1 and frame.payload[0] == 8 else -1
                fault = simulator.faults.strike(frame.device_id, command)
            if fault is not None:
                self._suffer(frame, fault)
            elif simulator.settings.latency_ms:
                self._send_later(simulator.answer(frame), simulator.settings.latency_ms)
            elif self._transport is not None:
                self._transport.write(simulator.answer(frame))

    def _suffer(self, frame: Frame, fault: Fault) -> None:
        simulator = self._simulator
        match fault.kind:
            case FaultKind.CUT_BEFORE:
                self.abort()
                return
            case FaultKind.SILENCE_BEFORE:
                return
            case FaultKind.CODE:
                token, payload = simulator.exchange.refuse(frame, fault.code, "on demand")
                self._send_later(
                    encode_frame(frame.version, frame.device_id, token, frame.reqnum, payload), fault.delay_ms
                )
                return
        answer = simulator.answer(frame)
        match fault.kind:
            case FaultKind.CUT_AFTER:
                self.abort()
            case FaultKind.SILENCE_AFTER:
                pass
            case FaultKind.CUT_INSIDE:
                if self._transport is not None:
                    self._transport.write(answer[: HEADER_SIZE + 1])
                    self._transport.close()
            case FaultKind.GARBAGE:
                self._send_later(b"\x00" * len(answer), fault.delay_ms)
            case FaultKind.WRONG_TOKEN:
                self._send_later(answer[:12] + bytes(b ^ 0x5A for b in answer[12:16]) + answer[16:], 0)
            case FaultKind.WRONG_REQNUM:
                self._send_later(answer[:16] + bytes(b ^ 0x5A for b in answer[16:18]) + answer[18:], 0)
            case _:
                self._send_later(answer, fault.delay_ms)

    def _send_later(self, data: bytes, delay_ms: int) -> None:
        if delay_ms:
            asyncio.get_running_loop().call_later(delay_ms / 1000, self._send, data)
        else:
            self._send(data)

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
