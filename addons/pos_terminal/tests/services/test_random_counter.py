"""A counter whose terminals lose, delay and refuse at random: in the end every purchase is accounted for."""

from __future__ import annotations

import random
from datetime import timedelta

from addons.pos_terminal.api import Approved, CardFacts, Declined, GoesOn
from addons.pos_terminal.domain.payment import OperationKind, PaymentState, Verdict
from addons.pos_terminal.services.end_payment import ReviewPayment, cancel_payment, review_payment
from addons.pos_terminal.tests.counter import Counter, open_counter
from addons.pos_terminal.tests.played import DOWN, DRIVERS, LOST, NOT_ARRIVED
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.money import Money
from kernel.security.principal import PrincipalKind

SEED = 20_260_115
OPERATIONS = 50
FAULTS = (
    *[None] * 6, LOST, LOST, NOT_ARRIVED, DOWN, GoesOn(1_000, "wait_pin"), Declined("CARD_DECLINED", "51"),
    Approved(Money.tenge(1), CardFacts()), RuntimeError("a fault of the driver"),
)  # fmt: skip
PASSING = {"TERMINAL_REVERSAL_PENDING", "TERMINAL_BUSY"}  # the terminal has to do something else first


async def test_the_banks_books_and_ours_agree_whatever_happened(scale: int) -> None:
    dice = random.Random(SEED)
    async with open_counter() as counter:
        for driver in counter.drivers.values():
            driver.is_honest = True
        for _ in range(OPERATIONS * scale):
            await _something(counter, dice)
        await _calm(counter)

        rows = await counter.rows("SELECT * FROM pos_payment")
        ours = 0
        for row in rows:
            state, kind = PaymentState(row["state"]), OperationKind(row["kind"])
            assert state.is_final
            taken = counter.bank.taken.get(row["id"], 0)
            went = row["approved"] if state in _GONE_THROUGH else 0
            assert abs(taken) == went, (kind, state)
            ours += went if kind is OperationKind.PURCHASE else -went
        assert ours == counter.bank.total
        (given,) = await counter.rows(
            "SELECT COALESCE(SUM(approved), 0) AS s FROM pos_payment "
            "WHERE kind <> 'PURCHASE' AND state = 'APPROVED'"
        )
        (noted,) = await counter.rows("SELECT COALESCE(SUM(refunded), 0) AS s FROM pos_payment")
        assert given["s"] == noted["s"], "what went back is noted at its purchases"
        for driver in counter.drivers.values():
            sent = [(order.operation_id, order.step) for order in driver.orders if order.step in _MONEY]
            assert len(sent) == len(set(sent)), "something was sent twice to move money"
        assert len({row["state"] for row in rows}) >= 5, "the dice were too kind"


_MONEY = frozenset(kind.step for kind in OperationKind)
_GONE_THROUGH = frozenset({PaymentState.APPROVED, PaymentState.VOIDED, PaymentState.REFUNDED})


async def _something(counter: Counter, dice: random.Random) -> None:
    """A purchase, or something given back; then a little time passes."""
    name = dice.choice(sorted(DRIVERS))
    for driver in counter.drivers.values():
        driver.script.extend(dice.choice(FAULTS) for _ in range(2))
    try:
        if dice.random() < 0.3:
            await _take_back(counter, dice)
        else:
            paid = await counter.pay(name, f"{dice.randint(1, 50) * 100}.00")
            if dice.random() < 0.2:
                await counter.run(cancel_payment, paid.id)
    except Refusal as refusal:
        if refusal.code not in PASSING and not refusal.code.startswith("CARD_"):
            raise
    counter.clock.advance(timedelta(seconds=dice.choice((1, 5, 30))))
    await counter.work()


async def _take_back(counter: Counter, dice: random.Random) -> None:
    sql = "SELECT id, approved, refunded FROM pos_payment WHERE kind = 'PURCHASE' AND state = 'APPROVED'"
    found = await counter.rows(sql)
    if not found:
        return
    row = dice.choice(found)
    left = Money(row["approved"] - row["refunded"])
    is_part = dice.random() < 0.4 and left > Money.tenge(1)
    try:
        is_void = not row["refunded"] and dice.random() < 0.5
        await counter.undo(row["id"], "1.00" if is_part else None if is_void else str(left))
    except Refusal as refusal:
        if refusal.code != "REFUND_PARTIAL_NOT_ALLOWED":
            raise


async def _calm(counter: Counter) -> None:
    """Nothing is lost any more; people look up what no machine can tell."""
    for driver in counter.drivers.values():
        driver.script.clear()
    for _ in range(40):
        counter.clock.advance(timedelta(minutes=5))
        await counter.work()
    manager = counter.as_(kind=PrincipalKind.USER, subject_id=new_id())
    for row in await counter.rows("SELECT id FROM pos_payment WHERE state = 'REVIEW'"):
        verdict = Verdict.APPROVED if row["id"] in counter.bank.taken else Verdict.DECLINED
        for person in (counter, manager):
            await person.run(review_payment, ReviewPayment(row["id"], verdict, "журнал терминала"))
    await counter.work()
