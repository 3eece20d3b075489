"""Our counters against the OFD's: asked for after each replay and by a person, kept, shown, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from addons.fiscal_kz.domain.bodies import CashBody, TicketBody
from addons.fiscal_kz.domain.comparison import Difference, HandledFacts, differences
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_RECONCILE, enqueue_info, lane_key
from addons.fiscal_kz.services.ports import InfoFacts
from addons.fiscal_kz.services.texts import read_body, read_report
from addons.organization.api import Severity, report_status
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk
    from addons.fiscal_kz.services.records import DocumentRecord
    from kernel.data.work import Reader, Work

SOURCE = "fiscal_kz.counters"
SHOWN_MAX = 50  # comparisons of a register, newest first
EMPTIES = '%"withdraws_cash":true%'  # in the text of a close's body
HANDLED_MAX = 500  # handled documents of a register

_HANDLED = """SELECT d.kind, d.body, d.shift_number, d.document_number, d.report
FROM fkz_handled h JOIN fkz_document d ON d.id = h.id WHERE h.kkm_id = ? ORDER BY d.document_number LIMIT ?"""
_EMPTIED = """SELECT MAX(document_number) AS number FROM fkz_document
WHERE kkm_id = ? AND kind = 'CLOSE' AND state NOT IN ('REJECTED', 'HANDLED') AND body LIKE ?"""
_COMPARISONS = """SELECT id, at_ms, shift_number, differences FROM fkz_comparison
WHERE register_id = ? AND company_id = ? AND kkm_id = (SELECT id FROM fkz_kkm WHERE register_id = ?)
ORDER BY at_ms DESC, id DESC LIMIT ?"""
_SHOWN_HANDLED = """SELECT h.id, h.result_code, h.reason, h.handled_by, h.at_ms, d.kind, d.document_number,
d.shift_number, d.offline_number, d.total, d.subject_id FROM fkz_handled h JOIN fkz_document d ON d.id = h.id
WHERE h.register_id = ? AND h.company_id = ? ORDER BY h.at_ms DESC, h.id DESC LIMIT ?"""


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """One comparison of counters. differences: empty when both sides are equal."""

    id: str
    at_ms: int
    shift_number: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class HandledView:
    """A document that was taken out of the queue, by whom and why."""

    document_id: str
    kind: DocumentKind
    subject_id: str | None
    document_number: int | None
    shift_number: int | None
    offline_number: int | None
    total: int
    result_code: int
    reason: str
    handled_by: str | None
    at_ms: int


async def compare_counters(work: Work, register_id: str) -> None:
    """Ask the OFD for its counters at the lane's tail.

    Raises Refusal: KKM_NOT_ACTIVE, KKM_OFFLINE (while documents wait the sides cannot be equal).
    """
    work.principal.require("fiscal_kz.report")
    work.principal.require_register(register_id)
    lane = await work.lane(lane_key(register_id), company_id=work.company_id)
    kkm = await store.kkm_of_lane(work, lane, register_id)
    if kkm is None or not kkm.state.is_active:
        raise Refusal("KKM_NOT_ACTIVE")
    if kkm.state.is_autonomous:
        raise Refusal("KKM_OFFLINE")
    enqueue_info(lane, kkm, purpose=INFO_PURPOSE_RECONCILE)


async def reconcile(desk: Desk, facts: InfoFacts) -> None:
    """Compare, keep and tell (CPCR 2.0.2 §3.8 asks to synchronise; a person decides how)."""
    handled = await _handled(desk)
    found = differences(desk.state, facts.counters, is_shift_open=facts.is_shift_open, handled=handled)
    rows = [[each.key, each.ours, each.theirs, each.explained] for each in found]
    await desk.work.insert(
        "fkz_comparison",
        {
            "id": new_id(),
            "company_id": desk.kkm.company_id,
            "kkm_id": desk.kkm.id,
            "register_id": desk.kkm.register_id,
            "at_ms": desk.work.now_ms,
            "shift_number": desk.state.shift_number,
            "differences": orjson.dumps(rows).decode(),
        },
    )
    strange = [each for each in found if not each.is_explained]
    await report_status(
        desk.work,
        desk.kkm.register_id,
        source=SOURCE,
        severity=Severity.WARNING if strange else Severity.OK,
        code="KKM_COUNTERS_DIFFER" if strange else "OK",
        since_ms=desk.work.now_ms,
        facts={"count": len(strange), "first": strange[0].key if strange else None},
    )
    if found:
        desk.chronicle.note("counters_differ", {each.key: [each.ours, each.theirs] for each in found})


async def note_handled(desk: Desk, record: DocumentRecord, *, code: int, reason: str) -> None:
    """Keep who took a document out of the queue and why, for people and for comparisons."""
    await desk.work.insert(
        "fkz_handled",
        {
            "id": record.id,
            "company_id": desk.kkm.company_id,
            "kkm_id": desk.kkm.id,
            "register_id": desk.kkm.register_id,
            "result_code": code,
            "reason": reason,
            "handled_by": desk.work.principal.subject_id or None,
            "at_ms": desk.work.now_ms,
        },
    )


async def comparisons_of(reader: Reader, register_id: str) -> list[ComparisonView]:
    """The last comparisons of a register's KKM. Raises Refusal("REGISTER_FORBIDDEN")."""
    reader.principal.require_register(register_id)
    rows = await reader.rows(_COMPARISONS, register_id, reader.company_id, register_id, SHOWN_MAX)
    return [
        ComparisonView(
            row["id"],
            row["at_ms"],
            row["shift_number"],
            tuple(Difference(*each) for each in orjson.loads(row["differences"])),
        )
        for row in rows
    ]


async def handled_of(reader: Reader, register_id: str) -> list[HandledView]:
    """Handled documents of a register, newest first. Raises Refusal("REGISTER_FORBIDDEN")."""
    reader.principal.require_register(register_id)
    rows = await reader.rows(_SHOWN_HANDLED, register_id, reader.company_id, HANDLED_MAX)
    return [
        HandledView(
            document_id=row["id"],
            kind=DocumentKind(row["kind"]),
            subject_id=row["subject_id"],
            document_number=row["document_number"],
            shift_number=row["shift_number"],
            offline_number=row["offline_number"],
            total=row["total"],
            result_code=row["result_code"],
            reason=row["reason"],
            handled_by=row["handled_by"],
            at_ms=row["at_ms"],
        )
        for row in rows
    ]


async def _handled(desk: Desk) -> Sequence[HandledFacts]:
    rows = await desk.work.rows(_HANDLED, desk.kkm.id, HANDLED_MAX)
    if not rows:
        return ()
    emptied = await desk.work.row(_EMPTIED, desk.kkm.id, EMPTIES)
    last = 0 if emptied is None else emptied["number"] or 0
    facts = []
    for row in rows:
        if row["document_number"] is None:
            continue  # it had no number: never counted
        body = read_body(DocumentKind(row["kind"]), row["body"])
        ticket = body.facts if isinstance(body, TicketBody) else None
        cash = body.facts if isinstance(body, CashBody) else None
        is_withdrawn = row["document_number"] < last
        withdrawn = 0 if row["report"] is None else read_report(row["report"]).withdrawn
        facts.append(HandledFacts(row["shift_number"], ticket, cash, is_withdrawn, withdrawn))
    return facts
