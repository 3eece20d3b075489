"""ESC/POS cut into commands as a printer's own firmware does it, as far as a receipt needs them.

Sources: ESC/POS command descriptions of printer makers (ESC @, ESC t, GS v 0, GS ( …). What is unknown is
passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CODE_PAGES = {17: "cp866", 46: "cp1251"}  # by ESC t; others show as cp437
ENDED = "ended?"  # GS r: answered in turn
CUT = "cut"
TEXT = "text"
PICTURE = "picture"
CODE = "code"  # QR or bar code drawn by the printer
DRAWER = "drawer"
OTHER = "other"

# Arguments that follow a command of fixed length.
_ESC = {
    b"@": 0, b"2": 0, b"S": 0, b"L": 0, b"\x0c": 0, b"!": 1, b"-": 1, b"3": 1, b"E": 1, b"G": 1, b"J": 1,
    b"M": 1, b"R": 1, b"T": 1, b"U": 1, b"V": 1, b"a": 1, b"d": 1, b"t": 1, b"{": 1, b" ": 1, b"%": 1,
    b"e": 1, b"$": 2, b"\\": 2, b"c": 2, b"p": 3, b"W": 8,
}  # fmt: skip
_GS = {b"!": 1, b"B": 1, b"H": 1, b"b": 1, b"f": 1, b"h": 1, b"w": 1, b"a": 1, b"r": 1, b"I": 1, b"/": 1,
       b"L": 2, b"P": 2, b"W": 2, b"$": 2, b"\\": 2, b":": 0}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Command:
    """One command; argument: its bytes, or the text as it is shown."""

    kind: str
    argument: bytes | str = b""


class NeedsMore(Exception):
    """The command goes on in bytes that have not come yet."""


def read(stream: bytes, page: str = "cp437") -> Iterator[tuple[Command, int, str]]:
    """Commands with the place where each ends and the code page after it; stops before one cut off."""
    place = 0
    while place < len(stream):
        try:
            command, place, page = _one(stream, place, page)
        except (NeedsMore, IndexError):
            return
        yield command, place, page


def text_of(commands: list[Command]) -> str:
    """What a person would read on the paper."""
    return "".join(str(each.argument) for each in commands if each.kind == TEXT)


def _one(stream: bytes, place: int, page: str) -> tuple[Command, int, str]:
    lead = stream[place : place + 1]
    if lead == b"\x10":
        return Command(OTHER), _need(stream, place + 3), page  # real-time commands were answered before
    if lead == b"\x1b":
        return _escape(stream, place, page)
    if lead == b"\x1d":
        return _group(stream, place, page)
    if lead == b"\x1c":
        return (
            Command(OTHER),
            _need(stream, place + (3 if stream[place + 1 : place + 2] == b"!" else 2)),
            page,
        )
    end = place
    while end < len(stream) and stream[end] not in b"\x10\x1b\x1d\x1c":
        end += 1
    return Command(TEXT, stream[place:end].decode(page, errors="replace")), end, page


def _escape(stream: bytes, place: int, page: str) -> tuple[Command, int, str]:
    name = stream[_need(stream, place + 2) - 1 : place + 2]
    if name == b"*":  # a picture of columns: m nL nH, 1 or 3 bytes a column
        _need(stream, place + 5)
        columns = stream[place + 3] + 256 * stream[place + 4]
        size = columns * (3 if stream[place + 2] in (32, 33) else 1)
        end = _need(stream, place + 5 + size)
        return Command(PICTURE, stream[place + 5 : end]), end, page
    end = _need(stream, place + 2 + _ESC.get(name, 0))
    if name == b"t":
        page = CODE_PAGES.get(stream[place + 2], "cp437")
    if name == b"@":
        page = "cp437"
    return Command(DRAWER if name == b"p" else OTHER), end, page


def _group(stream: bytes, place: int, page: str) -> tuple[Command, int, str]:
    name = stream[_need(stream, place + 2) - 1 : place + 2]
    if name == b"v":  # a raster: 0 m xL xH yL yH
        _need(stream, place + 8)
        width = stream[place + 4] + 256 * stream[place + 5]
        height = stream[place + 6] + 256 * stream[place + 7]
        end = _need(stream, place + 8 + width * height)
        return Command(PICTURE, stream[place + 8 : end]), end, page
    if name == b"(":  # fn pL pH
        _need(stream, place + 5)
        size = stream[place + 3] + 256 * stream[place + 4]
        end = _need(stream, place + 5 + size)
        return Command(CODE if stream[place + 2 : place + 3] == b"k" else OTHER), end, page
    if name == b"k":  # a bar code: m n data, or m data NUL
        _need(stream, place + 4)
        if stream[place + 2] >= 65:
            return Command(CODE), _need(stream, place + 4 + stream[place + 3]), page
        closed = stream.find(b"\x00", place + 3)
        if closed < 0:
            raise NeedsMore
        return Command(CODE), closed + 1, page
    if name == b"V":
        _need(stream, place + 3)
        return Command(CUT), _need(stream, place + (4 if stream[place + 2] in (65, 66) else 3)), page
    end = _need(stream, place + 2 + _GS.get(name, 0))
    return Command(ENDED if name == b"r" else OTHER), end, page


def _need(stream: bytes, end: int) -> int:
    if end > len(stream):
        raise NeedsMore
    return end
