"""What only a server with many writers can show: races for one key, one terminal, one purchase, one claim."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.gql.payment_mutations import _begun
from addons.pos_terminal.services.start_payment import StartPayment, start_payment
from addons.pos_terminal.services.undo_payment import UndoPayment, undo_payment
from addons.pos_terminal.tests.counter import Counter, open_counter
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.money import Money
from kernel.testing.schema import mysql_database

pytestmark = [pytest.mark.mariadb, pytest.mark.asyncio(loop_scope="module")]
AT_ONCE = 6


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counter() -> AsyncIterator[Counter]:
    async with mysql_database() as url, open_counter(url=url) as opened:
        yield opened


def asked(counter: Counter, driver: str, **changes: Any) -> StartPayment:
    command = StartPayment(
        new_id(), counter.register_id, Money.tenge(100), terminal_id=counter.terminals[driver]
    )
    return replace(command, **changes)


def codes(outcomes: list[Any]) -> list[str]:
    strange = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, Refusal)]
    assert not strange
    return sorted(each.code for each in outcomes if isinstance(each, Refusal))


async def test_one_key_at_once_many_times_is_one_operation(counter: Counter) -> None:
    command = asked(counter, "blind")
    begun = await asyncio.gather(*(counter.run(start_payment, command) for _ in range(AT_ONCE)))
    await counter.work()

    assert len({each.operation_id for each in begun}) == 1
    assert sorted(each.is_replay for each in begun) == [False] + [True] * (AT_ONCE - 1)
    assert len(counter.drivers["blind"].orders) == 1


async def test_one_key_at_two_terminals_at_once_is_one_operation_and_one_conflict(counter: Counter) -> None:
    command = asked(counter, "blind")
    other = replace(command, terminal_id=counter.terminals["smart"])
    context = GqlContext(counter.app, counter.principal, request_id="")

    outcomes = await asyncio.gather(
        *(_begun(context, start_payment, each) for each in (command, other)), return_exceptions=True
    )
    await counter.work()

    assert codes(outcomes) == ["CARD_KEY_CONFLICT"]


async def test_two_cashiers_at_one_terminal_are_one_payment_and_one_refusal(counter: Counter) -> None:
    outcomes = await asyncio.gather(
        *(counter.run(start_payment, asked(counter, "host")) for _ in range(AT_ONCE)), return_exceptions=True
    )

    assert codes(outcomes) == ["TERMINAL_BUSY"] * (AT_ONCE - 1)
    busy = await counter.rows("SELECT id FROM pos_payment WHERE busy_terminal_id IS NOT NULL")
    assert len(busy) == 1


async def test_one_purchase_taken_back_at_once_is_given_back_once(counter: Counter) -> None:
    paid = await counter.pay("smart", "500.00")
    before = counter.bank.total
    outcomes = await asyncio.gather(
        *(counter.run(undo_payment, UndoPayment(new_id(), paid.id)) for _ in range(AT_ONCE)),
        return_exceptions=True,
    )
    await counter.work()

    assert codes(outcomes) == ["CARD_UNDOING_ALREADY"] * (AT_ONCE - 1)
    assert await counter.state(paid.id) is PaymentState.REFUNDED
    assert counter.bank.total == before - 50_000


async def test_one_key_gives_back_once_however_often_it_comes_at_once(counter: Counter) -> None:
    paid, key = await counter.pay("smart", "500.00"), new_id()
    begun = await asyncio.gather(
        *(counter.run(undo_payment, UndoPayment(key, paid.id)) for _ in range(AT_ONCE))
    )
    await counter.work()

    assert len({each.operation_id for each in begun}) == 1
    assert await counter.state(paid.id) is PaymentState.REFUNDED


async def test_one_operation_claimed_at_once_makes_one_ticket(counter: Counter) -> None:
    paid = await counter.pay("smart", "300.00")
    card = {"kind": "CARD", "amount": "300.00", "operationIds": [to_global("CardOperation", paid.id)]}
    document = """mutation($input: RegisterSaleInput!) { registerSale(input: $input, wait: 0) {
      __typename ... on Refused { code } } }"""
    answers = await asyncio.gather(
        *(
            counter.ask(
                document,
                input={
                    "saleKey": new_id(),
                    "registerId": to_global("Register", counter.register_id),
                    "lines": [{"name": "Қызмет", "price": "300.00", "isWithoutVat": True}],
                    "payments": [card],
                },
            )
            for _ in range(AT_ONCE)
        )
    )

    assert sorted(each.get("code", "") for each in answers) == [""] + ["CARD_ALREADY_CLAIMED"] * (AT_ONCE - 1)
    assert len(counter.fiscalizer.tickets) == 1
