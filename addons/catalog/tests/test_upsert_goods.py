"""Set-based import of goods."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from addons.catalog.api import (
    FREE_POSITION_CODE,
    ArchiveProduct,
    Aspect,
    GroupRow,
    UpdateProduct,
    archive_product,
    known_digests,
    product_by_barcode,
    update_product,
    upsert_groups,
)
from addons.catalog.tests.makers import Shop, good, new_shop
from kernel.money import Money


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with new_shop() as shop:
        yield shop


async def test_new_row_makes_a_product_with_the_next_code(shop: Shop) -> None:
    report = await shop.upsert(
        good("milk", vat_bp=1600, price=Money.tenge(545), barcodes=("4870071000003",)),
        good("bread", name="Хлеб", vat_bp=None),
    )

    milk, bread = await shop.card(1), await shop.card(2)
    assert report.created == ["milk", "bread"]
    assert (milk.price, milk.vat_bp, milk.unit_code) == (Money.tenge(545), 1600, "796")
    assert (bread.has_price, bread.vat_bp) == (False, None)


async def test_wanted_code_is_given_when_free_and_remarked_when_taken(shop: Shop) -> None:
    report = await shop.upsert(
        good("a", wanted_code=500), good("b", wanted_code=500), good("c", wanted_code=FREE_POSITION_CODE)
    )

    rows = await shop.rows("SELECT external_id, code FROM cat_product ORDER BY external_id")
    assert [(row["external_id"], row["code"]) for row in rows] == [("a", 500), ("b", 1), ("c", 2)]
    assert report.notes == [("b", "GOODS_CODE_TAKEN"), ("c", "GOODS_CODE_TAKEN")]


async def test_same_digest_writes_nothing(shop: Shop) -> None:
    await shop.upsert(good(price=Money.tenge(10)))

    report = await shop.upsert(good(name="Другое", price=Money.tenge(99)))

    card = await shop.card(1)
    assert (report.unchanged, report.updated) == (1, 0)
    assert (card.name, card.price) == ("Молоко 1 л", Money.tenge(10))


async def test_new_digest_with_same_content_counts_as_unchanged_and_is_remembered(shop: Shop) -> None:
    await shop.upsert(good(digest="d1"))

    report = await shop.upsert(good(digest="d2"))

    digests = await shop.read(_card_digests, shop)
    assert (report.unchanged, report.updated) == (1, 0)
    assert digests == {"milk": "d2"}


async def _card_digests(reader: object, shop: Shop) -> dict[str, str]:
    return await known_digests(reader, shop.source, ["milk", "none"], aspect=Aspect.CARD)  # type: ignore[arg-type]


async def test_field_not_mentioned_stays_and_empty_field_is_cleared(shop: Shop) -> None:
    await shop.upsert(
        good(article="A-1", price=Money.tenge(5), barcodes=("111", "222"), ntin="0200400000000")
    )

    await shop.upsert(good(digest="d2", name="Молоко 2 л"))
    kept = await shop.card(1)
    await shop.upsert(good(digest="d3", article="", price=None, barcodes=()))
    cleared = await shop.card(1)

    assert (kept.name, kept.article, kept.price, kept.barcode) == ("Молоко 2 л", "A-1", Money.tenge(5), "111")
    assert (cleared.article, cleared.has_price, cleared.barcode) == ("", False, "")
    assert await shop.read(product_by_barcode, "222") is None
    assert await shop.read(product_by_barcode, "0200400000000") == cleared


async def test_changed_barcodes_replace_the_old_ones(shop: Shop) -> None:
    await shop.upsert(good(barcodes=("036000291452",)))

    await shop.upsert(good(digest="d2", barcodes=("4006381333931",)))

    assert await shop.read(product_by_barcode, "0036000291452") is None
    found = await shop.read(product_by_barcode, "04006381333931")
    assert found is not None
    assert found.code == 1


async def test_delete_mark_archives_and_a_later_row_brings_back(shop: Shop) -> None:
    await shop.upsert(good())

    gone = await shop.upsert(good(digest="d2", is_deleted=True))
    archived = (await shop.card(1)).is_archived
    back = await shop.upsert(good(digest="d3"))

    assert (gone.archived, gone.updated, archived) == (1, 0, True)
    assert (back.updated, (await shop.card(1)).is_archived) == (1, False)


async def test_product_archived_by_people_is_not_brought_back_by_its_source(shop: Shop) -> None:
    await shop.upsert(good())
    await shop.run(archive_product, ArchiveProduct((await shop.card(1)).id))

    await shop.upsert(good(digest="d2", name="Молоко 3 л"))

    card = await shop.card(1)
    assert (card.name, card.is_archived) == ("Молоко 3 л", True)


async def test_delete_mark_of_an_unknown_good_is_skipped_with_a_reason(shop: Shop) -> None:
    report = await shop.upsert(good(is_deleted=True))

    assert report.skipped == [("milk", "GOODS_DELETED_UNKNOWN")]
    assert await shop.rows("SELECT id FROM cat_product") == []


async def test_row_without_a_name_makes_no_product(shop: Shop) -> None:
    report = await shop.upsert(good(name=""))

    assert report.skipped == [("milk", "GOODS_NAME_MISSING")]


async def test_offer_of_an_unknown_good_is_given_back(shop: Shop) -> None:
    report = await shop.upsert(good(aspect=Aspect.OFFER, price=Money.tenge(5)))

    assert (report.unknown, report.created) == (["milk"], [])


async def test_offer_and_card_remember_digests_apart(shop: Shop) -> None:
    await shop.upsert(good(digest="card"))
    await shop.upsert(good(digest="offer", aspect=Aspect.OFFER, price=Money.tenge(7)))

    report = await shop.upsert(good(digest="card"))

    assert report.unchanged == 1
    assert (await shop.card(1)).price == Money.tenge(7)


async def test_variant_inherits_from_its_good_now_and_later(shop: Shop) -> None:
    await shop.upsert(good("shoe", name="Кроссовки", vat_bp=1600, unit_code="715", unit_name="пара"))
    offer = good("shoe#42", name="Кроссовки (42)", aspect=Aspect.OFFER, base_external_id="shoe")
    await shop.upsert(offer)

    report = await shop.upsert(good("shoe", "d2", name="Кроссовки", vat_bp=None))

    variant = await shop.card(2)
    assert (variant.name, variant.unit_code, variant.vat_bp) == ("Кроссовки (42)", "715", None)
    assert report.updated == 2


async def test_goods_find_their_group_and_an_absent_group_is_tried_again(shop: Shop) -> None:
    first = await shop.upsert(good(group_external_id="dairy"))
    await shop.run(
        upsert_groups, shop.source, [GroupRow("food", "Еда"), GroupRow("dairy", "Молочное", "food")]
    )

    second = await shop.upsert(good(group_external_id="dairy"))

    assert first.notes == [("milk", "GOODS_GROUP_UNKNOWN")]
    assert (second.updated, (await shop.card(1)).group_code) == (1, "1.1")


async def test_group_that_moved_keeps_its_code(shop: Shop) -> None:
    await shop.run(
        upsert_groups, shop.source, [GroupRow("a", "А"), GroupRow("b", "Б"), GroupRow("c", "В", "a")]
    )

    report = await shop.run(
        upsert_groups, shop.source, [GroupRow("a", "А"), GroupRow("b", "Б!"), GroupRow("c", "В", "b")]
    )

    rows = await shop.rows("SELECT code, name FROM cat_group ORDER BY code")
    assert [(row["code"], row["name"]) for row in rows] == [("1", "А"), ("1.1", "В"), ("2", "Б!")]
    assert (report.updated, report.unchanged) == (2, 1)


async def test_sources_and_companies_do_not_meet(shop: Shop) -> None:
    await shop.upsert(good())

    report = await shop.neighbour().upsert(good(name="Соседское"))

    assert report.created == ["milk"]
    assert (await shop.card(1)).name == "Молоко 1 л"


async def test_manual_change_stays_until_the_source_changes_its_row(shop: Shop) -> None:
    await shop.upsert(good(price=Money.tenge(10)))
    await shop.run(update_product, UpdateProduct((await shop.card(1)).id, price=Money.tenge(12)))

    await shop.upsert(good(price=Money.tenge(10)))

    assert (await shop.card(1)).price == Money.tenge(12)


async def test_last_of_two_rows_with_one_id_wins_and_the_other_is_reported(shop: Shop) -> None:
    report = await shop.upsert(good(name="Первое"), good(digest="d2", name="Второе"))

    assert (report.created, report.skipped) == (["milk"], [("milk", "GOODS_DUPLICATE_ID")])
    assert (await shop.card(1)).name == "Второе"
