"""A workplace goes to another company with what it sold and at what price."""

from __future__ import annotations

from typing import Any

from addons.catalog.api import (
    CreateGroup,
    CreatePriceType,
    PackCode,
    SetRegisterView,
    create_group,
    create_price_type,
    set_register_view,
)
from addons.catalog.domain.commands import CreateVariant
from addons.catalog.services import bring_over
from addons.catalog.services.variants import create_variant
from addons.catalog.tests.makers import Store, new_store
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
from kernel.ids import CompanyId
from kernel.quantity import Quantity
from kernel.security.principal import SYSTEM


async def _client(store: Store) -> Store:
    """A second company of the same installation."""
    company = CreateCompany("230140000021", "ТОО «Клиент»")
    company_id = await store.app.database.transact(create_company, company, principal=SYSTEM)
    principal = SYSTEM.within(company_id)
    outlet = CreateOutlet("Дүкен", "Астана")
    outlet_id = await store.app.database.transact(create_outlet, outlet, principal=principal)
    return Store(store.app, principal, store.source, outlet_id, ("", ""))


def _move(store: Store, client: Store) -> MoveWorkplace:
    source, target = store.principal.company_id, client.principal.company_id
    assert source is not None
    assert target is not None
    places = RegisterId(store.registers[0]), CompanyId(source), CompanyId(target)
    return MoveWorkplace(*places, OutletId(client.outlet_id))


async def _goods(store: Store) -> dict[str, dict[str, Any]]:
    sql = """SELECT name, price_tiyn, own_register_id, is_archived, characteristic, code FROM cat_product
             WHERE company_id = ? AND code <> 9999"""
    found = await store.rows(sql, store.principal.company_id or "")
    return {row["name"]: row for row in found}


async def test_a_register_sells_the_same_in_its_new_company() -> None:
    async with new_store() as store:
        client = await _client(store)
        dairy = await store.run(create_group, CreateGroup("Молочное"))
        cheese = await store.run(create_group, CreateGroup("Сыры", parent_id=dairy))
        known = await client.run(create_group, CreateGroup("молочное"))
        club = await store.run(create_price_type, CreatePriceType("Клуб"))
        theirs = await client.run(create_price_type, CreatePriceType("Клуб"))
        box = PackCode("14870000000010", Quantity.parse("10"))
        own = {"own_register_id": store.registers[0], "group_id": cheese}
        brie = await store.product("Бри", "3200", barcodes=("4870000000013",), packs=(box,), **own)
        await store.run(create_variant, CreateVariant(brie, "200 г", barcodes=("4870000000020",)))
        await store.product("Общее", "100")
        await store.choose(is_all_goods=False, group_ids=(cheese,), percent_bp=9_000, price_type_id=club)

        register = await store.run(move_workplace, _move(store, client))

        moved = await _goods(client)
        assert {name: (row["price_tiyn"], row["own_register_id"]) for name, row in moved.items()} == {
            "Бри": (320_000, register),
            "Бри (200 г)": (None, register),
        }
        assert {name: row["is_archived"] for name, row in (await _goods(store)).items()} == {
            "Бри": 1,
            "Бри (200 г)": 1,
            "Общее": 0,
        }
        groups = await client.rows("SELECT id, name, parent_id FROM cat_group WHERE code <> '9.9'")
        names = {row["name"]: row for row in groups if row["id"] == known or row["parent_id"] == known}
        assert set(names) == {"молочное", "Сыры"}, "a group of that name was there, the other was made"
        [view] = await client.rows("SELECT * FROM cat_register_view WHERE register_id = ?", register)
        assert (view["is_all_goods"], view["percent_bp"], view["price_type_id"]) == (0, 9_000, theirs)
        chosen = await client.rows("SELECT group_id FROM cat_register_group WHERE register_id = ?", register)
        assert [row["group_id"] for row in chosen] == [names["Сыры"]["id"]]
        scanned = await client.rows("SELECT barcode FROM cat_barcode ORDER BY barcode")
        assert {"4870000000013", "4870000000020", box.barcode} <= {row["barcode"] for row in scanned}


async def test_a_register_that_sells_everything_brings_nothing() -> None:
    async with new_store() as store:
        client = await _client(store)
        await store.product("Общее", "100")
        register = await store.run(move_workplace, _move(store, client))

        assert await _goods(client) == {}
        assert await client.rows("SELECT id FROM cat_register_view WHERE register_id = ?", register) == []


async def test_more_goods_than_a_transaction_takes_stay_and_so_does_the_register(monkeypatch: Any) -> None:
    monkeypatch.setattr(bring_over, "OWN_GOODS_MAX", 1)
    async with new_store() as store:
        client = await _client(store)
        for name in ("Бри", "Гауда"):
            await store.product(name, "100", own_register_id=store.registers[0])
        await store.run(set_register_view, SetRegisterView((store.registers[0],), percent_bp=9_000))

        refused = await store.refused(move_workplace, _move(store, client))

        assert refused == "REGISTER_OWN_GOODS_TOO_MANY"
        assert {row["is_archived"] for row in (await _goods(store)).values()} == {0}
