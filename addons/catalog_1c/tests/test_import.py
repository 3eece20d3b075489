"""Stories of imports: files in, catalogue and report out."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from addons.catalog.api import ProductCard, product_by_code
from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.demo.make_demo import FOLDER, IMPORT_FILE, OFFERS_FILE, make
from addons.catalog_1c.demo.many_goods import many_goods, many_groups
from addons.catalog_1c.demo.writer import write_import, write_offers
from addons.catalog_1c.domain.commands import ImportFiles, ImportResult, OpenSession, Progress
from addons.catalog_1c.domain.report import ImportReport
from addons.catalog_1c.services.import_files import BATCH_ROWS, import_files
from addons.catalog_1c.services.sessions import open_session
from addons.catalog_1c.tests.files import (
    catalogue,
    classifier,
    document,
    goods,
    group,
    offer,
    offers,
    price,
    price_type,
    requisite,
    vat,
    written,
)
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.money import Money
from kernel.security.principal import SYSTEM, Principal
from kernel.testing import running_app

RETAIL = price_type("retail", "Розничная")


class Base:
    """A company whose catalogue comes from 1C."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self.principal: Principal = SYSTEM.within(CompanyId(new_id()))

    async def load(self, *paths: Path, **options: Any) -> ImportResult:
        return await import_files(
            self.app.database, ImportFiles(paths, **options), format=CommerceMl(), principal=self.principal
        )

    async def take(self, *parts: str, **options: Any) -> ImportReport:
        """Import one document made of the parts."""
        path = written(self.folder, document(*parts), name=f"{new_id()}.xml")
        return (await self.load(path, **options)).report

    async def rows(self, sql: str, *params: str) -> list[dict[str, Any]]:
        async with self.app.database.reading(self.principal) as reader:
            return [dict(row) for row in await reader.rows(sql, *params)]

    async def card(self, code: int) -> ProductCard:
        async with self.app.database.reading(self.principal) as reader:
            found = await product_by_code(reader, code)
        assert found is not None
        return found


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Base]:
    async with running_app(["catalog_1c"]) as app:
        yield Base(app, tmp_path)


async def refusal_of(base: Base, *paths: Path, **options: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await base.load(*paths, **options)
    return caught.value


async def test_demo_catalogue_comes_whole_and_a_second_import_changes_nothing(base: Base) -> None:
    first = (await base.load(OFFERS_FILE, IMPORT_FILE)).report
    second = await base.load(IMPORT_FILE, OFFERS_FILE)

    rows = await base.rows(
        "SELECT vat_kind, COUNT(*) AS n FROM cat_product GROUP BY vat_kind ORDER BY vat_kind"
    )
    kinds = {row["vat_kind"]: row["n"] for row in rows}
    assert (first.created, first.groups_created, first.skipped, first.pending) == (202, 31, 0, 0)
    assert (second.report.read, second.report.unchanged, second.waiting) == (404, 404, 0)
    assert set(kinds) == {"standard", "medicine", "periodical", "none"}
    assert sum(row["is_marked"] for row in await base.rows("SELECT is_marked FROM cat_product")) == 1
    milk = await base.card(101)
    assert (milk.name_kk, milk.price, milk.vat_bp) == ("«Жайлау» сүті 2,5 % 1 л", Money.tenge(545), 1600)
    assert milk.ntin.startswith("020")


def test_demo_files_are_what_their_generator_writes(tmp_path: Path) -> None:
    make(tmp_path)

    for name in (IMPORT_FILE.name, OFFERS_FILE.name):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), "run make_demo"


async def test_every_row_ends_in_exactly_one_count(base: Base) -> None:
    await base.take(catalogue(goods("old"), goods("gone")))

    report = await base.take(
        catalogue(
            goods("old"),
            goods("new"),
            goods("gone", attributes=' Статус="Удален"'),
            goods("never", attributes=' Статус="Удален"'),
            goods("", name="Без Ид"),
            goods("nameless", name=""),
        ),
        offers(offer("new", price("5")), offer("stranger", price("6")), types=[RETAIL]),
    )

    counts = {
        name: getattr(report, name)
        for name in ("created", "updated", "unchanged", "archived", "skipped", "pending")
    }
    assert counts == {"created": 1, "updated": 1, "unchanged": 1, "archived": 1, "skipped": 3, "pending": 1}
    assert report.read == sum(counts.values()) == 8
    assert {note.code: note.external_id for note in report.notes if note.is_skip} == {
        "C1C_ID_MISSING": "",
        "GOODS_DELETED_UNKNOWN": "never",
        "GOODS_NAME_MISSING": "nameless",
    }


async def test_absence_never_archives_whatever_the_file_claims(base: Base) -> None:
    await base.take(catalogue(goods("a"), goods("b")))

    for changes in ("false", "true", None):
        report = await base.take(catalogue(goods("a"), changes=changes))
        assert (report.archived, report.unchanged) == (0, 1)
    assert await base.rows("SELECT id FROM cat_product WHERE is_archived = 1") == []


async def test_offers_before_goods_wait_and_are_attached_when_the_goods_come(base: Base) -> None:
    early = await base.take(offers(offer("g1", price("545,50")), offer("g2", price("7")), types=[RETAIL]))

    late = await base.take(catalogue(goods("g1")))

    card = await base.card(1)
    waiting = await base.rows("SELECT external_id FROM c1c_pending_offer")
    assert (early.pending, early.reasons["C1C_OFFER_WAITS"]) == (2, 2)
    assert (late.created, late.attached, card.price) == (1, 1, Money(54_550))
    assert [row["external_id"] for row in waiting] == ["g2"]


async def test_waiting_offer_is_replaced_by_a_newer_one(base: Base) -> None:
    await base.take(offers(offer("g1", price("1")), types=[RETAIL]))
    await base.take(offers(offer("g1", price("2")), types=[RETAIL]))

    await base.take(catalogue(goods("g1")))

    assert (await base.card(1)).price == Money.tenge(2)


async def test_offers_of_variants_become_products_that_follow_their_good(base: Base) -> None:
    await base.take(offers(offer("shoe#42", price("100"), name="Кроссовки (42)"), types=[RETAIL]))
    await base.take(catalogue(goods("shoe", name="Кроссовки", body=vat("16"))))

    await base.take(catalogue(goods("shoe", name="Кроссовки", body=vat("Без НДС"))))

    variant = await base.card(2)
    assert (variant.name, variant.price, variant.vat_bp) == ("Кроссовки (42)", Money.tenge(100), None)


async def test_offer_of_a_good_exported_by_characteristics_finds_it(base: Base) -> None:
    report = await base.take(
        catalogue(goods("shoe#42", name="Кроссовки 42")), offers(offer("shoe#42", price("9")), types=[RETAIL])
    )

    assert (report.created, report.updated) == (1, 1)
    assert (await base.card(1)).price == Money.tenge(9)


async def test_price_of_another_currency_leaves_the_old_one_and_an_empty_one_clears_it(base: Base) -> None:
    await base.take(catalogue(goods("g1")), offers(offer("g1", price("1")), types=[RETAIL]))

    roubles = await base.take(offers(offer("g1", price("10", currency="руб.")), types=[RETAIL]))
    kept = (await base.card(1)).price
    asked = await base.take(offers(offer("g1", price("")), types=[RETAIL]))

    assert (dict(roubles.reasons), kept) == ({"C1C_PRICE_CURRENCY": 1}, Money.tenge(1))
    assert (dict(asked.reasons), (await base.card(1)).has_price) == ({"C1C_PRICE_EMPTY": 1}, False)


async def test_retail_price_is_that_of_the_smallest_quantity(base: Base) -> None:
    wholesale = price("80", body="<МинКоличество>10</МинКоличество>")

    await base.take(catalogue(goods("g1")), offers(offer("g1", wholesale, price("100")), types=[RETAIL]))

    assert (await base.card(1)).price == Money.tenge(100)


async def test_several_price_types_need_a_choice_and_it_is_remembered(base: Base) -> None:
    types = [RETAIL, price_type("club", "Клубная")]
    package = offers(offer("g1", price("100"), price("90", type_id="club")), types=types)
    path = written(base.folder, document(catalogue(goods("g1")), package))

    not_chosen = await refusal_of(base, path)
    unknown = await refusal_of(base, path, price_type="Оптовая")
    await base.load(path, price_type="клубная")
    first = (await base.card(1)).price
    await base.take(offers(offer("g1", price("100"), price("70", type_id="club"))))

    assert not_chosen.code == "C1C_PRICE_TYPE_NOT_CHOSEN"
    assert (unknown.code, unknown.facts["choices"]) == ("C1C_PRICE_TYPE_UNKNOWN", "Клубная, Розничная")
    assert (first, (await base.card(1)).price) == (Money.tenge(90), Money.tenge(70))


async def test_changing_the_price_type_reaches_rows_that_did_not_change(base: Base) -> None:
    types = [RETAIL, price_type("club", "Клубная")]
    path = written(
        base.folder,
        document(
            catalogue(goods("g1")),
            offers(offer("g1", price("100"), price("90", type_id="club")), types=types),
        ),
    )
    await base.load(path, price_type="Розничная")

    await base.load(path, price_type="Клубная")

    assert (await base.card(1)).price == Money.tenge(90)


async def test_default_rate_of_the_connection_is_for_goods_without_one(base: Base) -> None:
    await base.take(catalogue(goods("a"), goods("b", body=vat("5"))), default_vat="16")

    assert ((await base.card(1)).vat_bp, (await base.card(2)).vat_bp) == (1600, 500)


async def test_unit_of_an_offer_does_not_argue_with_the_good(base: Base) -> None:
    await base.take(catalogue(goods(body='<БазоваяЕдиница Код="166">кг</БазоваяЕдиница>')))

    await base.take(
        offers(offer("g1", price("5"), body='<БазоваяЕдиница Код="796">шт</БазоваяЕдиница>'), types=[RETAIL])
    )

    assert (await base.card(1)).unit_code == "166"


async def test_facts_without_an_element_come_as_requisites(base: Base) -> None:
    body = requisite("Код", "00000000345") + requisite("Маркируемый товар", "Да")
    body += requisite("Наименование на казахском", "Сүт") + requisite("Дополнительные штрихкоды", "111; 222")

    await base.take(catalogue(goods(body="<Штрихкод>4870071000003</Штрихкод>" + body)))

    card = await base.card(345)
    codes = await base.rows("SELECT barcode FROM cat_barcode ORDER BY place")
    assert (card.is_marked, card.name_kk) == (True, "Сүт")
    assert [row["barcode"] for row in codes] == ["4870071000003", "111", "222"]


async def test_goods_stand_in_groups_that_came_in_another_file(base: Base) -> None:
    await base.take(classifier(group("food", "Еда", group("milk", "Молоко"))))

    report = await base.take(catalogue(goods(body="<Группы><Ид>milk</Ид></Группы>")))

    assert ((await base.card(1)).group_code, dict(report.reasons)) == ("1.1", {})


async def test_broken_file_among_good_ones_stores_nothing_at_all(base: Base) -> None:
    good = written(base.folder, document(catalogue(goods())), name="import.xml")
    text = document(catalogue(*(goods(f"g{n}") for n in range(3000)))).encode()
    cut = base.folder / "import2.xml"
    cut.write_bytes(text[:-40])

    refusal = await refusal_of(base, good, cut)

    (session,) = await base.rows("SELECT state, refusal_code FROM c1c_session")
    assert refusal.code == session["refusal_code"] == "C1C_XML_CUT"
    assert session["state"] == "refused"
    assert await base.rows("SELECT id FROM cat_product") == []


async def test_import_cut_off_in_the_middle_is_finished_by_running_it_again(base: Base) -> None:
    path = base.folder / "import.xml"
    write_import(path, many_groups(), many_goods(2500))

    class Killed(Exception):
        pass

    def kill(progress: Progress) -> None:
        if progress.report.created >= 1000:
            raise Killed

    with pytest.raises(Killed):
        await import_files(
            base.app.database,
            ImportFiles((path,)),
            format=CommerceMl(),
            principal=base.principal,
            progress=kill,
        )
    assert isinstance(base.app.clock, FrozenClock)
    base.app.clock.advance(timedelta(minutes=3))
    report = (await base.load(path)).report

    states = [row["state"] for row in await base.rows("SELECT state FROM c1c_session ORDER BY id")]
    assert (report.read, report.created, report.unchanged) == (2500, 1500, 1000)
    assert states == ["interrupted", "done"]


async def test_second_import_of_one_base_at_the_same_time_is_refused(base: Base) -> None:
    await base.app.database.transact(
        open_session, OpenSession("1C", None, None, ("import.xml",)), principal=base.principal
    )
    path = written(base.folder, document(catalogue(goods())))

    assert (await refusal_of(base, path)).code == "C1C_IMPORT_RUNNING"
    assert (await base.load(path, connection="Другая база")).report.created == 1


async def test_a_base_nobody_named_is_the_only_one_there_is(base: Base) -> None:
    path = written(base.folder, document(catalogue(goods())))
    await base.load(path, connection="Розница")

    again = await base.load(path)
    await base.load(path, connection="Склад")
    third = await base.load(path)

    titles = await base.rows("SELECT title FROM c1c_connection ORDER BY title")
    assert (again.report.created, again.report.unchanged) == (0, 1)
    assert third.report.created == 1
    assert [row["title"] for row in titles] == ["1C", "Розница", "Склад"]


async def test_connections_keep_their_goods_apart(base: Base) -> None:
    path = written(base.folder, document(catalogue(goods("1", name="Хлеб"))))

    await base.load(path, connection="Магазин")
    await base.load(path, connection="Склад")

    rows = await base.rows("SELECT code FROM cat_product ORDER BY code")
    assert [row["code"] for row in rows] == [1, 2]


async def test_large_catalogue_goes_by_batches_and_tells_its_progress(base: Base) -> None:
    goods_path, offers_path = base.folder / "a.xml", base.folder / "b.xml"
    write_import(goods_path, many_groups(), many_goods(2300))
    write_offers(offers_path, many_goods(2300))
    seen: list[int] = []

    result = await import_files(
        base.app.database,
        ImportFiles((offers_path, goods_path)),
        format=CommerceMl(),
        principal=base.principal,
        progress=lambda progress: seen.append(progress.bytes_read),
    )

    assert (result.report.created, result.report.updated, result.report.read) == (2300, 2300, 4600)
    assert seen == sorted(seen)
    assert seen[-1] == goods_path.stat().st_size + offers_path.stat().st_size
    assert len(seen) == 2 * math.ceil(2300 / BATCH_ROWS)


async def test_no_files_is_a_refusal(base: Base) -> None:
    assert (await refusal_of(base)).code == "C1C_NO_FILES"
