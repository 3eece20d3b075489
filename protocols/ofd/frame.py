"""The 18-byte header and its payload: encode, decode, incremental reader. The payload stays opaque.

Source: CPCR 2.0.2, header layout: little-endian APPCODE, VERSION, SIZE (header included), ID, TOKEN, REQNUM.
The text sets no upper limit for SIZE; SIZE_MAX is ours.
"""

from __future__ import annotations

import asyncio
import struct
from typing import NamedTuple

from protocols.ofd.errors import BadMagic, BadSize, BadVersion, TruncatedFrame

APPCODE = 0x81A2
HEADER_SIZE = 18
SIZE_MAX = 1 << 20  # bytes, header included
ID_MAX = TOKEN_MAX = 0xFFFF_FFFF
REQNUM_MAX = 0xFFFF

_HEADER = struct.Struct("<HHIIIH")


class Frame(NamedTuple):
    """One message as it travels."""

    version: int
    device_id: int
    token: int
    reqnum: int
    payload: bytes


class Header(NamedTuple):
    version: int
    size: int
    device_id: int
    token: int
    reqnum: int


def encode_frame(version: int, device_id: int, token: int, reqnum: int, payload: bytes) -> bytes:
    """Header and payload, ready to be written.

    Raises BadSize when the payload is too long, struct.error when a number does not fit its field.
    """
    size = HEADER_SIZE + len(payload)
    if size > SIZE_MAX:
        raise BadSize(f"{size} bytes, at most {SIZE_MAX}")
    return _HEADER.pack(APPCODE, version, size, device_id, token, reqnum) + payload


def decode_header(data: bytes | bytearray | memoryview, size_max: int = SIZE_MAX) -> Header:
    """Read the first 18 bytes of `data`.

    Raises TruncatedFrame (fewer bytes), BadMagic, BadVersion, BadSize.
    """
    if len(data) < HEADER_SIZE:
        raise TruncatedFrame(f"{len(data)} of {HEADER_SIZE} header bytes")
    magic, version, size, device_id, token, reqnum = _HEADER.unpack_from(data)
    if magic != APPCODE:
        raise BadMagic(f"application code {magic:#06x}")
    if not 100 <= version <= 999:  # X.Y.Z written as a decimal number, each part one digit
        raise BadVersion(f"version {version}")
    if not HEADER_SIZE <= size <= size_max:
        raise BadSize(f"size {size}, allowed {HEADER_SIZE}–{size_max}")
    return Header(version, size, device_id, token, reqnum)


def decode_frame(data: bytes) -> Frame:
    """Exactly one frame; bytes after it are an error.

    Raises the errors of decode_header; BadSize when SIZE and the length of `data` disagree.
    """
    header = decode_header(data)
    if len(data) < header.size:
        raise TruncatedFrame(f"{len(data)} of {header.size} bytes")
    if len(data) > header.size:
        raise BadSize(f"{len(data) - header.size} bytes after the frame")
    return Frame(header.version, header.device_id, header.token, header.reqnum, data[HEADER_SIZE:])


class FrameBuffer:
    """Collects bytes as they come and gives whole frames; holds at most one frame and what followed it."""

    __slots__ = ("_data", "_header", "_size_max")

    def __init__(self, size_max: int = SIZE_MAX) -> None:
        self._data = bytearray()
        self._header: Header | None = None
        self._size_max = size_max

    def feed(self, data: bytes) -> list[Frame]:
        """Every frame completed by `data`, in order.

        Raises BadMagic, BadVersion, BadSize; the stream has lost its place then and must be closed.
        """
        buffer = self._data
        buffer += data
        frames: list[Frame] = []
        while True:
            if self._header is None:
                if len(buffer) < HEADER_SIZE:
                    if len(buffer) >= 2 and (buffer[0] != 0xA2 or buffer[1] != 0x81):
                        raise BadMagic("stream does not begin with a frame")
                    return frames
                self._header = decode_header(buffer, self._size_max)
            header = self._header
            if len(buffer) < header.size:
                return frames
            payload = bytes(buffer[HEADER_SIZE : header.size])
            frames.append(Frame(header.version, header.device_id, header.token, header.reqnum, payload))
            del buffer[: header.size]
            self._header = None

    def close(self) -> None:
        """Tell that the stream ended. Raises TruncatedFrame when it ended inside a frame."""
        if self._data:
            raise TruncatedFrame(f"{len(self._data)} bytes of an unfinished frame")


async def read_frame(reader: asyncio.StreamReader, size_max: int = SIZE_MAX) -> Frame:
    """The next frame of a stream; the caller sets the deadline.

    Raises TruncatedFrame when the stream ends first, BadMagic, BadVersion, BadSize, OSError.
    """
    try:
        header = decode_header(await reader.readexactly(HEADER_SIZE), size_max)
        payload = await reader.readexactly(header.size - HEADER_SIZE)
    except asyncio.IncompleteReadError as error:
        raise TruncatedFrame(f"stream ended after {len(error.partial)} bytes") from error
    return Frame(header.version, header.device_id, header.token, header.reqnum, payload)


def next_reqnum(reqnum: int) -> int:
    """The number of the next new request; 65535 is followed by 0 (CPCR 2.0.2, header rules)."""
    return (reqnum + 1) & REQNUM_MAX
