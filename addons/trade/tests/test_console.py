"""A return at the console: whoever may not approve it himself asks an administrator for a PIN."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import httpx

from addons.organization.api import (
    CreateOperator,
    CreateUser,
    Role,
    create_operator,
    create_user,
    hash_password,
    hash_pin,
)
from addons.trade.api import FiscalState, SaleId
from addons.trade.services.register_sale import register_sale
from addons.trade.tests.shop import Shop, open_shop
from gateway.app import create_app
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.security.principal import SYSTEM

EMAIL, PASSWORD, PIN = "cashier@example.kz", "correct horse", "7391"
CSRF = re.compile(r'data-csrf="([0-9a-f]+)"')
KEY = re.compile(r'name="key" value="([0-9a-f-]+)"')


async def _people(shop: Shop) -> str:
    """A cashier who signs in at the console, and an administrator with a PIN, whose id is given."""
    everything = SYSTEM.within(shop.company_id)
    transact = shop.app.database.transact
    cashier = CreateUser(EMAIL, "Данияр", await hash_password(PASSWORD), Role.CASHIER, "ru")
    await transact(create_user, cashier, principal=everything)
    administrator = CreateOperator("Сәуле", Role.ADMINISTRATOR, pin_hash=await hash_pin(PIN))
    return await transact(create_operator, administrator, principal=everything)


async def test_a_cashier_at_the_console_returns_with_an_administrators_pin() -> None:
    async with open_shop() as shop:
        administrator = to_global("Operator", await _people(shop))
        owner = shop.app.registry.roles[Role.OWNER]
        chooser = GqlContext(
            shop.app, replace(shop.principal, permissions=owner), request_id="test", language="en"
        )
        choose = "mutation { setApprovalNeededFor(actions: [RETURN]) { __typename } }"
        await shop.app.schema.execute(choose, context_value=chooser)
        async with shop.app.database.reading(SYSTEM) as reader:
            await shop.app.database.choices.refresh(reader)
        command = shop.buy("Нан", cash="200")
        await shop.run(register_sale, command)
        await shop.report(SaleId(command.sale_id), FiscalState.FISCALIZED)
        page = f"/console/sales/{to_global('Sale', command.sale_id)}/return"
        transport = httpx.ASGITransport(create_app(shop.app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as browser:
            await browser.post("/console/login", data={"email": EMAIL, "password": PASSWORD})
            shown = html.unescape((await browser.get(page)).text)
            csrf, key = CSRF.search(shown), KEY.search(shown)
            assert csrf is not None
            assert key is not None
            form = {
                "csrf": csrf[1],
                "key": key[1],
                "registerId": to_global("Register", shop.register_id),
                "kind": "SELL",
                "line-1": "1",
                "operatorId": to_global("Operator", shop.operator_id),
                "administratorId": administrator,
            }
            without = await browser.post(page, data=form)
            wrong = await browser.post(page, data={**form, "pin": "0000"})
            before = await shop.count("trd_sale")
            shop.fiscalizer.mood = "offline"  # it answers at once
            done = await browser.post(page, data={**form, "pin": PIN})

        assert "Подтверждение администратора" in shown
        assert (without.status_code, wrong.status_code, before) == (422, 422, 1)
        assert "ПИН неверный" in html.unescape(wrong.text)
        assert done.status_code == 303, html.unescape(done.text)
        assert await shop.count("trd_sale") == 2
