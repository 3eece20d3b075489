"""What the acceptance of a document leaves for its turn when both share a Work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services.records import DocumentRecord, KkmRecord

if TYPE_CHECKING:
    from kernel.data.work import Work

_KKM, _DOCUMENT = "fiscal_kz.kkm/", "fiscal_kz.document/"


def keep_for_turn(work: Work, kkm: KkmRecord, record: DocumentRecord) -> None:
    """Both are exactly what the rows hold now."""
    work.keep(_KKM + kkm.id, kkm)
    work.keep(_DOCUMENT + record.id, record)


def forget_kkm(work: Work, kkm_id: str) -> None:
    """Its row is being changed."""
    work.keep(_KKM + kkm_id, None)


def kept_kkm(work: Work, kkm_id: str) -> KkmRecord | None:
    """The register as this Work has just read it."""
    found = work.kept(_KKM + kkm_id)
    assert found is None or isinstance(found, KkmRecord)
    return found


def kept_document(work: Work, document_id: str) -> DocumentRecord | None:
    """The document as this Work has just written it."""
    found = work.kept(_DOCUMENT + document_id)
    assert found is None or isinstance(found, DocumentRecord)
    return found
