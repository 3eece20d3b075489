"""A chain that goes on under another name: the last entry of one lane names the next, whose first entry opens
with the head it continues. Both ends lie open, so whoever verifies either lane can check the other's end.

Why a chain goes on elsewhere is an add-on's to say, and to put into the bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kernel.errors import Fault
from kernel.journal.canonical import JSON
from kernel.journal.sealing import face_of

if TYPE_CHECKING:
    from kernel.data.work import Reader
    from kernel.jobs.lanes import Lane
    from kernel.journal.chain import JournalEntry

CONTINUED = "journal.continued"  # face: lane; the last fact of a chain that goes on there
CONTINUES = "journal.continues"  # face: lane, seq, head; the first entry of the chain that goes on
JOINTS = frozenset({CONTINUED, CONTINUES})

_ENTRY = "SELECT kind, body, digest FROM kernel_journal WHERE lane_key = ? AND seq = ?"
_PURGED = (
    "SELECT to_seq, to_digest FROM kernel_journal_gap WHERE lane_key = ? AND from_seq <= ? AND to_seq >= ?"
)


def continue_chain(old: Lane, new: Lane, body: Mapping[str, JSON]) -> None:
    """Let the chain of one locked lane go on in another, which has none yet. Raises Fault when it has."""
    if new.journal_seq:
        raise Fault(f"lane {new.key} has a chain of its own")
    face: dict[str, JSON] = {"lane": new.key}
    old.journal(CONTINUED, {**body, **face}, face=face)
    face = {"lane": old.key, "seq": old.journal_seq, "head": old.journal_digest}
    new.journal(CONTINUES, {**body, **face}, face=face)


async def is_joint_whole(reader: Reader, entry: JournalEntry) -> bool:
    """Whether the other end is what this one says; the entry itself was found good. A purged end proves
    nothing, but for the head it was purged with.
    """
    try:
        face = face_of(entry.body)
        lane = str(face["lane"])
        if entry.kind == CONTINUES:
            return await _opens_with_head(reader, lane, face)
        return await _is_continued(reader, lane, entry)
    except (KeyError, ValueError, IndexError):
        return False


async def _opens_with_head(reader: Reader, lane: str, face: Mapping[str, JSON]) -> bool:
    seq, head = int(str(face["seq"])), face["head"]
    row = await reader.row(_ENTRY, lane, seq)
    if row is not None:
        return bool(row["kind"] == CONTINUED and row["digest"] == head)
    gap = await reader.row(_PURGED, lane, seq, seq)
    return gap is not None and (gap["to_seq"] != seq or gap["to_digest"] == head)


async def _is_continued(reader: Reader, lane: str, entry: JournalEntry) -> bool:
    row = await reader.row(_ENTRY, lane, 1)
    if row is None:
        return await reader.row(_PURGED, lane, 1, 1) is not None
    if row["kind"] != CONTINUES:
        return False
    told = face_of(row["body"])
    return (told["lane"], told["seq"], told["head"]) == (entry.lane_key, entry.seq, entry.digest)
