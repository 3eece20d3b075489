"""The simulator as a whole: listening, connections, faults, control. Rules live in exchange.py and below.

A connection may carry many requests or one. Bytes that are no frame close it quietly and are counted.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from protocols.ofd.errors import WireError
from protocols.ofd.frame import HEADER_SIZE, Frame, FrameBuffer, encode_frame
from simulators.faults import Faults
from simulators.listening import Connection, Endpoint, Listener
from simulators.ofd.exchange import Exchange
from simulators.ofd.faults import Fault, FaultKind
from simulators.ofd.ledger import Account, Ledger
from simulators.ofd.nomenclature import CabinetGood
from simulators.ofd.settings import FIRST_DAY, OfdSettings, RegisterData

if TYPE_CHECKING:
    from starlette.applications import Starlette

MADE_UP_SITE = "https://ofd.invalid/check"


class OfdSimulator(Listener):
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
        super().__init__(self.settings, tls)
        self.ledger = Ledger(self.settings.kept_documents)
        self.faults: Faults[Fault] = Faults(seed)
        self.exchange = Exchange(self.ledger, self.settings, self.settings.site or MADE_UP_SITE)
        self.exchanges = 0  # frames received

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

    def connection(self) -> Connection:
        """For a client that called."""
        return _Register(self)

    def ledger_app(self) -> Starlette:
        """The ledger over HTTP."""
        from simulators.ofd.web import build_web

        return build_web(self)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Endpoint]:
        """Listen until the block ends. Raises OSError when a port is taken."""
        async with super().running() as endpoint:
            if endpoint.http_port is not None and not self.settings.site:
                self.exchange.site = f"http://{endpoint.host}:{endpoint.http_port}/check"
            yield endpoint

    def answer(self, frame: Frame) -> bytes:
        """One exchange without a socket and without faults: whole answer frame."""
        self.exchanges += 1
        token, payload = self.exchange.handle(frame)
        return encode_frame(frame.version, frame.device_id, token, frame.reqnum, payload)


class _Register(Connection):
    """One client; requests are answered in the order they came."""

    __slots__ = ("_buffer", "_simulator")

    def __init__(self, simulator: OfdSimulator) -> None:
        super().__init__(simulator)
        self._simulator = simulator
        self._buffer = FrameBuffer()

    def data_received(self, data: bytes) -> None:
        simulator = self._simulator
        try:
            frames = self._buffer.feed(data)
        except WireError:
            simulator.ledger.garbage += 1
            self.close()
            return
        for frame in frames:
            fault = None
            if simulator.faults:
                command = frame.payload[1] if len(frame.payload) > 1 and frame.payload[0] == 8 else -1
                fault = simulator.faults.strike(frame.device_id, command)
            if fault is not None:
                self._suffer(frame, fault)
            else:
                self.send(simulator.answer(frame), simulator.settings.latency_ms)

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
                self.send(
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
                self.send(answer[: HEADER_SIZE + 1])
                self.close()
            case FaultKind.GARBAGE:
                self.send(b"\x00" * len(answer), fault.delay_ms)
            case FaultKind.WRONG_TOKEN:
                self.send(answer[:12] + bytes(b ^ 0x5A for b in answer[12:16]) + answer[16:])
            case FaultKind.WRONG_REQNUM:
                self.send(answer[:16] + bytes(b ^ 0x5A for b in answer[16:18]) + answer[18:])
            case _:
                self.send(answer, fault.delay_ms)
