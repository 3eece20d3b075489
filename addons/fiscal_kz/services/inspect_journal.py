"""What an inspector reads of a register's journal: the lines of a period, and whether the chain is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.fiscal_kz.services.jobs import lane_key
from kernel.errors import Refusal
from kernel.journal.canonical import JSON, canonical_json
from kernel.journal.periods import ZONE, Period, run_of
from kernel.journal.sealing import Damaged
from kernel.journal.verify import entries_after, verify_lane

if TYPE_CHECKING:
    from addons.organization.api import Inspection
    from kernel.data.work import Reader
    from kernel.journal.chain import JournalEntry
    from kernel.journal.sealing import JournalSealer

EXPORT_MAX = 500  # entries in one answer
SEQ_LENGTH_MAX = 18


@dataclass(frozen=True, slots=True)
class Verification:
    """entries found good; seq and breach of the first that is not."""

    entries: int
    seq: int | None
    breach: str | None

    @property
    def is_whole(self) -> bool:
        """Nothing is wrong."""
        return self.breach is None


async def export_lines(reader: Reader, seen: Inspection, after_seq: str) -> list[str]:
    """Entries of the period behind that number, each as canonical JSON with what was sealed and its digest.

    An entry that cannot be opened is shown as damaged ("altered", or "key" when its key is not here): the
    others are still read.

    Raises Refusal: BAD_CURSOR, REGISTER_FORBIDDEN.
    """
    reader.principal.require_register(seen.register_id)
    if not (after_seq.isascii() and after_seq.isdigit() and len(after_seq) <= SEQ_LENGTH_MAX):
        raise Refusal("BAD_CURSOR", field="afterSeq")
    key = lane_key(seen.register_id)
    before, last = await run_of(reader, key, Period("inspection", ZONE, seen.from_ms, seen.to_ms))
    after = max(before, int(after_seq))
    entries = await entries_after(reader, key, after, min(EXPORT_MAX, max(0, last - after)))
    return [_line(reader.database.journal_sealer, each) for each in entries]


def _line(sealer: JournalSealer, entry: JournalEntry) -> str:
    facts, damaged = None, None
    try:
        facts = sealer.open(entry).facts
    except (Damaged, ValueError):  # ValueError: it is no longer sealed, nor JSON
        damaged = "altered"
    except Refusal:  # the key it was sealed with is not here
        damaged = "key"
    told: dict[str, JSON] = {
        "seq": entry.seq,
        "at_ms": entry.at_ms,
        "kind": entry.kind,
        "facts": facts,
        "digest": entry.digest,
    }
    return canonical_json(told if damaged is None else {**told, "damaged": damaged})


async def verify_register(reader: Reader, register_id: str) -> Verification:
    """The whole chain, from its beginning. Raises Refusal("REGISTER_FORBIDDEN")."""
    reader.principal.require_register(register_id)
    verdict = await verify_lane(reader, lane_key(register_id))
    return Verification(verdict.entries, verdict.seq, None if verdict.breach is None else str(verdict.breach))
