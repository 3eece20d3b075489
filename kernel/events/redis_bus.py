"""The bus between processes: Redis publish/subscribe. Ids only, in batches; what is told while Redis is away
is lost.

All processes share one channel: notices are tiny, and a subscription made once cannot be late. A process
hears its own notices at once, without Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
from collections.abc import Callable, Iterable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from kernel.errors import Fault
from kernel.events.bus import MemoryBus, MemoryListening, MemoryWaiter, NoticeCallback

log = logging.getLogger(__name__)

CHANNEL = "sauda:notices"
PENDING_MAX = 20_000  # notices gathered while a batch is on its way; more are dropped
BATCH_MAX = 1_000  # notices in one message
CONNECT_TIMEOUT_S = 2.0
RECONNECT_FIRST_S = 0.1
RECONNECT_MAX_S = 5.0
POLL_S = 1.0  # how often the hearing connection looks whether Redis is still there
HEALTH_CHECK_S = 15
# A partner that vanishes without a word is given up after about half a minute, not after the system's quarter
# of an hour: seconds of silence before a probe, between probes, probes; milliseconds without acknowledgement.
SILENCE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}


class RedisBus:
    """See kernel.events.bus.Bus; make it, `await start()`, at the end `await close()`."""

    def __init__(self, url: str, *, channel: str = CHANNEL) -> None:
        self._url = url
        self._channel = channel
        self._local = MemoryBus()
        self._sender = secrets.token_hex(6)  # to skip our own words when they come back
        self._pending: dict[tuple[str, str], None] = {}
        self._news = asyncio.Event()
        self._hears = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.dropped = 0  # notices that never left this process

    @property
    def is_connected(self) -> bool:
        """True while notices of other processes are heard."""
        return self._hears.is_set()

    def publish(self, topic: str, subject_id: str) -> None:
        """See Bus."""
        self._local.publish(topic, subject_id)
        if len(self._pending) >= PENDING_MAX:
            self.dropped += 1
            return
        self._pending[topic, subject_id] = None
        self._news.set()

    def tap(self, topic: str, callback: NoticeCallback) -> Callable[[], None]:
        """See Bus."""
        return self._local.tap(topic, callback)

    def listen(self, topic: str) -> MemoryListening:
        """See Bus."""
        return self._local.listen(topic)

    def expect(self, topic: str, subject_id: str) -> MemoryWaiter:
        """See Bus."""
        return self._local.expect(topic, subject_id)

    async def start(self) -> None:
        """Begin to send and to hear. Waits a moment for Redis, but does not fail without it: it is tried
        again all the time.
        """
        if self._tasks:
            raise Fault("the bus is started already")
        self._tasks = [
            asyncio.create_task(self._send_forever(), name="redis-bus-send"),
            asyncio.create_task(self._hear_forever(), name="redis-bus-hear"),
        ]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._hears.wait()

    async def close(self) -> None:
        """Stop; listeners end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._local.close()

    async def _send_forever(self) -> None:
        async with self._client() as redis:
            pause_s = RECONNECT_FIRST_S
            while True:
                await self._news.wait()
                self._news.clear()
                pending, self._pending = self._pending, {}
                try:
                    await self._send(redis, list(pending))
                    pause_s = RECONNECT_FIRST_S
                except (RedisError, OSError) as error:
                    self.dropped += len(pending)
                    log.warning("redis is away, notices are lost: %s", error)
                    await asyncio.sleep(pause_s)
                    pause_s = min(RECONNECT_MAX_S, pause_s * 2)

    async def _send(self, redis: Redis, notices: list[tuple[str, str]]) -> None:
        for start in range(0, len(notices), BATCH_MAX):
            batch = notices[start : start + BATCH_MAX]
            await redis.publish(self._channel, encode(self._sender, batch))

    async def _hear_forever(self) -> None:
        pause_s = RECONNECT_FIRST_S
        while True:
            try:
                async with self._client() as redis, redis.pubsub() as pubsub:
                    await pubsub.subscribe(self._channel)
                    while True:
                        message = await pubsub.get_message(timeout=POLL_S)
                        if message is None:
                            continue
                        if message["type"] == "subscribe":
                            self._hears.set()
                            pause_s = RECONNECT_FIRST_S
                        elif message["type"] == "message":
                            self._heard(message["data"])
            except (RedisError, OSError) as error:
                self._hears.clear()
                log.warning("redis is away, other processes are not heard: %s", error)
                await asyncio.sleep(pause_s)
                pause_s = min(RECONNECT_MAX_S, pause_s * 2)

    def _heard(self, data: bytes) -> None:
        sender, notices = decode(data)
        if sender != self._sender:
            for topic, subject_id in notices:
                self._local.publish(topic, subject_id)

    def _client(self) -> Redis:
        return Redis.from_url(
            self._url,
            client_name=f"sauda-bus-{self._sender}",
            health_check_interval=HEALTH_CHECK_S,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            **({} if self._url.startswith("unix:") else _watchful()),
        )


def encode(sender: str, notices: Iterable[tuple[str, str]]) -> bytes:
    """One message: the sender's line, then a line "topic tab id" for each notice."""
    return "\n".join([sender, *(f"{topic}\t{subject_id}" for topic, subject_id in notices)]).encode()


def decode(data: bytes) -> tuple[str, list[tuple[str, str]]]:
    """Sender and notices of a message; lines that make no sense are skipped."""
    sender, *lines = data.decode(errors="replace").split("\n")
    pairs = (line.partition("\t") for line in lines)
    return sender, [(topic, subject_id) for topic, tab, subject_id in pairs if tab]


def _watchful() -> dict[str, Any]:
    """Options of a TCP connection that notices silence, as far as this system knows them."""
    known = {getattr(socket, name): value for name, value in SILENCE.items() if hasattr(socket, name)}
    return {"socket_keepalive": True, "socket_keepalive_options": known}
