"""The report of an import: what was read and what became of it. Silence is never success here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

NOTES_MAX = 200  # kept with their identifiers; all are counted
PICTURE_WAITS = "C1C_PICTURE_WAITS"  # a good names a picture that has not come


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
    prices: int = 0  # further price types, stock: rows that are other than before
    stock: int = 0
    pictures: int = 0  # of goods: kept, and not kept for the reasons told
    pictures_left: int = 0
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

    def settle_picture(self, note: Note) -> None:
        """Count a picture: kept when the note has no code."""
        if note.code:
            self.pictures_left += 1
            self.add((note,))
        else:
            self.pictures += 1

    def end_wait(self, note: Note) -> None:
        """A picture that was told to be missing came after all."""
        if self.reasons[PICTURE_WAITS] > 0:
            self.pictures_left -= 1
            self.reasons[PICTURE_WAITS] -= 1
            self.reasons += Counter()  # zeros go
        waited = Note(PICTURE_WAITS, note.external_id, note.fact)
        if waited in self.notes:
            self.notes.remove(waited)
