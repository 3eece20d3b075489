"""Operators and users: codes, roles, limits, and who may appoint whom."""

from __future__ import annotations

import pytest

from addons.organization.api import (
    CreateOperator,
    CreateRegister,
    CreateRegisterGroup,
    CreateUser,
    Role,
    create_operator,
    create_register,
    create_register_group,
    create_user,
    sale_desk,
)
from addons.organization.domain.checks import check_pin
from addons.organization.domain.commands import UpdateOperator, UpdateUser
from addons.organization.services.groups import delete_register_group
from addons.organization.services.operators import update_operator
from addons.organization.services.users import update_user
from addons.organization.tests.shops import SECOND_BIN, ask, open_shop, opened_app, password_hash, role_of
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.security.principal import PrincipalKind


async def _refused(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def test_operators_get_the_next_code_of_their_company() -> None:
    async with opened_app() as app:
        first, second = await open_shop(app), await open_shop(app, SECOND_BIN)
        transact = app.database.transact
        await transact(create_operator, CreateOperator("Ерлан", code=40), principal=first.owner)
        following = await transact(create_operator, CreateOperator("Сауле"), principal=first.owner)

        taken = transact(create_operator, CreateOperator("Дана", code=40), principal=first.owner)
        too_large = transact(create_operator, CreateOperator("Дана", code=10_000), principal=first.owner)

        assert await _refused(taken) == "OPERATOR_CODE_TAKEN"
        assert await _refused(too_large) == "OPERATOR_CODE_OUT_OF_RANGE"
        async with app.database.reading(first.owner) as reader:
            assert (await sale_desk(reader, first.register_id, following))[1].code == 41
        async with app.database.reading(second.owner) as reader:
            assert (await sale_desk(reader, second.register_id, second.operator_id))[1].code == 1


async def test_a_limited_operator_works_at_named_registers_and_those_of_groups_only() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        transact = app.database.transact
        hall = await transact(create_register, CreateRegister(shop.outlet_id, "Зал"), principal=shop.owner)
        yard = await transact(create_register, CreateRegister(shop.outlet_id, "Двор"), principal=shop.owner)
        group = await transact(
            create_register_group, CreateRegisterGroup("Зал", (hall,)), principal=shop.owner
        )
        limited = CreateOperator("Ерлан", register_ids=(shop.register_id,), group_ids=(group,))
        operator = await transact(create_operator, limited, principal=shop.owner)

        async with app.database.reading(shop.owner) as reader:
            assert await sale_desk(reader, shop.register_id, operator)
            assert await sale_desk(reader, hall, operator)
            assert await _refused(sale_desk(reader, yard, operator)) == "OPERATOR_NOT_AT_REGISTER"
        listed = """query ($r: ID!) {
            operators(first: 9, filter: {registerId: $r, isActive: true}) { nodes { name } } }"""
        at_hall = await ask(app, listed, shop.owner, r=to_global("Register", hall))
        at_yard = await ask(app, listed, shop.owner, r=to_global("Register", yard))
        assert [each["name"] for each in at_hall["operators"]["nodes"]] == ["Данияр", "Ерлан"]
        assert [each["name"] for each in at_yard["operators"]["nodes"]] == ["Данияр"]
        in_use = transact(delete_register_group, group, principal=shop.owner)
        assert await _refused(in_use) == "REGISTER_GROUP_IN_USE"
        freed = UpdateOperator(operator, register_ids=(), group_ids=())
        await transact(update_operator, freed, principal=shop.owner)
        async with app.database.reading(shop.owner) as reader:
            assert await sale_desk(reader, yard, operator)


async def test_an_operator_is_not_limited_to_places_of_another_company() -> None:
    async with opened_app() as app:
        first, second = await open_shop(app), await open_shop(app, SECOND_BIN)
        command = CreateOperator("Ерлан", register_ids=(second.register_id,))

        foreign = app.database.transact(create_operator, command, principal=first.owner)

        assert await _refused(foreign) == "REGISTER_UNKNOWN"


async def test_an_administrator_at_the_till_is_appointed_by_those_who_manage_access() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        service = role_of(app, PrincipalKind.SERVICE, "token", shop.company_id, Role.SERVICE)
        transact = app.database.transact
        command = CreateOperator("Ерлан", role=Role.ADMINISTRATOR)

        assert await _refused(transact(create_operator, command, principal=service)) == "FORBIDDEN"
        boss = await transact(create_operator, command, principal=shop.owner)
        new_pin = UpdateOperator(boss, pin_hash="x")
        assert await _refused(transact(update_operator, new_pin, principal=service)) == "FORBIDDEN"
        owner = CreateOperator("Ерлан", role=Role.OWNER)
        assert (
            await _refused(transact(create_operator, owner, principal=shop.owner)) == "ROLE_NOT_FOR_OPERATOR"
        )


async def test_an_owner_is_appointed_by_an_owner_and_the_last_one_stays() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        administrator = role_of(app, PrincipalKind.USER, "someone", shop.company_id, Role.ADMINISTRATOR)
        transact = app.database.transact
        second = CreateUser("second@example.kz", "Марат", await password_hash(), Role.OWNER)
        demoted = UpdateUser(shop.user_id, role=Role.CASHIER)

        assert await _refused(transact(create_user, second, principal=administrator)) == "FORBIDDEN"
        assert await _refused(transact(update_user, demoted, principal=administrator)) == "FORBIDDEN"
        assert await _refused(transact(update_user, demoted, principal=shop.owner)) == "LAST_OWNER"
        blocked = UpdateUser(shop.user_id, is_active=False)
        assert await _refused(transact(update_user, blocked, principal=shop.owner)) == "LAST_OWNER"
        await transact(create_user, second, principal=shop.owner)
        assert await transact(update_user, demoted, principal=shop.owner) == shop.user_id


async def test_an_address_belongs_to_one_user_whatever_its_letters() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = CreateUser(shop.email.upper(), "Twin", await password_hash())

        twin = app.database.transact(create_user, command, principal=shop.owner)

        assert await _refused(twin) == "EMAIL_TAKEN"


@pytest.mark.parametrize("pin", ["123", "12a4", "", "1" * 13, "１２３４", "12 34"])
def test_a_pin_is_four_to_twelve_digits(pin: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_pin(pin)

    assert refusal.value.code == "PIN_MALFORMED"
    assert check_pin("0000") == "0000"
