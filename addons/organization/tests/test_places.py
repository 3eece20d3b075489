"""Companies, outlets, registers and groups: what is made, what is refused, what is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from addons.organization.api import (
    HOOK_REGISTER_CREATED,
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateRegister,
    CreateRegisterGroup,
    RegisterCreated,
    create_company,
    create_operator,
    create_outlet,
    create_register,
    create_register_group,
    register_card,
    registers_of_groups,
)
from addons.organization.domain.commands import (
    MoveRegister,
    UpdateCompany,
    UpdateOutlet,
    UpdateRegister,
    UpdateRegisterGroup,
)
from addons.organization.services.companies import close_company, update_company
from addons.organization.services.devices import IssueBinding, issue_binding
from addons.organization.services.groups import delete_register_group, update_register_group
from addons.organization.services.outlets import update_outlet
from addons.organization.services.registers import decommission_register, move_register, update_register
from addons.organization.tests.shops import FIRST_BIN, SECOND_BIN, audited, open_shop, opened_app
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.security.principal import SYSTEM


async def _refused(awaitable: object) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code, refusal.value.field


async def test_a_bin_belongs_to_one_company() -> None:
    async with opened_app() as app:
        await open_shop(app)

        again = app.database.transact(create_company, CreateCompany(FIRST_BIN, "Twin"), principal=SYSTEM)

        assert await _refused(again) == ("COMPANY_BIN_TAKEN", "bin")


async def test_a_vat_payer_has_the_number_of_its_certificate() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        payer = UpdateCompany(shop.company_id, is_vat_payer=True)
        numbered = UpdateCompany(shop.company_id, is_vat_payer=True, vat_series="60001", vat_number="0012345")

        without = app.database.transact(update_company, payer, principal=shop.owner)

        assert await _refused(without) == ("VAT_CERTIFICATE_MISSING", "vatNumber")
        await app.database.transact(update_company, numbered, principal=shop.owner)
        async with app.database.reading(shop.owner) as reader:
            assert (await register_card(reader, shop.register_id)).company.is_vat_payer


async def test_nothing_new_is_made_in_a_closed_company() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        transact = app.database.transact
        await transact(close_company, shop.company_id, principal=shop.owner)

        outlet = transact(create_outlet, CreateOutlet("x", "y"), principal=shop.owner)
        register = transact(create_register, CreateRegister(shop.outlet_id, "x"), principal=shop.owner)
        again = transact(close_company, shop.company_id, principal=shop.owner)

        for each in (outlet, register, again):
            assert (await _refused(each))[0] == "COMPANY_CLOSED"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"title": "  "}, ("TEXT_EMPTY", "title")),
        ({"title": "x" * 201}, ("TEXT_TOO_LONG", "title")),
        ({"zone": "Asia/Sauda"}, ("ZONE_UNKNOWN", "zone")),
        ({"zone": "../etc/passwd"}, ("ZONE_UNKNOWN", "zone")),
        ({"latitude_e4": 432389}, ("OUTLET_COORDINATES_INCOMPLETE", "longitudeE4")),
        ({"latitude_e4": 900_001, "longitude_e4": 0}, ("OUTLET_COORDINATES_OUT_OF_RANGE", "latitudeE4")),
        ({"latitude_e4": 0, "longitude_e4": -1_800_001}, ("OUTLET_COORDINATES_OUT_OF_RANGE", "longitudeE4")),
    ],
)
async def test_an_outlet_that_cannot_be_is_refused(
    changes: dict[str, object], refusal: tuple[str, str]
) -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = CreateOutlet(**{"title": "Дүкен", "address": "Алматы", **changes})  # type: ignore[arg-type]

        outlet = app.database.transact(create_outlet, command, principal=shop.owner)

        assert await _refused(outlet) == refusal


async def test_an_outlet_changes_only_what_is_given() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = UpdateOutlet(shop.outlet_id, latitude_e4=432389, longitude_e4=769097)

        await app.database.transact(update_outlet, command, principal=shop.owner)

        async with app.database.reading(shop.owner) as reader:
            outlet = (await register_card(reader, shop.register_id)).outlet
        assert (outlet.latitude_e4, outlet.longitude_e4) == (432389, 769097)
        assert (outlet.title, outlet.zone) == ("Дүкен", "Asia/Almaty")


async def test_registers_are_numbered_in_their_company_and_a_number_is_never_given_twice() -> None:
    async with opened_app() as app:
        first, second = await open_shop(app), await open_shop(app, SECOND_BIN)
        transact = app.database.transact
        seventh = await transact(
            create_register, CreateRegister(first.outlet_id, "Seven", number=7), principal=first.owner
        )
        await transact(decommission_register, seventh, principal=first.owner)
        next_one = await transact(
            create_register, CreateRegister(first.outlet_id, "Next"), principal=first.owner
        )

        taken = transact(
            create_register, CreateRegister(first.outlet_id, "Again", number=7), principal=first.owner
        )

        assert await _refused(taken) == ("REGISTER_NUMBER_TAKEN", "number")
        async with app.database.reading(first.owner) as reader:
            assert (await register_card(reader, next_one)).number == 8
        async with app.database.reading(second.owner) as reader:
            assert (await register_card(reader, second.register_id)).number == 1


async def test_a_new_register_is_shown_to_every_add_on_inside_the_same_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[RegisterCreated] = []

    async def refuse(work: Work, payload: object) -> None:
        assert isinstance(payload, RegisterCreated)
        seen.append(payload)
        raise Refusal("NOT_TODAY")

    async with opened_app() as app:
        shop = await open_shop(app)
        monkeypatch.setattr(app.registry, "hooks", {HOOK_REGISTER_CREATED: (refuse,)}.__getitem__)

        register = app.database.transact(
            create_register, CreateRegister(shop.outlet_id, "Second"), principal=shop.owner
        )

        assert (await _refused(register))[0] == "NOT_TODAY"
        assert seen[0].register.title == "Second"
        async with app.database.reading(shop.owner) as reader:
            rows = await reader.rows("SELECT id FROM org_register WHERE company_id = ?", shop.company_id)
        assert len(rows) == 1


async def test_a_register_moves_between_outlets_of_its_company_only() -> None:
    async with opened_app() as app:
        shop, other = await open_shop(app), await open_shop(app, SECOND_BIN)
        transact = app.database.transact
        branch = await transact(create_outlet, CreateOutlet("Филиал", "Астана"), principal=shop.owner)

        stolen = transact(
            move_register, MoveRegister(shop.register_id, other.outlet_id), principal=shop.owner
        )

        assert await _refused(stolen) == ("OUTLET_UNKNOWN", "outletId")
        await transact(move_register, MoveRegister(shop.register_id, branch), principal=shop.owner)
        async with app.database.reading(shop.owner) as reader:
            assert (await register_card(reader, shop.register_id)).outlet.title == "Филиал"


async def test_a_decommissioned_register_neither_moves_nor_goes_again() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        transact = app.database.transact
        await transact(decommission_register, shop.register_id, principal=shop.owner)

        again = transact(decommission_register, shop.register_id, principal=shop.owner)
        move = transact(move_register, MoveRegister(shop.register_id, shop.outlet_id), principal=shop.owner)

        assert (await _refused(again))[0] == "REGISTER_DECOMMISSIONED"
        assert (await _refused(move))[0] == "REGISTER_DECOMMISSIONED"


async def test_a_group_holds_registers_of_its_company_each_once() -> None:
    async with opened_app() as app:
        shop, other = await open_shop(app), await open_shop(app, SECOND_BIN)
        transact = app.database.transact
        twice = CreateRegisterGroup("Зал", (shop.register_id, shop.register_id))
        group = await transact(create_register_group, twice, principal=shop.owner)

        same_title = transact(create_register_group, CreateRegisterGroup(" Зал "), principal=shop.owner)
        foreign = transact(
            update_register_group,
            UpdateRegisterGroup(group, register_ids=(shop.register_id, other.register_id)),
            principal=shop.owner,
        )

        assert await _refused(same_title) == ("REGISTER_GROUP_TITLE_TAKEN", "title")
        assert await _refused(foreign) == ("REGISTER_UNKNOWN", "registerIds")
        async with app.database.reading(shop.owner) as reader:
            assert await registers_of_groups(reader, [group]) == {shop.register_id}
        async with app.database.reading(other.owner) as reader:
            assert await registers_of_groups(reader, [group]) == frozenset()
        await transact(delete_register_group, group, principal=shop.owner)
        async with app.database.reading(shop.owner) as reader:
            assert await registers_of_groups(reader, [group]) == frozenset()


async def test_every_change_leaves_a_row_that_says_who() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await app.database.transact(
            update_register, UpdateRegister(shop.register_id, "Касса у входа"), principal=shop.owner
        )

        assert sorted(await audited(app, shop.company_id)) == [
            "organization.create_operator",
            "organization.create_outlet",
            "organization.create_register",
            "organization.update_register",
        ]
        async with app.database.reading(shop.owner) as reader:
            row = await reader.row("SELECT * FROM kernel_audit WHERE action = 'organization.update_register'")
        assert row is not None
        assert (row["actor_kind"], row["actor_id"]) == ("user", shop.user_id)
        assert row["subject"] == f"register:{shop.register_id}"
        assert row["facts"] == '{"title":"Касса у входа"}'


async def test_a_caller_limited_to_one_register_touches_no_other_and_makes_none() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        transact = app.database.transact
        second = await transact(create_register, CreateRegister(shop.outlet_id, "x"), principal=shop.owner)
        limited = replace(shop.owner, register_ids=frozenset({shop.register_id}))
        forbidden = [
            transact(update_register, UpdateRegister(second, "y"), principal=limited),
            transact(decommission_register, second, principal=limited),
            transact(move_register, MoveRegister(second, shop.outlet_id), principal=limited),
            transact(issue_binding, IssueBinding(second, "Till"), principal=limited),
            transact(create_register, CreateRegister(shop.outlet_id, "x"), principal=limited),
            transact(create_register_group, CreateRegisterGroup("x"), principal=limited),
            transact(create_operator, CreateOperator("x"), principal=limited),
        ]

        for each in forbidden:
            assert (await _refused(each))[0] == "REGISTER_FORBIDDEN"
        assert await transact(update_register, UpdateRegister(shop.register_id, "y"), principal=limited)
