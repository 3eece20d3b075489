"""Fields of encoded messages put in or taken out without reading the rest: what stays keeps its bytes.

By the encoding's own rules the fields of a message may be joined as bytes, and the contents of one embedded
message that comes in several pieces too.
"""

from __future__ import annotations

from protocols.ofd.errors import MalformedMessage

_VARINT, _FIXED_64, _TEXT, _FIXED_32 = 0, 1, 2, 5  # wire types
_FIXED = {_FIXED_64: 8, _FIXED_32: 4}


def split_at(message: bytes, number: int) -> tuple[bytes, bytes, bytes]:
    """Fields below a number as they are, the content of the embedded message of that number, fields above.

    Raises MalformedMessage when the bytes are no message.
    """
    below = inside = above = b""
    at, size = 0, len(message)
    while at < size:
        begin = at
        key, at = _varint(message, at)
        kind, field = key & 7, key >> 3
        content = at
        if kind == _VARINT:
            _, at = _varint(message, at)
        elif kind == _TEXT:
            length, content = _varint(message, at)
            at = content + length
        elif kind in _FIXED:
            at += _FIXED[kind]
        else:
            raise MalformedMessage(f"wire type {kind}")
        if at > size:
            raise MalformedMessage("a field goes beyond the end")
        if field < number:
            below += message[begin:at]
        elif field > number:
            above += message[begin:at]
        elif kind == _TEXT:
            inside += message[content:at]
        else:
            raise MalformedMessage(f"field {number} is no message")
    return below, inside, above


def embedded(number: int, content: bytes) -> bytes:
    """An embedded message as a field of another."""
    return encoded_varint(number << 3 | _TEXT) + encoded_varint(len(content)) + content


def encoded_varint(value: int) -> bytes:
    """A number that is not negative."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins there and where it ends."""
    value = shift = 0
    try:
        while (byte := message[at]) > 0x7F:
            value |= (byte & 0x7F) << shift
            shift += 7
            at += 1
    except IndexError:
        raise MalformedMessage("a number goes beyond the end") from None
    return value | byte << shift, at + 1
