"""The host as a whole: listening, connections, faults, control. Rules live in exchange.py and below.

A connection may carry the requests of many terminals. Bytes that are no message close it and are counted.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kernel.clock import Clock, SystemClock
from protocols.iso8583.dialect import Dialect, dialect_of
from protocols.iso8583.errors import WireError
from protocols.iso8583.frame import Frame, FrameBuffer, answer_tpdu
from protocols.iso8583.message import Message
from protocols.iso8583.numbers import Processing
from simulators.acquirer.exchange import Answered, Exchange, Terminal
from simulators.acquirer.faults import Fault, FaultKind, of_amount
from simulators.acquirer.keys import MASTER_SIZE, HostKeys
from simulators.acquirer.ledger import Ledger
from simulators.acquirer.rules import Rules
from simulators.acquirer.settings import AcquirerSettings, TerminalData, test_master_key
from simulators.faults import Faults
from simulators.listening import Connection, Listener

if TYPE_CHECKING:
    from starlette.applications import Starlette

_STRANGE = {FaultKind.WRONG_MAC, FaultKind.WRONG_AMOUNT, FaultKind.WRONG_TERMINAL}


class AcquirerSimulator(Listener):
    """An acquirer's host in this process.

        host = AcquirerSimulator(AcquirerSettings())
        host.add_terminal(TerminalData("88000001"))
        async with host.running() as endpoint:
            ...  # endpoint.host, endpoint.port, endpoint.http_port

    `ledger` is what the acquirer believes, `faults` what goes wrong next. Raises ValueError for options of
    no dialect.
    """

    def __init__(
        self, settings: AcquirerSettings | None = None, *, clock: Clock | None = None, seed: int = 0
    ) -> None:
        self.settings = settings or AcquirerSettings()
        super().__init__(self.settings)
        self.clock = clock or SystemClock()
        self.dialect: Dialect = dialect_of(self.settings.options)
        self.ledger = Ledger()
        self.faults: Faults[Fault] = Faults(seed)
        self.rules = Rules(self.settings, self.ledger, self.clock, seed)
        self.exchange = Exchange(self.rules, self.dialect, self.clock)
        self.requests = 0
        self.garbage = 0
        self.held: list[Callable[[], None]] = []  # requests on their way until `release`

    def add_terminal(self, data: TerminalData, master: bytes | None = None) -> Terminal:
        """master: its TMK; the test key of its code when not given. Raises ValueError when it is known."""
        if data.terminal_code in self.exchange.terminals:
            raise ValueError(f"terminal {data.terminal_code} is known already")
        master = master or test_master_key(data.terminal_code, MASTER_SIZE)
        terminal = Terminal(data, HostKeys(master, self.dialect.mac_rule, self.clock))
        self.exchange.terminals[data.terminal_code] = terminal
        return terminal

    def terminal(self, terminal_code: str) -> Terminal:
        """Raises KeyError for an unknown one."""
        return self.exchange.terminals[terminal_code]

    def release(self) -> None:
        """Let arrive what is held."""
        arriving, self.held = self.held, []
        for arrive in arriving:
            arrive()

    def connection(self) -> Connection:
        """For a client that called."""
        return _Terminals(self)

    def ledger_app(self) -> Starlette:
        """The ledger over HTTP."""
        from simulators.acquirer.web import build_web

        return build_web(self)

    def answer(self, data: bytes, *, code: str = "") -> Answered:
        """One exchange without a socket and without faults. Raises MalformedMessage."""
        self.requests += 1
        return self.exchange.handle(data, code=code)

    def fault_for(self, message: Message) -> Fault | None:
        """What strikes this request: what is armed, else what its amount asks for."""
        terminal = message.text(41)
        if self.faults and (fault := self.faults.strike(message.message_class, terminal)) is not None:
            return fault
        is_purchase = message.message_class == "2" and message.text(3) == Processing.PURCHASE
        return of_amount(message.number(4)) if is_purchase else None


class _Terminals(Connection):
    """One client; requests are answered in the order they came unless a fault says otherwise."""

    __slots__ = ("_buffer", "_simulator")

    def __init__(self, simulator: AcquirerSimulator) -> None:
        super().__init__(simulator)
        self._simulator = simulator
        self._buffer = FrameBuffer(simulator.dialect.framing)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._buffer.feed(data):
                self._take(frame)
        except WireError:
            self._simulator.garbage += 1
            self.close()

    def _take(self, frame: Frame) -> None:
        simulator = self._simulator
        fault = simulator.fault_for(simulator.dialect.unpack(frame.payload))
        if fault is not None:
            self._suffer(frame, fault)
        else:
            self._reply(frame, simulator.answer(frame.payload), simulator.settings.latency_ms)

    def _suffer(self, frame: Frame, fault: Fault) -> None:
        simulator = self._simulator
        match fault.kind:
            case FaultKind.CUT_BEFORE:
                self.abort()
                return
            case FaultKind.SILENCE_BEFORE:
                return
            case FaultKind.CODE:
                self._reply(frame, simulator.answer(frame.payload, code=fault.code), fault.delay_ms)
                return
            case FaultKind.HELD if fault.delay_ms:
                loop = asyncio.get_running_loop()
                loop.call_later(fault.delay_ms / 1000, self._process_late, frame)
                return
            case FaultKind.HELD:
                simulator.held.append(partial(self._process_late, frame))
                return
        answered = simulator.answer(frame.payload)
        match fault.kind:
            case FaultKind.CUT_AFTER:
                self.abort()
            case FaultKind.SILENCE_AFTER:
                pass
            case FaultKind.CUT_INSIDE:
                self.send(self._framed(frame, simulator.exchange.pack(answered))[:-7])
                self.close()
            case FaultKind.GARBAGE:
                self.send(self._framed(frame, b"\xff" * 20))
            case kind if kind in _STRANGE:
                self._reply(frame, _strange(kind, answered), fault.delay_ms)
            case _:
                self._reply(frame, answered, fault.delay_ms)

    def _process_late(self, frame: Frame) -> None:
        self._reply(frame, self._simulator.answer(frame.payload), 0)

    def _reply(self, frame: Frame, answered: Answered, delay_ms: int) -> None:
        self.send(self._framed(frame, self._simulator.exchange.pack(answered)), delay_ms)

    def _framed(self, frame: Frame, payload: bytes) -> bytes:
        tpdu = answer_tpdu(frame.tpdu) if frame.tpdu else b""
        return self._simulator.dialect.framing.encode(payload, tpdu)


def _strange(kind: FaultKind, answered: Answered) -> Answered:
    message = answered.message
    if kind is FaultKind.WRONG_MAC:
        return Answered(message, None if answered.key is None else os.urandom(len(answered.key)))
    if kind is FaultKind.WRONG_AMOUNT and 4 in message.fields:
        return Answered(message.with_fields({4: str(message.number(4) + 1)}), answered.key)
    if kind is FaultKind.WRONG_TERMINAL:
        return Answered(message.with_fields({41: "00000000"}), answered.key)
    return answered
