"""The engine of card operations: every state with every event, and what must hold however they follow."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.pos_terminal.domain import events as happened
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    CardFacts,
    Declined,
    DriverOutcome,
    GoesOn,
    NotKnown,
    NotSent,
    Step,
)
from addons.pos_terminal.domain.engine import decide
from addons.pos_terminal.domain.payment import (
    FiscalSide,
    OperationKind,
    Payment,
    PaymentState,
    Rules,
    Verdict,
    reversal_pause_ms,
)
from addons.pos_terminal.domain.stage import stage_of
from addons.pos_terminal.tests.domain.table import AMOUNT, DRIVERS, EVENTS, NOW_MS, OTHER, PATH, lines, states

S = PaymentState


def test_every_state_answers_every_event_as_the_table_says() -> None:
    written = PATH.read_text(encoding="utf-8").splitlines()

    assert list(lines()) == written, "python -m addons.pos_terminal.tests.domain.table, then read the diff"
    assert len(written) == 1 + len(states()) * len(EVENTS)


@pytest.mark.parametrize("rules", DRIVERS.values(), ids=DRIVERS)
def test_money_leaves_from_the_queue_alone(rules: Rules) -> None:
    """Whatever happens in whatever state, PAY, VOID and REFUND are sent when the operation's turn comes."""
    for name, payment in states().items():
        for event in EVENTS.values():
            after, effects = decide(payment, event, NOW_MS, rules)
            sent = [each for each in effects if isinstance(each, happened.Send)]
            if any(each.step in (Step.PAY, Step.VOID, Step.REFUND) for each in sent):
                assert (payment.state, after.state) == (S.QUEUED, S.SENT), name
            assert S.QUEUED not in (after.state,) or payment.state in (S.QUEUED, S.AWAITING_CARD), name


@pytest.mark.parametrize("rules", DRIVERS.values(), ids=DRIVERS)
def test_a_receipt_that_fails_leaves_the_money_where_it_is(rules: Rules) -> None:
    for payment in states().values():
        for event in (happened.Claimed(), happened.ReceiptMade(), happened.ReceiptRefused()):
            after, effects = decide(payment, event, NOW_MS, rules)
            assert after.state is payment.state
            assert after.left == payment.left
            assert not [each for each in effects if not isinstance(each, happened.Refuse)]


def test_every_state_has_a_word_for_the_cashier() -> None:
    assert len({stage_of(payment, note) for payment in states().values() for note in ("", "wait_pin")}) >= 12


def test_reversals_come_fast_then_slowly_and_never_end() -> None:
    pauses = [reversal_pause_ms(sent) for sent in range(1, 12)]

    assert pauses == [2_000, *[10_000] * 6, *[300_000] * 4]


# --- an operation among faults: what it ends as is what truly happened


@dataclass
class World:
    """One operation, the money as it truly is, and the way to the host with faults to come."""

    rules: Rules
    faults: list[int]
    is_taken: bool = False
    is_undone: bool = False
    pays: int = 0
    now_ms: int = NOW_MS
    payment: Payment = field(
        default_factory=lambda: Payment(OperationKind.PURCHASE, AMOUNT, S.QUEUED, FiscalSide.AWAITED)
    )

    def happen(self, event: happened.Event) -> tuple[happened.Effect, ...]:
        self.payment, effects = decide(self.payment, event, self.now_ms, self.rules)
        return effects

    def fault(self) -> int:
        return self.faults.pop() if self.faults else 0

    def send(self, step: Step) -> DriverOutcome | None:
        """What the driver comes back with; None: the process was killed, before or after."""
        fault = self.fault()
        if fault == 1:
            return None
        if fault == 2:
            return NotKnown("timeout")
        if fault == 3:
            return NotSent("TERMINAL_ABSENT")
        answer = self.host(step, fault)
        if fault == 4:
            return NotKnown("timeout")
        if fault == 5:
            return None
        if fault == 6 and isinstance(answer, Approved):
            return Approved(OTHER, CardFacts())
        return answer

    def host(self, step: Step, fault: int) -> DriverOutcome:
        match step:
            case Step.PAY:
                self.pays += 1
                if fault == 7:
                    return Declined("CARD_DECLINED")
                self.is_taken = not self.is_undone
                if fault == 8:
                    return GoesOn(1_000)
                return Approved(AMOUNT, CardFacts()) if self.is_taken else Declined("CARD_DECLINED")
            case Step.REVERSE:
                self.is_taken, self.is_undone = False, True
                return Agreed()
            case _:
                return Approved(AMOUNT, CardFacts()) if self.is_taken else Declined("CARD_DECLINED")

    def lane(self) -> None:
        """The terminal's lane until the operation leaves it, then its reversals."""
        for _ in range(2_000):
            effects = self.happen(happened.Turned())
            (step,) = [each.step for each in effects if isinstance(each, happened.Send)] or [None]
            if step is not None:
                outcome = self.send(step)
                if outcome is None:
                    continue  # killed: it starts again with what is stored
                effects = self.happen(happened.Answered(step, outcome))
            pause = [each.after_ms for each in effects if isinstance(each, happened.Again)]
            if not pause:
                break
            self.now_ms += pause[0]
        while self.payment.state is S.REVERSING:
            self.happen(happened.ReversalTurned())
            answer = self.send(Step.REVERSE)
            if answer is not None:
                self.happen(happened.ReversalAnswered(answer))


@given(
    name=st.sampled_from(sorted(DRIVERS)),
    faults=st.lists(st.integers(0, 8), max_size=12),
)
def test_what_an_operation_ends_as_is_what_truly_happened(name: str, faults: list[int]) -> None:
    world = World(DRIVERS[name], faults)

    world.lane()

    assert world.pays <= 1, "the card was charged twice"
    assert world.payment.state.is_final or world.payment.state is S.REVIEW
    if world.payment.state is S.APPROVED:
        assert world.is_taken
    elif world.payment.state is not S.REVIEW:
        assert not world.is_taken, "money was taken and nobody knows"
    if world.rules.has_reversal:
        assert world.payment.state is not S.REVIEW, "a reversal settles it"
    if world.payment.state is S.REVIEW:
        truth = Verdict.APPROVED if world.is_taken else Verdict.DECLINED
        world.happen(happened.Reviewed("anna", truth))
        assert world.payment.state is S.REVIEW
        world.happen(happened.Reviewed("berik", truth))
        assert (world.payment.state is S.APPROVED) == world.is_taken
