"""The standing verification: every chain from its beginning, in slices, once a round; what it found stays
written down.

Who runs it and what a broken chain means for its lane is an add-on's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.journal.verify import BEGIN, Breach, LaneVerdict, Mark, Walk, verify_from

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

SLICE_ENTRIES = 5_000  # of one slice: some tens of milliseconds, in pages
SLICE_LANES = 200

_NEXT = """SELECT l.lane_key, l.company_id, c.round_ms, c.seq, c.digest FROM kernel_lane l
LEFT JOIN kernel_journal_check c ON c.lane_key = l.lane_key
WHERE l.journal_seq > 0 AND (c.whole_ms IS NULL OR c.whole_ms < ?) ORDER BY l.lane_key LIMIT ?"""
_KNOWN = """SELECT lane_key, whole_ms, breach, breach_seq, breach_kind, breach_ms FROM kernel_journal_check
WHERE lane_key = ?"""
_SAVE = """UPDATE kernel_journal_check SET round_ms = ?, seq = ?, digest = ?, whole_ms = ?, breach = ?,
breach_seq = ?, breach_kind = ?, breach_ms = ? WHERE lane_key = ?"""
_NOTE = """UPDATE kernel_journal_check SET breach = ?, breach_seq = ?, breach_kind = ?, breach_ms = ?
WHERE lane_key = ?"""
_CLEAR = """UPDATE kernel_journal_check SET breach = NULL, breach_seq = NULL, breach_kind = NULL,
breach_ms = NULL WHERE lane_key = ?"""
_OLDEST = """SELECT COUNT(*) AS n FROM kernel_lane l
LEFT JOIN kernel_journal_check c ON c.lane_key = l.lane_key
WHERE l.journal_seq > 0 AND (c.whole_ms < ? OR (c.whole_ms IS NULL AND ? = 1))"""


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice did on one lane; the lane is done with this round when there is a verdict."""

    lane_key: str
    company_id: str | None
    walk: Walk


async def check_slice(reader: Reader, round_ms: int, *, entries_max: int = SLICE_ENTRIES) -> list[Slice]:
    """Go on with the round that began at `round_ms`, by about `entries_max` entries; nothing is written.
    Empty when the round is over.
    """
    slices: list[Slice] = []
    left = entries_max
    for row in await reader.rows(_NEXT, round_ms, SLICE_LANES):
        if left <= 0:
            break
        mark = Mark(row["seq"], row["digest"]) if row["round_ms"] == round_ms else BEGIN
        walk = await verify_from(reader, row["lane_key"], mark, entries_max=left)
        slices.append(Slice(row["lane_key"], row["company_id"], walk))
        left -= max(walk.entries, 1)
    return slices


async def save_slices(work: Work, round_ms: int, slices: Sequence[Slice]) -> list[LaneVerdict]:
    """Remember how far the round has come; verdicts of lanes found broken."""
    for each in slices:
        verdict = each.walk.verdict
        found = (None, None, None, None) if verdict is None else _columns(verdict)
        whole_ms = None if verdict is None else work.now_ms
        values = (round_ms, *each.walk.mark, whole_ms, *found)
        if not await work.execute(_SAVE, *values, each.lane_key):
            await _insert(work, each.lane_key, each.company_id, round_ms, each.walk.mark)
            await work.execute(_SAVE, *values, each.lane_key)
    verdicts = [each.walk.verdict for each in slices]
    return [each for each in verdicts if each is not None and not each.is_whole]


async def lanes_waiting(reader: Reader, round_ms: int, *, is_new_counted: bool) -> int:
    """Lanes whose chain was not verified from its beginning since then; is_new_counted: or never."""
    row = await reader.row(_OLDEST, round_ms, int(is_new_counted))
    return 0 if row is None else int(row["n"])


async def note_breach(work: Work, lane_key: str, company_id: str | None, verdict: LaneVerdict) -> None:
    """Write down what was found outside of a round."""
    if not await work.execute(_NOTE, *_columns(verdict), lane_key):
        await _insert(work, lane_key, company_id, 0, BEGIN)
        await work.execute(_NOTE, *_columns(verdict), lane_key)


async def clear_breach(work: Work, lane_key: str) -> None:
    """Forget what was found: it was released."""
    await work.execute(_CLEAR, lane_key)


async def noted_breach(reader: Reader, lane_key: str) -> LaneVerdict | None:
    """What is written down of a broken lane; None while nothing is wrong."""
    row = await reader.row(_KNOWN, lane_key)
    if row is None or row["breach"] is None:
        return None
    seq, kind, at_ms = row["breach_seq"], row["breach_kind"], row["breach_ms"]
    return LaneVerdict(lane_key, max(0, seq - 1), Breach(row["breach"]), seq, kind, at_ms)


async def whole_since(reader: Reader, lane_key: str) -> int | None:
    """When the chain was last verified from its beginning, epoch ms; None when it never was."""
    row = await reader.row(_KNOWN, lane_key)
    return None if row is None else row["whole_ms"]


def _columns(verdict: LaneVerdict) -> tuple[str | None, int | None, str | None, int | None]:
    if verdict.breach is None:
        return None, None, None, None
    return verdict.breach.value, verdict.seq, verdict.kind, verdict.at_ms


async def _insert(work: Work, lane_key: str, company_id: str | None, round_ms: int, mark: Mark) -> None:
    await work.insert(
        "kernel_journal_check",
        {
            "lane_key": lane_key,
            "company_id": company_id,
            "round_ms": round_ms,
            "seq": mark.seq,
            "digest": mark.digest,
        },
    )
