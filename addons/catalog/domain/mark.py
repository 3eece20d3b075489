"""Marking codes (DataMatrix) as scanners give them: recognised, repaired, named by what tells pieces apart.

Forms: a GS1 element string (AIs 01, 21 and a tail of 91 with 92, or 93, before it perhaps 8005 on a carton of
cigarettes), and the code of a cigarette pack (GTIN of 14 digits, 7 characters of serial, 4 of price and 4 of
check, or 8 of check). Whether a mark was sold does not belong here.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from addons.catalog.domain.barcode import is_gtin
from addons.catalog.domain.keyboard import typed_in_latin
from kernel.errors import Refusal
from kernel.values import value

MARK_LENGTH_MAX = 255
MARK_KEY_LENGTH = 64  # SHA-256 in hex: told apart by every collation, whatever letters a serial has
GS = "\x1d"

# What scanners put before a code to name its symbology, and what they write instead of the invisible GS.
_PREFIXES = ("]d2", "]d1", "]Q3", "]C1", "]e0", GS)
_WRITTEN_GS = re.compile(r"\u241d|<GS>|\{GS\}|\[GS\]|\\x1d|\\u001d|\x1e|\xe8", re.IGNORECASE)
_PACK_LENGTHS = (29, 25, 21)  # whole, without check, GTIN and serial only
_SERIAL_LENGTHS = (13, 7, 6, 20, 12, 8)  # goods, cigarettes, dairy; the rest is rare
_SERIAL_LENGTH_MAX = 20
# What may follow the serial, as (AI, length of its value) in order: Crypto tails of marked goods.
_TAILS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("91", 4), ("92", 44)),
    (("91", 4), ("92", 88)),
    (("93", 4),),
    (("8005", 6), ("93", 4)),
    (("8005", 6),),
    (("93", 4), ("3103", 6)),
    (),
)
# Characters of AI values (GS1 General Specifications, figure 7.11-1).
_CHARSET = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
_LOOKS_GS1 = re.compile(r"01(\d{14})21")


class MarkKind(StrEnum):
    """How a mark is made up."""

    GS1 = "gs1"
    CARTON = "carton"  # of cigarettes: GS1 with a price
    PACK = "pack"  # of cigarettes
    OTHER = "other"  # kept and compared as it is


@value
class MarkRead:
    """A marking code. text: repaired, with GS where it belongs, as the OFD gets it; key: a digest, equal for
    two scans of one piece whatever became of the tail. gtin and serial are empty for kind OTHER.
    """

    kind: MarkKind
    text: str
    key: str
    gtin: str = ""
    serial: str = ""


def read_mark(scanned: str, *, field: str) -> MarkRead:
    """The mark a scanner gave.

    Repaired are: symbology prefixes, GS written as text, brackets of the printed form, a Cyrillic keyboard
    layout and a lost GS. What is no known form is kept as it is. Raises Refusal("MARK_MALFORMED") for an
    empty, too long or unprintable text.
    """
    text = _stripped(typed_in_latin(_stripped(scanned)))
    if not 0 < len(text) <= MARK_LENGTH_MAX or not text.replace(GS, "").isprintable():
        raise Refusal("MARK_MALFORMED", field=field, max=MARK_LENGTH_MAX)
    return _gs1(text) or _pack(text) or MarkRead(MarkKind.OTHER, text, _digest(text))


def _stripped(text: str) -> str:
    """Without what the scanner added."""
    text = _WRITTEN_GS.sub(GS, text.strip(" \t\r\n"))
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    return text.rstrip(GS)


def _gs1(text: str) -> MarkRead | None:
    from biip import ParseError  # with the first mark: it takes a tenth of a second
    from biip.gs1_messages import GS1Message

    try:
        if text.startswith("(01)"):
            text = GS1Message.parse_hri(text).value
        found = _LOOKS_GS1.match(text)
        if found is None or not is_gtin(found[1]):
            return None
        rest = text[found.end() :]
        whole = f"{found[0]}{rest if GS in rest else _with_separators(rest)}"
        message = GS1Message.parse(whole)
    except ParseError:
        return None
    values = {element.ai.ai: element.value for element in message.element_strings}
    serial = values.get("21", "")
    if not _CHARSET.fullmatch(serial):
        return None
    kind = MarkKind.CARTON if "8005" in values else MarkKind.GS1
    return MarkRead(kind, whole, _digest(f"01{found[1]}21{serial}"), found[1], serial)


def _with_separators(rest: str) -> str:
    """Serial and tail that lost their GS, with GS again: the first form whose lengths and AIs fit."""
    for serial in _SERIAL_LENGTHS:
        for tail in _TAILS:
            if tail and (joined := _joined(rest, serial, tail)) is not None:
                return joined
    return rest if len(rest) <= _SERIAL_LENGTH_MAX else ""


def _joined(rest: str, serial: int, tail: tuple[tuple[str, int], ...]) -> str | None:
    if len(rest) != serial + sum(len(ai) + length for ai, length in tail):
        return None
    parts, at = [rest[:serial]], serial
    for ai, length in tail:
        if not rest.startswith(ai, at):
            return None
        parts.append(rest[at : at + len(ai) + length])
        at += len(ai) + length
    return GS.join(parts)


def _pack(text: str) -> MarkRead | None:
    """A pack's code has no AIs: its GTIN comes first."""
    if len(text) not in _PACK_LENGTHS or not is_gtin(text[:14]):
        return None
    if not _CHARSET.fullmatch(text):
        return None
    gtin, serial = text[:14], text[14:21]
    return MarkRead(MarkKind.PACK, text, _digest(f"01{gtin}21{serial}"), gtin, serial)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
