"""The bus: lossy notices between parts and processes. A notice is a topic and an id; who hears it reads the
truth again.

Nothing may become incorrect when a notice is lost, only slower. `MemoryBus` serves one process,
`redis_bus.RedisBus` many.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Protocol

LISTENER_IDS_MAX = 10_000  # ids one listener may lag behind before the oldest are dropped

NoticeCallback = Callable[[str], None]


class Waiter(Protocol):
    """Waits for one notice; made by `Bus.expect` before the transaction that leads to it."""

    async def __aenter__(self) -> Waiter: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def wait(self, timeout_s: float) -> bool:
        """True when the notice came since the waiter was entered; False after timeout_s seconds."""
        ...


class Listening(Protocol):
    """An open ear for one topic; made by `Bus.listen`."""

    async def __aenter__(self) -> AsyncIterator[str]: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Bus(Protocol):
    """What the rest of the system may ask of a bus. Use between `start` and `close`."""

    def publish(self, topic: str, subject_id: str) -> None:
        """Tell everybody who listens; never blocks and never fails."""
        ...

    def tap(self, topic: str, callback: NoticeCallback) -> Callable[[], None]:
        """Call back on each notice of a topic, in the event loop; the callback must be quick. Returns what
        ends it.
        """
        ...

    def listen(self, topic: str) -> Listening:
        """`async with bus.listen("sale") as ids: async for sale_id in ids: ...`; equal ids that wait are told
        once.
        """
        ...

    def expect(self, topic: str, subject_id: str) -> Waiter:
        """`async with bus.expect("sale", sale_id) as waiter: ...commit...; heard = await
        waiter.wait(timeout_s)`.
        """
        ...

    async def start(self) -> None:
        """Connect."""
        ...

    async def close(self) -> None:
        """Disconnect; listeners end, waiters go on until their timeout."""
        ...


class MemoryBus:
    """The bus of a single process: two dictionaries."""

    def __init__(self) -> None:
        self._taps: dict[str, list[NoticeCallback]] = {}
        self._waiters: dict[tuple[str, str], list[MemoryWaiter]] = {}
        self._listeners: set[MemoryListening] = set()

    def publish(self, topic: str, subject_id: str) -> None:
        """See Bus."""
        waiters = self._waiters.get((topic, subject_id))
        if waiters is not None:
            for waiter in waiters:
                waiter.heard()
        taps = self._taps.get(topic)
        if taps is not None:
            for callback in tuple(taps):
                callback(subject_id)

    def tap(self, topic: str, callback: NoticeCallback) -> Callable[[], None]:
        """See Bus."""
        self._taps.setdefault(topic, []).append(callback)
        return lambda: self._untap(topic, callback)

    def listen(self, topic: str) -> MemoryListening:
        """See Bus."""
        return MemoryListening(self, topic)

    def expect(self, topic: str, subject_id: str) -> MemoryWaiter:
        """See Bus."""
        return MemoryWaiter(self._waiters, (topic, subject_id))

    async def start(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """End all listeners."""
        for listening in tuple(self._listeners):
            listening.end()

    def _untap(self, topic: str, callback: NoticeCallback) -> None:
        taps = self._taps.get(topic, [])
        if callback in taps:
            taps.remove(callback)
        if not taps:
            self._taps.pop(topic, None)


class MemoryWaiter:
    """Registered between entering and leaving; one task may wait at a time."""

    __slots__ = ("_is_heard", "_key", "_waiters", "_waiting")

    def __init__(self, waiters: dict[tuple[str, str], list[MemoryWaiter]], key: tuple[str, str]) -> None:
        self._waiters = waiters
        self._key = key
        self._is_heard = False
        self._waiting: asyncio.Future[None] | None = None

    async def __aenter__(self) -> MemoryWaiter:
        self._waiters.setdefault(self._key, []).append(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        waiters = self._waiters[self._key]
        waiters.remove(self)
        if not waiters:
            del self._waiters[self._key]

    def heard(self) -> None:
        """The notice came."""
        self._is_heard = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def wait(self, timeout_s: float) -> bool:
        """See Waiter."""
        if self._is_heard or timeout_s <= 0:
            return self._is_heard
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = loop.call_later(timeout_s, self._wake)
        try:
            await self._waiting
        finally:
            timer.cancel()
            self._waiting = None
        return self._is_heard


class MemoryListening:
    """The ids that were told and not read yet; the oldest fall out when nobody reads."""

    def __init__(self, bus: MemoryBus, topic: str) -> None:
        self._bus = bus
        self._topic = topic
        self._ids: dict[str, None] = {}
        self._news = asyncio.Event()
        self._is_over = False
        self._untap: Callable[[], None] = lambda: None

    async def __aenter__(self) -> AsyncIterator[str]:
        self._untap = self._bus.tap(self._topic, self._heard)
        self._bus._listeners.add(self)
        return self._read()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._untap()
        self._bus._listeners.discard(self)
        self.end()

    def end(self) -> None:
        """No more ids will come; what was told may still be read."""
        self._is_over = True
        self._news.set()

    def _heard(self, subject_id: str) -> None:
        self._ids[subject_id] = None
        if len(self._ids) > LISTENER_IDS_MAX:
            del self._ids[next(iter(self._ids))]
        self._news.set()

    async def _read(self) -> AsyncIterator[str]:
        while True:
            while self._ids:
                subject_id = next(iter(self._ids))
                del self._ids[subject_id]
                yield subject_id
            if self._is_over:
                return
            self._news.clear()
            await self._news.wait()
