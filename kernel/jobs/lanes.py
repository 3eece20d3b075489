"""A lane: the one place where a register's journal sequence, job order and right to work are decided.

A Work locks the lane's row once, changes it in memory and writes everything in `flush`: one UPDATE, the
journal entries, the jobs. Who works the lane, and when, is decided by kernel.jobs.runner; this module only
knows what a lane may do. Long because a lane in memory and its row are two sides of one thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, NewType

import orjson

from kernel.data.questions import About, KeptQuestion, Question
from kernel.errors import Fault, Refusal
from kernel.jobs.memory import NAMES_MAX, Row
from kernel.journal.canonical import JSON, canonical_json, parse
from kernel.journal.chain import GENESIS, KIND_LENGTH_MAX, JournalEntry, check_name, digest_of
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.work import SqlRow, Work
    from kernel.journal.sealing import JournalSealer

JobId = NewType("JobId", str)

LANE_KEY_LENGTH_MAX = 100
ERROR_LENGTH_MAX = 2_000
HEAD_JOB_LENGTH_MAX = 1_000  # characters of a job's body that may live in the lane's own row
LANE_TOPIC = "lane"  # notices: this lane has become due

# In the order of the fields of a Lane.
_COLUMNS = (
    "company_id, head_seq, tail_seq, due_ms, attempts, faults, blocked_code, lease_owner, lease_epoch, "
    "journal_seq, journal_digest, head_job, revision"
)
# One column, not thirteen: drivers of MySQL servers pay more for describing a column than for reading it.
_LOCK = {
    "sqlite": f"SELECT {_COLUMNS} FROM kernel_lane WHERE lane_key = ?",
    "mysql": f"SELECT JSON_ARRAY({_COLUMNS}) AS lane FROM kernel_lane WHERE lane_key = ? FOR UPDATE",
}
_INSERT = (
    "INSERT INTO kernel_lane (lane_key, company_id, head_seq, tail_seq, attempts, faults, lease_epoch, "
    "journal_seq, journal_digest, revision) VALUES (?, ?, 1, 0, 0, 0, 0, 0, ?, 0) "
)
_CREATE = {
    "sqlite": _INSERT + "ON CONFLICT DO NOTHING",
    "mysql": _INSERT + "ON DUPLICATE KEY UPDATE lane_key = lane_key",
}
_UPDATE = (
    "UPDATE kernel_lane SET head_seq = ?, tail_seq = ?, due_ms = ?, attempts = ?, faults = ?, "
    "blocked_code = ?, lease_owner = ?, lease_epoch = ?, journal_seq = ?, journal_digest = ?, head_job = ?, "
    "revision = ? WHERE lane_key = ?"
)
_UPDATE_ASSUMED = f"{_UPDATE} AND revision = ?"
# Locks a lane that is assumed to be at a revision: it matches one row then.
FENCE = "UPDATE kernel_lane SET revision = revision WHERE lane_key = ? AND revision = ?"
_LANE = About("kernel_lane", but=(_CREATE["sqlite"], _UPDATE), on_servers=False)
_JOURNAL_COLUMNS = ("company_id", "lane_key", "seq", "kind", "at_ms", "body", "digest")
_JOB_COLUMNS = ("id", "company_id", "kind", "body", "due_ms", "enqueued_ms")
_SELECT_JOB = "SELECT kind, body, due_ms, enqueued_ms FROM kernel_job WHERE id = ?"
_DELETE_JOB = "DELETE FROM kernel_job WHERE id = ?"
_UPDATE_ERROR = "UPDATE kernel_lane SET last_error = ? WHERE lane_key = ?"


class LeaseLost(Fault):
    """Somebody else works this lane now; whatever was done under the old lease must not be written."""


@value
class Job:
    """One piece of durable work. `attempts` counts the runs before this one that did not finish it."""

    id: JobId
    lane_key: str
    company_id: str | None
    kind: str
    body: Mapping[str, JSON]
    attempts: int
    enqueued_ms: int


class StoredJob(NamedTuple):
    """A job as its row holds it, in the order of _JOB_COLUMNS."""

    id: JobId
    company_id: str | None
    kind: str
    body: str
    due_ms: int
    enqueued_ms: int

    def packed(self) -> str:
        """What `unpacked` reads; the id and the company are the lane's to know."""
        return orjson.dumps([self.kind, self.body, self.due_ms, self.enqueued_ms]).decode()

    @classmethod
    def unpacked(cls, text: str, job_id: JobId, company_id: str | None) -> StoredJob:
        """The job that was `packed`."""
        return cls(job_id, company_id, *orjson.loads(text))


@dataclass(slots=True)
class Lane:
    """A locked lane inside one Work; see `Work.lane`. Times in epoch ms.

    Jobs head_seq..tail_seq wait. `due_ms` is when somebody should look at the lane: the head's time, the end
    of the lease while it is leased, None while it is empty or blocked.
    """

    key: str
    now_ms: int
    company_id: str | None
    head_seq: int
    tail_seq: int
    due_ms: int | None
    attempts: int
    faults: int
    blocked_code: str | None
    lease_owner: str | None
    lease_epoch: int
    journal_seq: int
    journal_digest: str
    head_job: str | None  # the head itself, if it is small and came to an empty lane: it has no row then
    revision: int  # raised by one with each change of this row
    is_dirty: bool = False
    wakes: bool = False  # a worker should hear of it after the commit
    sealer: JournalSealer | None = None  # of the bodies of journal entries
    _error: str | None = None
    _is_error_new: bool = False
    _entries: list[JournalEntry] = field(default_factory=list)
    _jobs: dict[JobId, StoredJob] = field(default_factory=dict)
    _finished: list[JobId] = field(default_factory=list)
    _known: Mapping[str, object] = field(default_factory=dict)  # remembered as of the revision that was read
    _remembered: dict[str, object] = field(default_factory=dict)
    _unpacked: StoredJob | None = None  # head_job, once it was read

    # What services and handlers use

    @property
    def unwritten(self) -> Sequence[JournalEntry]:
        """Entries journaled in this Work; their rows are written with its commit."""
        return self._entries

    @property
    def length(self) -> int:
        """Jobs that wait, the running head included."""
        return self.tail_seq - self.head_seq + 1

    @property
    def head_id(self) -> JobId:
        """Of the oldest job; when none waits, of the next one."""
        return self._job_id(self.head_seq)

    @property
    def is_blocked(self) -> bool:
        """True when no job of this lane runs until `unblock`."""
        return self.blocked_code is not None

    def journal(
        self, kind: str, body: Mapping[str, JSON], *, face: Mapping[str, JSON] | None = None
    ) -> JournalEntry:
        """Append a fact to the lane's chain, sealed; durable with the Work. face: what of it lies open.

        Raises TypeError for floats and other non-canonical values.
        """
        text = canonical_json(body)
        seq = self.journal_seq + 1
        check_name(kind, KIND_LENGTH_MAX)
        if self.sealer is not None:
            text = self.sealer.seal(
                text,
                canonical_json(face) if face else "",
                company_id=self.company_id,
                lane_key=self.key,
                seq=seq,
                kind=kind,
                at_ms=self.now_ms,
            )
        digest = digest_of(
            self.journal_digest,
            company_id=self.company_id,
            lane_key=self.key,
            seq=seq,
            kind=kind,
            at_ms=self.now_ms,
            body=text,
        )
        entry = JournalEntry(self.company_id, self.key, seq, kind, text, self.now_ms, digest)
        self.journal_seq, self.journal_digest, self.is_dirty = seq, digest, True
        self._entries.append(entry)
        return entry

    def enqueue(self, kind: str, body: Mapping[str, JSON], *, due_ms: int | None = None) -> JobId:
        """Put a job at the tail; it runs when all before it are done, and not before `due_ms` (epoch ms, None
        = now).
        """
        self.tail_seq += 1
        job_id = self._job_id(self.tail_seq)
        due = self.now_ms if due_ms is None else due_ms
        job = StoredJob(job_id, self.company_id, kind, canonical_json(body), due, self.now_ms)
        self.is_dirty = True
        if self.length > 1 or len(job.body) > HEAD_JOB_LENGTH_MAX:
            self._jobs[job_id] = job
        else:
            self.head_job, self._unpacked = job.packed(), job
        if self.length == 1 and not self.is_blocked:
            self._look_at(due)
        return job_id

    def touch(self) -> None:
        """Say that rows of which something may be remembered are changed in this Work: nothing remembered
        outlives it but what it remembers itself.
        """
        self.is_dirty = True

    def remember(self, name: str, value: object) -> None:
        """Keep an immutable value in this process until the lane is changed again.

        It must be true when this Work is committed. A Work that changes the lane forgets all that it does not
        remember anew. Raises Fault beyond NAMES_MAX names.
        """
        self._remembered[name] = value
        if len(self._remembered) > NAMES_MAX:
            raise Fault(f"lane {self.key}: more than {NAMES_MAX} values to remember")

    def recall(self, name: str) -> object | None:
        """What this Work remembered, else what was remembered by the Work that changed the lane last; None
        when that ran in another process or it was forgotten.
        """
        if name in self._remembered:
            return self._remembered[name]
        return self._known.get(name)

    def block(self, code: str) -> None:
        """Stop this lane, and only it, until `unblock`; jobs may still be enqueued."""
        self.blocked_code, self.is_dirty = code, True
        if self.lease_owner is None:
            self.due_ms = None

    def unblock(self) -> None:
        """Let the head run again, now. Nothing happens to a lane that is not blocked."""
        if self.is_blocked:
            self.blocked_code, self.faults, self.is_dirty = None, 0, True
            self._note(None)
            if self.length and self.lease_owner is None:
                self._look_at(self.now_ms)

    def hasten(self) -> None:
        """Let a head that was put off run now. Nothing happens to a lane that is empty, blocked or worked."""
        if self.length and not self.is_blocked and self.lease_owner is None:
            self._look_at(self.now_ms)
            self.is_dirty = True

    # What the runner uses

    def claim(self, owner: str, *, lease_ms: int) -> bool:
        """Take the lease if the lane is due now; a new epoch begins. False when it is empty, blocked, early
        or leased.
        """
        if self.due_ms is None or self.due_ms > self.now_ms:
            return False
        if self.is_blocked or not self.length:  # blocked under a lease that was never settled
            self.release()
            return False
        self.lease_owner, self.lease_epoch = owner, self.lease_epoch + 1
        self.hold(lease_ms)
        return True

    def check_lease(self, epoch: int) -> None:
        """Raises LeaseLost when a newer lease was taken since `epoch`, or this one was given back."""
        if self.lease_epoch != epoch or self.lease_owner is None:
            raise LeaseLost(f"lane {self.key}: lease {epoch}, now {self.lease_epoch}")

    def hold(self, lease_ms: int) -> None:
        """Prolong the lease from now."""
        self.due_ms, self.is_dirty = self.now_ms + lease_ms, True

    def release(self, due_ms: int | None = None) -> None:
        """Give the lease back; the head runs at `due_ms` unless the lane is empty or blocked."""
        self.lease_owner, self.is_dirty = None, True
        self.due_ms = due_ms if self.length and not self.is_blocked else None

    async def head(self, work: Work) -> StoredJob:
        """The oldest job. The lane must not be empty. Raises Fault when its row is missing."""
        assert self.length > 0
        if self._unpacked is not None:
            return self._unpacked
        job_id = self.head_id
        if self.head_job is not None:
            self._unpacked = StoredJob.unpacked(self.head_job, job_id, self.company_id)
            return self._unpacked
        if job_id in self._jobs:
            return self._jobs[job_id]
        row = await work.row(_SELECT_JOB, job_id)
        if row is None:
            raise Fault(f"job {job_id} is missing")
        return StoredJob(job_id, self.company_id, row["kind"], row["body"], row["due_ms"], row["enqueued_ms"])

    def opened(self, stored: StoredJob) -> Job:
        """The head with its body read, as handlers get it."""
        return Job(
            stored.id,
            self.key,
            stored.company_id,
            stored.kind,
            parse(stored.body),
            self.attempts,
            stored.enqueued_ms,
        )

    def complete(self) -> None:
        """The head is done; the next one becomes the head."""
        if self.head_job is not None:
            self.head_job = self._unpacked = None
        else:
            job_id = self.head_id
            if self._jobs.pop(job_id, None) is None:
                self._finished.append(job_id)
        if self.attempts:
            self._note(None)
        self.head_seq += 1
        self.attempts, self.faults, self.is_dirty = 0, 0, True

    def postpone(self, after_ms: int, *, error: str | None = None) -> None:
        """The head did not finish and runs again `after_ms` from now; the lease is given back."""
        self.attempts += 1
        self._note(error)
        self.release(self.now_ms + after_ms)

    def _note(self, error: str | None) -> None:
        self._error, self._is_error_new = error, True

    def _look_at(self, due_ms: int) -> None:
        self.due_ms = due_ms
        self.wakes = due_ms <= self.now_ms

    def _job_id(self, seq: int) -> JobId:
        return JobId(f"{self.key}/{seq}")


async def lock_lane(work: Work, key: str, *, company_id: str | None, locked: Row | None = None) -> Lane:
    """Lock the lane's row until the end of the transaction, making it when there is none.

    company_id None takes the lane as it is (a new one becomes a lane of the system); locked: its columns,
    when this Work holds its lock already. Raises Refusal("NOT_FOUND") when the lane is another company's: its
    key came with an id that somebody sent.
    """
    row = locked or (await _lock(work, key, ()))[0]
    if row is None:
        await _create(work, key, company_id)
        row, _ = await _lock(work, key, ())
        assert row is not None
    lane = _lane_of(work, key, row)
    if company_id is not None and lane.company_id != company_id:
        raise Refusal("NOT_FOUND")
    return lane


async def lock_and_ask(
    work: Work, key: str, questions: Sequence[Question]
) -> tuple[Row, list[Sequence[SqlRow]]]:
    """See Work.ask_under_lane: columns of the lane's locked row, and the answers."""
    found, answers = await _lock(work, key, questions)
    if found is None:  # the answers are from before the lock
        await _create(work, key, work.company_id)
        found, answers = await _lock(work, key, questions)
        assert found is not None
    return found, answers


async def _lock(
    work: Work, key: str, questions: Sequence[Question]
) -> tuple[Row | None, list[Sequence[SqlRow]]]:
    sql = _LOCK[work.dialect]
    if work.dialect == "sqlite":
        return await work.first_kept(KeptQuestion(sql, (key,), _LANE)), await work.together(*questions)
    found, *answers = await work.together((sql, (key,)), *questions)
    if not found:
        return None, answers
    row = tuple(orjson.loads(found[0]["lane"]))
    work.database.lane_memory.meet(key, row[-1])
    return row, answers


async def _create(work: Work, key: str, company_id: str | None) -> None:
    check_name(key, LANE_KEY_LENGTH_MAX)
    await work.execute(_CREATE[work.dialect], key, company_id, GENESIS)


def _lane_of(work: Work, key: str, row: Row) -> Lane:
    lane = Lane(key, work.now_ms, *row)
    lane._known = work.database.lane_memory.at(key, lane.revision)
    lane.sealer = work.database.journal_sealer
    return lane


async def flush(work: Work, lane: Lane) -> None:
    """Write what the lane gathered; called once, right before the commit."""
    if lane.is_dirty:
        lane.revision += 1
    row = _row_of(lane)
    if lane.is_dirty:
        await _write(work, lane, row)
        work.leave_kept(KeptQuestion(_LOCK["sqlite"], (lane.key,), _LANE), row)
    left = None if work.dialect == "sqlite" else row
    if lane._remembered or left is not None:
        keep = work.database.lane_memory.keep
        work.after_commit(partial(keep, lane.key, lane.revision, lane._remembered, left))


def _row_of(lane: Lane) -> Row:
    """The values of _COLUMNS."""
    return (
        lane.company_id,
        lane.head_seq,
        lane.tail_seq,
        lane.due_ms,
        lane.attempts,
        lane.faults,
        lane.blocked_code,
        lane.lease_owner,
        lane.lease_epoch,
        lane.journal_seq,
        lane.journal_digest,
        lane.head_job,
        lane.revision,
    )


async def _write(work: Work, lane: Lane, row: Row) -> None:
    values = (*row[1:], lane.key)  # the company never changes
    if not work.amend_fence(lane.key, _UPDATE_ASSUMED, *values, lane.revision - 1):
        await work.write(_UPDATE, *values)
    if lane._entries:
        entries = [
            (e.company_id, e.lane_key, e.seq, e.kind, e.at_ms, e.body, e.digest) for e in lane._entries
        ]
        await work.write_rows("kernel_journal", _JOURNAL_COLUMNS, entries)
    if lane._jobs:
        await work.write_rows("kernel_job", _JOB_COLUMNS, lane._jobs.values())
    if lane._finished:
        await work.write_many(_DELETE_JOB, [(job_id,) for job_id in lane._finished])
    if lane._is_error_new:
        error = None if lane._error is None else lane._error[:ERROR_LENGTH_MAX]
        await work.write(_UPDATE_ERROR, error, lane.key)
    if lane.wakes:
        work.notice(LANE_TOPIC, lane.key)
