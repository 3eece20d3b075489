"""The two transactions of a head's turn: before the exchange (intent) and after it (facts).

Architecture.md §6, rows 5 and 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    purpose_of,
    question_of,
)
from addons.fiscal_kz.services.kept import kept_document, kept_kkm
from addons.fiscal_kz.services.ports import OfdAnswered, OfdOutcome, Shipment
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState
from kernel import crash
from kernel.errors import Fault
from kernel.jobs.policy import DONE, Again, Block, Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


@dataclass(frozen=True, slots=True)
class SendPlan:
    """What is about to be sent for which document."""

    record: DocumentRecord
    shipment: Shipment
    exchange_id: str


async def prepare_turn(work: Work, job: Job) -> SendPlan | Settled:
    """Make the intent to send durable, or settle at once when nothing is to be sent."""
    document_id = str(job.body["document"])
    record = question_of(job) or kept_document(work, document_id)
    record = record or await store.document_by_id(work, document_id)
    if record is None:
        raise Fault(f"document of job {job.id} is missing")
    if record.state in (DocumentState.DONE, DocumentState.REJECTED):
        return DONE
    desk = await _desk(work, job)
    if purpose_of(job) == INFO_PURPOSE_RECONCILE and desk.state.is_autonomous:
        return DONE  # the link went away again; its return will ask anew
    if record.state is DocumentState.OFFLINE or not record.kind.is_fiscal:
        await desk.issue_rest_of_backlog(record.lane_seq)  # never past a head without a number of its own
    effects = desk.decide(Turned(record.document))
    await desk.perform(record, effects)
    await desk.save()
    for effect in effects:
        if isinstance(effect, Send):
            return await _plan(desk, record, effect)
    return _settled(effects)


async def settle_turn(work: Work, job: Job, plan: SendPlan, outcome: OfdOutcome) -> Settled:
    """Write what the OFD answered, or that it did not."""
    desk = await _desk(work, job)
    before = desk.state.exchange
    if before is None or desk.kkm.exchange_id != plan.exchange_id:
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
            await info_answered(desk, answer, purpose=purpose_of(job))
        else:
            refused = next((each.code for each in effects if isinstance(each, Rejected)), "OFD_REFUSED")
            await info_refused(desk, refused, purpose=purpose_of(job))
    await desk.save()
    crash.point("fiscal_kz.before_settle_commit")
    return _settled(effects)


async def _desk(work: Work, job: Job) -> Desk:
    kkm_id = str(job.body["kkm"])
    kkm = kept_kkm(work, kkm_id) or await store.kkm_by_id(work, kkm_id)
    if kkm is None:
        raise Fault(f"register of job {job.id} is missing")
    return Desk(work, await work.lane(job.lane_key, company_id=None), kkm)


async def _plan(desk: Desk, record: DocumentRecord, send: Send) -> SendPlan:
    """Bytes of the exchange: built and stored when it is fresh, else the stored ones with a fresh offline
    period.
    """
    kkm, exchange = desk.kkm, send.exchange
    if send.is_fresh:
        request = await _request(desk, record, send)
        exchange_id = await store.open_exchange(desk.work, kkm, exchange, request)
    else:
        assert kkm.request is not None
        assert kkm.exchange_id is not None
        request, exchange_id = kkm.request, kkm.exchange_id
        await store.resume_exchange(desk.work, exchange_id)
    payload = request
    if send.period is not None:
        payload = desk.wire.with_period(request, send.period, kkm.card, version=desk.state.version)
    shipment = Shipment(
        key=kkm.id,
        host=desk.profile.host,
        port=desk.profile.port,
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
        case Command.REPORT:
            assert send.report is not None
            return desk.wire.x_report(card, report=send.report, version=version)
        case _:
            assert send.exchange.numbers is not None
            if record.request is None:
                return desk.request(record, send.exchange.numbers, send.report)
            delivered = await _with_delivered_parent(desk, record)
            if delivered is not None:
                return desk.request(delivered, send.exchange.numbers, send.report)
            return record.request  # built when it was issued


async def _with_delivered_parent(desk: Desk, record: DocumentRecord) -> DocumentRecord | None:
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
    return replace(record, body=replace(body, parent=parent))


async def _close_or_keep(desk: Desk, exchange_id: str, answer: OfdAnswered | None) -> None:
    exchange = desk.state.exchange
    if exchange is None:
        payload, code = (None, None) if answer is None else (answer.payload, answer.code)
        await store.end_exchange(desk.work, exchange_id, payload, code)
    else:
        assert desk.kkm.request is not None
        await store.keep_exchange(desk.work, exchange_id, exchange, desk.kkm.request)


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
