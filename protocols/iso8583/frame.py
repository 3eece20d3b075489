"""Frames of a TCP stream: a length, perhaps a TPDU, a message. What the message says is not read here.

Sources: common practice of acquirers; TPDU of ISO 8583 terminals (60, destination and source of two bytes).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from protocols.iso8583.errors import BadFrame, TruncatedFrame

FRAME_MAX = 4096  # bytes after the length, TPDU included
TPDU_SIZE = 5
TPDU_ID = 0x60


class LengthHeader(StrEnum):
    """How the length before each frame is written; it does not count itself."""

    BINARY2 = "binary2"  # two bytes, big-endian
    BCD2 = "bcd2"  # 115 bytes → 01 15
    ASCII4 = "ascii4"  # 115 bytes → 0115


class Frame(NamedTuple):
    """tpdu: five bytes as they came, or b""."""

    payload: bytes
    tpdu: bytes = b""


@dataclass(frozen=True, slots=True)
class Framing:
    """How frames are cut. A length of zero closes the stream unless it is this dialect's sign of life."""

    header: LengthHeader = LengthHeader.BINARY2
    has_tpdu: bool = False
    is_zero_alive: bool = False

    @property
    def header_size(self) -> int:
        """Bytes of the length."""
        return 4 if self.header is LengthHeader.ASCII4 else 2

    def encode(self, payload: bytes, tpdu: bytes = b"") -> bytes:
        """The frame to write. Raises BadFrame when it would be empty or too long, or the TPDU is wrong."""
        if self.has_tpdu is not bool(tpdu) or (tpdu and not _is_tpdu(tpdu)):
            raise BadFrame("a TPDU is five bytes and goes only where the dialect has it")
        size = len(tpdu) + len(payload)
        if not payload or size > FRAME_MAX:
            raise BadFrame(f"{size} bytes, allowed 1-{FRAME_MAX}")
        return self._length(size) + tpdu + payload

    def decode_length(self, header: bytes) -> int:
        """Bytes that follow; 0 is a sign of life. Raises BadFrame."""
        match self.header:
            case LengthHeader.BINARY2:
                size = int.from_bytes(header, "big")
            case LengthHeader.BCD2:
                size = _digits(header.hex().encode())
            case LengthHeader.ASCII4:
                size = _digits(header)
        least = (TPDU_SIZE if self.has_tpdu else 0) + 1
        if size == 0 and self.is_zero_alive:
            return 0
        if not least <= size <= FRAME_MAX:
            raise BadFrame(f"{size} bytes, allowed {least}-{FRAME_MAX}")
        return size

    def split(self, body: bytes) -> Frame:
        """Body of a frame to TPDU and payload. Raises BadFrame."""
        if not self.has_tpdu:
            return Frame(body)
        tpdu = body[:TPDU_SIZE]
        if not _is_tpdu(tpdu):
            raise BadFrame("the TPDU does not begin with 60")
        return Frame(body[TPDU_SIZE:], tpdu)

    def _length(self, size: int) -> bytes:
        match self.header:
            case LengthHeader.BINARY2:
                return size.to_bytes(2, "big")
            case LengthHeader.BCD2:
                return bytes.fromhex(f"{size:04d}")
            case LengthHeader.ASCII4:
                return b"%04d" % size


PLAIN = Framing()


class FrameBuffer:
    """Collects bytes as they come and gives whole frames; holds one unfinished frame and what was fed."""

    __slots__ = ("_data", "_framing", "_size")

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._data = bytearray()
        self._size: int | None = None

    def feed(self, data: bytes) -> list[Frame]:
        """Every frame completed by `data`, in order. Raises BadFrame; the stream must be closed then."""
        buffer, framing = self._data, self._framing
        buffer += data
        frames: list[Frame] = []
        while True:
            if self._size is None:
                if len(buffer) < framing.header_size:
                    return frames
                self._size = framing.decode_length(bytes(buffer[: framing.header_size]))
                del buffer[: framing.header_size]
            if len(buffer) < self._size:
                return frames
            if self._size:
                frames.append(framing.split(bytes(buffer[: self._size])))
            del buffer[: self._size]
            self._size = None

    def close(self) -> None:
        """Tell that the stream ended. Raises TruncatedFrame when it ended inside a frame."""
        if self._data or self._size is not None:
            raise TruncatedFrame(f"{len(self._data)} bytes of an unfinished frame")


async def read_frame(reader: asyncio.StreamReader, framing: Framing) -> Frame | None:
    """The next frame of a stream, None at its end; the caller sets the deadline.

    Raises TruncatedFrame when the stream ends inside a frame, BadFrame, OSError.
    """
    while True:
        header = await _exactly(reader, framing.header_size, may_end=True)
        if not header:
            return None
        if size := framing.decode_length(header):
            return framing.split(await _exactly(reader, size, may_end=False))


def answer_tpdu(tpdu: bytes) -> bytes:
    """Destination and source change places in the answer."""
    return tpdu[:1] + tpdu[3:5] + tpdu[1:3]


async def _exactly(reader: asyncio.StreamReader, size: int, *, may_end: bool) -> bytes:
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        if may_end and not error.partial:
            return b""
        raise TruncatedFrame(f"stream ended after {len(error.partial)} of {size} bytes") from None


def _is_tpdu(tpdu: bytes) -> bool:
    return len(tpdu) == TPDU_SIZE and tpdu[0] == TPDU_ID


def _digits(text: bytes) -> int:
    if not text.isdigit():
        raise BadFrame("the length is not a number")
    return int(text)
