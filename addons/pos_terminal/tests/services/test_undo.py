"""Money given back to a card: void, refund, the cut-off of the day, and who decides about days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from addons.pos_terminal.api import CardFacts, Step
from addons.pos_terminal.domain.banking_day import VoidWindow
from addons.pos_terminal.domain.contract import SetContract
from addons.pos_terminal.domain.payment import OperationKind, PaymentState
from addons.pos_terminal.services.contracts import contract_row, set_contract
from addons.pos_terminal.services.days import VOID_WINDOW
from addons.pos_terminal.services.undo_payment import UndoPayment, undo_payment
from addons.pos_terminal.tests.counter import Counter
from addons.pos_terminal.tests.played import LOST, NOT_ARRIVED
from addons.pos_terminal.tests.refusing import refused
from kernel.clock import to_ms
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id

S, K = PaymentState, OperationKind
CUT_OFF = datetime(2026, 1, 15, 17, 30, tzinfo=UTC)  # 22:30 in Almaty


def until(counter: Counter, moment: datetime) -> None:
    counter.clock.advance(moment - counter.clock.now())


async def test_a_void_takes_the_whole_purchase_back(counter: Counter) -> None:
    paid = await counter.pay()
    void = await counter.undo(paid.id)

    assert (void.kind, void.state) == (K.VOID, S.APPROVED)
    assert await counter.state(paid.id) is S.VOIDED
    assert counter.bank.total == 0
    order = counter.drivers["host"].orders[-1]
    assert order.original is not None
    assert (order.step, order.original.rrn, order.original.stan) == (Step.VOID, paid.facts.rrn, 1)
    assert await refused(counter.undo(paid.id)) == "CARD_ALREADY_UNDONE"
    assert await refused(counter.undo(void.id)) == "CARD_NOT_A_PURCHASE"


async def test_refunds_in_parts_never_exceed_what_was_paid(counter: Counter) -> None:
    paid = await counter.pay(amount="1000.00")
    first = await counter.undo(paid.id, "400.50")

    assert (first.kind, first.state) == (K.REFUND, S.APPROVED)
    assert (await counter.operation(paid.id)).payment.left.tiyn == 59_950
    assert await refused(counter.undo(paid.id, "600.00")) == "REFUND_TOO_LARGE"
    assert await refused(counter.undo(paid.id)) == "CARD_PARTLY_REFUNDED"
    assert await refused(counter.undo(paid.id, "0.00")) == "CARD_AMOUNT_NOT_POSITIVE"
    await counter.undo(paid.id, "599.50")
    assert await counter.state(paid.id) is S.REFUNDED
    assert counter.bank.total == 0


async def test_a_terminal_without_a_void_refunds_and_without_parts_only_all(counter: Counter) -> None:
    paid = await counter.pay("smart")
    assert await refused(counter.undo(paid.id, "400.00")) == "REFUND_PARTIAL_NOT_ALLOWED"
    assert (await counter.undo(paid.id)).kind is K.REFUND
    assert await counter.state(paid.id) is S.REFUNDED


async def test_the_same_key_gives_back_once(counter: Counter) -> None:
    paid, key = await counter.pay(), new_id()
    first = await counter.undo(paid.id, "300.00", operation_key=key)
    again = await counter.undo(paid.id, "300.00", operation_key=key)

    assert again.id == first.id
    assert counter.bank.total == 70_000
    assert await refused(counter.undo(paid.id, "301.00", operation_key=key)) == "CARD_KEY_CONFLICT"


async def test_a_lost_refund_is_reversed_and_the_purchase_stands(counter: Counter) -> None:
    paid = await counter.pay()
    counter.drivers["host"].script += [LOST, NOT_ARRIVED]
    refund = await counter.undo(paid.id, "400.00")
    assert refund.state is S.REVERSING
    assert await refused(counter.undo(paid.id, "400.00")) == "CARD_UNDOING_ALREADY"
    counter.clock.advance(timedelta(seconds=10))
    await counter.work()

    assert await counter.state(refund.id) is S.REVERSED
    assert (await counter.operation(paid.id)).payment.refunded.tiyn == 0
    assert counter.bank.total == 100_000
    assert (await counter.undo(paid.id, "400.00")).state is S.APPROVED


async def test_a_void_passes_until_the_cut_off_and_not_at_it(counter: Counter) -> None:
    first, second = await counter.pay(), await counter.pay()
    until(counter, CUT_OFF - timedelta(seconds=1))
    assert (await counter.undo(first.id)).state is S.APPROVED
    until(counter, CUT_OFF)

    with pytest.raises(Refusal) as caught:
        await counter.undo(second.id)
    assert (caught.value.code, caught.value.facts) == ("VOID_AFTER_CUT_OFF", {"cut_off": "22:30"})
    assert await refused(counter.undo(second.id, "100.00")) == "REFUND_AFTER_CUT_OFF"
    assert await counter.state(second.id) is S.APPROVED


async def test_a_void_that_waited_past_the_cut_off_does_not_leave(counter: Counter) -> None:
    paid = await counter.pay()
    until(counter, CUT_OFF - timedelta(seconds=1))
    begun = await counter.run(undo_payment, UndoPayment(new_id(), paid.id))
    until(counter, CUT_OFF)
    await counter.work()

    late = await counter.operation(begun.operation_id)
    assert (late.state, late.payment.code) == (S.CANCELLED, "VOID_AFTER_CUT_OFF")
    assert await counter.state(paid.id) is S.APPROVED


async def test_a_purchase_after_the_cut_off_belongs_to_tomorrow(counter: Counter) -> None:
    until(counter, CUT_OFF + timedelta(minutes=10))
    paid = await counter.pay()

    assert paid.banking_day == "2026-01-16"
    until(counter, CUT_OFF + timedelta(hours=10))
    assert (await counter.undo(paid.id)).state is S.APPROVED


async def test_a_contract_may_read_the_day_literally(counter: Counter) -> None:
    async def literally(work: Work) -> None:
        row = await work.row("SELECT contract_id FROM pos_terminal WHERE id = ?", counter.terminals["host"])
        assert row is not None
        contract = await contract_row(work, row["contract_id"])
        options = {VOID_WINDOW: VoidWindow.CALENDAR_DAY.value}
        command = SetContract(contract["id"], contract["title"], contract["driver"], options=options)
        await set_contract(work, command)

    await counter.run_as_owner(literally)
    until(counter, CUT_OFF + timedelta(minutes=10))
    paid = await counter.pay()

    assert await refused(counter.undo(paid.id)) == "VOID_AFTER_CUT_OFF"


async def test_the_hosts_day_and_clock_decide(counter: Counter) -> None:
    host = counter.drivers["host"]
    usual = host.facts
    try:
        until(counter, CUT_OFF - timedelta(minutes=1))
        host.facts = CardFacts(host_day="0116")  # its day is over already
        tomorrow = await counter.pay()
        host.facts = CardFacts(host_ms=to_ms(counter.clock.now()) + 40_000)  # its clock is ahead of ours
        today = await counter.pay()
    finally:
        host.facts = usual

    assert (tomorrow.banking_day, today.banking_day) == ("2026-01-16", "2026-01-15")
    until(counter, CUT_OFF - timedelta(seconds=30))
    assert await refused(counter.undo(today.id)) == "VOID_AFTER_CUT_OFF"
    until(counter, CUT_OFF + timedelta(seconds=30))
    assert (await counter.undo(tomorrow.id)).state is S.APPROVED


async def test_only_what_was_approved_can_be_given_back(counter: Counter) -> None:
    counter.drivers["blind"].script.append(LOST)
    unknown = await counter.pay("blind")
    waiting = await counter.start()

    assert await refused(counter.undo(unknown.id)) == "CARD_NOT_APPROVED"
    assert await refused(counter.undo(waiting)) == "CARD_NOT_APPROVED"


async def test_an_operator_gives_back_at_his_own_terminal_only(counter: Counter) -> None:
    paid = await counter.pay()
    await counter.change_terminal(counter.terminals["host"], operator_id=new_id())

    assert await refused(counter.undo(paid.id)) == "TERMINAL_OTHER_OPERATOR"
