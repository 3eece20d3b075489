"""The proof that X and Z reports carry, counted from the register's journal, which is verified on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from addons.fiscal_kz.domain.effects import Effect, Issued, Reported, ShiftClosed
from addons.fiscal_kz.domain.proof import BEGIN, CLOSE, ShiftProof, document_digest
from addons.fiscal_kz.domain.recount import COUNTED
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.services.integrity import block_broken, refuse_after
from addons.fiscal_kz.services.jobs import lane_key
from addons.fiscal_kz.services.records import KkmRecord
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.journal.chain import JournalEntry
from kernel.journal.sealing import face_of
from kernel.journal.verify import BEGIN as CHAIN_BEGIN
from kernel.journal.verify import LaneVerdict, Mark, mark_at, verify_from

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk
    from kernel.data.work import Reader
    from kernel.jobs.lanes import Lane

PROVED_S = 30  # how long what this process has verified counts as verified
PROVED_MAX = 10_000  # registers

_KKM = "SELECT id, shift_number FROM fkz_kkm WHERE register_id = ? AND company_id = ?"
_BEGINS = "SELECT journal_seq FROM fkz_shift WHERE kkm_id = ? AND number = ?"


class ShiftFold:
    """Adds up the documents of one shift, entry by entry."""

    def __init__(
        self, register_id: str, shift_number: int, *, digest: str = BEGIN, documents: int = 0
    ) -> None:
        self._register_id = register_id
        self._shift_number = shift_number
        self.digest = digest
        self.documents = documents

    def take(self, entry: JournalEntry) -> None:
        """Count the entry if it is a document of the shift."""
        if entry.kind != COUNTED:
            return
        face = face_of(entry.body)
        if face.get("shift") == self._shift_number and face.get("op", CLOSE) != CLOSE:
            self.digest = document_digest(self.digest, self._register_id, face)
            self.documents += 1


class _Proved(NamedTuple):
    """How far a shift was proved a moment ago, in this process."""

    shift_number: int
    mark: Mark
    digest: str
    documents: int
    at_s: float


_proved: WeakKeyDictionary[Database, dict[str, _Proved]] = WeakKeyDictionary()


async def shift_begins(reader: Reader, kkm_id: str, shift_number: int) -> int:
    """Number of the register's last entry before the shift; 0 when nobody wrote it down."""
    row = await reader.row(_BEGINS, kkm_id, shift_number)
    return 0 if row is None or row["journal_seq"] is None else int(row["journal_seq"])


async def proven(desk: Desk, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """The effects, with the proof in every report among them. A broken journal blocks the register."""
    if not any(isinstance(each, ShiftClosed | Issued | Reported) for each in effects):
        return effects
    proof, verdict = await prove_shift(
        desk.work,
        desk.lane,
        kkm_id=desk.kkm.id,
        register_id=desk.kkm.register_id,
        shift_number=_shift_of(effects) or desk.state.shift_number,
    )
    if not verdict.is_whole:
        await block_broken(desk.work, desk.lane, desk.kkm, verdict)
    desk.chronicle.proof = proof
    return tuple(_with(each, proof) for each in effects)


async def demand_provable(work: Work, lane: Lane, kkm: KkmRecord) -> None:
    """Before a shift closes. Raises Refusal("JOURNAL_BROKEN"); the register is blocked though this Work is
    undone.
    """
    _, verdict = await fold_shift(
        work, lane.key, kkm_id=kkm.id, register_id=kkm.register_id, shift_number=kkm.state.shift_number
    )
    if not verdict.is_whole:
        raise refuse_after(verdict, kkm)


def _shift_of(effects: tuple[Effect, ...]) -> int | None:
    return next((each.report.shift_number for each in effects if isinstance(each, ShiftClosed)), None)


def _with(effect: Effect, proof: ShiftProof) -> Effect:
    match effect:
        case ShiftClosed(report=report) | Reported(report=report):
            return replace(effect, report=replace(report, proof=proof))
        case Issued(report=Report() as report):
            return replace(effect, report=replace(report, proof=proof))
    return effect


async def prove_ahead(reader: Reader, register_id: str) -> None:
    """Read the open shift before the Work that closes or reports it, so that the Work reads only what is
    new.
    """
    row = await reader.row(_KKM, register_id, reader.company_id)
    if row is not None:
        await fold_shift(
            reader,
            lane_key(register_id),
            kkm_id=row["id"],
            register_id=register_id,
            shift_number=row["shift_number"],
        )


async def prove_shift(
    reader: Reader, lane: Lane, *, kkm_id: str, register_id: str, shift_number: int
) -> tuple[ShiftProof, LaneVerdict]:
    """The proof of a shift so far, entries of the running Work included, and whether its journal is whole."""
    fold, verdict = await fold_shift(
        reader, lane.key, kkm_id=kkm_id, register_id=register_id, shift_number=shift_number
    )
    for entry in lane.unwritten:
        fold.take(entry)
    return ShiftProof(lane.journal_digest, lane.journal_seq, fold.digest, fold.documents), verdict


async def fold_shift(
    reader: Reader, key: str, *, kkm_id: str, register_id: str, shift_number: int
) -> tuple[ShiftFold, LaneVerdict]:
    """The stored documents of a shift added up, and whether its journal is whole to the head.

    What this process verified outside of a Work within the last PROVED_S is not read again.
    """
    memory = _proved.setdefault(reader.database, {})
    now_s = reader.database.clock.monotonic()
    known = memory.get(key)
    if known is not None and known.shift_number == shift_number and now_s - known.at_s <= PROVED_S:
        fold = ShiftFold(register_id, shift_number, digest=known.digest, documents=known.documents)
        walk = await verify_from(reader, key, known.mark, witness=fold.take)
        assert walk.verdict is not None
        if walk.verdict.is_whole:
            return fold, walk.verdict
    memory.pop(key, None)
    after = await shift_begins(reader, kkm_id, shift_number)
    fold = ShiftFold(register_id, shift_number)
    walk = await verify_from(reader, key, await mark_at(reader, key, after) or CHAIN_BEGIN, witness=fold.take)
    assert walk.verdict is not None
    if walk.verdict.is_whole and not isinstance(reader, Work):  # what a Work sees may yet be undone
        if len(memory) >= PROVED_MAX:
            memory.clear()
        memory[key] = _Proved(shift_number, walk.mark, fold.digest, fold.documents, now_s)
    return fold, walk.verdict
