"""What people type at a till, and what they find."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from addons.catalog.api import (
    ArchiveProduct,
    CreateProduct,
    UpdateProduct,
    archive_product,
    create_product,
    update_product,
)
from addons.catalog.domain import search
from addons.catalog.domain.search import grams, in_other_layouts, typos_allowed, typos_between, words
from addons.catalog.services import search_index
from addons.catalog.services import search_products as searching
from addons.catalog.services.search_products import RESULTS_MAX, search_products
from addons.catalog.tests.makers import Shop, good, new_shop
from addons.catalog.tests.test_graphql import ask, run
from kernel.data.work import Work
from kernel.jobs.drive import run_due, run_schedules
from kernel.testing import mysql_database

SHELF = (
    good(
        "1",
        name="Молоко «Простоквашино» 2,5% 1л",
        name_kk="«Простоквашино» сүті",
        barcodes=("4870001000011",),
    ),
    good("2", name="Кефир Простоквашино 1 л", article="К-17"),
    good("3", name="Қызылорда күріші 1 кг", barcodes=("4870001000028",)),
    good("4", name="Coca-Cola 0,5", article="CC-05"),
    good("5", name="Хлеб «Молочный»"),
    good("6", name="Молоток 500 г", article="4870"),
)  # codes 1 to 6


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with new_shop() as shop:
        await shop.upsert(*SHELF)
        await run_due(shop.app.database)
        yield shop


async def found(shop: Shop, text: str, **options: object) -> list[int]:
    """Codes of what a text finds, best first."""
    matches = await shop.read(lambda reader: search_products(reader, text, **options))  # type: ignore[arg-type]
    codes = {row["id"]: row["code"] for row in await shop.rows("SELECT id, code FROM cat_product")}
    return [codes[each.product_id] for each in matches]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("4870001000011", [1]),  # a barcode
        ("04870001000028", [3]),  # another in 14 digits
        ("487000", [3, 1]),  # its beginning
        ("4870", [6, 3, 1]),  # an article before beginnings of barcodes
        ("2", [2, 1]),  # a code before a word
        ("к-17", [2]),  # an article in any case
        ("МОЛО", [1, 6, 5]),  # names that begin so, before words of names
        ("простокв 1л", [2, 1]),  # words in any order, "1л" as "1 л"
        ("2.5 молоко", [1]),  # a decimal point as a comma
        ("кызылорда куриш", [3]),  # Kazakh letters as people type them on a Russian keyboard
        ("сутi", [1]),  # a Latin i among Cyrillic letters is a typo
        ("сүті", [1]),  # the Kazakh name
        ("vjkjnjr", [6]),  # Russian in the Latin layout
        ("0spskjhlf", [3]),  # Kazakh in the Latin layout
        ("сщсф сщдф", [4]),  # Latin in the Russian layout
        ("малоко", [1]),  # a typo
        ("простокавшино", [2, 1]),  # two letters swapped
        ("прастакваш 1", [2, 1]),  # two typos in the beginning of a long word, a number beside it
        ("кифер", []),  # two typos are too many for five letters
        ("487000100001", [1]),  # without the check digit
        ("487000100009", []),  # numbers are never mended
        ("  «» ", []),
    ],
)
async def test_text_finds_goods_best_first(shop: Shop, text: str, codes: list[int]) -> None:
    assert await found(shop, text) == codes


async def test_index_follows_the_goods(shop: Shop) -> None:
    made = await shop.run(create_product, CreateProduct("Сок персиковый", price=None))
    at_once = await found(shop, "сок пер"), await found(shop, "персиковый")
    await run_due(shop.app.database)
    by_word = await found(shop, "персиковый")
    await shop.run(update_product, UpdateProduct(made, name="Сок гранатовый"))
    await shop.upsert(good("5", "d2", name="Батон"))
    await run_due(shop.app.database)

    assert at_once == ([7], [])  # by the beginning of its name before the index heard of it
    assert by_word == [7]
    assert (await found(shop, "персиковый"), await found(shop, "гранатовый")) == ([], [7])
    assert (await found(shop, "молочный"), await found(shop, "батон")) == ([], [5])


async def test_archived_goods_and_those_of_others_are_not_found(shop: Shop) -> None:
    card = await shop.card(1)
    await shop.run(archive_product, ArchiveProduct(card.id))
    neighbour = shop.neighbour()
    await neighbour.upsert(good("x", name="Молоко соседа"))
    await run_due(shop.app.database)

    assert await found(shop, "молоко") == []
    assert await found(shop, "молоко", is_archived=None) == [1]
    assert await found(shop, "малоко", is_archived=True) == [1]
    assert await found(shop, "4870001000011") == []
    assert len(await neighbour.read(search_products, "молоко")) == 1


async def test_old_goods_are_indexed_once_and_anew_when_folding_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_index, "FILL_ROWS", 2)
    async with new_shop() as shop:
        await shop.upsert(*SHELF)
        async with shop.app.database.reading(shop.principal) as reader:
            assert await search_products(reader, "простоквашино") == []
        await run_schedules(shop.app.database)
        await run_due(shop.app.database)
        filled = await found(shop, "простоквашино")
        monkeypatch.setattr(search_index, "FOLDING_VERSION", 2)
        monkeypatch.setattr(search_index, "words", lambda *texts: [f"x{word}" for word in words(*texts)])
        shop.app.clock.advance(search_index.FILL_EVERY)  # type: ignore[attr-defined]
        await run_schedules(shop.app.database)
        await run_due(shop.app.database)

        assert filled == [2, 1]
        assert await found(shop, "xпростоквашино") == [2, 1]
        assert await found(shop, "вашино") == []
        (index,) = await shop.rows("SELECT folding, filled_code, is_filled FROM cat_search_index")
        assert index == {"folding": 2, "filled_code": 6, "is_filled": 1}


async def test_pages_of_a_search_hold_together_and_end(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.upsert(*(good(f"t{n}", name=f"Чай {n:03d}") for n in range(30)), good("z", name="Зелёный чай"))
    await run_due(shop.app.database)
    document = """query($after: String) { searchProducts(text: "чай", first: 20, after: $after) {
        totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"""

    first = (await ask(shop, document))["searchProducts"]
    second = (await ask(shop, document, after=first["pageInfo"]["endCursor"]))["searchProducts"]
    names = [node["name"] for node in first["nodes"] + second["nodes"]]

    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (31, True)
    assert second["pageInfo"]["hasNextPage"] is False
    assert names == [*(f"Чай {n:03d}" for n in range(30)), "Зелёный чай"]
    assert (await run(shop, document, after="nonsense")).errors


async def test_words_in_very_many_goods_are_still_found_together(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "CANDIDATES_MAX", 3)
    await shop.upsert(*(good(f"a{n}", name=f"Чай {n}") for n in range(10)))
    await shop.upsert(*(good(f"b{n}", name=f"Лист {n}") for n in range(10)))
    await shop.upsert(good("both", name="Напиток: чай, лист"))
    await run_due(shop.app.database)

    assert await found(shop, "чай лист") == [27]


async def test_a_register_finds_what_it_may_sell(shop: Shop) -> None:
    register = "r" * 36

    async def choose_groups(work: Work) -> None:
        await work.insert(
            "cat_register_view",
            {
                "id": "v", "company_id": work.company_id, "register_id": register, "is_all_goods": 0,
                "percent_bp": 10_000, "rounding_step_tiyn": 100, "updated_ms": 1,
            },
        )  # fmt: skip
        await work.execute(
            "UPDATE cat_product SET own_register_id = ? WHERE code = 2 AND company_id = ?",
            register,
            work.company_id,
        )

    await shop.run(choose_groups)

    assert await found(shop, "простокв", register_id=register) == [2]  # its own good; nothing of groups
    assert await found(shop, "молок", register_id=register) == []
    assert await found(shop, "4870001000011", register_id=register) == []
    assert await found(shop, "простокв", register_id="x" * 36) == [1]


async def test_search_gives_a_bounded_list(shop: Shop) -> None:
    await shop.upsert(*(good(f"t{n}", name=f"Чай {n:03d}") for n in range(RESULTS_MAX + 50)))

    assert len(await found(shop, "чай")) == RESULTS_MAX


@pytest.mark.mariadb
async def test_search_is_the_same_on_mariadb() -> None:
    async with mysql_database() as url, new_shop(url=url) as shop:
        await shop.upsert(*SHELF)
        await run_due(shop.app.database)

        assert await found(shop, "МОЛО") == [1, 6, 5]
        assert await found(shop, "4870") == [6, 3, 1]
        assert await found(shop, "прастакваш 1") == [2, 1]
        await shop.upsert(good("5", "d2", name="Батон"))
        await run_due(shop.app.database)
        assert (await found(shop, "молочный"), await found(shop, "батон")) == ([], [5])

        imports = [
            shop.upsert(*(good(f"{part}-{n}", name=f"Зелёный чай {part} {n}") for n in range(20)))
            for part in range(5)
        ]
        await asyncio.gather(*imports, run_due(shop.app.database), run_schedules(shop.app.database))
        await run_due(shop.app.database)
        assert len(await found(shop, "чай")) == 100  # imports and the index beside each other


@pytest.mark.parametrize(
    ("typed", "word", "typos"),
    [
        ("молоко", "молоко", 0),
        ("мол", "молоко", 0),
        ("малоко", "молоко", 1),
        ("млооко", "молоко", 1),
        ("молокоо", "молоко", 1),
        ("олоко", "молоко", 1),
        ("малако", "молоко", 2),
    ],
)
def test_typos_are_counted_to_the_nearest_beginning(typed: str, word: str, typos: int) -> None:
    assert typos_between(typed, word) == typos


def test_words_pieces_and_layouts() -> None:
    assert words("Молоко 2,5% 1л", "Сүт") == ("молоко", "2.5", "1", "л", "сут")
    assert words("я" * 100) == ("я" * search.WORD_LENGTH_MAX,)
    assert grams("сыр") == ("  с", " сы", "сыр")
    assert [typos_allowed(word) for word in ("сыр", "хлеб", "простоквашино", "123456789")] == [0, 1, 2, 0]
    assert list(in_other_layouts("Vjkjrj")) == ["Молоко"]
    assert list(in_other_layouts("mix мкс")) == []
    assert list(in_other_layouts("123")) == []
