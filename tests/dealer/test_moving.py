"""A workplace goes to another company; its KKM, documents and journal stay where they are."""

from __future__ import annotations

import pytest

from addons.fiscal_kz.tests.shop import Shop, open_shop
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    MoveWorkplace,
    OutletId,
    RegisterId,
    create_company,
    create_outlet,
    move_workplace,
)
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM


async def _move(shop: Shop, to_company: CompanyId, outlet_id: OutletId) -> str:
    command = MoveWorkplace(RegisterId(shop.register_id), shop.company_id, to_company, outlet_id)
    return await shop.app.database.transact(move_workplace, command, principal=shop.owner)


async def _code(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def test_a_register_moves_once_its_shift_is_closed_and_its_kkm_is_done_with() -> None:
    async with open_shop() as shop:
        transact = shop.app.database.transact
        other = await transact(create_company, CreateCompany("230140000021", "Client"), principal=SYSTEM)
        outlet = CreateOutlet("Дүкен", "Абай 1")
        outlet_id = await transact(create_outlet, outlet, principal=SYSTEM.within(other))
        await shop.sell(("Нан", "1"), cash="500.00")

        assert await _code(_move(shop, other, outlet_id)) == "KKM_BUSY"
        await shop.close()
        assert await _code(_move(shop, other, outlet_id)) == "KKM_OF_THIS_COMPANY"
        await _decommission(shop)
        new_id = await _move(shop, other, outlet_id)

        rows = await shop.rows("SELECT id, company_id, is_decommissioned FROM org_register ORDER BY id")
        assert [(row["id"], row["company_id"], bool(row["is_decommissioned"])) for row in rows] == [
            (shop.register_id, shop.company_id, True),
            (new_id, other, False),
        ]
        kept = await shop.rows("SELECT company_id FROM fkz_document")
        assert kept
        assert {row["company_id"] for row in kept} == {shop.company_id}
        assert await shop.journal()


async def _decommission(shop: Shop) -> None:
    document = """mutation ($id: ID!) { decommissionKkm(registerId: $id, reason: "переезд") {
        __typename ... on Refused { code } } }"""
    answer = await shop.ask(document, id=to_global("Register", shop.register_id))
    assert answer["__typename"] != "Refused", answer
