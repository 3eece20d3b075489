"""One event of one operation, made durable: decided by the engine, written into the row, the story and the
journal of the lane at hand, and what has to follow is put on its way.

Whoever calls holds a lane of the operation's terminal and has locked its row. Lanes are locked in one order:
a register's, that of its receipts, the terminal's own, then its reversals' and its aborts'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain import events as happened
from addons.pos_terminal.domain.driver import Approved, CardFacts, Declined, DriverOutcome, GoesOn, NotKnown
from addons.pos_terminal.domain.engine import decide
from addons.pos_terminal.domain.events import Effect, Event
from addons.pos_terminal.domain.masked_number import masked_number
from addons.pos_terminal.domain.payment import PaymentMethod, PaymentState, Rules
from addons.pos_terminal.models_payment import FACT_LENGTH
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.attention import attention_of, tell_board
from addons.pos_terminal.services.days import dated
from addons.pos_terminal.services.news import CARDS_TOPIC
from addons.pos_terminal.services.payment_record import FACT_COLUMNS, PaymentRecord
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.settings import AcquiringSettings
from kernel.errors import Refusal
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work
    from kernel.jobs.lanes import Lane

OPERATION_JOB, REVERSAL_JOB = "pos_terminal.operation", "pos_terminal.reversal"
ABORT_JOB = "pos_terminal.abort"
OPERATION_TOPIC = "card_operation"  # with the operation's id
REGISTER_TOPIC = "card_register"  # with the register's id, "/" and the operation's
TASK_TOPIC = "card_task"  # with the terminal's id: its device may have something to do

_DROP_CARD = "DELETE FROM pos_card_data WHERE id = ? AND company_id = ?"
_SHORT = {"authorization_code": 16, "response_code": 16, "host_day": 4, "order_number": 64}
_METHODS = frozenset(method.value.lower() for method in PaymentMethod)  # as drivers say them
_DECIDED = frozenset(
    {PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.CANCELLED, PaymentState.REVERSED}
)


def lane_key(terminal_id: str) -> str:
    """Payments, voids, refunds, keys and settlement of a terminal, in their order."""
    return f"pos:{terminal_id}"


def reversal_lane_key(terminal_id: str) -> str:
    """Reversals of a terminal, stored and forwarded."""
    return f"pos-saf:{terminal_id}"


def abort_lane_key(terminal_id: str) -> str:
    """Wishes to stop what is going on at a terminal."""
    return f"pos-abort:{terminal_id}"


def driver_of(reader: Reader, name: str) -> TerminalDriver:
    """The driver offered under that name. Raises Refusal("TERMINAL_DRIVER_MISSING")."""
    found = reader.database.registry.offers(TerminalDriver).get(name)
    if found is None:
        raise Refusal("TERMINAL_DRIVER_MISSING", driver=name)
    return found


def rules_of(reader: Reader, name: str) -> Rules:
    """What the engine has to know of a driver; of one that is gone, that it can do nothing."""
    found = reader.database.registry.offers(TerminalDriver).get(name)
    limit_ms = _ms(reader.settings(AcquiringSettings).query_limit_ms)
    if found is None:
        return Rules(query_limit_ms=limit_ms)
    can = found.capabilities
    return Rules(
        has_status_query=can.has_status_query,
        has_reversal=can.has_reversal,
        has_remote_cancel=can.has_remote_cancel,
        wait_max_ms=can.wait_max_ms,
        query_pause_ms=can.query_pause_ms,
        query_limit_ms=limit_ms,
    )


async def happen(
    work: Work,
    lane: Lane,
    record: PaymentRecord,
    event: Event,
    *,
    source: str,
    actor: str = "",
    detail: Mapping[str, str] | None = None,
    **changes: object,
) -> tuple[PaymentRecord, tuple[Effect, ...]]:
    """The operation after the event, and the effects that are the caller's: Send, Again, Rest.

    source: terminal, device, cashier, person, statement, sale or clock. changes: further fields of the record
    that are told by the event. Raises Refusal when the engine says no.
    """
    payment, effects = decide(record.payment, event, work.now_ms, rules_of(work, record.driver))
    for effect in effects:
        if isinstance(effect, happened.Refuse):
            raise Refusal(effect.code, field="operationId")
    after = replace(record, payment=payment, **changes)  # type: ignore[arg-type]
    after = await _decided(work, record, _with_answer(after, event))
    if not _is_news(record, after, event):
        await rows.update_payment(work, record, after)
        return after, effects
    after = replace(after, events=record.events + 1)
    await rows.update_payment(work, record, after)
    mine = [effect for effect in effects if not await _follow(work, lane, after, effect)]
    await note(work, lane, record.state.value, after, event, source=source, actor=actor, detail=detail)
    settings = work.settings(AcquiringSettings)
    if any(attention_of(each, settings, work.now_ms) for each in (record, after)):
        await tell_board(work, after.register_id)
    return after, tuple(mine)


async def note(
    work: Work,
    lane: Lane,
    state_before: str,
    after: PaymentRecord,
    event: Event | str,
    *,
    source: str,
    actor: str = "",
    detail: Mapping[str, str] | None = None,
) -> None:
    """Append to the operation's story and to the lane's journal, and tell who listens."""
    kind = event if isinstance(event, str) else type(event).__name__
    told = {**({} if isinstance(event, str) else _detail(event)), **(detail or {})}
    if after.payment.code:
        told["code"] = after.payment.code
    story = rows.EventRecord(
        after.id, after.events, work.now_ms, kind, source, actor, state_before, after.state, told
    )
    await rows.write_event(work, after, story)
    lane.journal(
        "card.operation",
        {
            "operation": after.id,
            "event": kind,
            "source": source,
            "actor": actor,
            "kind": after.kind.value,
            "from": state_before,
            "to": after.state.value,
            "amount": after.payment.amount.tiyn,
            "stan": after.stan,
            "rrn": after.facts.rrn,
            "detail": dict(told),
        },
    )
    work.notice(CARDS_TOPIC, work.company_id)
    work.notice(OPERATION_TOPIC, after.id)
    work.notice(REGISTER_TOPIC, f"{after.register_id}/{after.id}")
    if PaymentState.AWAITING_CARD.value in (state_before, after.state.value):
        work.notice(TASK_TOPIC, after.terminal_id)


async def _follow(work: Work, lane: Lane, record: PaymentRecord, effect: Effect) -> bool:
    """What needs no driver is done here; False for what the caller has to do."""
    body = {"operation": record.id}
    match effect:
        case happened.Queue():
            own = await work.lane(lane_key(record.terminal_id), company_id=record.company_id)
            own.enqueue(OPERATION_JOB, body)
        case happened.Reverse():
            saf = await work.lane(reversal_lane_key(record.terminal_id), company_id=record.company_id)
            saf.enqueue(REVERSAL_JOB, body)
        case happened.Abort():
            beside = await work.lane(abort_lane_key(record.terminal_id), company_id=record.company_id)
            beside.enqueue(ABORT_JOB, body)
        case happened.DropCard():
            if record.deadline_ms is not None:  # it was to be shown to a device
                await work.write(_DROP_CARD, record.id, record.company_id)
        case happened.UndoOriginal(amount):
            assert record.original_id is not None, "only voids and refunds undo"
            original = await rows.locked_payment(work, record.original_id)
            undone = happened.Undone(record.kind, amount)
            await happen(work, lane, original, undone, source="terminal", detail={"by": record.id})
        case _:
            return False
    return True


def _is_news(before: PaymentRecord, after: PaymentRecord, event: Event) -> bool:
    """A question asked once more and an answer that has not changed are counted, not told."""
    if (before.payment, before.note) != (after.payment, after.note):
        return True
    if isinstance(event, happened.Answered | happened.AnsweredLate):
        return isinstance(event.outcome, Approved | Declined)
    return not isinstance(event, happened.Turned)


def _with_answer(record: PaymentRecord, event: Event) -> PaymentRecord:
    """What the other side told beside its yes or no."""
    if not isinstance(event, happened.Answered | happened.AnsweredLate):
        return record
    outcome = event.outcome
    memo = dict(record.memo) | dict(getattr(outcome, "memo", {}))
    told = outcome.facts if isinstance(outcome, Approved | Declined) else CardFacts()
    note_ = one_line(outcome.note)[:FACT_LENGTH] if isinstance(outcome, GoesOn) else ""
    facts = _merged(record.facts, told)
    if isinstance(outcome, Declined) and not facts.response_code:
        facts = replace(facts, response_code=one_line(outcome.host_code)[: _SHORT["response_code"]])
    method = PaymentMethod(told.method.upper()) if told.method in _METHODS else record.method
    return replace(record, memo=memo, facts=facts, note=note_, method=method)


def _merged(known: CardFacts, told: CardFacts) -> CardFacts:
    """Known facts with the new ones on top, texts cut to their columns; a whole card number is dropped."""
    values: dict[str, object] = {}
    for name in FACT_COLUMNS:
        new = getattr(told, name)
        if isinstance(new, str) and type(new) is str:
            new = one_line(new)[: _SHORT.get(name, FACT_LENGTH)]
        if name == "masked_number":
            new = masked_number(new)
        if new not in ("", None, False) and new != CardFacts().entry_mode:
            values[name] = new
    return replace(known, **values)  # type: ignore[arg-type]


async def _decided(work: Work, before: PaymentRecord, after: PaymentRecord) -> PaymentRecord:
    """The moment of the decision, and of an approval its banking day."""
    if after.state not in _DECIDED or before.state in _DECIDED:
        return after
    after = replace(after, decided_ms=work.now_ms, note="")
    return await dated(work, after) if after.state is PaymentState.APPROVED else after


def _detail(event: Event) -> dict[str, str]:
    """What of an event is told in its story; no secret, no number of a card."""
    match event:
        case happened.Answered(step, outcome) | happened.AnsweredLate(step, outcome):
            return {"step": step.value, **_outcome(outcome)}
        case happened.ReversalAnswered(outcome) | happened.AbortAnswered(outcome):
            return _outcome(outcome)
        case happened.Reviewed(person, verdict):
            return {"person": person, "verdict": verdict.value}
        case happened.Proved(verdict):
            return {"verdict": verdict.value}
        case happened.Undone(kind, amount):
            return {"kind": kind.value, "amount": str(amount)}
        case _:
            return {}


def _outcome(outcome: DriverOutcome) -> dict[str, str]:
    told = {"outcome": type(outcome).__name__}
    match outcome:
        case Approved(amount, facts):
            told |= {"amount": str(amount), "rrn": one_line(facts.rrn)[:FACT_LENGTH]}
        case Declined(code, host_code):
            told |= {"code": code, "host_code": one_line(host_code)[:FACT_LENGTH]}
        case NotKnown(reason):
            told["reason"] = one_line(reason)[:FACT_LENGTH]
        case _:
            pass
    return told


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
