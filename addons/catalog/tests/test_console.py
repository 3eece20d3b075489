"""Stories at the console: what a register sells, packages, a product's card, price types and scales."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from addons.catalog.api import CreateGroup, CreateProduct, create_group, create_product
from addons.catalog.domain.commands_view import CreatePriceType
from addons.catalog.services.price_types import create_price_type
from addons.catalog.tests.console_house import Desk, at_desk
from addons.organization.api import CreateOperator, CreateRegister, create_operator, create_register
from kernel.data.work import Work
from kernel.gql.ids import to_global
from kernel.money import Money

SOLD = """query ($id: ID!) {
  registerCatalog(registerId: $id) { isAllGoods percent roundingStep groups { id } }
  registerProducts(registerId: $id, first: 9) { nodes { price product { name } } }
}"""

PACKAGES = """{ productBundles(first: 9, isArchived: null) { nodes {
  id barcode isEverywhere registerIds lines { quantity product { id name } }
} } }"""

CARDS = """{ products(first: 9) { nodes {
  id name barcodes ntin purchasePrice ownRegisterId characteristic scanCodes { barcode coefficient }
  prices { price isInForce priceType { name } } stock { quantity } pictures { id } variants { name }
} } }"""
RULES = "{ priceTypes(first: 9) { nodes { id name } } scaleRules { rules { prefix kind } } }"
PNG = bytes.fromhex("89504e470d0a1a0a") + b"a picture"


async def cards(desk: Desk) -> dict[str, Any]:
    """Products by name."""
    return {each["name"]: each for each in (await desk.ask(CARDS))["products"]["nodes"]}


async def test_a_register_sells_a_chosen_group_dearer_and_one_thing_of_its_own() -> None:
    async with at_desk() as desk:
        transact, owner = desk.app.database.transact, desk.shop.owner
        group_id = await transact(create_group, CreateGroup("Сүт"), principal=owner)
        milk = CreateProduct("Молоко", price=Money.tenge(333), group_id=group_id)
        await transact(create_product, milk, principal=owner)
        await transact(create_product, CreateProduct("Мыло", price=Money.tenge(500)), principal=owner)
        register, group = to_global("Register", desk.register_id), to_global("ProductGroup", group_id)
        page = f"/console/registers/{register}/assortment"
        before = await desk.see(page)
        choice = {"scope": "groups", "percent": "107,5", "roundingStep": "5.00"}
        missing = await desk.refused(page, **choice)
        wrong = await desk.refused(page, **{**choice, "groupIds": group, "percent": "0"})
        await desk.saved(page, **choice, groupIds=group)
        after = await desk.see(page)
        unknown = await desk.refused(f"{page}/own", code="77")
        await desk.saved(f"{page}/own", code="2")
        owned = await desk.see(page)
        sold = await desk.ask(SOLD, id=register)

    assert 'value="all" checked' in before
    assert 'role="alert"' in missing
    assert f'value="{group}" checked' in wrong
    assert 'value="groups" checked' in after
    assert 'value="107,5"' in after
    assert "Товара с таким кодом или" in unknown
    assert "Мыло" in owned
    assert sold["registerCatalog"] == {
        "isAllGoods": False, "percent": "107.5", "roundingStep": "5.00", "groups": [{"id": group}],
    }  # fmt: skip
    assert {"price": "360.00", "product": {"name": "Молоко"}} in sold["registerProducts"]["nodes"]


async def test_a_package_is_put_together_and_says_when_an_archived_product_left_it() -> None:
    async with at_desk() as desk:
        transact, owner = desk.app.database.transact, desk.shop.owner
        for command in (
            CreateProduct("Чай", price=Money.tenge(900)),
            CreateProduct("Кружка", price=Money.tenge(1500), barcodes=("4870001112223",)),
        ):
            await transact(create_product, command, principal=owner)
        await desk.see("/console/goods/packages")
        new = "/console/goods/packages/new"
        written = {"name": "Подарок", "barcode": "2900000000018", "scope": "all", "code0": "1"}
        unknown = await desk.refused(new, **written, code1="404")
        none = await desk.refused(new, **written, quantity0="0")
        taken = await desk.refused(new, **{**written, "barcode": "4870001112223"})
        await desk.saved(new, **written, code1="4870001112223", quantity1="2")
        (made,) = (await desk.ask(PACKAGES))["productBundles"]["nodes"]
        card = f"/console/goods/packages/card/{made['id']}"
        page = await desk.see(card)
        register = to_global("Register", desk.register_id)
        lines = {f"product{place}": each["product"]["id"] for place, each in enumerate(made["lines"])}
        changed = {**lines, "quantity0": "1,5", "quantity1": "2", "scope": "some", "registerIds": register}
        await desk.saved(card, name="Подарок", barcode="", **changed)
        (after,) = (await desk.ask(PACKAGES))["productBundles"]["nodes"]
        await desk.saved("/console/goods/chosen", id=made["lines"][0]["product"]["id"], what="archive")
        listed, shrunk = await desk.see("/console/goods/packages"), await desk.see(card)
        await desk.saved(card, name="Подарок", product0=made["lines"][1]["product"]["id"], quantity0="2")
        looked_at = await desk.see(card)
        await desk.saved(card, what="archive")
        gone, archived = (
            await desk.see("/console/goods/packages"),
            await desk.see("/console/goods/packages?archived=1"),
        )

    assert "Товара с таким кодом" in unknown
    assert 'value="Подарок"' in unknown
    assert 'id="quantity0-error"' in none
    assert "4870001112223 уже у товара" in taken
    assert "Кружка" in page
    assert [each["quantity"] for each in made["lines"]] == ["1", "2"]
    assert (after["barcode"], after["registerIds"]) == ("", [register])
    assert [each["quantity"] for each in after["lines"]] == ["1.5", "2"]
    assert "уменьшился" in listed
    assert "вышли из этого пакета" in shrunk
    assert "вышли из этого пакета" not in looked_at
    assert "Подарок" not in gone
    assert "Подарок" in archived


async def test_a_former_ntin_does_not_stay_as_a_barcode_and_packs_keep_their_units() -> None:
    async with at_desk() as desk:
        tea = CreateProduct("Чай", price=Money.tenge(900), barcodes=("4870001112223",), ntin="0200000000017")
        tea_id = await desk.app.database.transact(create_product, tea, principal=desk.shop.owner)
        card = f"/console/goods/card/{to_global('Product', tea_id)}"
        page = await desk.see(card)
        register = to_global("Register", desk.register_id)
        written = {"name": "Чай", "price": "900", "unitCode": "796", "barcodes": "4870001112223"}
        wrong = await desk.refused(card, **written, packs="4870001112230")
        more = {"ntin": "0200000000024", "packs": "4870001112230 10\n4870001112247 × 0,5"}
        await desk.saved(card, **written, **more, purchasePrice="1 250,50", ownRegisterId=register)
        after = await desk.see(card)
        product = (await cards(desk))["Чай"]

    assert ">4870001112223</textarea>" in page
    assert "сколько в ней единиц" in wrong
    assert {each["barcode"]: each["coefficient"] for each in product["scanCodes"]} == {
        "4870001112223": "1", "0200000000024": "1", "4870001112230": "10", "4870001112247": "0.5",
    }  # fmt: skip
    assert (product["purchasePrice"], product["ownRegisterId"]) == ("1250.50", register)
    assert ">4870001112223</textarea>" in after
    assert "4870001112230 10\n4870001112247 0,5" in after


async def test_beside_a_card_prices_stock_variants_pictures_and_the_history_of_all_that(
    tmp_path: Path,
) -> None:
    async with at_desk(catalog={"pictures_folder": str(tmp_path)}) as desk:
        transact, owner = desk.app.database.transact, desk.shop.owner
        tea_id = await transact(create_product, CreateProduct("Чай", price=Money.tenge(900)), principal=owner)
        club = to_global(
            "PriceType", await transact(create_price_type, CreatePriceType("Клуб"), principal=owner)
        )
        card = f"/console/goods/card/{to_global('Product', tea_id)}"
        await desk.see(card)
        await desk.saved(f"{card}/prices", priceTypeId=club, newPrice="850")
        past = await desk.refused(f"{card}/prices", newPrice="1000", since="2020-01-01T00:00")
        clock = desk.app.clock.now()
        since = f"{clock + timedelta(days=3):%Y-%m-%d}T08:00"
        await desk.saved(f"{card}/prices", newPrice="1000", since=since)
        planned = await desk.see(card)
        called_off = re.search(r'name="since" value="([^"]+)"', planned)
        assert called_off is not None
        outlet = to_global("Outlet", desk.shop.outlet_id)
        await desk.saved(f"{card}/stock", **{f"stock:{outlet}": "12,5", f"was:{outlet}": ""})
        odd = await desk.refused(f"{card}/stock", **{f"stock:{outlet}": "дюжина", f"was:{outlet}": "12.5"})
        await desk.saved(f"{card}/variants", newCharacteristic="зелёный", variantPrice="950")
        nameless = await desk.refused(f"{card}/variants", newCharacteristic="")
        picture = {"picture": ("tea.png", PNG, "image/png")}
        shown = await desk.post(f"{card}/pictures", files=picture)
        text = await desk.post(f"{card}/pictures", files={"picture": ("tea.png", b"text", "image/png")})
        page = await desk.see(card)
        goods = await cards(desk)
        tea = goods["Чай"]
        green = goods[tea["variants"][0]["name"]]
        await desk.saved(f"{card}/prices", what="cancel", since=called_off[1], priceTypeId="")
        await desk.saved(f"{card}/pictures", what="remove", picture=tea["pictures"][0]["id"])
        later = (await cards(desk))["Чай"]
        history = await desk.see(f"{card}/history")

    assert 'id="since-error"' in past
    assert "запланирована" in planned
    assert f'id="stock:{outlet}-error"' in odd
    assert 'id="newCharacteristic-error"' in nameless
    assert (shown.status_code, text.status_code) == (303, 422)
    assert "/catalog/pictures/" in page
    assert {(each["price"], each["isInForce"]) for each in tea["prices"]} >= {
        ("1000.00", False),
        ("850.00", True),
    }
    assert tea["stock"] == [{"quantity": "12.5"}]
    assert (green["characteristic"], len(tea["variants"])) == ("зелёный", 1)
    assert (len(later["pictures"]), [each["isInForce"] for each in later["prices"]].count(False)) == (0, 0)
    for word in (
        "Создан",
        "Назначена цена",
        "Плановая цена отменена",
        "Изменены изображения",
        "Айгуль",
        "Клуб",
    ):
        assert word in history, word


async def test_price_types_and_rules_of_scales_are_settled_for_the_company() -> None:
    types, scales = "/console/settings/price-types", "/console/settings/scales"
    async with at_desk() as desk:
        await desk.see(types)
        await desk.saved(types, name="Опт")
        twice = await desk.refused(types, name="Опт")
        (made,) = (await desk.ask(RULES))["priceTypes"]["nodes"]
        await desk.saved(types, priceTypeId=made["id"], newName="Клуб")
        await desk.saved(types, priceTypeId=made["id"], what="archive")
        listed = await desk.see(types)
        first = {
            "prefix0": "20",
            "kind0": "WEIGHT",
            "codeDigits0": "5",
            "valueDigits0": "5",
            "decimals0": "3",
        }
        second = {
            "prefix1": "21",
            "kind1": "PRICE",
            "codeDigits1": "5",
            "valueDigits1": "5",
            "decimals1": "0",
        }
        await desk.saved(scales, **first, **second)
        odd = await desk.refused(scales, **first, **{**second, "codeDigits1": "много"})
        long = await desk.refused(scales, **first, **{**second, "valueDigits1": "9"})
        page, both = await desk.see(scales), (await desk.ask(RULES))["scaleRules"]["rules"]
        await desk.saved(scales, **first, prefix1="")
        one = (await desk.ask(RULES))["scaleRules"]["rules"]

    assert 'role="alert"' in twice
    assert "Клуб" in listed
    assert "в архиве" in listed
    assert 'id="codeDigits1-error"' in odd
    assert 'value="много"' in odd
    assert 'id="prefix1-error"' in long
    assert 'name="prefix1" type="text" value="21"' in page
    assert [(each["prefix"], each["kind"]) for each in both] == [("20", "WEIGHT"), ("21", "PRICE")]
    assert [each["prefix"] for each in one] == ["20"]


async def test_choosers_hold_more_than_a_page_of_the_api_and_forget_nothing_that_is_not_shown() -> None:
    async with at_desk() as desk:
        transact, owner = desk.app.database.transact, desk.shop.owner

        async def open_registers(work: Work) -> list[str]:
            titles = [f"Касса {place}" for place in range(2, 212)]
            return [
                await create_register(work, CreateRegister(desk.shop.outlet_id, title)) for title in titles
            ]

        registers = await transact(open_registers, principal=owner)
        last, middle = registers[-1], registers[150]
        person = CreateOperator("Ерлан", register_ids=(last, middle))
        operator = to_global("Operator", await transact(create_operator, person, principal=owner))
        page = f"/console/operators/{operator}"
        form = await desk.see(page)
        kept = re.findall(r'name="registerIds" value="([^"]+)"(?: checked)?>', form)
        checked = re.findall(r'name="registerIds" value="([^"]+)" checked', form)
        hidden = re.findall(r'type="hidden" name="registerIds" value="([^"]+)"', form)
        await desk.saved(page, name="Ерлан Б.", registerIds=[*checked, *hidden])
        asked = "query ($id: ID!) { node(id: $id) { ... on Operator { name registers { id } } } }"
        after = (await desk.ask(asked, id=operator))["node"]

    assert (len(kept) > 150, checked, hidden) == (
        True,
        [to_global("Register", middle)],
        [to_global("Register", last)],
    )
    assert after["name"] == "Ерлан Б."
    assert {each["id"] for each in after["registers"]} == {
        to_global("Register", each) for each in (last, middle)
    }


async def test_a_group_is_renamed_in_its_own_form() -> None:
    async with at_desk() as desk:
        transact, owner = desk.app.database.transact, desk.shop.owner
        group_id = await transact(create_group, CreateGroup("Сүт"), principal=owner)
        group = to_global("ProductGroup", group_id)
        page = "/console/goods/groups"
        await desk.see(page)
        wrong = await desk.refused(page, groupId=group, newName="x" * 300, newNameKk="")
        await desk.saved(page, groupId=group, newName="Молочное", newNameKk="Сүт")
        await desk.saved(page, name="Хлеб")
        renamed = await desk.see(page)

    assert 'role="alert"' in wrong
    assert f'value="{"x" * 300}"' in wrong
    assert 'id="name" name="name" type="text" value=""' in wrong, "the form of a new group stays empty"
    assert "aria-invalid" not in wrong
    assert 'value="Молочное"' in renamed
    assert 'value="Хлеб"' in renamed
