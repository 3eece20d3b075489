"""Payments from the till's first word to the money's last place, with drivers that play what may happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from addons.pos_terminal.api import Approved, CardFacts, Declined, GoesOn, NotKnown, Step
from addons.pos_terminal.domain.payment import REVERSAL_OVERDUE_MS, PaymentMethod, PaymentState, Verdict
from addons.pos_terminal.services.end_payment import (
    ReviewPayment,
    ask_again,
    cancel_payment,
    prove_payment,
    review_payment,
)
from addons.pos_terminal.services.present_card import PresentCard, present_card
from addons.pos_terminal.services.start_payment import StartPayment, start_payment
from addons.pos_terminal.services.watch_payments import watch_payments
from addons.pos_terminal.tests.counter import CARD, Counter, add_terminal, open_counter
from addons.pos_terminal.tests.played import DOWN, LOST, NOT_ARRIVED
from addons.pos_terminal.tests.refusing import refused
from kernel.data.work import Work
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.journal.reading import read_journal
from kernel.money import Money
from kernel.security.principal import SYSTEM, PrincipalKind

S = PaymentState
LATE = """query Late($id: ID!) {
  cardOperation(id: $id) { state rrn lateApprovalAt attention { code } events { kind } } }"""


# --- the usual way


async def test_a_card_is_shown_charged_and_forgotten(counter: Counter) -> None:
    paid = await counter.pay()

    assert paid.state is S.APPROVED
    assert (paid.stan, paid.batch, paid.banking_day) == (1, 1, "2026-01-15")
    assert paid.facts.masked_number == "440043******1234"
    assert counter.bank.taken == {paid.id: 100_000}
    (order,) = counter.drivers["host"].orders
    assert order.card is not None
    assert order.card.track == CARD.track
    assert not await counter.rows("SELECT * FROM pos_card_data")
    async with counter.app.database.reading(SYSTEM.within(counter.company_id)) as reader:
        lane = f"pos:{counter.terminals['host']}"
        told = [entry.facts["event"] async for entry in read_journal(reader, lane)]
    assert told == ["Started", "CardPresented", "Turned", "Answered"]


async def test_card_data_are_sealed_until_they_leave_and_never_in_clear(counter: Counter) -> None:
    operation_id = await counter.start()
    await counter.run(present_card, PresentCard(operation_id, CARD))

    (row,) = await counter.rows("SELECT sealed FROM pos_card_data")
    assert "encrypted" not in row["sealed"]
    assert await refused(counter.run(present_card, PresentCard(operation_id, CARD))) == "CARD_NOT_AWAITED"
    other = await counter.start("host", terminal_id=await _second_host(counter))
    in_clear = replace(CARD, track=b"4400431234561234=2612")
    assert await refused(counter.run(present_card, PresentCard(other, in_clear))) == "CARD_DATA_IN_CLEAR"
    with_number = replace(CARD, chip=b"\x82\x02\x39\x00\x5a\x08\x44\x00\x43\x12\x34\x56\x12\x34")
    assert await refused(counter.run(present_card, PresentCard(other, with_number))) == "CARD_DATA_IN_CLEAR"
    nothing = replace(CARD, track=b"")
    assert await refused(counter.run(present_card, PresentCard(other, nothing))) == "CARD_DATA_MALFORMED"


async def test_a_card_nobody_shows_frees_the_terminal(counter: Counter) -> None:
    operation_id = await counter.start()
    counter.clock.advance(timedelta(minutes=3))

    assert await refused(counter.run(present_card, PresentCard(operation_id, CARD))) == "CARD_NOT_AWAITED"
    assert (await counter.operation(operation_id)).payment.code == "CARD_NOT_PRESENTED"

    forgotten = await counter.start()
    counter.clock.advance(timedelta(minutes=3))
    await counter.app.database.transact(watch_payments, principal=SYSTEM)
    assert await counter.state(forgotten) is S.CANCELLED
    late = await counter.start()
    counter.clock.advance(timedelta(minutes=3))
    assert (await counter.pay()).state is S.APPROVED  # whoever comes next does not wait for the watch
    assert await counter.state(late) is S.CANCELLED


async def test_the_same_key_is_the_same_operation_whatever_became_of_it(counter: Counter) -> None:
    command = StartPayment(
        new_id(), counter.register_id, Money.tenge(500), terminal_id=counter.terminals["blind"]
    )
    counter.drivers["blind"].script.append(Declined("CARD_DECLINED", "51"))
    first = await counter.run(start_payment, command)
    await counter.work()

    again = await counter.run(start_payment, command)

    assert again.is_replay
    assert again.operation_id == first.operation_id
    assert (await counter.operation(first.operation_id)).facts.response_code == "51"
    other = replace(command, amount=Money.tenge(501))
    assert await refused(counter.run(start_payment, other)) == "CARD_KEY_CONFLICT"
    assert (
        await refused(counter.run(start_payment, replace(command, payment_key="7"))) == "CARD_KEY_MALFORMED"
    )
    assert counter.steps("blind") == [Step.PAY]


async def test_a_terminal_that_takes_its_time_is_asked_what_it_does(counter: Counter) -> None:
    smart = counter.drivers["smart"]
    smart.script += [GoesOn(1_000, "wait_card", {"process": "7"}), GoesOn(1_000, "wait_card"), Approved(
        Money.tenge(300), CardFacts(rrn="1", method="qr", order_number="99")
    )]  # fmt: skip
    paid = await counter.pay("smart", "300.00", method=PaymentMethod.QR)
    assert (paid.state, paid.note) == (S.SENT, "wait_card")
    for _ in range(2):
        counter.clock.advance(timedelta(seconds=1))
        await counter.work()

    paid = await counter.operation(paid.id)
    assert (paid.state, paid.facts.order_number) == (S.APPROVED, "99")
    assert [order.memo.get("process") for order in smart.orders] == [None, "7", "7"]
    events = await counter.rows("SELECT kind FROM pos_payment_event ORDER BY number")
    assert len(events) == 4, "the same answer again is no news"


# --- what nobody knows


async def test_a_lost_answer_is_reversed_until_the_host_says_yes(counter: Counter) -> None:
    host = counter.drivers["host"]
    host.script += [LOST, NOT_ARRIVED, DOWN, LOST]
    paid = await counter.pay()
    assert paid.state is S.REVERSING
    assert counter.bank.taken, "the money is gone, and nobody knows"
    assert await refused(counter.start()) == "TERMINAL_REVERSAL_PENDING"

    for _ in range(4):
        counter.clock.advance(timedelta(seconds=10))
        await counter.work()

    paid = await counter.operation(paid.id)
    assert paid.state is S.REVERSED
    assert counter.bank.total == 0
    reversals = [order for order in host.orders if order.step is Step.REVERSE]
    assert [order.attempt for order in reversals] == [1, 2, 3, 4]
    assert {(order.image, order.stan, order.sent_ms, order.reason) for order in reversals} == {
        ("0400 000001 100000", 1, paid.payment.sent_ms, "4021")
    }
    assert counter.steps().count(Step.PAY) == 1
    assert (await counter.pay()).state is S.APPROVED


async def test_an_hour_without_a_host_raises_an_alarm_and_ends_by_itself(counter: Counter) -> None:
    host = counter.drivers["host"]
    host.script += [LOST, *[NOT_ARRIVED] * 20]
    paid = await counter.pay()
    for _ in range(19):
        counter.clock.advance(timedelta(minutes=5))
        await counter.work()
    assert await counter.board() == {"CARD_REVERSAL_UNANSWERED"}

    counter.clock.advance(timedelta(minutes=5))
    await counter.work()
    assert await counter.state(paid.id) is S.REVERSED
    assert await counter.board() == set()


async def test_a_late_approval_nobody_reverses_is_told_as_money_that_was_taken(
    counter: Counter,
) -> None:
    host = counter.drivers["host"]
    host.script += [LOST, *[NOT_ARRIVED] * 7]
    paid = await counter.pay()
    late = host.orders[0].late
    assert late is not None
    await late(Approved(paid.payment.amount, CardFacts(rrn="632611000007")))
    for _ in range(6):
        counter.clock.advance(timedelta(seconds=10))
        await counter.work()
    assert await counter.board() == {"CARD_TAKEN_NOT_REVERSED"}
    shown = await counter.ask(LATE, id=to_global("CardOperation", paid.id))
    assert (shown["state"], shown["rrn"]) == ("REVERSING", "632611000007")
    assert shown["lateApprovalAt"] is not None
    assert shown["attention"]["code"] == "CARD_TAKEN_NOT_REVERSED"
    assert [each["kind"] for each in shown["events"]].count("AnsweredLate") == 1

    counter.clock.advance(timedelta(minutes=5))
    await counter.work()
    assert await counter.state(paid.id) is S.REVERSED
    assert (await counter.ask(LATE, id=to_global("CardOperation", paid.id)))["attention"] is None
    assert await counter.board() == set()


async def test_a_late_approval_after_the_reversal_is_reversed_once_more(counter: Counter) -> None:
    """The reversal may have overtaken the payment, and a repeat does no harm."""
    host = counter.drivers["host"]
    host.script += [LOST]
    paid = await counter.pay()
    assert await counter.state(paid.id) is S.REVERSED
    late = host.orders[0].late
    assert late is not None

    await late(Approved(paid.payment.amount, CardFacts()))
    assert await counter.state(paid.id) is S.REVERSING
    await counter.work()

    paid = await counter.operation(paid.id)
    assert (paid.state, paid.payment.reversals, paid.payment.reason) == (S.REVERSED, 2, "4006")
    assert counter.bank.total == 0
    assert counter.steps().count(Step.PAY) == 1


async def test_a_day_without_an_answer_is_flagged_and_goes_on(counter: Counter) -> None:
    counter.drivers["host"].script += [LOST, NOT_ARRIVED, NOT_ARRIVED]
    paid = await counter.pay()
    day_before = paid.payment.reversing_ms - REVERSAL_OVERDUE_MS

    async def long_ago(work: Work, /) -> None:
        await work.execute("UPDATE pos_payment SET reversing_ms = ? WHERE id = ?", day_before, paid.id)

    await counter.run(long_ago)
    counter.clock.advance(timedelta(seconds=10))
    await counter.work()
    assert await counter.board() == {"CARD_REVERSAL_OVERDUE"}
    counter.clock.advance(timedelta(seconds=10))
    await counter.work()
    assert await counter.state(paid.id) is S.REVERSED
    assert await counter.board() == set()


async def test_a_reversal_the_host_refuses_is_for_people(counter: Counter) -> None:
    counter.drivers["host"].script += [LOST, Declined("CARD_DECLINED", "30")]
    paid = await counter.pay()

    assert paid.state is S.REVIEW
    assert await counter.board() == {"CARD_IN_REVIEW"}
    assert counter.bank.total == 100_000


async def test_a_new_purchase_hastens_the_reversal_that_stands_in_its_way(counter: Counter) -> None:
    counter.drivers["host"].script += [LOST, NOT_ARRIVED]
    paid = await counter.pay()

    assert await refused(counter.start()) == "TERMINAL_REVERSAL_PENDING"
    await counter.work()  # at the same moment, though the reversal was put off

    assert await counter.state(paid.id) is S.REVERSED


async def test_a_company_may_sell_on_while_a_reversal_waits() -> None:
    async with open_counter(settings={"reversal_first": False}) as counter:
        counter.drivers["host"].script += [LOST, NOT_ARRIVED]
        first = await counter.pay()

        assert (await counter.pay()).state is S.APPROVED
        assert await counter.state(first.id) is S.REVERSING


async def test_a_terminal_that_can_be_asked_is_asked_and_not_charged_again(counter: Counter) -> None:
    counter.drivers["smart"].script += [LOST, NotKnown("actualize")]
    taken = await counter.pay("smart")
    assert taken.state is S.UNKNOWN
    assert await refused(counter.start("smart")) == "TERMINAL_BUSY"
    for _ in range(2):
        counter.clock.advance(timedelta(seconds=10))
        await counter.work()

    assert await counter.state(taken.id) is S.APPROVED
    counter.drivers["smart"].script += [NOT_ARRIVED]
    lost = await counter.pay("smart")
    counter.clock.advance(timedelta(seconds=10))
    await counter.work()
    assert await counter.state(lost.id) is S.DECLINED
    assert counter.bank.total == 100_000


async def test_what_no_machine_can_tell_two_people_decide(counter: Counter) -> None:
    counter.drivers["blind"].script.append(LOST)
    taken = await counter.pay("blind")
    assert taken.state is S.REVIEW
    assert await counter.board() == {"CARD_IN_REVIEW"}
    assert (await counter.pay("blind")).state is S.APPROVED, "only this operation waits, not the shop"

    said = ReviewPayment(taken.id, Verdict.APPROVED, "журнал терминала, чек 12", "616700000777")
    assert await refused(counter.run(ask_again, taken.id)) == "CARD_QUERY_IMPOSSIBLE"
    assert await refused(counter.run(review_payment, replace(said, evidence=" "))) == "CARD_EVIDENCE_MISSING"
    await counter.run(review_payment, said)
    assert await counter.state(taken.id) is S.REVIEW
    assert await refused(counter.run(review_payment, said)) == "CARD_REVIEW_SAME_PERSON"
    manager = counter.as_(kind=PrincipalKind.USER, subject_id=new_id())
    await manager.run(review_payment, said)

    closed = await counter.operation(taken.id)
    assert (closed.state, closed.facts.rrn) == (S.APPROVED, "616700000777")
    assert closed.closed_by == manager.principal.subject_id
    assert await counter.board() == set()
    assert await refused(manager.run(review_payment, said)) == "CARD_NOT_IN_REVIEW"


async def test_a_terminal_that_came_back_or_a_statement_decides_too(counter: Counter) -> None:
    smart = counter.drivers["smart"]
    smart.script += [LOST, *[NOT_ARRIVED] * 400]
    taken = await counter.pay("smart")
    for _ in range(310):
        counter.clock.advance(timedelta(seconds=1))
        await counter.work()
    assert await counter.state(taken.id) is S.REVIEW

    smart.script.clear()
    await counter.run(ask_again, taken.id)
    await counter.work()
    assert await counter.state(taken.id) is S.APPROVED

    counter.drivers["blind"].script += [NOT_ARRIVED]
    other = await counter.pay("blind")
    assert await counter.run(prove_payment, other.id, Verdict.DECLINED, "выписка 16.01.2026")
    assert await counter.state(other.id) is S.DECLINED
    assert not await counter.run(prove_payment, other.id, Verdict.DECLINED, "выписка 16.01.2026")


async def test_another_sum_than_was_asked_is_no_approval(counter: Counter) -> None:
    counter.drivers["host"].script.append(Approved(Money.tenge(999), CardFacts()))
    paid = await counter.pay()

    assert paid.state is S.REVERSED
    assert (paid.payment.reason, paid.payment.code) == ("4020", "CARD_AMOUNT_DIFFERS")
    assert counter.bank.total == 0


async def test_a_driver_that_falls_over_has_not_answered(counter: Counter) -> None:
    counter.drivers["host"].script.append(RuntimeError("a fault of the driver"))
    paid = await counter.pay()
    assert paid.state is S.SENT
    counter.clock.advance(timedelta(seconds=2))
    await counter.work()

    paid = await counter.operation(paid.id)
    assert (paid.state, paid.payment.reason) == (S.REVERSED, "4002")
    assert counter.steps().count(Step.PAY) == 1


async def test_surely_not_sent_is_cancelled_and_may_be_tried_again(counter: Counter) -> None:
    counter.drivers["blind"].script.append(DOWN)
    first = await counter.pay("blind")

    assert (first.state, first.payment.code) == (S.CANCELLED, "TERMINAL_ABSENT")
    assert (await counter.pay("blind")).state is S.APPROVED


# --- the cashier gives up


async def test_cancelling_names_its_operation_and_asks_the_terminal_when_it_has_begun(
    counter: Counter,
) -> None:
    waiting = await counter.start()
    await counter.run(cancel_payment, waiting)
    assert (await counter.operation(waiting)).payment.code == "CARD_CANCELLED"

    smart = counter.drivers["smart"]
    smart.script.append(GoesOn(1_000))
    going = await counter.pay("smart")
    assert await refused(counter.run(cancel_payment, going.id)) == "CARD_CANCEL_ON_TERMINAL"

    host = counter.drivers["host"]
    host.script.append(GoesOn(1_000))
    begun = await counter.pay()
    await counter.run(cancel_payment, begun.id)
    await counter.run(cancel_payment, begun.id)  # pressed twice
    await counter.work()
    assert counter.steps() == [Step.PAY, Step.ABORT]
    assert await counter.state(begun.id) is S.SENT, "only its own answer ends it"
    host.script.append(Declined("CARD_CANCELLED_ON_TERMINAL"))
    counter.clock.advance(timedelta(seconds=1))
    await counter.work()
    assert await counter.state(begun.id) is S.CANCELLED
    assert await refused(counter.run(cancel_payment, begun.id)) == "CARD_OPERATION_ENDED"


async def _second_host(counter: Counter) -> str:
    return await counter.run_as_owner(add_terminal, "host", counter.outlet_id, counter.register_id)
