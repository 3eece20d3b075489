"""SNTP answers (RFC 4330) over UDP: the machine's time plus an offset, or what must not be believed."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

PACKET = struct.Struct(">BBbb11I")
NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970
SERVER_MODE = 0x24  # no warning, version 4, server


@dataclass
class SntpStandIn:
    """offset_ms: what it adds to the machine's clock; now_ms: another clock than the machine's, for tests;
    stratum 0: a kiss of death; is_silent: nothing comes back.
    """

    offset_ms: int = 0
    stratum: int = 2
    is_silent: bool = False
    is_stranger: bool = False  # answers somebody else's question
    now_ms: int | None = None
    asked: int = 0

    def answer(self, question: bytes) -> bytes | None:
        """The answer to one question; None for silence."""
        self.asked += 1
        if self.is_silent or len(question) < PACKET.size:
            return None
        real_ms = time.time_ns() // 1_000_000 if self.now_ms is None else self.now_ms
        seconds, fraction = ntp_time(real_ms + self.offset_ms)
        high, low = struct.unpack(">II", question[40:48])
        if self.is_stranger:
            low ^= 1
        return PACKET.pack(
            SERVER_MODE,
            self.stratum,
            4,
            -20,
            0,
            0,
            0,
            seconds,
            0,
            high,
            low,
            seconds,
            fraction,
            seconds,
            fraction,
        )

    @asynccontextmanager
    async def running(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[tuple[str, int]]:
        """Listen until the block ends; the address."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Door(self), local_addr=(host, port))
        try:
            yield transport.get_extra_info("sockname")[:2]
        finally:
            transport.close()


class _Door(asyncio.DatagramProtocol):
    def __init__(self, stand_in: SntpStandIn) -> None:
        self._stand_in = stand_in
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._stand_in.answer(data)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


def ntp_time(ms: int) -> tuple[int, int]:
    """Epoch milliseconds as seconds since 1900 and a fraction of 2^32, as they are on the wire."""
    seconds, rest = divmod(ms, 1_000)
    return (seconds + NTP_EPOCH_S) & 0xFFFF_FFFF, (rest << 32) // 1_000
