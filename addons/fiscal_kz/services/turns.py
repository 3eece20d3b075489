"""The two transactions of a head's turn: before the exchange (intent) and after it (facts).

Architecture.md §6, rows 5 and 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import TicketBody
from addons.fiscal_kz.domain.effects import Effect, Finish, Halt, Rejected, Retry, Send
from addons.fiscal_kz.domain.events import Answered, Lost, Turned
from addons.fiscal_kz.domain.kinds import Command, DocumentKind
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.info import info_answered, info_refused
from addons.fiscal_kz.services.jobs import (
    INFO_PURPOSE_RECONCILE,
    lane_seq_of,
    purpose_of,
    question_of,
)
from addons.fiscal_kz.services.memory import recall_kkm, remember_documents, remember_kkm, take_document
from addons.fiscal_kz.services.nomenclature import goods_answered, goods_request
from addons.fiscal_kz.services.ports import OfdAnswered, OfdOutcome, Shipment
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState
from kernel import crash
from kernel.errors import Fault
from kernel.jobs.policy import DONE, Again, Block, Settled
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

READ_AHEAD = 16  # offline documents read at once when one is delivered


@value
class SendPlan:
    """What is about to be sent for which document."""

    record: DocumentRecord
    shipment: Shipment
    exchange_id: str


async def prepare_turn(work: Work, job: Job) -> SendPlan | Settled:
    """Make the intent to send durable, or settle at once when nothing is to be sent."""
    desk, record = await _head(work, job)
    if record.state in (DocumentState.DONE, DocumentState.REJECTED, DocumentState.HANDLED):
        return DONE
    if purpose_of(job) == INFO_PURPOSE_RECONCILE and desk.state.is_autonomous:
        return DONE  # the link went away again; its return will ask anew
    if record.state is DocumentState.OFFLINE or not record.kind.is_fiscal:
        await desk.issue_rest_of_backlog(record.lane_seq)  # never past a head without a number of its own
    effects = desk.decide(Turned(record.document))
    await desk.perform(record, effects)
    send = next((each for each in effects if isinstance(each, Send)), None)
    plan = None if send is None else await _plan(desk, record, send)
    await desk.save()
    return plan or _settled(effects)


async def settle_turn(work: Work, job: Job, plan: SendPlan, outcome: OfdOutcome) -> Settled:
    """Write what the OFD answered, or that it did not."""
    desk = await _desk(work, job)
    before = desk.state.exchange
    if before is None or desk.exchange_id != plan.exchange_id:
        raise Fault(f"exchange of job {job.id} is not the one in flight")
    record, document = plan.record, plan.record.document
    if isinstance(outcome, OfdAnswered):
        answer: OfdAnswered | None = outcome
        effects = desk.decide(Answered(document, outcome.code, outcome.token))
        if outcome.code != 0:
            desk.chronicle.exchange(document.id, before.command, before.reqnum, f"code {outcome.code}")
    else:
        answer = None
        effects = desk.decide(Lost(document, outcome.may_have_arrived))
        desk.chronicle.exchange(document.id, before.command, before.reqnum, outcome.reason)
    await desk.perform(record, effects, answer)
    await _close_or_keep(desk, plan.exchange_id, answer)
    if record.kind is DocumentKind.INFO:
        if answer is not None and answer.code == 0:
            await info_answered(desk, answer, purpose=purpose_of(job), asked=job.body)
        else:
            refused = next((each.code for each in effects if isinstance(each, Rejected)), "OFD_REFUSED")
            await info_refused(desk, refused, purpose=purpose_of(job), asked=job.body)
    elif record.kind is DocumentKind.NOMENCLATURE and answer is not None and answer.code == 0:
        await goods_answered(desk, record.id, plan.exchange_id, answer)
    await desk.save()
    crash.point("fiscal_kz.before_settle_commit")
    return _settled(effects)


async def _desk(work: Work, job: Job) -> Desk:
    kkm_id = str(job.body["kkm"])
    lane = await work.lane(job.lane_key, company_id=None)
    kkm = recall_kkm(lane)
    if kkm is None or kkm.id != kkm_id:
        kkm = await store.kkm_by_id(work, kkm_id)
    if kkm is None:
        raise Fault(f"register of job {job.id} is missing")
    return Desk(work, lane, kkm)


async def _head(work: Work, job: Job) -> tuple[Desk, DocumentRecord]:
    """The register and what stands at its head; a worker that remembers nothing asks once for both."""
    lane = await work.lane(job.lane_key, company_id=None)
    question = question_of(job)
    if question is None and recall_kkm(lane) is None:
        kkm, record = await store.kkm_and_document(work, str(job.body["kkm"]), str(job.body["document"]))
        if kkm is not None and record is not None:
            remember_kkm(lane, kkm)
            remember_documents(lane, (record,))
    desk = await _desk(work, job)
    return desk, question or await _document(desk, job)


async def _document(desk: Desk, job: Job) -> DocumentRecord:
    """The document at the head: remembered, or read, together with those behind it that wait for delivery."""
    document_id = str(job.body["document"])
    record = take_document(desk.lane, document_id)
    if record is None and desk.state.undelivered > 1:
        found = await store.issued_from(desk.work, desk.kkm.id, lane_seq_of(job), READ_AHEAD)
        remember_documents(desk.lane, tuple(found))
        record = take_document(desk.lane, document_id)
    if record is None:
        record = await store.document_by_id(desk.work, document_id)
    if record is None:
        raise Fault(f"document of job {job.id} is missing")
    return record


async def _plan(desk: Desk, record: DocumentRecord, send: Send) -> SendPlan:
    """Bytes of the exchange: built and stored when it is fresh, else the stored ones with a fresh offline
    period.
    """
    kkm, exchange = desk.kkm, send.exchange
    if send.is_fresh:
        request = await _request(desk, record, send)
        exchange_id = await store.open_exchange(desk.work, desk.lane, kkm, exchange, request)
        desk.exchange_id, desk.in_flight = exchange_id, request
    else:
        assert desk.in_flight is not None
        assert desk.exchange_id is not None
        request, exchange_id = desk.in_flight, desk.exchange_id
        await store.resume_exchange(desk.work, desk.lane, exchange_id)
    payload = request
    if send.period is not None:
        payload = desk.wire.with_period(request, send.period, kkm.card)
    shipment = Shipment(
        key=kkm.id,
        way=desk.profile.way,
        version=desk.state.version,
        device_id=kkm.ofd_id,
        token=exchange.token,
        reqnum=exchange.reqnum,
        payload=payload,
        deadline_ms=desk.settings.transaction_ms,
        is_connection_kept=desk.settings.is_connection_kept,
    )
    return SendPlan(record, shipment, exchange_id)


async def _request(desk: Desk, record: DocumentRecord, send: Send) -> bytes:
    card, version = desk.kkm.card, desk.state.version
    match send.exchange.command:
        case Command.SYSTEM:
            return desk.wire.system(card, version=version)
        case Command.INFO:
            return desk.wire.info(card, version=version)
        case Command.NOMENCLATURE:
            return await goods_request(desk, record)
        case Command.REPORT:
            assert send.report is not None
            return desk.wire.x_report(card, report=send.report, version=version)
        case _:
            assert send.exchange.numbers is not None
            if record.request is None:
                return desk.request(record.body, send.exchange.numbers, send.report)
            delivered = None if record.parent is None else await _with_delivered_parent(desk, record)
            if delivered is not None:
                return desk.request(delivered, send.exchange.numbers, send.report)
            return record.request  # built when it was issued


async def _with_delivered_parent(desk: Desk, record: DocumentRecord) -> TicketBody | None:
    """A return issued while its original was itself undelivered: by now the OFD has given the original its
    sign.
    """
    body = record.body
    if not isinstance(body, TicketBody) or body.parent is None:
        return None
    found = await store.delivered_ticket(desk.work, desk.kkm.company_id, body.parent.subject_id)
    if found is None or (found.sign, found.is_offline) == (body.parent.sign, body.parent.is_offline):
        return None
    parent = replace(body.parent, sign=found.sign, is_offline=found.is_offline)
    return replace(body, parent=parent)


async def _close_or_keep(desk: Desk, exchange_id: str, answer: OfdAnswered | None) -> None:
    exchange = desk.state.exchange
    payload, code = (None, None) if answer is None else (answer.payload, answer.code)
    if exchange is None:
        await store.end_exchange(desk.work, desk.lane, exchange_id, payload, code)
    else:
        assert desk.in_flight is not None
        await store.keep_exchange(desk.work, desk.lane, exchange_id, exchange, desk.in_flight, payload, code)


def _settled(effects: Sequence[Effect]) -> Settled:
    for effect in effects:
        match effect:
            case Finish():
                return DONE
            case Retry(after_ms):
                return Again(after_ms)
            case Halt(block):
                return Block(f"KKM_{block.value}")
            case _:
                continue
    raise Fault("a turn ended without an outcome")
