"""The report of an import: what was read and what became of it. Silence is never success here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

NOTES_MAX = 200  # kept with their identifiers; all are counted


@dataclass(frozen=True, slots=True)
class Note:
    """One remark about one row. is_skip: the row was not stored at all."""

    code: str
    external_id: str
    fact: str = ""
    is_skip: bool = False


@dataclass(slots=True)
class ImportReport:
    """Counts of rows. read = created + updated + unchanged + archived + skipped + pending."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    archived: int = 0
    skipped: int = 0
    pending: int = 0
    attached: int = 0  # offers that waited for their goods and found them now
    groups_created: int = 0
    groups_updated: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)

    def add(self, notes: Iterable[Note]) -> None:
        """Count remarks and keep the first of them."""
        for note in notes:
            self.reasons[note.code] += 1
            if note.is_skip:
                self.skipped += 1
            if len(self.notes) < NOTES_MAX:
                self.notes.append(note)
