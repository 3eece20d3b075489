"""What people do with products and groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from addons.catalog.api import (
    FREE_POSITION_CODE,
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    GroupId,
    ProductId,
    UpdateGroup,
    UpdateProduct,
    archive_product,
    create_group,
    create_product,
    product_by_barcode,
    products_by_ids,
    update_group,
    update_product,
)
from addons.catalog.services.cards import _BY_BARCODE, _BY_CODE, _BY_IDS
from addons.catalog.tests.makers import Shop, good, new_shop
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateRegister,
    create_company,
    create_outlet,
    create_register,
)
from kernel.clock import FrozenClock
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.money import Money
from kernel.security.principal import SYSTEM


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with new_shop() as shop:
        yield shop


async def refused(shop: Shop, service: object, command: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await shop.run(service, command)  # type: ignore[arg-type]
    return caught.value


async def test_product_keeps_everything_that_was_said(shop: Shop) -> None:
    group_id = await shop.run(create_group, CreateGroup("Молочное", "Сүт өнімдері"))

    product_id = await shop.run(
        create_product,
        CreateProduct(
            name="  Творог   9 % ",
            name_kk="Сүзбе 9 %",
            code=77,
            price=Money.tenge(2600),
            vat_bp=1600,
            unit_code="0166",
            barcodes=("4870071000003", "2000000000008"),
            group_id=group_id,
            section=3,
            article="ТВ-9",
            ntin="0200400000000",
            is_marked=True,
            is_price_editable=True,
            discount_bp=500,
            markup_bp=10_000,
        ),
    )

    card = (await shop.read(products_by_ids, [product_id]))[product_id]
    assert (card.code, card.name, card.unit_code, card.unit_name) == (77, "Творог 9 %", "166", "кг")
    assert (card.vat_bp, card.group_code, card.section, card.article) == (1600, "1", 3, "ТВ-9")
    assert (card.is_marked, card.is_price_editable, card.discount_bp, card.markup_bp) == (
        True,
        True,
        500,
        10_000,
    )
    assert await shop.read(product_by_barcode, "2000000000008") == card
    assert await shop.read(product_by_barcode, "0200400000000") == card


async def test_codes_follow_one_another_and_step_over_taken_ones(shop: Shop) -> None:
    ids = [
        await shop.run(create_product, CreateProduct("А")),
        await shop.run(create_product, CreateProduct("Б", code=2)),
        await shop.run(create_product, CreateProduct("В")),
    ]

    cards = await shop.read(products_by_ids, ids)
    assert [cards[each].code for each in ids] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " "}, "PRODUCT_NAME_EMPTY", "name"),
        ({"name": "я" * 256}, "PRODUCT_NAME_TOO_LONG", "name"),
        ({"code": 0}, "PRODUCT_CODE_OUT_OF_RANGE", "code"),
        ({"price": Money(-1)}, "PRODUCT_PRICE_NEGATIVE", "price"),
        ({"vat_bp": 10_000}, "PRODUCT_VAT_OUT_OF_RANGE", None),
        ({"unit_code": "2009"}, "PRODUCT_UNIT_UNKNOWN", "unitCode"),
        ({"discount_bp": 10_001}, "PRODUCT_PERCENT_OUT_OF_RANGE", "discountPercent"),
        ({"markup_bp": -1}, "PRODUCT_PERCENT_OUT_OF_RANGE", "markupPercent"),
        ({"section": 100}, "PRODUCT_SECTION_OUT_OF_RANGE", "section"),
        ({"barcodes": ("4870071000003", "")}, "PRODUCT_BARCODE_MALFORMED", "barcodes.1"),
        ({"barcodes": tuple(str(n) for n in range(51))}, "PRODUCT_BARCODES_TOO_MANY", "barcodes"),
        ({"ntin": "02004-1"}, "PRODUCT_NUMBER_MALFORMED", "ntin"),
        ({"group_id": GroupId("none")}, "PRODUCT_GROUP_UNKNOWN", "groupId"),
    ],
)
async def test_wrong_product_is_refused(
    shop: Shop, changes: dict[str, object], code: str, field: str
) -> None:
    refusal = await refused(shop, create_product, CreateProduct(**{"name": "Хлеб", **changes}))  # type: ignore[arg-type]

    assert (refusal.code, refusal.field) == (code, field)
    assert await shop.rows("SELECT id FROM cat_product") == []


async def test_code_of_another_product_is_refused(shop: Shop) -> None:
    await shop.run(create_product, CreateProduct("А", code=5))

    assert (await refused(shop, create_product, CreateProduct("Б", code=5))).code == "PRODUCT_CODE_TAKEN"


async def test_update_changes_only_what_is_mentioned(shop: Shop) -> None:
    product_id = await shop.run(
        create_product, CreateProduct("А", price=Money.tenge(1), barcodes=("111",), ntin="0200400000000")
    )

    await shop.run(update_product, UpdateProduct(product_id, name="Я", price=None, vat_bp=500, ntin=""))

    card = await shop.card(1)
    assert (card.name, card.has_price, card.vat_bp, card.barcode, card.ntin) == ("Я", False, 500, "111", "")
    assert await shop.read(product_by_barcode, "0200400000000") is None
    assert await shop.read(product_by_barcode, "111") == card


async def test_archived_product_gives_its_barcode_to_one_for_sale(shop: Shop) -> None:
    old = await shop.run(create_product, CreateProduct("Старый", barcodes=("111",)))
    await shop.run(create_product, CreateProduct("Новый", barcodes=("111",)))

    await shop.run(archive_product, ArchiveProduct(old))

    found = await shop.read(product_by_barcode, "111")
    assert found is not None
    assert found.name == "Новый"


async def test_product_of_another_company_does_not_exist(shop: Shop) -> None:
    product_id = await shop.run(create_product, CreateProduct("А"))
    neighbour = shop.neighbour()

    assert (
        await refused(neighbour, update_product, UpdateProduct(product_id, name="Я"))
    ).code == "PRODUCT_UNKNOWN"
    assert (await refused(neighbour, archive_product, ArchiveProduct(product_id))).code == "PRODUCT_UNKNOWN"
    assert await neighbour.read(products_by_ids, [product_id]) == {}


async def test_groups_are_numbered_under_their_parent(shop: Shop) -> None:
    food = await shop.run(create_group, CreateGroup("Еда"))
    milk = await shop.run(create_group, CreateGroup("Молоко", parent_id=food))
    await shop.run(create_group, CreateGroup("Сыр", parent_id=food))
    await shop.run(create_group, CreateGroup("Разное", code="9.9"))

    codes = [row["code"] for row in await shop.rows("SELECT code FROM cat_group ORDER BY code")]
    assert codes == ["1", "1.1", "1.2", "9.9"]
    into_child = await refused(shop, update_group, UpdateGroup(food, parent_id=milk))
    assert (into_child.code, into_child.field) == ("GROUP_IN_ITSELF", "parentId")
    too_long = await refused(shop, create_group, CreateGroup("Ещё", "Ә" * 10_000))
    assert (too_long.code, too_long.field) == ("PRODUCT_NAME_TOO_LONG", "nameKk")
    assert (await refused(shop, create_group, CreateGroup("Ещё", code="9.9"))).code == "GROUP_CODE_TAKEN"
    assert (await refused(shop, create_group, CreateGroup("Ещё", code="9.а"))).code == "GROUP_CODE_MALFORMED"


async def test_first_register_gives_the_company_its_free_position(shop: Shop) -> None:
    app = shop.app
    company_id = await app.database.transact(
        create_company,
        CreateCompany(
            bin="230140000109",
            title="ТОО «Дастархан»",
            is_vat_payer=True,
            vat_series="60001",
            vat_number="0012345",
        ),
        principal=SYSTEM,
    )
    owner = Shop(app, SYSTEM.within(company_id), shop.source)
    outlet_id = await owner.run(create_outlet, CreateOutlet(title="Магазин", address="Алматы, Абая 1"))

    for title in ("Касса 1", "Касса 2"):
        await owner.run(create_register, CreateRegister(outlet_id=outlet_id, title=title))

    card = await owner.card(FREE_POSITION_CODE)
    assert (card.name, card.name_kk, card.group_code) == ("Свободная позиция", "Еркін позиция", "9.9")
    assert (card.has_price, card.is_price_editable, card.vat_bp) == (False, True, 1600)
    assert len(await owner.rows("SELECT id FROM cat_product")) == 1
    assert (await refused(owner, archive_product, ArchiveProduct(card.id))).code == "PRODUCT_IS_FREE_POSITION"


async def test_unknown_ids_are_simply_absent(shop: Shop) -> None:
    await shop.upsert(good())

    assert await shop.read(products_by_ids, [ProductId(new_id())]) == {}
    assert await shop.read(products_by_ids, []) == {}


async def test_a_card_made_before_is_not_given_when_its_row_or_the_law_has_changed(shop: Shop) -> None:
    product_id = await shop.run(create_product, CreateProduct("Дәрі", price=Money.tenge(5), vat_bp=500))
    before = (await shop.read(products_by_ids, [product_id]))[product_id]
    again = (await shop.read(products_by_ids, [product_id]))[product_id]
    await shop.run(update_product, UpdateProduct(product_id, price=Money.tenge(6)))
    dearer = (await shop.read(products_by_ids, [product_id]))[product_id]
    clock = shop.app.database.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(days=365))
    next_year = (await shop.read(products_by_ids, [product_id]))[product_id]

    assert again is before
    assert (before.price, dearer.price) == (Money.tenge(5), Money.tenge(6))
    assert (dearer.vat_bp, next_year.vat_bp) == (500, 1000)


@pytest.mark.parametrize(
    ("sql", "index"),
    [(_BY_IDS.replace("{marks}", "?, ?, ?"), "id=?"), (_BY_BARCODE, "key_text=?"), (_BY_CODE, "code=?")],
)
async def test_reads_of_the_till_walk_an_index_of_few_rows(shop: Shop, sql: str, index: str) -> None:
    await shop.upsert(*(good(f"g{n}", barcodes=(f"10{n}",)) for n in range(300)))

    plan = await shop.rows(f"EXPLAIN QUERY PLAN {sql}", *["1"] * sql.count("?"))

    assert index in plan[0]["detail"]
    assert all("SCAN" not in step["detail"] for step in plan)
