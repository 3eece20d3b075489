"""The change feed as a device lives with it: nothing is lost, whatever happens between two pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from addons.catalog.domain.commands import (
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    PackCode,
    UpdateGroup,
    UpdateProduct,
)
from addons.catalog.domain.commands_view import (
    BundleLineAsked,
    CreateBundle,
    CreatePriceType,
    PriceRow,
    SetPrices,
    SetRegisterView,
)
from addons.catalog.domain.source import Aspect
from addons.catalog.services.bundles import create_bundle
from addons.catalog.services.groups import create_group, update_group
from addons.catalog.services.price_types import create_price_type
from addons.catalog.services.prices import set_prices
from addons.catalog.services.products import archive_product, create_product, update_product
from addons.catalog.services.register_view import set_register_view
from addons.catalog.tests.feed_devices import Chain, Device, ask, new_chain
from addons.catalog.tests.makers import good
from kernel.clock import to_ms
from kernel.gql.ids import to_global
from kernel.money import Money
from kernel.quantity import Quantity


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with new_chain() as chain:
        yield chain


async def test_a_device_loads_everything_once_and_then_only_what_changed(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}", barcodes=(f"20{n}",)) for n in range(5)))
    device = await chain.device()

    first = await device.catch_up()
    nothing = await device.catch_up()
    await chain.upsert(good("g3", "d2", name="Товар 3", price=Money.tenge(90)), good("new", name="Новый"))
    changed = await device.catch_up()

    assert (first, nothing, changed) == (7, 0, 2)  # with the free position and its group
    assert device.names() == ["Новый", "Товар 0", "Товар 1", "Товар 2", "Товар 3", "Товар 4"]
    assert device.card("Товар 3")["prices"] == [{"since": None, "price": "90.00"}]
    assert device.card("Товар 3")["barcodes"] == [{"barcode": "203", "quantity": "1"}]
    assert device.refetches == []


async def test_a_card_comes_in_full(chain: Chain) -> None:
    group = await chain.run(create_group, CreateGroup("Сүт", name_kk="Сүт"))
    extra = await chain.run(create_group, CreateGroup("Акция"))
    product = CreateProduct(
        "Кефир",
        name_kk="Айран",
        code=77,
        price=Money(49550),
        vat_bp=1600,
        unit_code="166",
        barcodes=("4870071000003",),
        packs=(PackCode("14870071000000", Quantity.pieces(10)),),
        group_id=group,
        extra_group_ids=(extra,),
        section=3,
        article="K-1",
        ntin="0201234567890",
        is_marked=True,
        discount_bp=750,
    )
    key = await chain.run(create_product, product)
    device = await chain.device()
    await device.catch_up()

    card = device.card("Кефир")

    assert int(card.pop("version")) > 0
    assert card == {
        "id": to_global("Product", key),
        "code": 77,
        "name": "Кефир",
        "nameKk": "Айран",
        "characteristic": "",
        "article": "K-1",
        "barcode": "4870071000003",
        "barcodes": [
            {"barcode": "4870071000003", "quantity": "1"},
            {"barcode": "0201234567890", "quantity": "1"},
            {"barcode": "14870071000000", "quantity": "10"},
        ],
        "groupIds": [to_global("ProductGroup", group), to_global("ProductGroup", extra)],
        "baseId": None,
        "section": 3,
        "prices": [{"since": None, "price": "495.50"}],
        "vatKind": "STANDARD",
        "vatPercent": None,
        "unitCode": "166",
        "unitName": "кг",
        "ntin": "0201234567890",
        "gtin": "",
        "isMarked": True,
        "isPriceEditable": False,
        "discountPercent": "7.5",
        "markupPercent": "0",
    }


async def test_a_load_in_small_pages_survives_changes_between_them(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(20)))
    device = await chain.device()
    for step in range(9):
        assert await device.step(limit=3)
        await chain.upsert(
            good(f"g{step}", f"page {step}", name=f"Иной {step}"),
            good(f"g{19 - step}", f"page {step}", is_deleted=step % 2 == 0, name=f"Другой {step}"),
            good(f"late {step}", name=f"Поздний {step}"),
        )
    await device.catch_up(limit=3)

    assert device.rows == await device.fresh()
    assert "Товар 19" not in device.names()
    assert device.refetches == []


async def test_many_changes_of_one_card_come_as_one(chain: Chain) -> None:
    await chain.upsert(good())
    device = await chain.device()
    await device.catch_up()

    for n in range(5):
        await chain.upsert(good("milk", f"d{n + 2}", name=f"Молоко {n}"))

    assert await device.catch_up() == 1
    assert device.names() == ["Молоко 4"]


async def test_what_is_archived_leaves_and_comes_back(chain: Chain) -> None:
    await chain.upsert(good("a", name="А"), good("b", name="Б"))
    device, new = await chain.device("old"), await chain.device("new")
    await device.catch_up()

    await chain.upsert(good("a", "d2", is_deleted=True))
    gone = await device.catch_up()
    never_had = await new.catch_up()
    await chain.upsert(good("a", "d3", name="А"))
    back = await device.catch_up()

    assert (gone, never_had, back) == (1, 3, 1)  # no tombstone for what was never there
    assert device.names() == ["А", "Б"]


async def test_a_change_that_changes_nothing_is_not_told(chain: Chain) -> None:
    await chain.upsert(good("a", name="А"))
    device = await chain.device()
    await device.catch_up()

    await chain.upsert(good("a", "other digest", name="А"))
    again = await chain.run(update_product, UpdateProduct((await chain.card(1)).id, name="А"))

    assert again
    assert await device.catch_up() == 0


async def test_a_register_of_chosen_groups_gets_these_and_is_told_when_one_leaves(chain: Chain) -> None:
    drinks = await chain.run(create_group, CreateGroup("Напитки"))
    water = await chain.run(create_group, CreateGroup("Вода", parent_id=drinks))
    bread = await chain.run(create_group, CreateGroup("Хлеб"))
    tea = await chain.run(create_product, CreateProduct("Чай", group_id=drinks))
    still = await chain.run(create_product, CreateProduct("Вода", group_id=water))
    loaf = await chain.run(create_product, CreateProduct("Батон", group_id=bread))
    device = await chain.device()
    chosen = SetRegisterView((device.register_id,), is_all_goods=False, group_ids=(drinks,))
    await chain.run(set_register_view, chosen)
    await device.catch_up()
    before = device.names()

    await chain.run(update_product, UpdateProduct(tea, group_id=bread))
    await chain.run(update_product, UpdateProduct(loaf, extra_group_ids=(water,)))
    moved = await device.catch_up()
    after = device.names()
    await chain.run(update_product, UpdateProduct(tea, name="Чай чёрный"))
    of_others = await device.catch_up()
    await chain.run(update_group, UpdateGroup(water, parent_id=bread))
    await device.catch_up()

    assert (before, after, device.names()) == (["Вода", "Чай"], ["Батон", "Вода"], [])
    assert (moved, of_others) == (2, 0)
    assert device.rows == await device.fresh()
    assert still


async def test_a_card_that_left_and_changed_again_within_one_catching_up_is_taken_away(chain: Chain) -> None:
    """It stands behind a page the device has read meanwhile, as one that did not move since."""
    drinks = await chain.run(create_group, CreateGroup("Напитки"))
    bread = await chain.run(create_group, CreateGroup("Хлеб"))
    tea = await chain.run(create_product, CreateProduct("Чай", group_id=drinks))
    other = [await chain.run(create_product, CreateProduct(f"Сок {n}", group_id=drinks)) for n in range(4)]
    device = await chain.device()
    await chain.run(
        set_register_view, SetRegisterView((device.register_id,), is_all_goods=False, group_ids=(drinks,))
    )
    await device.catch_up()

    await chain.run(update_product, UpdateProduct(tea, group_id=bread))
    for each in other:
        await chain.run(update_product, UpdateProduct(each, section=1))
    await chain.run(update_product, UpdateProduct(tea, section=2))
    await device.step(limit=2)
    await chain.run(update_product, UpdateProduct(tea, section=3))
    await device.catch_up(limit=1)

    assert device.names() == [f"Сок {n}" for n in range(4)]


async def test_own_goods_and_packages_go_to_their_register_alone(chain: Chain) -> None:
    one, two = await chain.device("one"), await chain.device("two")
    await chain.run(create_product, CreateProduct("Общий"))
    await one.catch_up()
    await two.catch_up()
    own = await chain.run(create_product, CreateProduct("Свой", own_register_id=one.register_id))
    lines = (BundleLineAsked(own, Quantity.pieces(2)),)
    await chain.run(create_bundle, CreateBundle("Набор", lines=lines, register_ids=(one.register_id,)))
    await chain.run(create_bundle, CreateBundle("Везде", lines=lines))

    await one.catch_up()
    await two.catch_up()

    assert (one.names(), one.names("Bundle")) == (["Общий", "Свой"], ["Везде", "Набор"])
    assert (two.names(), two.names("Bundle")) == (["Общий"], ["Везде"])
    assert one.card("Набор")["lines"] == [{"productId": to_global("Product", own), "quantity": "2"}]
    assert (one.refetches, two.refetches) == (["VIEW_CHANGED"], [])


async def test_another_percent_is_another_view_and_the_old_goods_stay_until_it_is_complete(
    chain: Chain,
) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}", price=Money.tenge(101)) for n in range(5)))
    device = await chain.device()
    await device.catch_up()
    step = SetRegisterView((device.register_id,), percent_bp=11_000, step_tiyn=500)

    await chain.run(set_register_view, step)
    await device.step()
    await device.step(limit=3)
    meanwhile = device.card("Товар 0")["prices"]
    await device.catch_up(limit=3)

    assert device.refetches == ["VIEW_CHANGED"]
    assert meanwhile == [{"since": None, "price": "101.00"}]
    assert device.card("Товар 0")["prices"] == [{"since": None, "price": "110.00"}]  # 111.10, by steps of 5


async def test_prices_come_before_their_day(chain: Chain) -> None:
    club = await chain.run(create_price_type, CreatePriceType("Клуб"))
    tea = await chain.run(create_product, CreateProduct("Чай", price=Money.tenge(500)))
    shop, member = await chain.device("shop"), await chain.device("member")
    await chain.run(set_register_view, SetRegisterView((member.register_id,), price_type_id=club))
    await shop.catch_up()
    now = to_ms(chain.app.clock.now())
    rows = (
        PriceRow(tea, Money.tenge(600), from_ms=now + 86_400_000),
        PriceRow(tea, Money.tenge(450), club, now + 172_800_000),
    )

    await chain.run(set_prices, SetPrices(rows))
    await shop.catch_up()
    await member.catch_up()

    assert shop.card("Чай")["prices"] == [
        {"since": None, "price": "500.00"},
        {"since": "2026-01-16T04:30:00.000Z", "price": "600.00"},
    ]
    assert member.card("Чай")["prices"] == [
        *shop.card("Чай")["prices"],
        {"since": "2026-01-17T04:30:00.000Z", "price": "450.00"},
    ]


async def test_rates_of_vat_come_before_their_day_too(chain: Chain) -> None:
    device = await chain.device()

    page = await ask(
        chain, device.principal, "{ catalogChanges { vatRates { kind since percent } cards { vatKind } } }"
    )

    assert {"kind": "MEDICINE", "since": "2027-01-01", "percent": "10"} in page["vatRates"]
    assert page["cards"] == [{"vatKind": "NONE"}]


async def test_prices_of_a_source_reach_the_device(chain: Chain) -> None:
    await chain.upsert(good("a", name="А", barcodes=("111",)))
    device = await chain.device()
    await device.catch_up()

    await chain.upsert(good("a", "p1", aspect=Aspect.OFFER, price=Money.tenge(7)))
    await chain.upsert(good("a", "d2", name="А", barcodes=("111", "222")))
    await device.catch_up()

    assert device.card("А")["prices"][0]["price"] == "7.00"
    assert [each["barcode"] for each in device.card("А")["barcodes"]] == ["111", "222"]


async def test_a_product_archived_by_people_and_changed_later_stays_away(chain: Chain) -> None:
    key = await chain.run(create_product, CreateProduct("Чай"))
    device: Device = await chain.device()
    await device.catch_up()

    await chain.run(archive_product, ArchiveProduct(key))
    await chain.run(update_product, UpdateProduct(key, section=5))
    await device.catch_up()
    entry = (await chain.rows("SELECT is_out FROM cat_feed WHERE id = ?", key))[0]

    assert device.names() == []
    assert entry["is_out"] == 1
