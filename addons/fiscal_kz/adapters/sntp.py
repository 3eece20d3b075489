"""What a time server says (SNTP, RFC 4330): one question over UDP, its answer checked, the difference."""

from __future__ import annotations

import asyncio
import secrets
import struct
from typing import TYPE_CHECKING, cast

from addons.fiscal_kz.services.clock import Measured
from kernel.clock import to_ms

if TYPE_CHECKING:
    from kernel.clock import Clock

PACKET_SIZE = 48
NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970
CLIENT_MODE = 0x23  # version 4, client
SERVER, UNSYNCHRONIZED = 4, 3
STRATUM_MAX = 15
TIMEOUT_S = 3.0
ERA_S = 2**32


class SntpClient:
    """Implements services.clock.TimeSource."""

    async def measure(self, host: str, port: int, clock: Clock) -> Measured | None:
        """What our clock is ahead of the server's; None when it is silent or not to be believed."""
        nonce = secrets.token_bytes(8)  # our transmit time is nobody's business; the answer must repeat it
        question = bytes([CLIENT_MODE]) + bytes(PACKET_SIZE - 9) + nonce
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bytes] = loop.create_future()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Ear(answered), remote_addr=(host, port)
            )
        except OSError:
            return None
        try:
            began, sent_ms = clock.monotonic(), to_ms(clock.now())
            transport.sendto(question)
            async with asyncio.timeout(TIMEOUT_S):
                answer = await answered
            took_ms = round((clock.monotonic() - began) * 1_000)
        except (TimeoutError, OSError):
            return None
        finally:
            transport.close()
        theirs_ms = _transmitted_ms(answer, nonce)
        if theirs_ms is None:
            return None
        return Measured(drift_ms=sent_ms + took_ms // 2 - theirs_ms)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Future[bytes]) -> None:
        self._answered = answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._answered.done():
            self._answered.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self._answered.done():
            self._answered.set_exception(exc)


def _transmitted_ms(answer: bytes, nonce: bytes) -> int | None:
    """The server's time; None for what is no answer to our question or comes from a clock that is not set."""
    if len(answer) < PACKET_SIZE or answer[24:32] != nonce:
        return None
    mode, warning, stratum = answer[0] & 7, answer[0] >> 6, answer[1]
    seconds, fraction = struct.unpack(">II", answer[40:48])
    if mode != SERVER or warning == UNSYNCHRONIZED or not 1 <= stratum <= STRATUM_MAX or not seconds:
        return None
    era = 0 if seconds & 0x8000_0000 else ERA_S  # RFC 4330 §3: seconds begin anew in 2036
    return (seconds + era - NTP_EPOCH_S) * 1_000 + ((fraction * 1_000) >> 32)
