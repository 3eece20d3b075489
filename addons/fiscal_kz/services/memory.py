"""What a register's lane remembers between two Works: the KKM as its row and its open exchange say, and the
documents that come to the head next.

Whoever writes rows of fkz_kkm, fkz_exchange or fkz_document does it under the lane's lock and forgets them
here first; what is written is remembered again by Desk.save.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services.records import DocumentRecord, KkmRecord

if TYPE_CHECKING:
    from kernel.jobs.lanes import Lane

_KKM, _DOCUMENTS = "fiscal_kz.kkm", "fiscal_kz.documents"


def recall_kkm(lane: Lane) -> KkmRecord | None:
    """The KKM of the lane's register, if it is remembered."""
    known: KkmRecord | None = lane.recall(_KKM)  # type: ignore[assignment]  # as it was remembered here
    return known


def remember_kkm(lane: Lane, kkm: KkmRecord) -> None:
    """It is exactly what the rows say now."""
    lane.remember(_KKM, kkm)


def forget_kkm(lane: Lane) -> None:
    """Its row or its exchange is being written."""
    lane.touch()
    lane.remember(_KKM, None)


def take_document(lane: Lane, document_id: str) -> DocumentRecord | None:
    """The document at the head, if it is remembered; those behind it stay so."""
    known = _documents(lane)
    if not known or known[0].id != document_id:
        return None
    lane.remember(_DOCUMENTS, known[1:])
    return known[0]


def remember_documents(lane: Lane, records: tuple[DocumentRecord, ...]) -> None:
    """They stand at the head next, in this order, and are exactly what their rows say now."""
    lane.remember(_DOCUMENTS, records)


def keep_documents(lane: Lane) -> None:
    """This Work did not write the ones remembered: the next one may have them too."""
    known = _documents(lane)
    if known:
        lane.remember(_DOCUMENTS, known)


def forget_document(lane: Lane, document_id: str) -> None:
    """Its row is being written."""
    lane.touch()
    if any(each.id == document_id for each in _documents(lane)):
        lane.remember(_DOCUMENTS, ())


def _documents(lane: Lane) -> tuple[DocumentRecord, ...]:
    known: tuple[DocumentRecord, ...] | None
    known = lane.recall(_DOCUMENTS)  # type: ignore[assignment]  # as they were remembered here
    return known or ()
