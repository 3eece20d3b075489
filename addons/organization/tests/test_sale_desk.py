"""The read every sale begins with: one statement, and a reason for every "no"."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from addons.organization.api import OperatorCard, RegisterCard, Role, sale_desk
from addons.organization.domain.commands import UpdateOperator
from addons.organization.services.companies import close_company
from addons.organization.services.operators import update_operator
from addons.organization.services.registers import decommission_register
from addons.organization.tests.shops import SECOND_BIN, Shop, open_shop, opened_app
from kernel.app import App
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.principal import Principal, PrincipalKind


async def _desk(
    app: App, principal: Principal, register: str, operator: str
) -> tuple[RegisterCard, OperatorCard]:
    async with app.database.reading(principal) as reader:
        return await sale_desk(reader, register, operator)


async def _no(app: App, shop: Shop, register: str | None = None, operator: str | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        await _desk(app, shop.owner, register or shop.register_id, operator or shop.operator_id)
    return refusal.value.code


async def test_a_desk_is_the_register_with_its_place_and_the_operator_in_one_statement() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)

        with patch.object(Reader, "together", autospec=True, side_effect=Reader.together) as together:
            register, operator = await _desk(app, shop.owner, shop.register_id, shop.operator_id)

        assert [len(call.args) - 1 for call in together.call_args_list] == [1]
        assert (register.number, register.outlet.zone) == (1, "Asia/Almaty")
        assert register.company.bin == "230140000109"
        assert (operator.code, operator.name, operator.role) == (1, "Данияр", Role.CASHIER)


async def test_what_does_not_exist_or_belongs_to_others_is_unknown() -> None:
    async with opened_app() as app:
        shop, other = await open_shop(app), await open_shop(app, SECOND_BIN)

        assert await _no(app, shop, register=new_id()) == "REGISTER_UNKNOWN"
        assert await _no(app, shop, register=other.register_id) == "REGISTER_UNKNOWN"
        assert await _no(app, shop, operator=new_id()) == "OPERATOR_UNKNOWN"
        assert await _no(app, shop, operator=other.operator_id) == "OPERATOR_UNKNOWN"


async def test_a_blocked_operator_sells_nothing() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        blocked = UpdateOperator(shop.operator_id, is_active=False)
        await app.database.transact(update_operator, blocked, principal=shop.owner)

        assert await _no(app, shop) == "OPERATOR_INACTIVE"


async def test_a_card_made_before_is_not_given_when_its_row_has_changed() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        before = await _desk(app, shop.owner, shop.register_id, shop.operator_id)
        again = await _desk(app, shop.owner, shop.register_id, shop.operator_id)
        renamed = UpdateOperator(shop.operator_id, name="Дана")
        await app.database.transact(update_operator, renamed, principal=shop.owner)

        register, operator = await _desk(app, shop.owner, shop.register_id, shop.operator_id)

        assert again[0] is before[0]
        assert (before[1].name, operator.name, register) == ("Данияр", "Дана", before[0])


async def test_a_register_out_of_use_and_a_closed_company_sell_nothing() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await app.database.transact(decommission_register, shop.register_id, principal=shop.owner)
        assert await _no(app, shop) == "REGISTER_DECOMMISSIONED"

        await app.database.transact(close_company, shop.company_id, principal=shop.owner)
        assert await _no(app, shop) == "COMPANY_CLOSED"


async def test_a_caller_of_another_register_is_turned_away() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        device = Principal(PrincipalKind.DEVICE, "till", shop.company_id, register_ids=frozenset({new_id()}))

        with pytest.raises(Refusal) as refusal:
            await _desk(app, device, shop.register_id, shop.operator_id)

        assert refusal.value.code == "REGISTER_FORBIDDEN"
