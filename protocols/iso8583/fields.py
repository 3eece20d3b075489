"""The data elements of ISO 8583:1987 and how one dialect writes them; messages are packed in dialect.py.

Source: ISO 8583:1987, table of data elements; names follow the standard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FIELD_MAX = 128
MAC_FIELDS = (64, 128)


class Kind(StrEnum):
    """What an element may hold."""

    NUMBER = "n"  # digits
    TEXT = "an"  # letters and digits, padded with spaces
    FREE = "ans"  # any printable character
    TRACK = "z"  # digits and the separator = of track 2
    SIGNED = "x+n"  # C or D and digits
    BYTES = "b"


class Writing(StrEnum):
    """How digits, lengths or bytes travel."""

    ASCII = "ascii"  # one character each; bytes as two hexadecimal characters
    BINARY = "binary"  # digits and lengths as BCD, bytes as they are


@dataclass(frozen=True, slots=True)
class Element:
    """One data element. length: exact when prefix is 0, else the most; in bytes for Kind.BYTES, else in
    characters. prefix: digits of its length prefix (2 or 3).
    """

    name: str
    kind: Kind
    length: int
    prefix: int = 0


def _element(name: str, form: str) -> Element:
    """Read "n 6" (exactly six) or "ans 2:40" (at most forty, after two digits of length)."""
    kind, size = form.split()
    prefix, _, length = size.rpartition(":")
    return Element(name, Kind(kind), int(length), int(prefix or 0))


ISO87: Mapping[int, Element] = {
    number: _element(name, form)
    for number, name, form in (
        (2, "primary account number", "n 2:19"),
        (3, "processing code", "n 6"),
        (4, "amount", "n 12"),
        (5, "settlement amount", "n 12"),
        (6, "cardholder billing amount", "n 12"),
        (7, "transmission date and time", "n 10"),
        (9, "settlement rate", "n 8"),
        (10, "cardholder billing rate", "n 8"),
        (11, "system trace audit number", "n 6"),
        (12, "local time", "n 6"),
        (13, "local date", "n 4"),
        (14, "expiry", "n 4"),
        (15, "settlement date", "n 4"),
        (16, "conversion date", "n 4"),
        (17, "capture date", "n 4"),
        (18, "merchant type", "n 4"),
        (19, "acquirer country", "n 3"),
        (22, "point of service entry mode", "n 3"),
        (23, "card sequence number", "n 3"),
        (24, "network international identifier", "n 3"),
        (25, "point of service condition", "n 2"),
        (26, "PIN length captured", "n 2"),
        (28, "transaction fee", "x+n 9"),
        (30, "transaction processing fee", "x+n 9"),
        (32, "acquirer identification", "n 2:11"),
        (33, "forwarder identification", "n 2:11"),
        (34, "extended account number", "ans 2:28"),
        (35, "track 2", "z 2:37"),
        (36, "track 3", "z 3:104"),
        (37, "retrieval reference number", "an 12"),
        (38, "authorization code", "an 6"),
        (39, "response code", "an 2"),
        (40, "service restriction code", "an 3"),
        (41, "terminal", "ans 8"),
        (42, "merchant", "ans 15"),
        (43, "merchant name and place", "ans 40"),
        (44, "additional response data", "ans 2:25"),
        (45, "track 1", "ans 2:76"),
        (46, "additional data, ISO", "ans 3:999"),
        (47, "additional data, national", "ans 3:999"),
        (48, "additional data, private", "ans 3:999"),
        (49, "currency", "an 3"),
        (50, "settlement currency", "an 3"),
        (51, "cardholder billing currency", "an 3"),
        (52, "PIN data", "b 8"),
        (53, "security control", "n 16"),
        (54, "additional amounts", "an 3:120"),
        (55, "chip data", "b 3:255"),
        (56, "message reason", "ans 3:999"),
        (57, "reserved national", "ans 3:999"),
        (58, "reserved national", "ans 3:999"),
        (59, "reserved national", "ans 3:999"),
        (60, "batch", "ans 3:999"),
        (61, "original data of the terminal", "ans 3:999"),
        (62, "keys", "ans 3:999"),
        (63, "private", "ans 3:999"),
        (64, "message authentication code", "b 8"),
        (66, "reconciliation result", "n 1"),
        (67, "extended payment code", "n 2"),
        (70, "network management code", "n 3"),
        (71, "message number", "n 4"),
        (72, "message number, last", "n 4"),
        (73, "action date", "n 6"),
        (74, "credits, number", "n 10"),
        (75, "credits reversed, number", "n 10"),
        (76, "debits, number", "n 10"),
        (77, "debits reversed, number", "n 10"),
        (86, "credits, amount", "n 16"),
        (87, "credits reversed, amount", "n 16"),
        (88, "debits, amount", "n 16"),
        (89, "debits reversed, amount", "n 16"),
        (90, "original data elements", "n 42"),
        (95, "replacement amounts", "an 42"),
        (96, "message security code", "b 8"),
        (97, "net reconciliation amount", "x+n 17"),
        (99, "settlement institution", "n 2:11"),
        (100, "receiving institution", "n 2:11"),
        (102, "account, from", "ans 2:28"),
        (103, "account, to", "ans 2:28"),
        (120, "reserved private", "ans 3:999"),
        (123, "reserved private", "ans 3:999"),
        (127, "reserved private", "ans 3:999"),
        (128, "message authentication code", "b 8"),
    )
}

Spec = dict[str, dict[str, Any]]  # what the package `iso8583` calls a specification


def specification(
    elements: Mapping[int, Element], *, mti: Writing, bitmap: Writing, digits: Writing, binary: Writing
) -> Spec:
    """The table for the package `iso8583`. digits: of numbers and of length prefixes."""
    spec: Spec = {
        "h": _entry("b", 0, 0, "ascii"),
        "t": _entry("b" if mti is Writing.BINARY else "ascii", 2 if mti is Writing.BINARY else 4, 0, "ascii"),
        "p": _bitmap(bitmap),
        "1": _bitmap(bitmap),
    }
    for number, element in elements.items():
        spec[str(number)] = _field(element, digits, binary)
    return spec


def _bitmap(writing: Writing) -> dict[str, Any]:
    return _entry("b", 8, 0, "ascii") if writing is Writing.BINARY else _entry("ascii", 16, 0, "ascii")


def _field(element: Element, digits: Writing, binary: Writing) -> dict[str, Any]:
    is_packed = digits is Writing.BINARY
    len_enc, len_type = ("bcd", (element.prefix + 1) // 2) if is_packed else ("ascii", element.prefix)
    match element.kind:
        case Kind.NUMBER | Kind.TRACK if is_packed:
            pad = {"right_pad": "0"} if element.prefix else {"left_pad": "0"}
            return _entry("b", element.length, len_type, len_enc) | {"len_count": "nibbles"} | pad
        case Kind.SIGNED if is_packed:  # the sign is a character, the digits are BCD
            return _entry("b", 1 + element.length // 2, len_type, len_enc)
        case Kind.BYTES if binary is Writing.BINARY:
            return _entry("b", element.length, len_type, len_enc)
        case Kind.BYTES:  # hexadecimal text: lengths count characters
            most = element.length * 2 if not element.prefix else min(element.length * 2, 999)
            return _entry("ascii", most, len_type, len_enc)
        case _:
            return _entry("ascii", element.length, len_type, len_enc)


def _entry(data_enc: str, max_len: int, len_type: int, len_enc: str) -> dict[str, Any]:
    return {"data_enc": data_enc, "len_enc": len_enc, "len_type": len_type, "max_len": max_len, "desc": ""}
