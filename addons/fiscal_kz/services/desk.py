"""One register inside one Work: its state as loaded, what the engine decided, and how that is written.

All writers of a register (trade's acceptance, jobs, commands) go through here, so facts, journal and
notices are the same whatever path led to them. Decisions are the engine's, wire bytes the wire's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import Body, CashBody, DeskBody, TicketBody
from addons.fiscal_kz.domain.effects import (
    BlockChanged,
    Delivered,
    Effect,
    Fiscalized,
    IssueBacklog,
    Issued,
    LinkChanged,
    Rejected,
    Reported,
    ShiftClosed,
    ShiftOpened,
    StartPolling,
    TakenOut,
)
from addons.fiscal_kz.domain.engine import decide
from addons.fiscal_kz.domain.events import Backlog, BacklogEnded, Event
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Block, DocumentKind, Link
from addons.fiscal_kz.domain.qr import check_link
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.domain.state import State
from addons.fiscal_kz.domain.zones import wall_time
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_RECONCILE, enqueue_info, enqueue_poll
from addons.fiscal_kz.services.journal import Chronicle
from addons.fiscal_kz.services.memory import keep_documents, remember_kkm
from addons.fiscal_kz.services.nomenclature import goods_refused
from addons.fiscal_kz.services.ports import OfdAnswered, Wire
from addons.fiscal_kz.services.proof import proven
from addons.fiscal_kz.services.records import DocumentRecord, KkmRecord
from addons.fiscal_kz.services.register_news import tell_register
from addons.fiscal_kz.services.shifts import close_shift_row, open_shift_row
from addons.fiscal_kz.services.status import tell_status
from addons.fiscal_kz.services.tell_trade import tell_fiscalized, tell_offline, tell_rejected
from addons.fiscal_kz.services.texts import report_text
from addons.fiscal_kz.settings import FiscalSettings, OfdProfile
from kernel import crash
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane

BACKLOG_BATCH = 50  # documents issued in one transaction when the link is lost
DOCUMENT_TOPIC = "fiscal_document"  # notices: id of a close or report that is ready


class Desk:
    """State, performers and writers of one register for the length of one Work.

    kkm: as it was loaded, and after `save` as it is written. exchange_id, in_flight: row and bytes of the
    state's exchange, if there is one.
    """

    def __init__(self, work: Work, lane: Lane, kkm: KkmRecord) -> None:
        self.work = work
        self.lane = lane
        self.kkm = kkm
        self.settings = work.settings(FiscalSettings)
        self.state: State = kkm.state
        self.shift_id = kkm.shift_id
        self.exchange_id = kkm.exchange_id
        self.in_flight = kkm.request
        self.chronicle = Chronicle(lane)

    @property
    def wire(self) -> Wire:
        """How documents become bytes."""
        return self.work.port(Wire)

    @property
    def profile(self) -> OfdProfile:
        """The OFD of this register."""
        return self.settings.profile(self.kkm.profile)

    def decide(self, event: Event) -> tuple[Effect, ...]:
        """Ask the engine and take its new state."""
        self.state, effects = decide(self.state, event, self.work.now_ms, self.settings.rules)
        return effects

    async def save(self) -> None:
        """Write the state if anything but the exchange in flight has changed. The last thing of a Work."""
        known, state = self.kkm, self.state
        before, after = known.state, state
        if after.exchange is not None:  # its row tells the request number and, by its document, the oldest
            oldest_ms = after.oldest_ms if after.exchange.numbers is None else before.oldest_ms
            after = after._replace(exchange=before.exchange, reqnum=before.reqnum, oldest_ms=oldest_ms)
        if after != before or self.shift_id != known.shift_id:
            await store.save_state(self.work, self.lane, known, state, self.shift_id)
        if state.exchange is None:
            self.exchange_id = self.in_flight = None
        self.kkm = KkmRecord(
            known.id, known.company_id, known.register_id, known.profile, known.ofd_id, known.card,
            self.shift_id, state, self.exchange_id, self.in_flight, known.device_id,
        )  # fmt: skip
        remember_kkm(self.lane, self.kkm)
        keep_documents(self.lane)

    async def perform(
        self, record: DocumentRecord, effects: tuple[Effect, ...], answer: OfdAnswered | None = None
    ) -> None:
        """Write the facts of the effects, in their order. What becomes of the job is the caller's."""
        if record.kind in (DocumentKind.CLOSE, DocumentKind.REPORT):
            effects = await proven(self, effects)
        for effect in effects:
            match effect:
                case Issued():
                    await self._issued(record, effect)
                case Fiscalized(numbers):
                    await self._fiscalized(record, numbers, effects, answer)
                case Delivered(numbers):
                    await self._delivered(record, numbers, answer)
                case Rejected():
                    await self._rejected(record, effect)
                case TakenOut():
                    await self._taken_out(record, effect)
                case Reported(report, is_local):
                    await self._reported(record, report, is_local=is_local, answer=answer)
                case ShiftOpened(number, at_ms):
                    self.shift_id = new_id()
                    await open_shift_row(self, number, at_ms)
                case ShiftClosed(_, at_ms, report):
                    await close_shift_row(self, record, at_ms, report, self._server_report(answer))
                    self.shift_id = None
                case LinkChanged(link):
                    await self._link_changed(link)
                case BlockChanged(block, code):
                    await self._block_changed(block, code)
                case StartPolling():
                    enqueue_poll(self.lane, self.kkm)
                case IssueBacklog():
                    await self._issue_backlog(record.lane_seq)
                case _:
                    pass  # Send, Queue, Refuse, Finish, Retry, Halt: the caller's

    def request(self, body: Body | None, numbers: Numbers, report: Report | None) -> bytes:
        """Bytes of a fiscal document."""
        card, version = self.kkm.card, self.state.version
        match body:
            case TicketBody():
                return self.wire.ticket(body, numbers, card, version=version)
            case CashBody():
                return self.wire.cash(body, numbers, card, version=version)
            case DeskBody():
                assert report is not None
                return self.wire.close_shift(body, numbers, card, report=report, version=version)
            case None:
                raise AssertionError("a fiscal document has a body")

    async def _issued(self, record: DocumentRecord, effect: Issued) -> None:
        numbers = effect.numbers
        if effect.is_in_hand and not numbers.is_marked:
            assert self.in_flight is not None
            request = self.in_flight  # may have arrived: the same bytes again
        else:
            request = self.request(record.body, numbers, effect.report)
        if effect.is_in_hand:
            self.in_flight = request
        number = numbers.offline_number
        qr_text = "" if number is None else self._link(record, numbers, str(number))
        await store.save_issued(
            self.work,
            self.lane,
            record.id,
            numbers,
            request=request,
            qr_text=qr_text,
            report=None if effect.report is None else report_text(effect.report),
        )
        withdrawn = 0 if effect.report is None else effect.report.withdrawn
        self.chronicle.counted(
            record, numbers, self.state, request=request, sign=None, is_offline=True, withdrawn=withdrawn
        )
        await tell_offline(self, record, numbers, qr_text=qr_text)
        self._notice(record)
        crash.point("fiscal_kz.issued")

    async def _fiscalized(
        self,
        record: DocumentRecord,
        numbers: Numbers,
        effects: tuple[Effect, ...],
        answer: OfdAnswered | None,
    ) -> None:
        assert answer is not None
        qr_text = self._answered_link(record, numbers, answer)
        closed = next((each.report for each in effects if isinstance(each, ShiftClosed)), None)
        await store.save_taken(
            self.work,
            self.lane,
            record.id,
            numbers,
            sign=answer.sign or None,
            qr_text=qr_text,
            report=None if closed is None else report_text(closed),
            server_report=self._server_report(answer) if closed is not None else None,
        )
        assert self.in_flight is not None
        self.chronicle.counted(
            record,
            numbers,
            self.state,
            request=self.in_flight,
            sign=answer.sign,
            is_offline=False,
            withdrawn=0 if closed is None else closed.withdrawn,
        )
        await tell_fiscalized(self, record, numbers, sign=answer.sign, qr_text=qr_text, is_offline=False)
        if record.kind is not DocumentKind.TICKET:
            self._notice(record)

    async def _delivered(self, record: DocumentRecord, numbers: Numbers, answer: OfdAnswered | None) -> None:
        assert answer is not None
        report = self._server_report(answer) if record.kind is DocumentKind.CLOSE else None
        qr_text = self._answered_link(record, numbers, answer)
        await store.save_delivered(
            self.work, self.lane, record.id, sign=answer.sign or None, qr_text=qr_text, server_report=report
        )
        self.chronicle.delivered(record, sign=answer.sign)
        # A ticket that may have arrived at its first sending is an online ticket to the OFD: so it is for its
        # returns.
        await tell_fiscalized(
            self, record, numbers, sign=answer.sign, qr_text=qr_text, is_offline=numbers.is_marked
        )
        self._notice(record)
        crash.point("fiscal_kz.delivered")

    async def _rejected(self, record: DocumentRecord, effect: Rejected) -> None:
        if record.kind is DocumentKind.NOMENCLATURE:
            await goods_refused(self, record.id, effect)
        if record.kind.is_question:
            return
        await store.save_rejected(self.work, self.lane, record.id, effect.code, effect.result_code)
        self.chronicle.rejected(record, code=effect.code, result_code=effect.result_code)
        await tell_rejected(self, record, effect.code)
        self._notice(record)

    async def _taken_out(self, record: DocumentRecord, effect: TakenOut) -> None:
        await store.save_handled(self.work, self.lane, record.id, effect.code, effect.result_code)
        self.chronicle.note(
            "handled", {"document": record.id, "code": effect.code, "result_code": effect.result_code}
        )
        self._notice(record)

    async def _reported(
        self, record: DocumentRecord, report: Report, *, is_local: bool, answer: OfdAnswered | None
    ) -> None:
        server_report = None if is_local else self._server_report(answer)
        await store.save_reported(
            self.work,
            self.lane,
            record.id,
            shift_number=report.shift_number,
            is_local=is_local,
            report=report_text(report),
            server_report=server_report,
        )
        self.work.notice(DOCUMENT_TOPIC, record.id)

    async def _link_changed(self, link: Link) -> None:
        self.chronicle.link(link)
        await tell_status(self)
        if link is Link.ONLINE:
            enqueue_info(self.lane, self.kkm, purpose=INFO_PURPOSE_RECONCILE)
        tell_register(self.work, self.kkm.register_id)

    async def _block_changed(self, block: Block, code: int) -> None:
        self.chronicle.block(block, code)
        await tell_status(self)
        tell_register(self.work, self.kkm.register_id)

    async def _issue_backlog(self, after_seq: int) -> None:
        """Documents behind the head get their offline numbers, in order and at most a batch at a time."""
        records = await store.queued_after(self.work, self.kkm.id, after_seq, BACKLOG_BATCH)
        for record in records:
            await self.perform(record, self.decide(Backlog(record.document)))
        self.decide(BacklogEnded(has_more=len(records) == BACKLOG_BATCH))

    async def issue_rest_of_backlog(self, after_seq: int) -> None:
        """The next batch, when the last one was full."""
        if self.state.has_backlog and self.state.is_autonomous:
            await self._issue_backlog(after_seq)

    def _answered_link(self, record: DocumentRecord, numbers: Numbers, answer: OfdAnswered) -> str:
        """The OFD's own bytes unchanged; our link when it sent none (ofd_protocol §2.10)."""
        if answer.qr or not answer.sign:
            return answer.qr
        return self._link(record, numbers, answer.sign)

    def _link(self, record: DocumentRecord, numbers: Numbers, sign: str) -> str:
        return check_link(
            self.profile.check_site,
            sign=sign,
            registration_number=self.kkm.card.registration_number,
            total_tiyn=record.total,
            at=wall_time(numbers.at_ms, self.kkm.card.zone),
        )

    def _server_report(self, answer: OfdAnswered | None) -> str | None:
        if answer is None:
            return None
        report = self.wire.read_report(answer.payload, self.kkm.card, version=self.state.version)
        return None if report is None else report_text(report)

    def _notice(self, record: DocumentRecord) -> None:
        if record.kind in (DocumentKind.CLOSE, DocumentKind.REPORT):
            self.work.notice(DOCUMENT_TOPIC, record.id)
        tell_register(self.work, self.kkm.register_id)
