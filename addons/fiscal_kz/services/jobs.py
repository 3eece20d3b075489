"""Jobs of a register's lane: how they are written and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState, KkmRecord
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.jobs.lanes import Job, Lane
    from kernel.journal.canonical import JSON

DOCUMENT_JOB = "fiscal_kz.document"
INFO_PURPOSE_ACTIVATE = "activate"
INFO_PURPOSE_RECONCILE = "reconcile"
INFO_PURPOSE_MOVE = "move"  # whose the KKM is by now; the job says where it is to go


def lane_key(register_id: str) -> str:
    """The lane of a register."""
    return f"register:{register_id}"


def enqueue_document(lane: Lane, kkm: KkmRecord, document_id: str, kind: DocumentKind) -> int:
    """Put a document at the tail; its place in the lane."""
    lane.enqueue(DOCUMENT_JOB, {"kkm": kkm.id, "document": document_id, "kind": kind.value})
    return lane.tail_seq


def enqueue_poll(lane: Lane, kkm: KkmRecord) -> None:
    """Put a poll at the tail: SYSTEM until the OFD is back, or until it releases the register."""
    enqueue_document(lane, kkm, new_id(), DocumentKind.POLL)


def enqueue_info(lane: Lane, kkm: KkmRecord, *, purpose: str, more: Mapping[str, JSON] | None = None) -> None:
    """Put an INFO exchange at the tail: to activate the register, to compare counters after a replay, or to
    ask whose it is. more: what the purpose needs to know.
    """
    body = {"kkm": kkm.id, "document": new_id(), "kind": DocumentKind.INFO.value, "purpose": purpose}
    lane.enqueue(DOCUMENT_JOB, {**(more or {}), **body})


def enqueue_nomenclature(lane: Lane, kkm: KkmRecord, ask_id: str) -> None:
    """Put a question for goods at the tail; its facts are the row of that id in fkz_nomenclature."""
    enqueue_document(lane, kkm, ask_id, DocumentKind.NOMENCLATURE)


def question_of(job: Job) -> DocumentRecord | None:
    """Questions have no row: their record is the job. None for documents."""
    kind = DocumentKind(str(job.body["kind"]))
    if not kind.is_question:
        return None
    return DocumentRecord(
        id=str(job.body["document"]),
        kind=kind,
        state=DocumentState.QUEUED,
        subject_id=None,
        lane_seq=lane_seq_of(job),
        created_ms=job.enqueued_ms,
        raw_body=None,
        total=0,
    )


def lane_seq_of(job: Job) -> int:
    """Place of a job in its lane."""
    return int(job.id.rpartition("/")[2])


def purpose_of(job: Job) -> str:
    """What an INFO exchange is for; empty for other jobs."""
    return str(job.body.get("purpose", ""))
