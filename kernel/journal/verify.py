"""Checking journals: reads a lane's chain in pages and finds the first entry that is not what was written.

Found are: an altered entry, a missing one, one that was moved, one added behind the end, and a tail cut off.
Not found is a tail cut off together with the lane's own memory of it; that needs a witness outside of this
database (receipts, exports, the operator of fiscal data).

Gaps are stretches that prove nothing any more: purged after their term, or released by a person after an
investigation (kernel.journal.retention, kernel.journal.gaps). The chain goes on behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kernel.journal.chain import GENESIS, JournalEntry, digest_of
from kernel.journal.joint import JOINTS, is_joint_whole

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

PAGE_ENTRIES = 500
PAGE_LANES = 500
GAPS_MAX = 10_000  # of one lane

_LANES = "SELECT lane_key FROM kernel_lane WHERE lane_key > ? ORDER BY lane_key LIMIT ?"
_TAIL = "SELECT journal_seq, journal_digest FROM kernel_lane WHERE lane_key = ?"
_DIGEST = "SELECT digest FROM kernel_journal WHERE lane_key = ? AND seq = ?"
_ENTRIES = (
    "SELECT company_id, lane_key, seq, kind, at_ms, body, digest FROM kernel_journal "
    "WHERE lane_key = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?"
)
_GAPS = (
    "SELECT from_seq, to_seq, to_digest FROM kernel_journal_gap WHERE lane_key = ? ORDER BY from_seq LIMIT ?"
)
_NEVER = (1 << 63) - 1


class Breach(StrEnum):
    """What is wrong with a chain at its first wrong place."""

    ALTERED = "altered"
    MISSING = "missing"
    REORDERED = "reordered"
    TRUNCATED = "truncated"  # the lane remembers more entries than there are
    EXTRA = "extra"  # there are more entries than the lane remembers
    SEVERED = "severed"  # it says that the chain goes on in another lane, or comes from one, which denies it


class Mark(NamedTuple):
    """A place in a chain: the entry before the next one to check, and its digest."""

    seq: int
    digest: str


BEGIN = Mark(0, GENESIS)


@dataclass(frozen=True, slots=True)
class LaneVerdict:
    """Result for one lane: entries found good, and where and how the chain breaks, if it does.

    seq: number of the first wrong entry; kind, at_ms: what stands in its place, None when nothing does.
    """

    lane_key: str
    entries: int
    breach: Breach | None = None
    seq: int | None = None
    kind: str | None = None
    at_ms: int | None = None

    @property
    def is_whole(self) -> bool:
        """True when nothing is wrong."""
        return self.breach is None


@dataclass(frozen=True, slots=True)
class Walk:
    """A part of a verification: where to go on, and the verdict once the end or a breach is reached.

    entries counts those of this part.
    """

    mark: Mark
    entries: int
    verdict: LaneVerdict | None


Witness = Callable[[JournalEntry], None]


async def lane_exists(reader: Reader, lane_key: str) -> bool:
    """Whether anything was ever done on this lane."""
    return await reader.row(_TAIL, lane_key) is not None


async def mark_at(reader: Reader, lane_key: str, seq: int) -> Mark | None:
    """The place behind an entry by its stored digest, to check what follows it; None when it is not there."""
    if seq <= 0:
        return BEGIN
    row = await reader.row(_DIGEST, lane_key, seq)
    if row is None:
        return next((each.end for each in await gaps_of(reader, lane_key) if each.end.seq == seq), None)
    return Mark(seq, row["digest"])


class Gap(NamedTuple):
    """Entries from_seq to end.seq prove nothing."""

    from_seq: int
    end: Mark


async def gaps_of(reader: Reader, lane_key: str) -> list[Gap]:
    """Gaps of a lane in order."""
    rows = await reader.rows(_GAPS, lane_key, GAPS_MAX)
    return [Gap(row["from_seq"], Mark(row["to_seq"], row["to_digest"])) for row in rows]


async def verify_lane(reader: Reader, lane_key: str, *, page: int = PAGE_ENTRIES) -> LaneVerdict:
    """Check one lane's chain against its digests and the lane's own memory of the tail.

    The lane may be written meanwhile: the memory of the tail is read again before an entry behind it is
    called EXTRA. Entries of a lane that does not exist are EXTRA.
    """
    walk = await verify_from(reader, lane_key, BEGIN, page=page)
    assert walk.verdict is not None  # without a limit it ends at the end
    return walk.verdict


async def verify_from(
    reader: Reader,
    lane_key: str,
    mark: Mark,
    *,
    entries_max: int | None = None,
    page: int = PAGE_ENTRIES,
    witness: Witness | None = None,
) -> Walk:
    """Check what follows the mark, at most `entries_max` entries (rounded up to pages); the loop breathes
    between pages. witness sees every good entry.
    """
    gaps = await gaps_of(reader, lane_key)
    tail = await tail_of(reader, lane_key)
    count = 0

    def broken(breach: Breach, seq: int, entry: JournalEntry | None = None) -> Walk:
        kind, at_ms = (None, None) if entry is None else (entry.kind, entry.at_ms)
        return Walk(mark, count, LaneVerdict(lane_key, mark.seq, breach, seq, kind, at_ms))

    while True:
        mark, until = _past_gaps(mark, gaps)
        entries = [entry_of(row) for row in await reader.rows(_ENTRIES, lane_key, mark.seq, until, page)]
        for index, entry in enumerate(entries):
            if entry.seq > tail.seq:
                tail = await tail_of(reader, lane_key)
            if entry.seq > tail.seq:
                return broken(Breach.EXTRA, entry.seq, entry)
            if entry.seq != mark.seq + 1 or _digest_as(entry, entry.seq, mark.digest) != entry.digest:
                breach = breach_at(mark.seq + 1, mark.digest, entries[index:])
                assert breach is not None
                is_here = entry.seq == mark.seq + 1
                return broken(breach, mark.seq + 1, entry if is_here else None)
            if entry.kind in JOINTS and not await is_joint_whole(reader, entry):
                return broken(Breach.SEVERED, entry.seq, entry)
            mark, count = Mark(entry.seq, entry.digest), count + 1
            if witness is not None:
                witness(entry)
        if not entries or (len(entries) < page and mark.seq >= tail.seq):
            if mark.seq + 1 == until:  # a gap begins here
                continue
            break  # the tail was known before these entries were read: there are no more
        if entries_max is not None and count >= entries_max:
            return Walk(mark, count, None)
        await asyncio.sleep(0)
    if mark.seq < tail.seq:
        return broken(Breach.TRUNCATED if until == _NEVER else Breach.MISSING, mark.seq + 1)
    if mark != tail:
        last = await entries_after(reader, lane_key, mark.seq - 1, 1)
        return broken(Breach.ALTERED, mark.seq, last[0] if last else None)
    return Walk(mark, count, LaneVerdict(lane_key, mark.seq))


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


def _past_gaps(mark: Mark, gaps: Sequence[Gap]) -> tuple[Mark, int]:
    """The mark, moved behind gaps that begin at it, and the number where the next gap begins."""
    for gap in gaps:
        if gap.end.seq <= mark.seq:
            continue
        if gap.from_seq > mark.seq + 1:
            return mark, gap.from_seq
        mark = gap.end
    return mark, _NEVER


async def tail_of(reader: Reader, lane_key: str) -> Mark:
    """What the lane itself remembers of its last entry."""
    row = await reader.row(_TAIL, lane_key)
    return BEGIN if row is None else Mark(row["journal_seq"], row["journal_digest"])


async def entries_after(reader: Reader, lane_key: str, seq: int, limit: int) -> list[JournalEntry]:
    """Entries behind a number, in order, as they are stored."""
    return [entry_of(row) for row in await reader.rows(_ENTRIES, lane_key, seq, _NEVER, limit)]


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


def entry_of(row: SqlRow) -> JournalEntry:
    """A row of kernel_journal with all of its columns but the id."""
    return JournalEntry(
        row["company_id"],
        row["lane_key"],
        row["seq"],
        row["kind"],
        row["body"],
        row["at_ms"],
        row["digest"],
    )
