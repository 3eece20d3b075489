"""The terminal's own application as integrators meet it: a token of its own, tasks over a WebSocket, a card
encrypted by the reader, a PIN under the terminal's key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.services.present_card import TASKS_MAX, withdraw_card
from addons.pos_terminal.tests.own_terminals import FIRST_CODE
from gateway.server import serving
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.security.principal import PrincipalKind
from simulators.acquirer.cards import BY_TITLE
from simulators.acquirer.device import Act, CardDevice, Gesture
from tests.acquiring.stage import Stage, open_stage

BOUND_S = 60.0  # a story that takes longer went wrong
CODE = f"{FIRST_CODE:08}"
ISSUE = """mutation ($r: ID!) { issueDeviceBinding(registerId: $r, title: "POS") {
  ... on DeviceBinding { bindingToken } ... on Refused { code message } } }"""
BIND = """mutation ($t: String!) { bindDevice(bindingToken: $t) {
  ... on BoundDevice { deviceToken } ... on Refused { code message } } }"""


UNDONE = (PaymentState.CANCELLED, PaymentState.REVERSED)


@asynccontextmanager
async def open_device(stage: Stage) -> AsyncIterator[CardDevice]:
    """The application at work, with a token it was given; `done` grows with each task."""
    counter = stage.counter
    owner = counter.as_(kind=PrincipalKind.USER, permissions=counter.app.registry.roles["owner"])
    register = to_global("Register", counter.register_id)
    binding = await owner.ask(ISSUE, r=register)
    bound = await owner.ask(BIND, t=binding["bindingToken"])
    async with serving(counter.app, port=0) as address:
        terminal = to_global("CardTerminal", stage.terminals[CODE])
        device = CardDevice(address, bound["deviceToken"], terminal, CODE)
        task = asyncio.create_task(device.run())
        try:
            yield device
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def ended(stage: Stage, operation_id: str) -> PaymentState:
    """The payment's end, while jobs are worked."""
    async with asyncio.timeout(BOUND_S):
        while not (state := await stage.state(operation_id)).is_final:
            await stage.work()
            await asyncio.sleep(0.02)
    return state


@pytest.mark.parametrize("title", ["visa", "unionpay", "apple-visa", "garmin-mastercard"])
async def test_a_card_or_a_phone_pays_through_the_device(title: str) -> None:
    async with open_stage() as stage, open_device(stage) as device:
        card = BY_TITLE[title]
        device.gesture = lambda _amount: Gesture(card)

        operation_id = await stage.start(CODE, 1_500_50)

        assert await ended(stage, operation_id) is PaymentState.APPROVED
        facts = (await stage.counter.operation(operation_id)).facts
        assert (facts.scheme, facts.masked_number) == (card.scheme, card.masked_number)
        assert facts.is_wallet is (card.wallet is not None)
        assert await stage.differences() == []


async def test_a_wrong_pin_is_a_no_and_the_right_one_pays() -> None:
    async with open_stage() as stage, open_device(stage) as device:
        acts = iter((Act.WRONG_PIN, Act.PAY))
        device.gesture = lambda _amount: Gesture(BY_TITLE["visa"], next(acts))

        refused = await stage.start(CODE, 100_00)
        first = await ended(stage, refused)
        second = await ended(stage, await stage.start(CODE, 100_00))

        assert (first, second) == (PaymentState.DECLINED, PaymentState.APPROVED)
        assert (await stage.counter.operation(refused)).payment.code == "CARD_WRONG_PIN"
        assert stage.host.ledger.declines == {"55": 1}


async def test_nobody_shows_a_card_and_nothing_leaves() -> None:
    async with open_stage() as stage, open_device(stage) as device:
        device.gesture = lambda _amount: replace(Gesture(), act=Act.IGNORE)
        heard = stage.host.requests

        operation_id = await stage.start(CODE, 100_00)
        async with asyncio.timeout(BOUND_S):
            while not device.done:  # noqa: ASYNC110 - until it was asked
                await asyncio.sleep(0.02)

        assert await stage.state(operation_id) is PaymentState.AWAITING_CARD
        assert stage.host.requests == heard
        assert len(device.done) < TASKS_MAX


@pytest.mark.parametrize("act", [Act.REMOVE, Act.CANCEL])
async def test_a_card_that_is_taken_away_ends_the_payment_before_anything_leaves(act: Act) -> None:
    async with open_stage() as stage, open_device(stage) as device:
        device.gesture = lambda _amount: Gesture(act=act)
        heard = stage.host.requests

        operation_id = await stage.start(CODE, 100_00)

        assert await ended(stage, operation_id) is PaymentState.CANCELLED
        assert (await stage.counter.operation(operation_id)).payment.code == "CARD_WITHDRAWN"
        assert stage.host.requests == heard


async def test_a_chip_that_refuses_after_the_approval_gets_its_money_back() -> None:
    """Second cryptogram: the host has the money, the card says no; it is reversed with reason 4007."""
    async with open_stage() as stage, open_device(stage) as device:
        device.gesture = lambda _amount: Gesture(act=Act.REFUSE)

        async with asyncio.timeout(BOUND_S):
            state = PaymentState.CANCELLED
            while state is PaymentState.CANCELLED:  # the device was quicker than the host: nothing had left
                operation_id = await stage.start(CODE, 100_00)
                while (state := await stage.state(operation_id)) not in UNDONE:
                    await stage.work()
                    await asyncio.sleep(0.02)

        payment = (await stage.counter.operation(operation_id)).payment
        assert (payment.reason, payment.code) == ("4007", "CARD_WITHDRAWN")
        assert (stage.host.ledger.taken, len(stage.host.ledger.postings)) == (0, 1)
        assert await stage.differences() == []


async def test_an_approval_of_long_ago_or_with_a_receipt_is_not_withdrawn() -> None:
    async with open_stage() as stage:
        old = await stage.pay(CODE, 100_00)
        stage.clock.advance(timedelta(minutes=3))
        claimed = await stage.pay(CODE, 100_00)

        async def claim(work: Any) -> None:
            await work.execute("UPDATE pos_payment SET fiscal = 'PENDING' WHERE id = ?", claimed)

        await stage.counter.app.database.transact(claim, principal=stage.everyone)
        refusals = []
        for operation_id in (old, claimed):
            with pytest.raises(Refusal) as refused:
                await stage.counter.run(withdraw_card, operation_id)
            refusals.append(refused.value.code)

        assert refusals == ["CARD_ALREADY_APPROVED", "CARD_OPERATION_ENDED"]
        assert stage.host.ledger.taken == 200_00
