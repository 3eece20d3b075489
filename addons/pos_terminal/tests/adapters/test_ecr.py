"""The driver of Halyk and Jusan terminals against the stand-in of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from addons.pos_terminal.adapters.ecr_json.driver import EcrJson
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    Declined,
    NotKnown,
    NotSent,
    OriginalPayment,
    Step,
)
from addons.pos_terminal.tests.adapters.shop import MORNING, Counter
from kernel.clock import FrozenClock
from kernel.money import Money
from simulators.serving import serving
from simulators.smart_terminals.ecr import EcrTerminal
from simulators.smart_terminals.plan import Ending, Losing, Loss, Outcome, Plan
from simulators.smart_terminals.server import build_ecr


@asynccontextmanager
async def ecr() -> AsyncIterator[tuple[Counter, EcrTerminal]]:
    """A terminal whose customers are quick."""
    device = EcrTerminal(plan=Plan(usual=Ending(customer_ms=0)))
    async with serving(build_ecr(device)) as served:
        address = f"http://127.0.0.1:{served.port}"
        yield Counter(EcrJson(), address, FrozenClock(MORNING)), device


async def test_payment_and_its_return_by_rrn() -> None:
    async with ecr() as (counter, device):
        paid = await counter.do(Step.PAY)
        assert isinstance(paid, Approved)
        assert paid.amount == Money.tenge(1500)
        assert paid.facts.rrn == device.journal.operations[0].rrn
        assert paid.facts.masked_number == device.journal.operations[0].card_mask

        original = OriginalPayment("PURCHASE", 1, 1, paid.amount, 0, paid.facts.rrn, "")
        back = await counter.do(Step.REFUND, 400, original=original)
        assert isinstance(back, Approved)
        assert device.journal.taken == 1100


@pytest.mark.parametrize("loss", [Loss.CUT_AFTER, Loss.EMPTY, Loss.GARBAGE])
async def test_lost_or_empty_answer_is_no_success_and_cannot_be_asked_about(loss: Loss) -> None:
    async with ecr() as (counter, device):
        device.plan.arm(Losing(loss))

        assert isinstance(await counter.do(Step.PAY), NotKnown)
        assert await counter.do(Step.QUERY) == NotKnown("no_query")
        assert device.journal.taken == 1500


async def test_cashier_cancels_while_the_terminal_waits_and_a_second_sum_finds_it_busy() -> None:
    async with ecr() as (counter, device):
        device.plan.arm(Ending(Outcome.HOLD))
        paying = asyncio.create_task(counter.do(Step.PAY))
        while not device.journal.operations:
            await counter.do(Step.ECHO)

        assert await counter.do(Step.PAY, 700) == NotSent("TERMINAL_BUSY")
        assert await counter.do(Step.ABORT) == Agreed("cancelling")
        outcome = await paying

        assert isinstance(outcome, Declined)
        assert outcome.code == "CARD_CANCELLED_ON_TERMINAL"
        assert device.journal.taken == 0


async def test_no_of_the_bank_keeps_its_code_and_tiyn_never_leave() -> None:
    async with ecr() as (counter, device):
        device.plan.arm(Ending(Outcome.DECLINE, customer_ms=0))
        outcome = await counter.do(Step.PAY)

        assert isinstance(outcome, Declined)
        assert (outcome.code, outcome.host_code) == ("CARD_DECLINED", "51")
        assert await counter.do(Step.PAY, tiyn=1) == NotSent("TERMINAL_WHOLE_TENGE")
        assert await counter.do(Step.ECHO) == Agreed("ready")


async def test_absent_terminal_has_surely_not_begun() -> None:
    counter = Counter(EcrJson(), "http://127.0.0.1:9", FrozenClock(MORNING))

    assert await counter.do(Step.PAY) == NotSent("TERMINAL_ABSENT")
