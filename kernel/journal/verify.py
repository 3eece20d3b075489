"""Checking journals: reads a lane's chain in pages and finds the first entry that is not what was written.

Found are: an altered entry, a missing one, one that was moved, one added behind the end, and a tail cut off.
Not found is a tail cut off together with the lane's own memory of it; that needs a witness outside of this
database (receipts, the operator of fiscal data).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kernel.journal.chain import GENESIS, JournalEntry, digest_of

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

PAGE_ENTRIES = 500
PAGE_LANES = 500

_LANES = "SELECT lane_key FROM kernel_lane WHERE lane_key > ? ORDER BY lane_key LIMIT ?"
_TAIL = "SELECT journal_seq, journal_digest FROM kernel_lane WHERE lane_key = ?"
_ENTRIES = (
    "SELECT company_id, lane_key, seq, kind, at_ms, body, digest FROM kernel_journal "
    "WHERE lane_key = ? AND seq > ? ORDER BY seq LIMIT ?"
)


class Breach(StrEnum):
    """What is wrong with a chain at its first wrong place."""

    ALTERED = "altered"
    MISSING = "missing"
    REORDERED = "reordered"
    TRUNCATED = "truncated"  # the lane remembers more entries than there are
    EXTRA = "extra"  # there are more entries than the lane remembers


@dataclass(frozen=True, slots=True)
class LaneVerdict:
    """Result for one lane: entries found good, and where and how the chain breaks, if it does."""

    lane_key: str
    entries: int
    breach: Breach | None = None
    seq: int | None = None

    @property
    def is_whole(self) -> bool:
        """True when nothing is wrong."""
        return self.breach is None


async def lane_exists(reader: Reader, lane_key: str) -> bool:
    """Whether anything was ever done on this lane."""
    return await reader.row(_TAIL, lane_key) is not None


async def verify_lane(reader: Reader, lane_key: str, *, page: int = PAGE_ENTRIES) -> LaneVerdict:
    """Check one lane's chain against its digests and the lane's own memory of the tail.

    The lane may be written meanwhile: the memory of the tail is read again before an entry behind it is
    called EXTRA. Entries of a lane that does not exist are EXTRA.
    """
    tail_seq, tail_digest = await _tail(reader, lane_key)
    seq, digest = 0, GENESIS
    while True:
        entries = [_entry(row) for row in await reader.rows(_ENTRIES, lane_key, seq, page)]
        for index, entry in enumerate(entries):
            if entry.seq > tail_seq:
                tail_seq, tail_digest = await _tail(reader, lane_key)
            if entry.seq > tail_seq:
                return LaneVerdict(lane_key, seq, Breach.EXTRA, entry.seq)
            breach = breach_at(seq + 1, digest, entries[index:])
            if breach is not None:
                return LaneVerdict(lane_key, seq, breach, seq + 1)
            seq, digest = entry.seq, entry.digest
        if len(entries) < page:
            break
    if seq < tail_seq:
        return LaneVerdict(lane_key, seq, Breach.TRUNCATED, seq + 1)
    if digest != tail_digest:
        return LaneVerdict(lane_key, seq, Breach.ALTERED, seq)
    return LaneVerdict(lane_key, seq)


async def verify_all(reader: Reader, *, page: int = PAGE_ENTRIES) -> AsyncIterator[LaneVerdict]:
    """Verdicts for every lane, in the order of their keys; memory stays at one page."""
    after = ""
    while True:
        lanes = await reader.rows(_LANES, after, PAGE_LANES)
        for row in lanes:
            yield await verify_lane(reader, row["lane_key"], page=page)
        if len(lanes) < PAGE_LANES:
            return
        after = lanes[-1]["lane_key"]


async def _tail(reader: Reader, lane_key: str) -> tuple[int, str]:
    row = await reader.row(_TAIL, lane_key)
    return (0, GENESIS) if row is None else (row["journal_seq"], row["journal_digest"])


def breach_at(seq: int, previous: str, entries: Sequence[JournalEntry]) -> Breach | None:
    """What is wrong with the first of the entries, which should be number `seq` after `previous`; None when
    it is right.
    """
    entry = entries[0]
    if entry.seq == seq and _digest_as(entry, seq, previous) == entry.digest:
        return None
    if any(_digest_as(other, seq, previous) == other.digest for other in entries):
        return Breach.REORDERED  # the right entry is here, under another number
    return Breach.ALTERED if entry.seq == seq else Breach.MISSING


def _digest_as(entry: JournalEntry, seq: int, previous: str) -> str:
    return digest_of(
        previous,
        company_id=entry.company_id,
        lane_key=entry.lane_key,
        seq=seq,
        kind=entry.kind,
        at_ms=entry.at_ms,
        body=entry.body,
    )


def _entry(row: SqlRow) -> JournalEntry:
    return JournalEntry(
        row["company_id"],
        row["lane_key"],
        row["seq"],
        row["kind"],
        row["body"],
        row["at_ms"],
        row["digest"],
    )
