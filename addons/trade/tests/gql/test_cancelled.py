"""Carts given up before payment, names of free positions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.catalog.api import CatalogSettings
from addons.trade.tests.shop import Shop, open_shop
from kernel.company_settings import choose_setting
from kernel.data.work import Work
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.journal.reading import read_journal
from kernel.security.principal import SYSTEM

CANCEL = """mutation($input: CancelSaleInput!) { cancelSale(input: $input) {
  __typename ... on CancelledSale { saleKey total reason cancelledAt lines { name quantity total isStorno } }
  ... on Refused { code field } } }"""
LIST = """query { cancelledSales(since: "2000-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z") {
  saleKey total reason } }"""
SELL = """mutation($input: RegisterSaleInput!) { registerSale(input: $input, wait: 0) {
  __typename ... on Refused { code field } } }"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def ask(shop: Shop, query: str, **variables: Any) -> Any:
    context = GqlContext(shop.app, shop.principal, request_id="test", language="kk")
    result = await shop.app.schema.execute(query, variable_values=variables, context_value=context)
    assert result.errors is None, result.errors
    (value,) = result.data.values()
    return value


def cart(shop: Shop, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "saleKey": new_id(),
        "registerId": to_global("Register", shop.register_id),
        "lines": list(lines),
        **more,
    }


def goods(shop: Shop, name: str, **more: Any) -> dict[str, Any]:
    return {"productId": to_global("Product", shop.goods[name]), **more}


async def test_a_cart_given_up_leaves_a_fact_and_nothing_fiscal(shop: Shop) -> None:
    lines = (goods(shop, "Нан", quantity="2"), goods(shop, "Сүт 1 л", isStorno=True))
    given = cart(shop, *lines, reason="  Клиент\nушёл ")

    noted = await ask(shop, CANCEL, input=given)
    again = await ask(shop, CANCEL, input={**given, "reason": "other"})

    assert noted == again
    assert (noted["total"], noted["reason"]) == ("400.00", "Клиент ушёл")
    assert [(each["name"], each["isStorno"]) for each in noted["lines"]] == [
        ("Нан", False),
        ("Сүт 1 л", True),
    ]
    assert await ask(shop, LIST) == [
        {"saleKey": given["saleKey"], "total": "400.00", "reason": "Клиент ушёл"}
    ]
    assert await shop.count("trd_sale") == 0
    assert shop.fiscalizer.tickets == []
    async with shop.app.database.reading(SYSTEM) as reader:
        entries = [each async for each in read_journal(reader, f"register:{shop.register_id}")]
    ((entry, body),) = entries
    assert (entry.kind, body["key"], body["total"]) == ("sale.cancelled", given["saleKey"], 40_000)


async def test_what_was_sold_is_not_given_up_and_a_reason_is_short(shop: Shop) -> None:
    given = cart(shop, goods(shop, "Нан"))
    await ask(shop, SELL, input={**given, "payments": [{"kind": "CASH", "amount": "200"}]})

    sold = await ask(shop, CANCEL, input=given)
    long = await ask(shop, CANCEL, input=cart(shop, goods(shop, "Нан"), reason="x" * 201))
    empty = await ask(shop, CANCEL, input=cart(shop))

    assert sold["code"] == "CANCEL_SOLD"
    assert (long["code"], empty["code"]) == ("CANCEL_REASON_TOO_LONG", "SALE_EMPTY")
    assert await shop.count("trd_cancelled_sale") == 0


async def test_a_company_that_keeps_the_name_policy_names_its_free_positions(shop: Shop) -> None:
    async def sell(name: str) -> Any:
        line = {"name": name, "price": "100"}
        payments = [{"kind": "CASH", "amount": "100"}]
        return await ask(shop, SELL, input=cart(shop, line, payments=payments))

    async def choose(work: Work, value: str) -> None:
        await choose_setting(work, CatalogSettings, "is_name_policy_on", value)

    free = await sell("Товар")
    await shop.app.database.transact(choose, "true", principal=SYSTEM.within(shop.company_id))
    async with shop.app.database.reading(SYSTEM) as reader:
        await shop.app.database.choices.refresh(reader)
    refused = await sell("Товар")
    named = await sell("Ремонт обуви")

    assert free["__typename"] == named["__typename"] == "Sale"
    assert (refused["code"], refused["field"]) == ("NAME_POLICY_GENERIC", "lines.0.name")
