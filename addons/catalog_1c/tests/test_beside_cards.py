"""Stories of what stands beside the cards: stock, further price types, variants, and oddities."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from addons.catalog_1c.domain.choices import ConnectionChoices
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.options import Wanted
from addons.catalog_1c.domain.report import ImportReport
from addons.catalog_1c.services.connections import SaveConnection, save_connection
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
from addons.catalog_1c.tests.test_import import Base
from addons.organization.api import CreateCompany, CreateOutlet, create_company, create_outlet
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.principal import SYSTEM
from kernel.testing import running_app

TYPES = [price_type("retail", "Розничная"), price_type("wholesale", "Оптовая"), price_type("vip", "VIP")]
WAREHOUSES = (
    "<Склады><Склад><Ид>w1</Ид><Наименование>Магазин</Наименование></Склад>"
    "<Склад><Ид>w2</Ид><Наименование>Подсобка</Наименование></Склад></Склады>"
)


def stores(*amounts: tuple[str, str]) -> str:
    """Amounts by warehouse as 2.07 writes them."""
    return "".join(f'<Склад ИдСклада="{place}" КоличествоНаСкладе="{amount}"/>' for place, amount in amounts)


def rests(*amounts: tuple[str, str]) -> str:
    """Amounts by warehouse in the split form."""
    inner = "".join(
        f"<Остаток><Склад><Ид>{place}</Ид><Количество>{amount}</Количество></Склад></Остаток>"
        for place, amount in amounts
    )
    return f"<Остатки>{inner}</Остатки>"


class Chosen(Base):
    """A company with two outlets and a connection whose choices are made."""

    shop: str
    depot: str

    async def prepare(self) -> None:
        transact = self.app.database.transact
        company = CreateCompany(bin="230140000109", title="ТОО")
        company_id = await transact(create_company, company, principal=SYSTEM)
        self.principal = SYSTEM.within(company_id)
        self.shop = await transact(create_outlet, CreateOutlet("Дүкен", "Абая, 10"), principal=self.principal)
        self.depot = await transact(
            create_outlet, CreateOutlet("Қойма", "Абая, 12"), principal=self.principal
        )
        self.connection: ConnectionId | None = None
        await self.choose()

    async def choose(self, **choices: Any) -> None:
        command = SaveConnection(
            "1C",
            connection_id=self.connection,
            price_type="Розничная",
            choices=ConnectionChoices(
                **{"warehouses": {"w1": self.shop, "w2": self.shop, "w3": self.depot}, **choices}
            ),
        )
        transact = self.app.database.transact
        self.connection = await transact(save_connection, command, principal=self.principal)

    async def stock(self) -> dict[tuple[str, str], int]:
        rows = await self.rows(
            "SELECT p.external_id, s.outlet_id, s.thousandths FROM cat_stock s"
            " JOIN cat_product p ON p.id = s.product_id"
        )
        names = {self.shop: "shop", self.depot: "depot"}
        return {(row["external_id"], names[row["outlet_id"]]): row["thousandths"] for row in rows}

    async def prices(self) -> dict[tuple[str, str], int]:
        rows = await self.rows(
            "SELECT p.external_id, t.name, c.price_tiyn FROM cat_price c JOIN cat_product p"
            " ON p.id = c.product_id JOIN cat_price_type t ON t.id = c.price_type_id"
        )
        return {(row["external_id"], row["name"]): row["price_tiyn"] for row in rows}


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Chosen]:
    async with running_app(["catalog_1c"]) as app:
        base = Chosen(app, tmp_path)
        await base.prepare()
        yield base


def codes(report: ImportReport) -> set[str]:
    return set(report.reasons)


async def test_stock_of_mapped_warehouses_is_added_up_and_the_unknown_is_no_zero(base: Chosen) -> None:
    rows = [
        offer("a", price("5"), body=stores(("w1", "2"), ("w2", "0.5"), ("w3", "-3"))),
        offer("b", price("5"), body=rests(("w1", "1 000,25"))),
        offer("c", price("5"), body="<Количество>7</Количество>"),
        offer("d", price("5")),
        offer("e", price("5"), body=stores(("w9", "4"), ("w1", "много"))),
    ]
    report = await base.take(
        catalogue(*(goods(each) for each in "abcde")),
        offers(*rows, types=TYPES[:1]).replace("<Предложения>", f"{WAREHOUSES}<Предложения>"),
    )
    before = await base.stock()
    again = await base.take(offers(offer("a", price("5"), body=stores(("w1", "0"))), types=TYPES[:1]))

    assert before == {("a", "shop"): 2_500, ("a", "depot"): -3_000, ("b", "shop"): 1_000_250}
    assert (report.stock, again.stock) == (3, 1)
    assert codes(report) == {"C1C_WAREHOUSE_UNMAPPED", "C1C_STOCK_UNREADABLE"}
    assert (await base.stock())["a", "shop"] == 0
    (declared,) = await base.rows("SELECT warehouses FROM c1c_connection")
    assert "Подсобка" in declared["warehouses"]


async def test_amount_of_all_warehouses_goes_where_the_choice_says(base: Chosen) -> None:
    await base.choose(warehouses={"*": base.depot})

    await base.take(
        catalogue(goods("a"), goods("b"), goods("c")),
        offers(
            offer("a", price("5"), body="<Количество>7.125</Количество>"),
            offer("b", price("5"), body="<Остатки><Остаток>12</Остаток></Остатки>"),
            offer("c", price("5"), body="<Остатки><Остаток><Количество>3</Количество></Остаток></Остатки>"),
            types=TYPES[:1],
        ),
    )

    assert await base.stock() == {("a", "depot"): 7_125, ("b", "depot"): 12_000, ("c", "depot"): 3_000}


async def test_stock_nobody_asked_for_is_one_remark_not_thousands(base: Chosen) -> None:
    await base.choose(warehouses={})
    rows = [offer(each, price("5"), body=stores(("w1", "1"))) for each in "ab"]

    report = await base.take(catalogue(goods("a"), goods("b")), offers(*rows, types=TYPES[:1]))

    assert report.reasons == {"C1C_STOCK_NOT_TAKEN": 1}
    assert await base.stock() == {}


async def test_further_price_types_are_taken_as_chosen_and_others_are_told_of(base: Chosen) -> None:
    await base.choose(price_types={"Оптовая": "Опт", "CLUB_city": "Клуб"})
    rows = [
        offer(
            "a",
            price("500"),
            price("450,50", type_id="wholesale"),
            price("400", type_id="vip"),
            price("470", type_id="CLUB_city"),
        ),
        offer(
            "b",
            price("100"),
            price("", type_id="wholesale"),
            price("90", type_id="CLUB_city", currency="руб"),
        ),
    ]

    first = await base.take(catalogue(goods("a"), goods("b")), offers(*rows, types=TYPES))
    prices = await base.prices()
    second = await base.take(offers(offer("a", price("500"), price("", type_id="wholesale")), types=TYPES))

    assert prices == {("a", "Опт"): 45_050, ("a", "Клуб"): 47_000}
    assert codes(first) == {
        "C1C_PRICE_TYPE_UNMAPPED",
        "C1C_PRICE_TYPE_UNDECLARED",
        "C1C_PRICE_EMPTY",
        "C1C_PRICE_CURRENCY",
    }
    facts = {note.code: note.fact for note in first.notes}
    assert (facts["C1C_PRICE_TYPE_UNMAPPED"], facts["C1C_PRICE_TYPE_UNDECLARED"]) == ("VIP", "CLUB_city")
    assert (first.prices, second.prices) == (2, 1)
    assert await base.prices() == {("a", "Клуб"): 47_000}


async def test_early_offers_keep_their_stock_and_prices_until_the_goods_come(base: Chosen) -> None:
    await base.choose(price_types={"wholesale": "Опт"})
    early = offer("a", price("500"), price("450", type_id="wholesale"), body=stores(("w1", "3")))

    await base.take(offers(early, types=TYPES))
    nothing = (await base.stock(), await base.prices())
    await base.take(catalogue(goods("a")))

    assert nothing == ({}, {})
    assert await base.stock() == {("a", "shop"): 3_000}
    assert await base.prices() == {("a", "Опт"): 45_000}


async def test_split_files_of_prices_and_rests_meet_on_one_card(base: Chosen) -> None:
    files = [
        document(catalogue(goods("a", body=vat("16")))),
        document(offers("<Предложение><Ид>a</Ид><Наименование>Сүт</Наименование></Предложение>")),
        document(
            offers(f"<Предложение><Ид>a</Ид><Цены>{price('500')}</Цены></Предложение>", types=TYPES[:1])
        ),
        document(offers(f"<Предложение><Ид>a</Ид>{rests(('w1', '4'))}</Предложение>")),
    ]
    for name, text in zip(("import___1", "offers___1", "prices___1", "rests___1"), files, strict=True):
        await base.load(written(base.folder, text, name=f"{name}.xml"))

    (row,) = await base.rows("SELECT price_tiyn, vat_kind FROM cat_product WHERE external_id = 'a'")
    assert (row["price_tiyn"], row["vat_kind"]) == (50_000, "standard")
    assert await base.stock() == {("a", "shop"): 4_000}


async def test_fast_changes_name_a_variant_by_its_own_tag(base: Chosen) -> None:
    variant = (
        "<Предложение><Ид>shirt#42</Ид><Наименование>Жейде (42)</Наименование><ХарактеристикиТовара>"
        "<ХарактеристикаТовара><Наименование>Размер</Наименование><Значение>42</Значение></ХарактеристикаТовара>"
        "<ХарактеристикаТовара><Наименование>Цвет</Наименование><Значение>көк</Значение></ХарактеристикаТовара>"
        f"</ХарактеристикиТовара><Цены>{price('9000')}</Цены></Предложение>"
    )
    change = (
        "<Предложение><Ид>shirt</Ид><ИдХарактеристики>42</ИдХарактеристики>"
        '<Склады><Склад ИдСклада="w1" КоличествоНаСкладе="6"/></Склады>'
        f"<Цены>{price('8500')}</Цены><Количество>6</Количество></Предложение>"
    )

    await base.take(catalogue(goods("shirt", name="Жейде")), offers(variant, types=TYPES[:1]))
    changed = await base.take(
        f"<ИзмененияПакетаПредложений><Ид>k#</Ид><Предложения>{change}</Предложения></ИзмененияПакетаПредложений>"
    )

    rows = await base.rows(
        "SELECT name, characteristic, price_tiyn FROM cat_product WHERE base_id IS NOT NULL"
    )
    assert rows == [{"name": "Жейде (42)", "characteristic": "Размер: 42, Цвет: көк", "price_tiyn": 850_000}]
    assert (changed.updated, changed.pending) == (1, 0)
    assert await base.stock() == {("shirt#42", "shop"): 6_000}


async def test_good_of_several_groups_stands_in_each_until_1c_says_otherwise(base: Chosen) -> None:
    tree = classifier(group("milk", "Сүт") + group("new", "Жаңа") + group("sale", "Жеңілдік"))

    async def groups(*external_ids: str) -> list[str]:
        inner = "".join(f"<Ид>{each}</Ид>" for each in external_ids)
        await base.take(tree, catalogue(goods("a", body=f"<Группы>{inner}</Группы>"), goods("b")))
        rows = await base.rows(
            "SELECT g.external_id FROM cat_extra_group e JOIN cat_group g ON g.id = e.group_id"
            " JOIN cat_product p ON p.id = e.product_id WHERE p.external_id = 'a' ORDER BY g.external_id"
        )
        return [row["external_id"] for row in rows]

    assert await groups("milk", "new", "sale", "unknown") == ["new", "sale"]
    assert await groups("milk", "sale") == ["sale"]
    assert await groups("sale") == []
    (own,) = await base.rows(
        "SELECT g.name FROM cat_product p JOIN cat_group g ON g.id = p.group_id WHERE p.external_id = 'a'"
    )
    assert own == {"name": "Жеңілдік"}


async def test_odd_values_of_real_exports_do_no_harm(base: Chosen) -> None:
    await base.choose(vat_texts={"Медицинские товары": 500, "Общая": 1600})
    report = await base.take(
        "<Классификатор><Ид>k</Ид><Наименование>К</Наименование><Группы/>"
        "<ЕдиницыИзмерения><ЕдиницаИзмерения><Ид>796</Ид></ЕдиницаИзмерения></ЕдиницыИзмерения></Классификатор>",
        catalogue(
            goods("a", body='<Штрихкод/><БазоваяЕдиница Код="796 ">шт</БазоваяЕдиница>' + vat("18%")),
            goods("b", body="<БазоваяЕдиница>166</БазоваяЕдиница>" + vat("Медицинские товары")),
            goods(
                "c",
                body='<БазоваяЕдиница Код="2009"/><Картинка>import_files/no.jpg</Картинка>' + vat("Общая"),
            ),
            goods("d#d", body='<БазоваяЕдиница Код="   ">упак</БазоваяЕдиница><Геометка>43,76</Геометка>'),
            changes=None,
        ),
        offers(
            offer("a", price("5"), body='<БазоваяЕдиница Код="112">л</БазоваяЕдиница>'),
            offer("b", price("5", body="<Представление>1 005,50 тенге за кг</Представление>")),
            offer("d", price("7")),
            types=TYPES[:1],
        ),
    )

    rows = await base.rows("SELECT external_id, unit_code, vat_kind, vat_bp, price_tiyn FROM cat_product")
    found = {row["external_id"]: tuple(row.values())[1:] for row in rows if row["external_id"]}
    assert found == {
        "a": ("796", "fixed", 1800, 500),
        "b": ("166", "medicine", None, 500),
        "c": ("796", "standard", None, None),
        "d#d": ("778", "none", None, None),
    }
    assert (report.pending, report.created) == (1, 4)
    assert codes(report) == {"C1C_VAT_NOT_IN_LAW", "C1C_UNIT_UNKNOWN", "C1C_OFFER_WAITS"}


async def test_national_code_comes_under_the_name_people_chose(base: Chosen) -> None:
    choices = ConnectionChoices()
    names = {Wanted.NTIN: ("Код НКТ Минторга",), Wanted.MARKED: ()}
    command = SaveConnection("1C", connection_id=base.connection, field_names=names, choices=choices)
    await base.app.database.transact(save_connection, command, principal=base.principal)

    body = requisite("код нкт  минторга", "0200000000017") + requisite("Маркируемый", "да")
    await base.take(catalogue(goods("a", body=body)))

    rows = await base.rows("SELECT ntin, is_marked FROM cat_product WHERE external_id = 'a'")
    assert rows == [{"ntin": "0200000000017", "is_marked": 0}]


async def test_choices_that_make_no_sense_are_refused(base: Chosen) -> None:
    for wrong, code in (
        ({"warehouses": {"w1": new_id()}}, "OUTLET_UNKNOWN"),
        ({"vat_texts": {"x": 10_000}}, "C1C_CHOICE_WRONG"),
        ({"price_types": {"x": " "}}, "C1C_CHOICE_WRONG"),
        ({"warehouses": {f"w{n}": base.shop for n in range(201)}}, "C1C_CHOICES_TOO_MANY"),
    ):
        with pytest.raises(Refusal) as caught:
            await base.choose(**wrong)
        assert caught.value.code == code
