"""Stretches of a journal that prove nothing any more, written down so that the rest still proves itself.

A person who has investigated a broken chain releases it: from the first wrong entry to the first one behind
which the chain goes on again. Who may do that, and what else a release means, is the add-on's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kernel.errors import Fault
from kernel.ids import new_id
from kernel.journal.chain import JournalEntry
from kernel.journal.verify import BEGIN, LaneVerdict, Mark, breach_at, entries_after, tail_of, verify_from

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work
    from kernel.jobs.lanes import Lane

GAPS_RELEASED_MAX = 1_000  # breaches of one lane released at once
SEARCH_PAGE = 500


class Cause(StrEnum):
    """Why a stretch proves nothing."""

    PURGED = "purged"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Released:
    """Entries from_seq to to_seq, and what was found at the first of them."""

    from_seq: int
    to_seq: int
    verdict: LaneVerdict


async def add_gap(
    work: Work, lane_key: str, from_seq: int, end: Mark, *, cause: Cause, company_id: str | None, reason: str
) -> None:
    """Write a gap down; it holds from the next verification on."""
    await work.insert(
        "kernel_journal_gap",
        {
            "id": new_id(),
            "company_id": company_id,
            "lane_key": lane_key,
            "from_seq": from_seq,
            "to_seq": end.seq,
            "to_digest": end.digest,
            "cause": cause.value,
            "at_ms": work.now_ms,
            "actor_id": work.principal.subject_id,
            "reason": reason,
        },
    )


async def release_breaches(work: Work, lane: Lane, *, reason: str, since: Mark = BEGIN) -> list[Released]:
    """Make a gap of every breach of a locked lane's chain behind `since`; what they were, none when it is
    whole.

    Entries behind the lane's own memory become part of it. Takes as long as a verification does. Raises Fault
    beyond GAPS_RELEASED_MAX.
    """
    released: list[Released] = []
    mark = since
    while True:
        walk = await verify_from(work, lane.key, mark)
        verdict = walk.verdict
        assert verdict is not None
        if verdict.is_whole:
            return released
        if len(released) == GAPS_RELEASED_MAX:
            raise Fault(f"lane {lane.key}: more than {GAPS_RELEASED_MAX} breaches")
        assert verdict.seq is not None
        end = await _where_it_goes_on(work, lane, verdict.seq)
        await add_gap(
            work,
            lane.key,
            verdict.seq,
            end,
            cause=Cause.RELEASED,
            company_id=lane.company_id,
            reason=reason,
        )
        released.append(Released(verdict.seq, end.seq, verdict))
        mark = walk.mark
        if end.seq >= lane.journal_seq:  # nothing behind it that could prove itself
            lane.journal_seq, lane.journal_digest = end
            lane.touch()
            return released


async def _where_it_goes_on(reader: Reader, lane: Lane, seq: int) -> Mark:
    """The first entry from `seq` on that the next one follows; the last one there is when none does."""
    before: JournalEntry | None = None
    after = seq - 1
    while True:
        entries = await entries_after(reader, lane.key, after, SEARCH_PAGE)
        for entry in entries:
            if before is not None and breach_at(before.seq + 1, before.digest, [entry]) is None:
                return Mark(before.seq, before.digest)
            before = entry
        if len(entries) < SEARCH_PAGE:
            break
        after = entries[-1].seq
    tail = await tail_of(reader, lane.key)
    if before is None or before.seq < tail.seq:
        return tail
    return Mark(before.seq, before.digest)
