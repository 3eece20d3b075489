"""Every story of this room is also a proof that what a lane remembers is what the rows say."""

from __future__ import annotations

from collections import Counter

import pytest

from addons.fiscal_kz.services import store, turns
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.memory import recall_kkm
from addons.fiscal_kz.services.records import DocumentRecord, KkmRecord
from kernel.data.work import Work
from kernel.jobs.lanes import Job, Lane

FIELDS = (
    "id",
    "kind",
    "state",
    "subject_id",
    "lane_seq",
    "created_ms",
    "body",
    "total",
    "numbers",
    "request",
)


@pytest.fixture(autouse=True)
def recalled(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often something remembered was used in the test; each time it is compared with the database."""
    used: Counter[str] = Counter()
    kkm_of_lane, desk_of, document_of = store.kkm_of_lane, turns._desk, turns._document

    async def check_kkm(work: Work, lane: Lane) -> None:
        known = recall_kkm(lane)
        if known is not None:
            used["kkm"] += 1
            assert known == await store.kkm_by_id(work, known.id)

    async def checked_kkm(work: Work, lane: Lane, register_id: str) -> KkmRecord | None:
        await check_kkm(work, lane)
        return await kkm_of_lane(work, lane, register_id)

    async def checked_desk(work: Work, job: Job) -> Desk:
        await check_kkm(work, await work.lane(job.lane_key, company_id=None))
        return await desk_of(work, job)

    async def checked_document(desk: Desk, job: Job) -> DocumentRecord:
        record = await document_of(desk, job)
        stored = await store.document_by_id(desk.work, record.id)
        assert stored is not None
        used["document"] += stored is not record
        for name in (*FIELDS, "is_offline"):
            assert getattr(record, name) == getattr(stored, name), name
        return record

    monkeypatch.setattr(store, "kkm_of_lane", checked_kkm)
    monkeypatch.setattr(turns, "_desk", checked_desk)
    monkeypatch.setattr(turns, "_document", checked_document)
    return used
