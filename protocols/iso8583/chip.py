"""Chip data (DE55) as a row of tags: read to know what stands in it, never to change it.

Source: EMV 4.3 book 3, annex B (BER-TLV of EMV).
"""

from __future__ import annotations

from protocols.iso8583.errors import MalformedMessage

TAGS_MAX = 64
# Number of the card, tracks, name of the holder, PIN: none of them may leave a device in clear.
CARD_TAGS = frozenset({"56", "57", "5A", "5F20", "9F0B", "9F1F", "9F20", "9F6B", "99"})


def read_tags(data: bytes) -> dict[str, bytes]:
    """Values by tag in capital hexadecimal, not looking inside constructed ones.

    Raises MalformedMessage when the data are no row of tags, a tag stands twice or there are too many.
    """
    tags: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if at + length > len(data) or tag in tags or len(tags) == TAGS_MAX:
            raise MalformedMessage("chip data are no row of tags")
        tags[tag] = data[at : at + length]
        at += length
    return tags


def _tag(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - at > 3:
        raise MalformedMessage("chip data are no row of tags")
    return data[at:end].hex().upper(), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data) or data[at] == 0x80 or data[at] > 0x82:
        raise MalformedMessage("chip data are no row of tags")
    if data[at] < 0x80:
        return data[at], at + 1
    size = data[at] & 0x7F
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size
