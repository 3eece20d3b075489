"""The jobs of card operations, seen from the database: what is made durable before a driver is asked, and
after it came back. The network is in jobs/.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from addons.pos_terminal.domain import events as happened
from addons.pos_terminal.domain.driver import (
    DriverOrder,
    DriverOutcome,
    OriginalPayment,
    Step,
    TerminalCard,
)
from addons.pos_terminal.domain.events import Effect
from addons.pos_terminal.domain.payment import OperationKind, PaymentState
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.keys_update import distrust_keys, enqueue_update
from addons.pos_terminal.services.late_answers import LateAnswers
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.payment_step import driver_of, happen
from addons.pos_terminal.services.present_card import waiting_card
from addons.pos_terminal.services.stan import next_stan
from addons.pos_terminal.services.start_payment import hasten_reversals
from addons.pos_terminal.services.terminal_card import terminal_card
from addons.pos_terminal.services.terminal_gate import check_cut_off, check_reversals, check_terminal
from kernel.errors import Refusal
from kernel.jobs.policy import DONE, Again, Settled

if TYPE_CHECKING:
    from addons.pos_terminal.domain.terminal import TerminalTerms
    from addons.pos_terminal.services.ports import TerminalDriver
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

DRIVER_MISSING_PAUSE_MS = 60_000  # its add-on may come back


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step that is durable and may be performed now."""

    operation_id: str
    driver: TerminalDriver
    order: DriverOrder = field(repr=False)


async def prepare_operation(work: Work, job: Job) -> StepPlan | Settled:
    """The operation at the head of its terminal's lane: send it, ask about it, or see that it is over."""
    lane = await work.lane(job.lane_key, company_id=job.company_id)
    record = await rows.locked_payment(work, str(job.body["operation"]))
    try:
        driver = driver_of(work, record.driver)
    except Refusal:
        return Again(DRIVER_MISSING_PAUSE_MS)
    if record.state is not PaymentState.QUEUED:
        record, effects = await happen(
            work, lane, record, happened.Turned(), source="clock", attempts=record.attempts + 1
        )
        return await _planned(work, record, driver, effects)
    card, terms = await terminal_card(work, record.terminal_id)
    try:
        await _check_leaving(work, record, driver, terms)
        batch, stan = await next_stan(work, record.terminal_id)
    except Refusal as refusal:
        if refusal.code == "TERMINAL_REVERSAL_PENDING":
            await hasten_reversals(work, record.terminal_id)
        record, effects = await happen(work, lane, record, happened.Turned(refusal.code), source="clock")
        return await _planned(work, record, driver, effects)
    shown = None if record.deadline_ms is None else await waiting_card(work, record.id)
    leaving = replace(record, batch=batch, stan=stan, payment=record.payment._replace(sent_ms=work.now_ms))
    order = await _order(work, leaving, record.kind.step, card)
    image = driver.reversal_image(order) if driver.capabilities.has_reversal else ""
    await happen(
        work,
        lane,
        record,
        happened.Turned(),
        source="clock",
        batch=batch,
        stan=stan,
        attempts=1,
        reversal_image=image,
    )
    return StepPlan(record.id, driver, replace(order, card=shown))


async def settle_operation(work: Work, job: Job, plan: StepPlan, outcome: DriverOutcome) -> Settled:
    """What the driver came back with, made durable."""
    lane = await work.lane(job.lane_key, company_id=job.company_id)
    record = await rows.locked_payment(work, plan.operation_id)
    event = happened.Answered(plan.order.step, outcome)
    _, effects = await happen(work, lane, record, event, source="terminal")
    if await distrust_keys(work, record.terminal_id, outcome):
        await enqueue_update(work, record.terminal_id)
    return _settled(effects)


async def prepare_reversal(work: Work, job: Job) -> StepPlan | Settled:
    """The reversal at the head of the terminal's reversals: the same image, once more."""
    lane = await work.lane(job.lane_key, company_id=job.company_id)
    record = await rows.locked_payment(work, str(job.body["operation"]))
    try:
        driver = driver_of(work, record.driver)
    except Refusal:
        return Again(DRIVER_MISSING_PAUSE_MS)
    record, effects = await happen(work, lane, record, happened.ReversalTurned(), source="clock")
    return await _planned(work, record, driver, effects)


async def settle_reversal(work: Work, job: Job, plan: StepPlan, outcome: DriverOutcome) -> Settled:
    """Whether the reversal was taken."""
    lane = await work.lane(job.lane_key, company_id=job.company_id)
    record = await rows.locked_payment(work, plan.operation_id)
    event = happened.ReversalAnswered(outcome)
    _, effects = await happen(work, lane, record, event, source="terminal")
    await distrust_keys(work, record.terminal_id, outcome)
    return _settled(effects)


async def prepare_abort(work: Work, job: Job) -> StepPlan | Settled:
    """Somebody wants the terminal to stop; by now it may be over."""
    record = await rows.payment_by_id(work, str(job.body["operation"]))
    if record.state is not PaymentState.SENT or not record.payment.is_cancel_asked:
        return DONE
    card, _ = await terminal_card(work, record.terminal_id)
    return StepPlan(record.id, driver_of(work, record.driver), await _order(work, record, Step.ABORT, card))


async def settle_abort(work: Work, job: Job, plan: StepPlan, outcome: DriverOutcome) -> Settled:
    """Whether the terminal agreed; how the operation ended is told by its own step."""
    lane = await work.lane(job.lane_key, company_id=job.company_id)
    record = await rows.locked_payment(work, plan.operation_id)
    await happen(work, lane, record, happened.AbortAnswered(outcome), source="terminal")
    return DONE


async def _check_leaving(
    work: Work, record: PaymentRecord, driver: TerminalDriver, terms: TerminalTerms
) -> None:
    """What was true when it was begun must still be true when it leaves."""
    check_terminal(work, terms, driver.capabilities)
    if record.kind is OperationKind.PURCHASE:
        await check_reversals(work, record.terminal_id)
        return
    assert record.original_id is not None, "voids and refunds are about a purchase"
    purchase = await rows.payment_by_id(work, record.original_id)
    if purchase.state is not PaymentState.APPROVED:
        raise Refusal("CARD_NOT_APPROVED")
    check_cut_off(work, purchase, terms, record.kind)


async def _planned(
    work: Work, record: PaymentRecord, driver: TerminalDriver, effects: tuple[Effect, ...]
) -> StepPlan | Settled:
    for effect in effects:
        if isinstance(effect, happened.Send):
            card, _ = await terminal_card(work, record.terminal_id)
            return StepPlan(record.id, driver, await _order(work, record, effect.step, card))
    return _settled(effects)


def _settled(effects: tuple[Effect, ...]) -> Settled:
    for effect in effects:
        if isinstance(effect, happened.Again):
            return Again(effect.after_ms)
    return DONE


async def _order(work: Work, record: PaymentRecord, step: Step, card: TerminalCard) -> DriverOrder:
    """The order of a step; numbers and time are those of the operation's first message."""
    assert record.stan is not None, "it leaves, or has left"
    assert record.batch is not None, "it leaves, or has left"
    driver = driver_of(work, record.driver)
    return DriverOrder(
        step=step,
        operation_id=record.id,
        terminal=card,
        amount=record.payment.amount,
        stan=record.stan,
        batch=record.batch,
        sent_ms=record.payment.sent_ms,
        attempt=record.payment.reversals if step is Step.REVERSE else max(record.attempts, 1),
        method=record.method.value.lower(),
        original=await _original(work, record),
        memo=record.memo,
        image=record.reversal_image if step is Step.REVERSE else "",
        reason=record.payment.reason,
        deadline_ms=driver.capabilities.wait_max_ms,
        late=_listener(work, record, step),
    )


def _listener(work: Work, record: PaymentRecord, step: Step) -> LateAnswers | None:
    """For a step that moves money: whoever answers it too late is heard all the same."""
    if step is not record.kind.step:
        return None
    return LateAnswers(work.database, record.company_id, record.id, step)


async def _original(work: Work, record: PaymentRecord) -> OriginalPayment | None:
    if record.original_id is None:
        return None
    purchase = await rows.payment_by_id(work, record.original_id)
    assert purchase.stan is not None, "approved"
    assert purchase.batch is not None, "approved"
    return OriginalPayment(
        kind=purchase.kind.value,
        stan=purchase.stan,
        batch=purchase.batch,
        amount=purchase.payment.approved,
        sent_ms=purchase.payment.sent_ms,
        rrn=purchase.facts.rrn,
        authorization_code=purchase.facts.authorization_code,
        memo=purchase.memo,
    )
