"""Questions to a thermal printer about itself and what its answers mean (ESC/POS: DLE EOT, GS r)."""

from __future__ import annotations

from dataclasses import dataclass

ASK_OFFLINE = b"\x10\x04\x02"  # DLE EOT 2: why it is off line; answered at once
ASK_PAPER = b"\x10\x04\x04"  # DLE EOT 4: its paper sensors; answered at once
ASK_ENDED = b"\x1d\x72\x01"  # GS r 1: its paper sensors; answered in turn, after what was sent before

FIXED_MASK, FIXED = 0b10010011, 0b00010010  # bits that are the same in every answer to DLE EOT
COVER = 0b00000100
STOPPED_BY_PAPER = 0b00100000
BROKEN = 0b01000000
NEAR_END = 0b00001100
ENDED = 0b01100000


@dataclass(frozen=True, slots=True)
class Told:
    """problem "": none that it tells of."""

    problem: str = ""
    paper: str = "UNKNOWN"


def told_of_paper(answer: bytes) -> Told:
    """The meaning of an answer to DLE EOT 4; nothing is known from silence or from another answer."""
    byte = _one(answer)
    if byte is None:
        return Told()
    if byte & ENDED:
        return Told("NO_PAPER", "OUT")
    return Told(paper="LOW" if byte & NEAR_END else "ENOUGH")


def told_of_offline(answer: bytes) -> Told:
    """The meaning of an answer to DLE EOT 2."""
    byte = _one(answer)
    if byte is None:
        return Told()
    if byte & COVER:
        return Told("COVER_OPEN")
    if byte & STOPPED_BY_PAPER:
        return Told("NO_PAPER", "OUT")
    return Told("FAILED") if byte & BROKEN else Told()


def _one(answer: bytes) -> int | None:
    """The last byte that looks like an answer; a printer may have pushed others of its own accord."""
    return next((byte for byte in reversed(answer) if byte & FIXED_MASK == FIXED), None)
