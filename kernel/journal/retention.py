"""Taking journals away when their term is over, and not before.

Only what was exported may go, and only from the beginning: a gap remembers the head it ended with, so that
the rest of the chain still proves itself and continues the archive.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kernel.clock import from_ms
from kernel.config_sections import JournalSettings
from kernel.errors import Refusal
from kernel.journal.export import folder_of
from kernel.journal.gaps import Cause, add_gap
from kernel.journal.journal_check import Check
from kernel.journal.periods import Period, run_of
from kernel.journal.verify import gaps_of, mark_at

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

PURGE_ENTRIES = 5_000  # deleted in one transaction

_NEWEST = "SELECT MAX(at_ms) AS at_ms FROM kernel_journal WHERE lane_key = ? AND seq <= ?"
_FIRST = "SELECT MIN(seq) AS seq FROM kernel_journal WHERE lane_key = ?"
_DELETE = "DELETE FROM kernel_journal WHERE lane_key = ? AND seq <= ?"


@dataclass(frozen=True, slots=True)
class Purge:
    """Entries of a lane that may go: from first_seq to last_seq."""

    lane_key: str
    first_seq: int
    last_seq: int

    @property
    def entries(self) -> int:
        """How many they are at most."""
        return max(0, self.last_seq - self.first_seq + 1)


def check_archive(folder: Path) -> None:
    """Raises Refusal("JOURNAL_ARCHIVE_BROKEN") unless the folder's own check finds everything whole."""
    check = Check(str(folder))
    check.run()
    if check.problems or not check.notes:
        raise Refusal("JOURNAL_ARCHIVE_BROKEN", folder=str(folder), problem=(*check.problems, "empty")[0])


async def plan_purge(reader: Reader, lane_key: str, before: Period, archive: Path) -> Purge:
    """What of a lane is older than the beginning of a period and lies in the archive.

    Raises Refusal("JOURNAL_RETENTION") while one of them must be kept, ("JOURNAL_NOT_EXPORTED").
    """
    last, _ = await run_of(reader, lane_key, before)
    row = await reader.row(_FIRST, lane_key)
    first = last + 1 if row is None or row["seq"] is None else int(row["seq"])
    if last < first:
        return Purge(lane_key, first, last)
    newest = await reader.row(_NEWEST, lane_key, last)
    keep_ms = reader.settings(JournalSettings).keep // timedelta(milliseconds=1)
    if newest is not None and newest["at_ms"] + keep_ms > reader.now_ms:
        until = from_ms(newest["at_ms"] + keep_ms).date().isoformat()
        raise Refusal("JOURNAL_RETENTION", lane=lane_key, until=until)
    mark = await mark_at(reader, lane_key, last)
    if mark is None or not _is_archived(archive / folder_of(lane_key), lane_key, first, last, mark.digest):
        raise Refusal("JOURNAL_NOT_EXPORTED", lane=lane_key, first=first, last=last)
    return Purge(lane_key, first, last)


async def begin_purge(work: Work, purge: Purge, *, company_id: str, reason: str) -> None:
    """Write the gap down: from now on the chain begins behind it, whether its rows are gone yet or not."""
    mark = await mark_at(work, purge.lane_key, purge.last_seq)
    assert mark is not None
    if all(each.end != mark for each in await gaps_of(work, purge.lane_key)):
        await add_gap(work, purge.lane_key, 1, mark, cause=Cause.PURGED, company_id=company_id, reason=reason)
    await work.audit(
        "journal.purge", purge.lane_key, {"first": purge.first_seq, "last": purge.last_seq, "reason": reason}
    )


async def purge_some(work: Work, purge: Purge) -> int:
    """Delete the oldest of them, at most PURGE_ENTRIES; how many were deleted."""
    row = await work.row(_FIRST, purge.lane_key)
    if row is None or row["seq"] is None or row["seq"] > purge.last_seq:
        return 0
    return await work.execute(_DELETE, purge.lane_key, min(purge.last_seq, row["seq"] + PURGE_ENTRIES - 1))


def _is_archived(folder: Path, lane_key: str, first: int, last: int, head: str) -> bool:
    """The manifests of the lane hold everything from first to last, and at `last` they have the same head.

    They were checked before, with their continuity.
    """
    runs = []
    for path in folder.glob("*.manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["lane"] == lane_key and manifest["seq_before"] < last:
            runs.append((manifest["seq_before"], manifest["seq_last"], manifest["head_after"]))
    reached = first - 1
    for before, end, head_after in sorted(runs):
        if before > reached:
            return False
        reached = max(reached, end)
        if end == last:
            return bool(head_after == head)
    return False  # no period ends there
