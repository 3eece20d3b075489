"""Reading a journal: entries in order with what was sealed, for whoever shows or counts them.

The one way to the facts of an entry. Whether the chain is whole is another question (kernel.journal.verify).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, NamedTuple

from kernel.journal.canonical import JSON
from kernel.journal.chain import JournalEntry
from kernel.journal.verify import entries_after

if TYPE_CHECKING:
    from kernel.data.work import Reader

PAGE_ENTRIES = 500


class ReadEntry(NamedTuple):
    """An entry as it is stored, and its facts."""

    entry: JournalEntry
    facts: dict[str, JSON]


async def read_journal(
    reader: Reader, lane_key: str, *, after: int = 0, limit: int | None = None
) -> AsyncIterator[ReadEntry]:
    """Entries behind number `after` in order, at most `limit`; memory stays at one page. The caller answers
    for the right to the lane.

    Raises Refusal("JOURNAL_KEY_MISSING"), Fault when an entry is not what was sealed.
    """
    sealer = reader.database.journal_sealer
    left = limit
    while left is None or left > 0:
        wanted = PAGE_ENTRIES if left is None else min(left, PAGE_ENTRIES)
        entries = await entries_after(reader, lane_key, after, wanted)
        for entry in entries:
            yield ReadEntry(entry, sealer.open(entry).facts)
        if len(entries) < wanted:
            return
        after, left = entries[-1].seq, None if left is None else left - wanted
