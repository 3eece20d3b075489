"""What an integrator sees: lists, contributed fields, subscription, rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from addons.fiscal_kz.tests.shop import Shop, open_shop
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import CompanyId, new_id
from kernel.security.principal import Principal

KKMS = "query { kkms(first: 10) { totalCount nodes { id version registerId shift { isOpen mustCloseBy } } } }"
REGISTER = "query($id: ID!) { node(id: $id) { ... on Register { fiscal { link drawer } } } }"
WAIT_S = 30.0
NEWS = "subscription { registersChanged }"
STATE = "subscription($id: ID!) { registerState(registerId: $id) { link undelivered shift { isOpen } } }"


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


def context(shop: Shop, principal: Principal | None = None) -> GqlContext:
    return GqlContext(shop.app, principal or shop.cashier, request_id="test", language="kk")


async def run(shop: Shop, query: str, principal: Principal | None = None, **variables: Any) -> Any:
    return await shop.app.schema.execute(
        query, variable_values=variables, context_value=context(shop, principal)
    )


async def test_kkms_of_the_company_are_listed_with_their_limits(shop: Shop) -> None:
    await shop.sell()

    listed = (await run(shop, KKMS)).data["kkms"]

    assert listed["totalCount"] == 1
    (kkm,) = listed["nodes"]
    assert kkm["version"] == 203
    assert kkm["shift"] == {"isOpen": True, "mustCloseBy": "2026-01-16T04:30:00.000Z"}


async def test_a_register_shows_its_kkm(shop: Shop) -> None:
    result = await run(shop, REGISTER, id=to_global("Register", shop.register_id))

    assert result.errors is None
    assert result.data["node"]["fiscal"] == {"link": "ONLINE", "drawer": "0.00"}


async def test_a_caller_limited_to_other_registers_sees_none(shop: Shop) -> None:
    stranger = replace(shop.cashier, register_ids=frozenset({"elsewhere"}))

    listed = (await run(shop, KKMS, stranger)).data["kkms"]
    one = await run(
        shop,
        "query($id: ID!) { kkm(registerId: $id) { id } }",
        stranger,
        id=to_global("Register", shop.register_id),
    )

    assert listed["nodes"] == []
    assert one.data["kkm"] is None


async def test_a_caller_limited_to_other_registers_activates_none(shop: Shop) -> None:
    stranger = replace(
        shop.cashier,
        register_ids=frozenset({"elsewhere"}),
        permissions=shop.cashier.permissions | {"fiscal_kz.activate"},
    )
    given = {"registerId": to_global("Register", shop.register_id), "ofdId": "77", "token": "5"}
    mutation = """mutation($input: ActivateKkmInput!) {
        activateKkm(input: $input, wait: 0) { __typename ... on Refused { code } } }"""

    result = await run(shop, mutation, stranger, input=given)

    assert "REGISTER_FORBIDDEN" in str(result.data) + str([each.extensions for each in result.errors or ()])


async def test_closing_a_shift_is_not_a_cashiers_right(shop: Shop) -> None:
    cashier = replace(shop.cashier, permissions=shop.app.registry.roles["cashier"])
    given = '{key: "0190b5c0-0000-7000-8000-000000000001", registerId: "x"}'
    mutation = f"mutation {{ closeShift(input: {given}) {{ __typename }} }}"

    result = await run(shop, mutation, cashier)

    assert result.errors[0].extensions["code"] == "FORBIDDEN"


async def test_news_of_all_registers_are_told_to_their_company_alone(shop: Shop) -> None:
    whole = replace(shop.cashier, register_ids=None)
    limited = replace(shop.cashier, register_ids=frozenset({shop.register_id}))
    elsewhere = replace(whole, company_id=CompanyId(new_id()))
    streams = [
        await shop.app.schema.subscribe(NEWS, context_value=context(shop, each))
        for each in (whole, limited, elsewhere)
    ]
    mine, of_register, foreign = [asyncio.ensure_future(anext(each)) for each in streams]
    await asyncio.sleep(0)  # let them listen before anything happens
    await shop.sell()
    async with asyncio.timeout(WAIT_S):
        told = [(await each).data["registersChanged"] for each in (mine, of_register)]
    is_silent = not foreign.done()
    foreign.cancel()
    with suppress(asyncio.CancelledError):
        await foreign
    for each in streams:
        await each.aclose()

    assert all(told)
    assert is_silent


async def test_the_state_of_a_register_can_be_followed(shop: Shop) -> None:
    register = to_global("Register", shop.register_id)
    events = await shop.app.schema.subscribe(
        STATE, variable_values={"id": register}, context_value=context(shop)
    )
    seen = [(await anext(events)).data["registerState"]]
    following = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)  # let the subscription listen before anything happens
    shop.ofd.is_down = True
    await shop.sell()
    seen.append((await following).data["registerState"])
    await events.aclose()

    assert [each["link"] for each in seen] == ["ONLINE", "OFFLINE"]
    assert seen[-1]["undelivered"] == 1
