"""Who may take a payment where, and what the database itself refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from addons.pos_terminal.api import Step
from addons.pos_terminal.domain.payment import PaymentMethod, PaymentState
from addons.pos_terminal.services.end_payment import cancel_payment
from addons.pos_terminal.services.present_card import PresentCard, present_card
from addons.pos_terminal.tests.counter import BINS, CARD, Counter, add_terminal, furnish
from addons.pos_terminal.tests.refusing import refused
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.principal import PrincipalKind

S = PaymentState


# --- who may what where


async def test_whole_tenge_terminals_refuse_tiyn_before_the_card_is_asked(counter: Counter) -> None:
    with pytest.raises(Refusal) as caught:
        await counter.start("smart", "649.50")

    assert caught.value.code == "TERMINAL_WHOLE_TENGE"
    assert (caught.value.facts["lower"], caught.value.facts["upper"]) == ("649.00", "650.00")
    assert await refused(counter.start("host", "0.00")) == "CARD_AMOUNT_NOT_POSITIVE"
    assert await refused(counter.start("host", method=PaymentMethod.QR)) == "TERMINAL_NO_QR"
    assert not counter.drivers["smart"].orders


async def test_a_terminal_has_its_register_and_its_operator(counter: Counter) -> None:
    foreign = await counter.run_as_owner(add_terminal, "host", counter.outlet_id, new_id())
    assert await refused(counter.start(terminal_id=foreign)) == "TERMINAL_OTHER_REGISTER"

    mine = counter.terminals["host"]
    await counter.change_terminal(mine, operator_id=new_id())
    assert await refused(counter.start()) == "TERMINAL_OTHER_OPERATOR"
    await counter.change_terminal(mine, operator_id=counter.operator_id)
    assert (await counter.pay()).state is S.APPROVED
    assert await refused(counter.start("smart")) == "TERMINAL_OTHER_OPERATOR", "he has a terminal of his own"
    begun = await counter.start(terminal_id=None)
    assert (await counter.operation(begun)).terminal_id == mine


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"state": "blocked"}, "TERMINAL_BLOCKED"),
        ({"state": "provisioned"}, "TERMINAL_NOT_READY"),
    ],
)
async def test_a_terminal_out_of_work_takes_nothing(
    counter: Counter, columns: dict[str, str], code: str
) -> None:
    begun = await counter.start()
    await counter.change_terminal(counter.terminals["host"], **columns)
    assert await refused(counter.start(terminal_id=counter.terminals["host"])) == code
    await counter.run(present_card, PresentCard(begun, CARD))
    await counter.work()

    stopped = await counter.operation(begun)  # begun before, and still not let out
    assert (stopped.state, stopped.payment.code) == (S.CANCELLED, code)
    assert not await counter.rows("SELECT * FROM pos_card_data")
    assert not counter.drivers["host"].orders


async def test_without_keys_or_with_old_ones_nothing_leaves(counter: Counter) -> None:
    host = counter.drivers["host"]
    usual = host.capabilities
    host.capabilities = replace(usual, needs_keys=True)
    try:
        assert await refused(counter.start()) == "TERMINAL_KEYS_NEEDED"
        now_ms = int(counter.clock.now().timestamp() * 1_000)
        await counter.change_terminal(counter.terminals["host"], keys_loaded_ms=now_ms)
        assert (await counter.pay()).state is S.APPROVED
        counter.clock.advance(timedelta(hours=25))
        assert await refused(counter.start()) == "TERMINAL_KEYS_OLD"
    finally:
        host.capabilities = usual


async def test_what_is_another_companys_is_not_there(counter: Counter) -> None:
    paid = await counter.pay()
    stranger = await furnish(counter.app, BINS[1])

    assert await refused(stranger.operation(paid.id)) == "CARD_OPERATION_UNKNOWN"
    assert await refused(stranger.run(cancel_payment, paid.id)) == "CARD_OPERATION_UNKNOWN"
    assert await refused(stranger.undo(paid.id)) == "CARD_OPERATION_UNKNOWN"
    theirs = counter.terminals["host"]
    assert await refused(stranger.start(terminal_id=theirs)) == "TERMINAL_UNKNOWN"
    far = counter.as_(register_ids=frozenset({new_id()}))
    assert await refused(far.run(cancel_payment, paid.id)) == "REGISTER_FORBIDDEN"


# --- the database's own word


async def test_two_operations_at_one_terminal_are_refused_by_the_database(counter: Counter) -> None:
    begun = await counter.start()
    assert await refused(counter.start()) == "TERMINAL_BUSY"
    (row,) = await counter.rows("SELECT * FROM pos_payment WHERE id = ?", begun)

    async def sneak_in(work: Work, /, **changes: Any) -> None:
        await work.insert("pos_payment", {**row, "id": new_id(), "payment_key": new_id(), **changes})

    with pytest.raises(IntegrityError):
        await counter.run(sneak_in)
    free = {"busy_terminal_id": None, "state": "APPROVED", "batch": 1, "stan": 7}
    await counter.run(sneak_in, **free)
    with pytest.raises(IntegrityError):
        await counter.run(sneak_in, **free)  # a number of a batch is used once


async def test_a_number_that_was_used_in_this_batch_stops_the_operation(counter: Counter) -> None:
    await counter.pay()
    await counter.change_terminal(counter.terminals["host"], last_stan=999_999)

    stopped = await counter.pay()

    assert (stopped.state, stopped.payment.code) == (S.CANCELLED, "TERMINAL_BATCH_FULL")
    assert counter.steps() == [Step.PAY]
    await counter.change_terminal(counter.terminals["host"], batch=2)
    assert (await counter.pay()).stan == 2


async def test_a_register_or_an_operator_out_of_work_takes_no_cards(counter: Counter) -> None:
    async def change(work: Work, /, table: str, column: str, value: int, key: str) -> None:
        await work.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", value, key)

    await counter.run_as_owner(change, "org_operator", "is_active", 0, counter.operator_id)
    assert await refused(counter.start()) == "OPERATOR_INACTIVE"
    await counter.run_as_owner(change, "org_operator", "is_active", 1, counter.operator_id)
    await counter.run_as_owner(change, "org_register", "is_decommissioned", 1, counter.register_id)
    assert await refused(counter.start()) == "REGISTER_DECOMMISSIONED"
    service = counter.as_(kind=PrincipalKind.SERVICE, subject_id=new_id())
    assert await refused(service.start()) == "REGISTER_DECOMMISSIONED"
