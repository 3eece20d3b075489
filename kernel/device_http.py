"""One HTTP request to a device in a shop's network, such as a bank's terminal. What surely did not leave is
told apart from what may have arrived; pools, redirects and cookies do not belong here.

Not a client library: such devices send error numbers below 200 as HTTP status, which libraries take for
interim answers and drop, and they show certificates that fit no address, so the certificate itself is pinned.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import h11

CONNECT_LIMIT_MS = 5_000
HEAD_BYTES_MAX = 16_384
ANSWER_BYTES_MAX = 262_144
READ_BYTES = 65_536
INTERIM_BELOW = 200

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]{1,253}:\d{1,5}")
_PORTS = {"http": 80, "https": 443}


class DeviceNotReached(Exception):
    """Surely nothing has left. reason: absent, certificate, forbidden, agent_away …"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnswerLost(Exception):
    """The request may have arrived and no usable answer came."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """origin: `https://192.168.1.20:8080`; path: with its query; fingerprint: SHA-256 of the device's
    certificate in hexadecimal, "" to take any and be told which one it was.
    """

    origin: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class DeviceAnswer:
    """status: also an error number below 200, without a body. fingerprint: "" without TLS."""

    status: int
    body: bytes = field(default=b"", repr=False)
    fingerprint: str = ""


def origin_of(address: str) -> str:
    """The address in its one spelling, always with a port. Raises ValueError when it is none."""
    parts = urlsplit(address.strip().lower())
    port = parts.port or _PORTS.get(parts.scheme, 0)
    origin = f"{parts.scheme}://{parts.hostname}:{port}"
    if parts.path not in ("", "/") or parts.query or parts.username or _ORIGIN.fullmatch(origin) is None:
        raise ValueError("an address looks like https://192.168.1.20:8080")
    return origin


async def ask_device(request: DeviceRequest, *, limit_ms: int) -> DeviceAnswer:
    """Send it once and read the answer, both within limit_ms. Raises DeviceNotReached, AnswerLost."""
    parts = urlsplit(request.origin)
    is_tls = parts.scheme == "https"
    loop = asyncio.get_running_loop()
    end_s = loop.time() + limit_ms / 1_000
    try:
        async with asyncio.timeout_at(min(end_s, loop.time() + CONNECT_LIMIT_MS / 1_000)):
            reader, writer = await asyncio.open_connection(
                parts.hostname, parts.port, ssl=_any_certificate() if is_tls else None, limit=HEAD_BYTES_MAX
            )
    except (OSError, TimeoutError) as error:
        raise DeviceNotReached("absent") from error
    try:
        seen = _fingerprint(writer) if is_tls else ""
        if request.fingerprint and seen != request.fingerprint:
            raise DeviceNotReached("certificate")
        wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES_MAX)
        sent = _bytes_of(wire, request, parts.netloc)
        async with asyncio.timeout_at(end_s):
            writer.write(sent)
            await writer.drain()
            status, body = await _answer(wire, reader)
        return DeviceAnswer(status, body, seen)
    except TimeoutError as error:
        raise AnswerLost("silence") from error
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        raise AnswerLost("cut_off") from error
    except h11.RemoteProtocolError as error:
        raise AnswerLost("cut_off" if reader.at_eof() else "not_http") from error
    finally:
        writer.transport.abort()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


def _bytes_of(wire: h11.Connection, request: DeviceRequest, host: str) -> bytes:
    headers = {
        "Host": host,
        "Accept": "application/json",
        "Connection": "close",
        **request.headers,
        "Content-Length": str(len(request.body)),
    }
    head = wire.send(h11.Request(method=request.method, target=request.path, headers=list(headers.items())))
    body = wire.send(h11.Data(data=request.body)) if request.body else b""
    end = wire.send(h11.EndOfMessage())
    return (head or b"") + (body or b"") + (end or b"")


async def _answer(wire: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    line = _STATUS_LINE.match(head)
    if line is None:
        raise AnswerLost("not_http")
    status = int(line[1])
    if status < INTERIM_BELOW:
        return status, b""
    wire.receive_data(head)
    body = bytearray()
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > ANSWER_BYTES_MAX:
                raise AnswerLost("too_long")
        elif isinstance(event, h11.EndOfMessage):
            return status, bytes(body)
        elif isinstance(event, h11.ConnectionClosed):
            raise AnswerLost("cut_off")


def _fingerprint(writer: asyncio.StreamWriter) -> str:
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return hashlib.sha256(certificate).hexdigest()


@cache
def _any_certificate() -> ssl.SSLContext:
    """Checks nothing: the fingerprint is compared before the first byte of a request leaves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
