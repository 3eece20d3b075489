"""More of a card: variants, boxes, history, stock, pictures."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest

from addons.catalog.api import (
    CreateVariant,
    PackCode,
    SetStock,
    StockRow,
    UpdateProduct,
    create_variant,
    scan,
    set_stock,
    update_product,
)
from addons.catalog.domain.commands import ArchiveProduct
from addons.catalog.jobs.drop_picture import Drop, DropPicture
from addons.catalog.services.history import forget_old_changes
from addons.catalog.services.picture_files import KEEP_S, PictureFiles
from addons.catalog.services.products import archive_product
from addons.catalog.tests.makers import Store, good, new_store
from addons.catalog.tests.test_graphql import ask
from gateway.app import create_app
from kernel.gql.ids import to_global
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.security.origin import Origin, come_from
from kernel.security.principal import SYSTEM

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff" + bytes(40)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with new_store() as store:
        yield store


async def test_variants_have_names_prices_and_barcodes_and_follow_their_product(store: Store) -> None:
    shirt = await store.product("Жейде", "5000", vat_bp=1600, section=3)
    red = await store.run(
        create_variant, CreateVariant(shirt, "қызыл, 42", price=Money.tenge(5500), barcodes=("111",))
    )
    blue = await store.run(create_variant, CreateVariant(shirt, "көк, 42", name="Көк жейде"))

    view = await store.seen(red)
    assert (view.card.name, str(view.card.price), view.card.section) == ("Жейде (қызыл, 42)", "5500.00", 3)
    assert (view.card.base_id, view.card.characteristic) == (shirt, "қызыл, 42")
    await store.run(update_product, UpdateProduct(shirt, vat_bp=None, section=4, name="Футболка"))
    card = (await store.seen(blue)).card
    assert (card.vat_bp, card.section, card.name) == (None, 4, "Көк жейде")

    again = CreateVariant(shirt, "көк, 42")
    assert await store.refused(create_variant, again) == "VARIANT_EXISTS characteristic"
    assert await store.refused(create_variant, CreateVariant(red, "x")) == "VARIANT_OF_VARIANT productId"
    assert await store.refused(create_variant, CreateVariant(shirt, " ")) == "VARIANT_NAMELESS characteristic"
    assert await store.refused(update_product, UpdateProduct(red, section=1)) == "PRODUCT_INHERITS section"
    await store.run(update_product, UpdateProduct(red, section=4, vat_bp=None, price=Money.tenge(5600)))
    await store.run(archive_product, ArchiveProduct(shirt))
    assert [(await store.seen(each)).is_for_sale for each in (shirt, red, blue)] == [False] * 3


async def test_boxes_stay_when_barcodes_of_the_unit_change_and_the_other_way_round(store: Store) -> None:
    box = PackCode("14870071000000", Quantity.pieces(12))
    milk = await store.product(barcodes=("111", "222"), packs=(box,), ntin="0200400000000")

    async def codes() -> dict[str, int]:
        rows = await store.rows("SELECT barcode, coefficient_thousandths AS one FROM cat_barcode")
        return {row["barcode"]: row["one"] for row in rows}

    await store.run(update_product, UpdateProduct(milk, barcodes=("333",)))
    assert await codes() == {"333": 1000, "0200400000000": 1000, "14870071000000": 12_000}
    await store.run(update_product, UpdateProduct(milk, packs=()))
    assert await codes() == {"333": 1000, "0200400000000": 1000}
    one = UpdateProduct(milk, packs=(PackCode("444", Quantity.ONE),))
    assert await store.refused(update_product, one) == "PRODUCT_COEFFICIENT_MALFORMED packs.0.coefficient"


async def test_history_tells_who_changed_what_from_where(store: Store) -> None:
    come_from(Origin("192.0.2.7"))
    milk = await store.product(price="500")
    await store.run(update_product, UpdateProduct(milk, price=Money.tenge(550), name="Айран"))
    await store.run(update_product, UpdateProduct(milk, name="Айран"))  # nothing is another
    await store.run(archive_product, ArchiveProduct(milk))
    come_from(Origin())
    await store.upsert(good(price=Money.tenge(10)))
    await store.upsert(good(digest="d2", price=Money.tenge(11), barcodes=("777",)))

    rows = await store.rows(
        "SELECT product_id, action, origin, actor_kind, changes FROM cat_change ORDER BY id"
    )
    told = [(row["action"], orjson.loads(row["changes"])) for row in rows if row["product_id"] == milk]
    assert [action for action, _ in told] == ["created", "updated", "archived"]
    assert told[1][1] == {"name": ["Сүт", "Айран"], "price": ["500.00", "550.00"]}
    assert told[2][1] == {"is_archived": ["false", "true"]}
    assert {row["origin"] for row in rows if row["product_id"] == milk} == {"192.0.2.7"}
    (imported,) = [row for row in rows if row["product_id"] != milk]
    assert (imported["action"], imported["origin"]) == ("imported", f"source:{store.source}")
    assert orjson.loads(imported["changes"])["price"] == ["10.00", "11.00"]

    store.later(days=1_096)
    await store.app.database.transact(forget_old_changes, principal=SYSTEM)
    assert await store.rows("SELECT id FROM cat_change") == []


async def test_unknown_stock_is_not_zero(store: Store) -> None:
    milk = await store.product()
    shown = "query($id: ID!) { node(id: $id) { ... on Product { stock { quantity } } } }"

    async def stock() -> list[str]:
        answer = await ask(store, shown, id=to_global("Product", milk))
        return [each["quantity"] for each in answer["node"]["stock"]]

    assert await stock() == []
    for amount, texts in ((0, ["0"]), (-1500, ["-1.5"]), (None, [])):
        await store.run(set_stock, SetStock((StockRow(milk, store.outlet_id, amount),)))
        assert await stock() == texts
    strange = SetStock((StockRow(milk, "x", 1),))
    assert await store.refused(set_stock, strange) == "OUTLET_UNKNOWN outletId"


async def test_pictures_are_stored_served_ordered_and_dropped(tmp_path: Path) -> None:
    async with new_store(catalog={"pictures_folder": str(tmp_path)}) as store:
        milk = to_global("Product", await store.product())
        mutation = """mutation($id: ID!, $content: String!) {
          addProductPicture(productId: $id, content: $content) {
          ... on Product { pictures { id url mediaType sizeBytes } } ... on Refused { refusal: code } } }"""

        async def add(content: bytes) -> dict[str, object]:
            text = base64.b64encode(content).decode()
            return dict((await ask(store, mutation, id=milk, content=text))["addProductPicture"])

        await add(PNG)
        assert (await add(PNG))["pictures"] == (await add(PNG))["pictures"]  # once, however often it is sent
        pictures = (await add(JPEG))["pictures"]
        assert isinstance(pictures, list)
        assert [each["mediaType"] for each in pictures] == ["image/png", "image/jpeg"]
        assert (await add(b"GIF89a" + bytes(40)))["refusal"] == "PICTURE_KIND_UNKNOWN"
        assert (await add(b"\xff\xd8\xff" + bytes(3_000_000)))["refusal"] == "PICTURE_TOO_LARGE"

        transport = httpx.ASGITransport(create_app(store.app))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            served = await client.get(pictures[0]["url"])
            again = await client.get(pictures[0]["url"], headers={"If-None-Match": served.headers["etag"]})
            nothing = await client.get("/catalog/pictures/nobody")
        assert (served.content, served.headers["content-type"]) == (PNG, "image/png")
        assert (again.status_code, nothing.status_code) == (304, 404)

        order = """mutation($id: ID!, $ids: [ID!]!) { orderProductPictures(productId: $id, pictureIds: $ids) {
          ... on Product { pictures { id } } ... on Refused { refusal: code } } }"""
        ids = [each["id"] for each in reversed(pictures)]
        ordered = (await ask(store, order, id=milk, ids=ids))["orderProductPictures"]
        assert [each["id"] for each in ordered["pictures"]] == ids
        remove = """mutation($id: ID!) { removeProductPicture(pictureId: $id) {
          ... on Product { pictures { id } } } }"""
        left = (await ask(store, remove, id=ids[0]))["removeProductPicture"]["pictures"]
        assert [each["id"] for each in left] == ids[1:]
        (job,) = await store.rows("SELECT head_job FROM kernel_lane WHERE lane_key LIKE 'catalog.pictures:%'")
        assert "catalog.drop_picture" in str(job["head_job"])


async def test_file_of_a_picture_goes_unless_it_came_again(tmp_path: Path) -> None:
    files = PictureFiles(str(tmp_path))
    fresh, old = files.put("company", PNG), files.put("company", JPEG)
    past = files.path("company", old).stat().st_mtime - 2 * KEEP_S
    os.utime(files.path("company", old), (past, past))

    for digest in (fresh, old):
        await DropPicture().perform(Drop(str(tmp_path), "company", digest))

    assert (files.get("company", fresh), files.get("company", old)) == (PNG, None)


async def test_scan_of_an_archived_good_says_so(store: Store) -> None:
    milk = await store.product(barcodes=("111",))
    await store.run(archive_product, ArchiveProduct(milk))

    found = await store.read(scan, store.registers[0], "111")

    assert found is not None
    assert not found.view.is_for_sale
