"""The document that stops a register: what a person sees of it, and the two ways on.

The OFD refused it while the offline queue was delivered, so the lane stands still (CPCR 2.0.2 §5.2). Either
the cause is mended and it goes again, or it is settled apart from the OFD and taken out of the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.commands import MarkHandled, RetryDocument
from addons.fiscal_kz.domain.effects import Refuse
from addons.fiscal_kz.domain.events import Handled, Released
from addons.fiscal_kz.domain.kinds import Block, DocumentKind
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.compare import note_handled
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.integrity import JOURNAL_BROKEN, refuse_broken
from addons.fiscal_kz.services.jobs import lane_key
from addons.fiscal_kz.services.ports import Wire
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState, KkmRecord
from addons.fiscal_kz.services.texts import from_base64, read_report
from addons.trade.api import paper_of_cash, paper_of_sale
from kernel.errors import Refusal
from kernel.journal.canonical import JSON
from kernel.printing.text import as_text

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

MARK_HANDLED = "fiscal_kz.mark_handled"
REASON_LENGTH_MIN = 10
COLUMNS = 48  # of the document as people read it

_ANSWER = """SELECT answer, code, ended_ms, started_ms FROM fkz_exchange WHERE document_id = ?
ORDER BY started_ms DESC, id DESC LIMIT 1"""
_REPORT = "SELECT report FROM fkz_document WHERE id = ?"


@dataclass(frozen=True, slots=True)
class RefusedView:
    """The refused document at the head. text: its paper, empty for a shift close, which has a report;
    said: the OFD's own words.
    """

    record: DocumentRecord
    result_code: int
    said: str
    asked_ms: int | None
    text: str
    report: Report | None
    waiting: int  # offline documents behind it


async def refused_document(reader: Reader, register_id: str) -> RefusedView | None:
    """What stops the register; None when no refused document does. Raises Refusal("REGISTER_FORBIDDEN")."""
    reader.principal.require_register(register_id)
    kkm = await store.kkm_of_register(reader, register_id)
    record = None if kkm is None else await _head(reader, kkm)
    if kkm is None or record is None:
        return None
    answer = await reader.row(_ANSWER, record.id)
    said = ""
    if answer is not None and answer["answer"] is not None:
        payload = from_base64(answer["answer"])
        said = reader.database.registry.port(Wire).read_refusal(payload, version=kkm.state.version)
    return RefusedView(
        record=record,
        result_code=kkm.state.block_code,
        said=said,
        asked_ms=None if answer is None else answer["ended_ms"] or answer["started_ms"],
        text=await _text(reader, record),
        report=await _report(reader, record),
        waiting=max(0, kkm.state.undelivered - (1 if record.is_offline else 0)),
    )


async def retry_document(work: Work, command: RetryDocument) -> None:
    """Send the refused head again, as it is. Raises Refusal: KKM_NOT_ACTIVE, KKM_NOTHING_REFUSED,
    KKM_REFUSED_ANOTHER, JOURNAL_BROKEN.
    """
    work.principal.require("fiscal_kz.activate")
    desk, record = await _desk(work, command.register_id, command.document_id)
    await desk.perform(record, desk.decide(Released()))
    await desk.save()
    desk.lane.unblock()
    await _note(desk, record, "retried", command.reason.strip())


async def mark_handled(work: Work, command: MarkHandled) -> None:
    """Take the refused head out of the queue and let those behind it go. The same document twice is one act.

    Its receipt, numbers and counters stay (docs/adr/0019). Raises Refusal: KKM_REASON_REQUIRED and those of
    retry_document.
    """
    work.principal.require(MARK_HANDLED)
    reason = command.reason.strip()
    if len(reason) < REASON_LENGTH_MIN:
        raise Refusal("KKM_REASON_REQUIRED", field="reason", min=REASON_LENGTH_MIN)
    known = await work.row(
        "SELECT state FROM fkz_document WHERE id = ? AND register_id = ? AND company_id = ?",
        command.document_id, command.register_id, work.company_id,
    )  # fmt: skip
    if known is not None and known["state"] == DocumentState.HANDLED:
        return
    desk, record = await _desk(work, command.register_id, command.document_id)
    code, exchange_id = desk.state.block_code, desk.exchange_id
    effects = desk.decide(Handled(record.document))
    if effects and isinstance(effects[0], Refuse):
        raise Refusal(effects[0].code)
    await _note(desk, record, "marked_handled", reason)
    await note_handled(desk, record, code=code, reason=reason)
    await desk.perform(record, effects)
    if exchange_id is not None:
        await store.end_exchange(work, desk.lane, exchange_id, None, code)
    await desk.save()
    desk.lane.unblock()


async def _desk(work: Work, register_id: str, document_id: str) -> tuple[Desk, DocumentRecord]:
    work.principal.require_register(register_id)
    lane = await work.lane(lane_key(register_id), company_id=work.company_id)
    kkm = await store.kkm_of_lane(work, lane, register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE")
    if lane.blocked_code == JOURNAL_BROKEN:
        await refuse_broken(work, lane, kkm)
    record = await _head(work, kkm)
    if record is None:
        raise Refusal("KKM_NOTHING_REFUSED")
    if record.id != document_id:
        raise Refusal("KKM_REFUSED_ANOTHER", field="documentId")
    return Desk(work, lane, kkm), record


async def _head(reader: Reader, kkm: KkmRecord) -> DocumentRecord | None:
    """The refused document: that of the open exchange, else the first that waits for delivery."""
    if kkm.state.block is not Block.REPLAY:
        return None
    exchange = kkm.state.exchange
    if exchange is not None:
        return await store.document_by_id(reader, exchange.document_id)
    return next(iter(await store.issued_from(reader, kkm.id, 0, 1)), None)


async def _note(desk: Desk, record: DocumentRecord, kind: str, reason: str) -> None:
    facts: dict[str, JSON] = {"document": record.id, "result_code": desk.state.block_code, "reason": reason}
    desk.chronicle.note(kind, {**facts, "by": desk.work.principal.subject_id})
    await desk.work.audit(f"fiscal_kz.{kind}", desk.kkm.id, facts)


async def _text(reader: Reader, record: DocumentRecord) -> str:
    if record.subject_id is None:
        return ""
    if record.kind is DocumentKind.TICKET:
        return as_text(await paper_of_sale(reader, record.subject_id), COLUMNS)
    return as_text(await paper_of_cash(reader, record.subject_id), COLUMNS)


async def _report(reader: Reader, record: DocumentRecord) -> Report | None:
    if record.kind is not DocumentKind.CLOSE:
        return None
    row = await reader.row(_REPORT, record.id)
    return None if row is None or row["report"] is None else read_report(row["report"])
