"""What only a server with many writers can show: races for one key and for one sale's goods."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from addons.organization.api import CreateRegister, create_register
from addons.trade.api import CashDirection, CashId, FiscalState, SaleId
from addons.trade.domain.commands import MoveCash, ReturnSale
from addons.trade.gql.outcome import sold
from addons.trade.services.move_cash import move_cash
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from addons.trade.tests.shop import Shop, open_shop
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.ids import new_id
from kernel.money import Money
from kernel.security.principal import SYSTEM
from kernel.testing.schema import mysql_database

pytestmark = [pytest.mark.mariadb, pytest.mark.asyncio(loop_scope="module")]
SENDS = 8


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    async with mysql_database() as url, open_shop(url=url) as opened:
        yield opened


async def test_one_key_sent_at_once_many_times_is_one_sale_with_one_answer(shop: Shop) -> None:
    command = shop.buy("Нан", "Дәрі", cash="2000")
    before = [await shop.count(table) for table in ("trd_sale", "kernel_journal")]

    answers = await asyncio.gather(
        *(shop.run(register_sale, replace(command, sale_id=SaleId(new_id()))) for _ in range(SENDS))
    )

    assert len({answer.sale_id for answer in answers}) == 1
    assert sorted(answer.is_replay for answer in answers) == [False] + [True] * (SENDS - 1)
    after = [await shop.count(table) for table in ("trd_sale", "kernel_journal")]
    assert after == [each + 1 for each in before]


async def test_one_key_with_two_bodies_at_once_is_one_sale_and_one_conflict(shop: Shop) -> None:
    command = shop.buy("Нан", cash="200")
    before = await shop.count("trd_sale")
    other = replace(command, sale_id=SaleId(new_id()), expected_total=Money.tenge(200))

    outcomes = await asyncio.gather(
        shop.run(register_sale, command), shop.run(register_sale, other), return_exceptions=True
    )

    (refused,) = [each for each in outcomes if isinstance(each, Refusal)]
    assert refused.code == "SALE_KEY_CONFLICT"
    assert await shop.count("trd_sale") == before + 1


async def test_one_key_through_two_registers_at_once_is_one_sale_and_one_conflict(shop: Shop) -> None:
    async def second_register(work: Work) -> str:
        row = await work.row("SELECT outlet_id FROM org_register WHERE id = ?", shop.register_id)
        assert row is not None
        return await create_register(work, CreateRegister(row["outlet_id"], "Касса"))

    registers = [shop.register_id]
    for _ in range(3):
        registers.append(
            await shop.app.database.transact(second_register, principal=SYSTEM.within(shop.company_id))
        )
    before = await shop.count("trd_sale")
    command = shop.buy("Нан", cash="200")
    context = GqlContext(shop.app, shop.principal, request_id="")

    outcomes = await asyncio.gather(
        *(
            sold(context, replace(command, sale_id=SaleId(new_id()), register_id=each), wait_ms=0)
            for each in registers
        ),
        return_exceptions=True,
    )

    refused = [each.code for each in outcomes if isinstance(each, Refusal)]
    assert refused == ["SALE_KEY_CONFLICT"] * (len(registers) - 1)
    assert await shop.count("trd_sale") == before + 1


async def test_goods_of_one_sale_come_back_once(shop: Shop) -> None:
    sold = await shop.run(register_sale, shop.buy("Нан", "Дәрі", cash="2000"))
    await shop.report(sold.sale_id, FiscalState.FISCALIZED)

    def back() -> ReturnSale:
        return ReturnSale(SaleId(new_id()), new_id(), shop.register_id, None, sold.sale_id)

    outcomes = await asyncio.gather(
        *(shop.run(return_sale, back()) for _ in range(4)), return_exceptions=True
    )

    assert [each.code for each in outcomes if isinstance(each, Refusal)] == ["RETURN_NOTHING_LEFT"] * 3
    record = await shop.sale(sold.sale_id)
    assert record.returned_total == record.total


async def test_cash_key_sent_twice_at_once_moves_cash_once(shop: Shop) -> None:
    command = MoveCash(
        CashId(new_id()), new_id(), shop.register_id, None, Money.tenge(5), direction=CashDirection.DEPOSIT
    )

    await asyncio.gather(*(shop.run(move_cash, replace(command, cash_id=CashId(new_id()))) for _ in range(4)))

    assert await shop.count("trd_cash") == 1
