"""What one register sees of the catalogue, and at what price."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from addons.catalog.api import (
    FREE_POSITION_CODE,
    BundleCard,
    BundleLineAsked,
    CreateBundle,
    CreateGroup,
    CreatePriceType,
    GroupId,
    GroupRow,
    PackCode,
    PriceRow,
    ProductId,
    ScaleLabelRule,
    ScaleValue,
    ScannedProduct,
    SetPrices,
    SetScaleRules,
    UpdateGroup,
    UpdateProduct,
    ask_scans,
    ask_view,
    create_bundle,
    create_group,
    create_price_type,
    prices_to_come,
    scan,
    set_prices,
    set_scale_rules,
    update_group,
    update_product,
    upsert_groups,
    view_by_code,
)
from addons.catalog.domain.commands import ArchiveProduct
from addons.catalog.domain.commands_view import CancelPrice, UpdateBundle, UpdatePriceType
from addons.catalog.domain.keyboard import _KAZAKH, _KEYS
from addons.catalog.gql.queries import ProductFilter, _listed
from addons.catalog.services.bundles import update_bundle
from addons.catalog.services.price_types import update_price_type
from addons.catalog.services.prices import cancel_price, take_due_prices
from addons.catalog.services.products import archive_product
from addons.catalog.services.view import ask_view_list
from addons.catalog.tests.makers import Store, good, new_store
from addons.catalog.tests.test_marks import PACK, SHOES
from addons.catalog.tests.test_pricing import label
from kernel.clock import to_ms
from kernel.gql.ids import to_global
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.security.principal import SYSTEM
from kernel.testing import mysql_database

KILO = {"unit_code": "166"}


@pytest.fixture(params=["sqlite"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with new_store() as store:
        yield store


async def planned(store: Store, product_id: str, price: str, **after: int) -> int:
    """Plan an ordinary price; its moment."""
    at_ms = to_ms(store.app.clock.now() + timedelta(**after))
    row = PriceRow(product_id, Money.parse(price), from_ms=at_ms)  # type: ignore[arg-type]
    await store.run(set_prices, SetPrices((row,)))
    return at_ms


async def test_register_asks_its_percent_rounded_and_others_ask_the_price(store: Store) -> None:
    milk = await store.product(price="649.50")
    nothing = await store.product("Қызмет", price=None)

    await store.choose(percent_bp=9_000)
    assert (await store.asks(milk), await store.asks(milk, 1)) == ("585.00", "649.50")
    await store.choose(percent_bp=11_000, step_tiyn=1)
    assert await store.asks(milk) == "714.45"
    assert (await store.seen(milk)).list_price == Money.parse("649.50")
    assert not (await store.seen(nothing)).card.has_price


async def test_register_sells_chosen_groups_with_all_below_them(store: Store) -> None:
    dairy = await store.run(create_group, CreateGroup("Сүт"))
    cheese = await store.run(create_group, CreateGroup("Ірімшік", parent_id=dairy))
    bread = await store.run(create_group, CreateGroup("Нан"))
    milk = await store.product(group_id=dairy)
    brie = await store.product("Бри", group_id=cheese)
    loaf = await store.product("Тоқаш", group_id=bread)
    pie = await store.product("Ірімшікті бәліш", group_id=bread, extra_group_ids=(cheese,))
    loose = await store.product("Пакет")

    await store.choose(is_all_goods=False, group_ids=(dairy,))

    seen = [await store.asks(each) is not None for each in (milk, brie, loaf, pie, loose)]
    assert seen == [True, True, False, True, False]
    assert await store.asks(loaf, 1) is not None
    free = await store.read(view_by_code, store.registers[0], FREE_POSITION_CODE)
    assert free is not None
    assert free.is_in_assortment

    await store.run(update_group, UpdateGroup(cheese, parent_id=bread))
    assert [await store.asks(each) is not None for each in (milk, brie, pie)] == [True, False, False]
    await store.run(update_product, UpdateProduct(milk, group_id=bread, extra_group_ids=()))
    assert await store.asks(milk) is None
    await store.run(update_group, UpdateGroup(bread, parent_id=dairy))
    assert all([await store.asks(each) is not None for each in (milk, brie, loaf, pie)])


async def test_imported_tree_counts_as_well_and_never_closes_a_circle(store: Store) -> None:
    await store.run(upsert_groups, store.source, [GroupRow("a", "А"), GroupRow("b", "Б", "a")])
    await store.upsert(good(group_external_id="b", price=Money.tenge(5)))
    milk = (await store.card(1)).id
    top = (await store.rows("SELECT id FROM cat_group WHERE external_id = 'a'"))[0]["id"]
    await store.choose(is_all_goods=False, group_ids=(top,))
    assert await store.asks(milk) == "5.00"

    rows = [GroupRow("a", "А", "b"), GroupRow("b", "Б", "a")]
    report = await store.run(upsert_groups, store.source, rows)
    assert report.notes == [("a", "GROUP_PLACE_REFUSED")]
    await store.run(upsert_groups, store.source, [GroupRow("b", "Б")])
    assert await store.asks(milk) is None


async def test_own_goods_are_sold_at_their_register_alone(store: Store) -> None:
    group = await store.run(create_group, CreateGroup("Басқа"))
    cake = await store.product("Торт", own_register_id=store.registers[0])

    await store.choose(is_all_goods=False, group_ids=(group,))

    assert (await store.asks(cake), await store.asks(cake, 1)) == ("500.00", None)
    await store.run(update_product, UpdateProduct(cake, own_register_id=None))
    assert (await store.asks(cake), await store.asks(cake, 1)) == (None, "500.00")


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"percent_bp": 0}, "VIEW_PERCENT_OUT_OF_RANGE percent"),
        ({"percent_bp": 100_001}, "VIEW_PERCENT_OUT_OF_RANGE percent"),
        ({"step_tiyn": 7}, "VIEW_STEP_UNKNOWN roundingStep"),
        ({"is_all_goods": False}, "VIEW_GROUPS_MISSING groupIds"),
        ({"group_ids": (GroupId("x"),)}, "GROUP_UNKNOWN groupIds.0"),
        ({"price_type_id": "x"}, "PRICE_TYPE_UNKNOWN priceTypeId"),
    ],
)
async def test_choices_that_cannot_be_are_refused(store: Store, choice: dict[str, object], code: str) -> None:
    from addons.catalog.api import SetRegisterView, set_register_view

    command = SetRegisterView((store.registers[0],), **choice)  # type: ignore[arg-type]

    assert await store.refused(set_register_view, command) == code
    assert await store.rows("SELECT id FROM cat_register_view") == []


async def test_price_of_a_type_goes_before_the_ordinary_one(store: Store) -> None:
    milk, bread = await store.product(), await store.product("Нан", "200")
    club = await store.run(create_price_type, CreatePriceType("Клуб"))
    await store.run(set_prices, SetPrices((PriceRow(milk, Money.tenge(450), club),)))

    await store.choose(price_type_id=club, percent_bp=9_000)

    assert (await store.asks(milk), await store.asks(bread)) == ("405.00", "180.00")
    assert await store.asks(milk, 1) == "500.00"
    await store.run(set_prices, SetPrices((PriceRow(milk, None, club),)))
    assert await store.asks(milk) == "450.00"
    archive = UpdatePriceType(club, is_archived=True)
    assert await store.refused(update_price_type, archive) == "PRICE_TYPE_IN_USE isArchived"


async def test_planned_price_is_asked_from_its_moment_to_the_second(store: Store) -> None:
    milk = await store.product()
    at_ms = await planned(store, milk, "550", hours=2)
    await planned(store, milk, "600", hours=5)
    await store.choose(percent_bp=20_000)

    view = await store.seen(milk)
    coming = (await store.read(prices_to_come, store.registers[0], [view]))[milk]
    assert [(each.from_ms - at_ms, str(each.price)) for each in coming] == [
        (0, "1100.00"),
        (10_800_000, "1200.00"),
    ]
    store.later(hours=1, minutes=59, seconds=59)
    assert await store.asks(milk, 1) == "500.00"
    store.later(seconds=1)
    assert await store.asks(milk, 1) == "550.00"  # nobody has run anything

    await store.app.database.transact(take_due_prices, principal=SYSTEM)
    assert await store.asks(milk, 1) == "550.00"
    assert (await store.rows("SELECT price_tiyn FROM cat_product WHERE id = ?", milk))[0][
        "price_tiyn"
    ] == 55_000
    assert len(await store.rows("SELECT id FROM cat_price")) == 1
    (line,) = await store.rows("SELECT changes FROM cat_change WHERE action = 'price_due'")
    assert line["changes"] == '{"price":["500.00","550.00"]}'


async def test_price_set_now_is_not_undone_by_an_earlier_plan(store: Store) -> None:
    milk = await store.product()
    await store.upsert(good(price=Money.tenge(10)))
    salt = (await store.card(2)).id
    for each in (milk, salt):
        await planned(store, each, "550", hours=1)
    store.later(hours=2)

    await store.run(update_product, UpdateProduct(milk, price=Money.tenge(700)))
    await store.upsert(good(digest="d2", price=Money.tenge(11)))
    await store.app.database.transact(take_due_prices, principal=SYSTEM)

    assert (await store.asks(milk), await store.asks(salt)) == ("700.00", "11.00")


async def test_history_tells_prices_that_changed_and_only_them(store: Store) -> None:
    milk = await store.product()
    club = await store.run(create_price_type, CreatePriceType("Клуб"))
    for price in (450, 450, 430):
        rows = (PriceRow(milk, Money.tenge(price), club), PriceRow(milk, Money.tenge(500)))
        await store.run(set_prices, SetPrices(rows))
        store.later(minutes=1)

    told = await store.rows("SELECT changes FROM cat_change WHERE action = 'priced' ORDER BY id")

    assert [row["changes"] for row in told] == [
        f'{{"price:{club}":[null,"450.00"]}}',
        f'{{"price:{club}":["450.00","430.00"]}}',
    ]
    assert len(await store.rows("SELECT id FROM cat_price")) == 1


async def test_planned_price_is_taken_back_or_refused(store: Store) -> None:
    milk = await store.product()
    at_ms = await planned(store, milk, "550", hours=1)

    await store.run(cancel_price, CancelPrice(milk, at_ms))
    store.later(hours=2)

    assert await store.asks(milk) == "500.00"
    assert await store.refused(cancel_price, CancelPrice(milk, at_ms)) == "PRICE_NOT_PLANNED from"
    past = PriceRow(milk, Money.tenge(1), from_ms=at_ms)
    assert await store.refused(set_prices, SetPrices((past,))) == "PRICE_IN_THE_PAST prices.0.from"
    far = PriceRow(milk, Money.tenge(1), from_ms=at_ms + 400 * 86_400_000)
    assert await store.refused(set_prices, SetPrices((far,))) == "PRICE_TOO_FAR prices.0.from"
    none = PriceRow(milk, None, from_ms=at_ms + 86_400_000)
    assert await store.refused(set_prices, SetPrices((none,))) == "PRICE_PLANNED_MISSING prices.0.price"


async def test_scanner_reads_goods_boxes_packages_labels_and_marks(store: Store) -> None:
    milk = await store.product(
        barcodes=("4870071000003",), packs=(PackCode("14870071000000", Quantity.pieces(12)),)
    )
    apples = await store.product("Алма", "900", code=12345, **KILO)
    shoes = await store.product("Аяқ киім", gtin="04600439931256", barcodes=("4600439931256",))
    box = await store.run(
        create_bundle,
        CreateBundle(
            "Таңғы ас",
            (BundleLineAsked(milk, Quantity.pieces(2)), BundleLineAsked(apples, Quantity(500))),
            barcode="2999999000009",
        ),
    )
    await store.run(set_scale_rules, SetScaleRules((ScaleLabelRule("21", ScaleValue.WEIGHT, 5, 5, 3),)))
    till = store.registers[0]

    async def read(text: str) -> tuple[object, str]:
        found = await store.read(scan, till, text)
        assert isinstance(found, ScannedProduct), text
        return found.view.card.id, str(found.quantity)

    kazakh = str.maketrans(_KEYS, _KAZAKH)
    assert await read("4870071000003") == await read("04870071000003") == (milk, "1")
    assert await read("4870071000003".translate(kazakh)) == (milk, "1")
    assert await read("14870071000000") == (milk, "12")
    assert await read(label("211234501250")) == (apples, "1.25")
    assert await read(SHOES) == await read(PACK) == (shoes, "1")
    marked = await store.read(scan, till, f"]d2{SHOES}")
    assert isinstance(marked, ScannedProduct)
    assert marked.mark is not None
    assert marked.mark.text == SHOES
    breakfast = await store.read(scan, till, "2999999000009")
    assert isinstance(breakfast, BundleCard)
    assert (breakfast.id, [str(held) for _, held in breakfast.lines]) == (box, ["2", "0.5"])
    assert await store.read(scan, till, label("219999901250")) is None
    assert await store.read(scan, till, "") is None


async def test_exact_barcode_goes_before_a_label_and_a_good_for_sale_before_others(store: Store) -> None:
    apples = await store.product("Алма", code=12345)
    national = label("211234501250")
    book = await store.product("Кітап", ntin=national)
    await store.run(set_scale_rules, SetScaleRules((ScaleLabelRule("21", ScaleValue.WEIGHT, 5, 5, 3),)))
    here = await store.product("Осында", barcodes=("555",), own_register_id=store.registers[0])
    there = await store.product("Онда", barcodes=("555",), own_register_id=store.registers[1])

    async def read(text: str, register: int = 0) -> object:
        found = await store.read(scan, store.registers[register], text)
        assert isinstance(found, ScannedProduct)
        return found.view.card.id

    assert await read(national) == book
    assert (await read("555"), await read("555", 1)) == (here, there)
    await store.run(archive_product, ArchiveProduct(book))
    assert await read(national) == apples


async def test_archived_product_leaves_its_packages_with_a_notice(store: Store) -> None:
    milk, bread = await store.product(), await store.product("Нан")
    lines = (BundleLineAsked(milk, Quantity.ONE), BundleLineAsked(bread, Quantity.ONE))
    both = await store.run(create_bundle, CreateBundle("Екеуі", lines))
    await store.run(create_bundle, CreateBundle("Тек сүт", lines[:1], register_ids=(store.registers[1],)))

    await store.run(archive_product, ArchiveProduct(milk))

    rows = await store.rows("SELECT name, is_archived FROM cat_bundle WHERE shrunk_ms > 0 ORDER BY name")
    assert [(row["name"], row["is_archived"]) for row in rows] == [("Екеуі", 0), ("Тек сүт", 1)]
    told = await store.rows("SELECT facts FROM kernel_audit WHERE action = 'catalog.bundle_shrunk'")
    assert sorted('"isEmpty":true' in row["facts"] for row in told) == [False, True]
    command = UpdateBundle(both, lines=lines)
    assert await store.refused(update_bundle, command) == "BUNDLE_PRODUCT_UNFIT lines.0.productId"
    await store.run(update_bundle, UpdateBundle(both, name="Жалғыз"))  # somebody has looked
    assert len(await store.rows("SELECT id FROM cat_bundle WHERE shrunk_ms > 0")) == 1
    only = (await store.rows("SELECT id FROM cat_bundle WHERE name = 'Тек сүт'"))[0]["id"]
    assert await store.refused(update_bundle, UpdateBundle(only, is_archived=False)) == "BUNDLE_EMPTY lines"


async def test_package_is_sold_where_it_was_given_out(store: Store) -> None:
    milk = await store.product()
    lines = (BundleLineAsked(milk, Quantity.ONE),)
    command = CreateBundle("Сыйлық", lines, barcode="777", register_ids=(store.registers[1],))
    await store.run(create_bundle, command)

    assert await store.read(scan, store.registers[0], "777") is None
    assert isinstance(await store.read(scan, store.registers[1], "777"), BundleCard)
    assert await store.refused(create_bundle, command) == "BUNDLE_BARCODE_TAKEN barcode"


async def test_reads_of_a_view_choose_few_rows_by_an_index(store: Store) -> None:
    group = await store.run(create_group, CreateGroup("Сүт"))
    await store.choose(is_all_goods=False, group_ids=(group,))
    async with store.app.database.reading(store.principal) as reader:
        select, where, params = await ask_view_list(reader, store.registers[0])
        listed = _listed(
            reader, ProductFilter(group_id=to_global("ProductGroup", group), is_with_subgroups=True)
        )
        asked = [
            *ask_view(reader, store.registers[0], [ProductId("1"), ProductId("2")]),
            *ask_scans(reader, store.registers[0], ["4870071000003"]),
            (f"{select} WHERE {where}", params),
            (f"{listed.select} WHERE {listed.where}", listed.params),
        ]
        plans = [await reader.rows(f"EXPLAIN QUERY PLAN {sql}", *given) for sql, given in asked]

    steps = [step["detail"] for plan in plans for step in plan]
    assert not [step for step in steps if "SCAN" in step and step != "SCAN picked"]
    assert not [step for step in steps if step.endswith("(company_id=?)")]


@pytest.mark.mariadb
async def test_view_is_the_same_on_mariadb() -> None:
    async with mysql_database() as url, new_store(url=url) as store:
        await test_register_sells_chosen_groups_with_all_below_them(store)
        await test_scanner_reads_goods_boxes_packages_labels_and_marks(store)
        await store.choose(1, percent_bp=9_000)
        milk = await store.product("Айран", "649.50")
        await planned(store, milk, "700", hours=1)
        assert await store.asks(milk, 1) == "585.00"
        store.later(hours=1)
        assert await store.asks(milk, 1) == "630.00"
        await store.app.database.transact(take_due_prices, principal=SYSTEM)
        assert await store.asks(milk, 1) == "630.00"
