"""One connection to an acquirer's host, shared by all terminals there: requests go out, answers find theirs.

An answer is given to the request it belongs to and to nobody else. One that comes when its request was given
up goes to whoever wanted to hear of it even then; what belongs to no request is told to the log. What is no
message ends the connection: its place in the stream is lost. What the messages mean is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, cast

import structlog
from prometheus_client import Counter

from addons.pos_terminal.adapters.iso8583.guard import Guard
from kernel.data.work import forbid_in_transaction
from kernel.metrics import REGISTRY
from protocols.iso8583.dialect import Dialect
from protocols.iso8583.errors import WireError
from protocols.iso8583.frame import FrameBuffer
from protocols.iso8583.masking import masked
from protocols.iso8583.message import Message

CONNECT_LIMIT_S = 10
IDLE_LIMIT_S = 50  # a connection that was silent for longer is made anew: a router may have forgotten it
WAITING_MAX = 4_096  # requests without an answer yet
OVERDUE_MAX = 4_096  # requests that were given up and may still be answered, the latest
OVERDUE_S = 3_600
SILENT, GARBAGE, CLOSED = "silent", "garbage", "closed"

_log = structlog.get_logger("sauda.acquirer")
unmatched = Counter(
    "sauda_acquirer_unmatched_total", "Answers of acquirers that no request waited for.", registry=REGISTRY
)


class HostNotReached(Exception):
    """Surely nothing has left. reason: for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnswerLost(Exception):
    """The request may have arrived and no usable answer came. reason: SILENT, GARBAGE or CLOSED."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MatchKey(NamedTuple):
    """By what an answer finds its request: class of the type, DE41, DE11, DE7."""

    message_class: str
    terminal: str
    stan: str
    transmitted: str


class Received(NamedTuple):
    """An answer and the bytes it was read from, which its MAC covers."""

    message: Message
    data: bytes


LateListener: TypeAlias = "Callable[[Received], None]"


class _Overdue(NamedTuple):
    until: float  # of the event loop
    listener: LateListener


def match_key(message: Message) -> MatchKey:
    """Of a request and of its answer. Raises MalformedMessage."""
    return MatchKey(message.message_class, message.text(41), message.text(11), message.text(7))


class _Stream(asyncio.Protocol):
    """Bytes of one connection."""

    def __init__(self, link: HostLink) -> None:
        self._link = link
        self._buffer = FrameBuffer(link.dialect.framing)
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of asyncio's

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._buffer.feed(data):
                self._link.take(Received(self._link.dialect.unpack(frame.payload), frame.payload))
        except WireError as broken:
            _log.warning("acquirer_garbage", host=self._link.name, error=str(broken))
            self._link.drop(GARBAGE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.lost(self)


class HostLink:
    """Lives in one event loop. tpdu: the header of our frames, where the dialect has one; guard: TLS, where
    the contract wants it.
    """

    def __init__(
        self, host: str, port: int, dialect: Dialect, *, tpdu: bytes = b"", guard: Guard | None = None
    ) -> None:
        self.name = f"{host}:{port}"
        self.dialect = dialect
        self._host, self._port, self._tpdu, self._guard = host, port, tpdu, guard
        self._stream: _Stream | None = None
        self._connecting = asyncio.Lock()
        self._waiting: dict[MatchKey, asyncio.Future[Received]] = {}
        self._overdue: dict[MatchKey, _Overdue] = {}
        self._used_at = 0.0

    @property
    def is_idle(self) -> bool:
        """Nobody waits for an answer."""
        return not self._waiting and not self._connecting.locked()

    async def exchange(
        self, request: Message, data: bytes, *, until: float, late: LateListener | None = None
    ) -> Received:
        """Send the packed request and await its answer. until: a time of this event loop; late: gets the
        answer that comes after it.

        Raises HostNotReached, AnswerLost.
        """
        forbid_in_transaction()
        loop = asyncio.get_running_loop()
        frame = self.dialect.framing.encode(data, self._tpdu)
        stream = await self._connected(until)
        key = match_key(request)
        if key in self._waiting or len(self._waiting) >= WAITING_MAX:
            raise HostNotReached("busy")
        answer: asyncio.Future[Received] = loop.create_future()
        self._waiting[key] = answer
        try:
            assert stream.transport is not None, "connected"
            stream.transport.write(frame)
            self._used_at = loop.time()
            async with asyncio.timeout_at(until):
                return await answer
        except TimeoutError:
            if late is not None:
                self._expect_late(key, _Overdue(loop.time() + OVERDUE_S, late))
            raise AnswerLost(SILENT) from None
        finally:
            self._waiting.pop(key, None)

    def take(self, received: Received) -> None:
        """An answer came. Raises MalformedMessage."""
        now = self._used_at = asyncio.get_running_loop().time()
        waiting = self._waiting.get(match_key(received.message)) if received.message.is_answer else None
        if waiting is not None and not waiting.done():
            waiting.set_result(received)
            return
        overdue = self._overdue.pop(match_key(received.message), None) if received.message.is_answer else None
        if overdue is not None and overdue.until > now:
            overdue.listener(received)
        unmatched.inc()
        _log.warning("acquirer_unmatched", host=self.name, message=masked(received.message))

    def drop(self, reason: str = CLOSED) -> None:
        """End the connection; whoever waits has lost his answer."""
        stream, self._stream = self._stream, None
        if stream is not None and stream.transport is not None:
            stream.transport.abort()
        self._fail(reason)

    def lost(self, stream: _Stream) -> None:
        """The connection ended by itself."""
        if stream is self._stream:
            self._stream = None
            self._fail(CLOSED)

    def _expect_late(self, key: MatchKey, overdue: _Overdue) -> None:
        self._overdue[key] = overdue
        if len(self._overdue) > OVERDUE_MAX:
            self._overdue.pop(next(iter(self._overdue)))

    async def _connected(self, until: float) -> _Stream:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(min(until, loop.time() + CONNECT_LIMIT_S)), self._connecting:
                stream = self._stream
                if stream is not None and not self._waiting and loop.time() - self._used_at > IDLE_LIMIT_S:
                    self.drop()
                    stream = None
                if stream is None or stream.transport is None or stream.transport.is_closing():
                    context = None if self._guard is None else self._guard.context()
                    _, stream = await loop.create_connection(
                        lambda: _Stream(self), self._host, self._port, ssl=context
                    )
                    self._demand_peer(stream)
                    self._stream, self._used_at = stream, loop.time()
                return stream
        except TimeoutError:
            raise HostNotReached("no_connection") from None
        except OSError as error:
            raise HostNotReached(type(error).__name__) from None

    def _demand_peer(self, stream: _Stream) -> None:
        """Raises HostNotReached for another certificate than the pinned one."""
        if self._guard is None or stream.transport is None:
            return
        secured = stream.transport.get_extra_info("ssl_object")
        if not self._guard.is_peer(secured.getpeercert(binary_form=True)):
            stream.transport.abort()
            raise HostNotReached("certificate")

    def _fail(self, reason: str) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(AnswerLost(reason))
