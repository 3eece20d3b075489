"""A day of a shop with an unmodified 1C: goods come over HTTP, are sold, and the sales go back to it."""

from __future__ import annotations

from typing import Any

from lxml import etree

from addons.catalog_1c.tests.files import catalogue, document, goods, offer, offers, price, price_type
from simulators.onec.client import DEFAULT_PATH, OneC
from simulators.onec.habits import SITE
from simulators.till import documents
from simulators.till.documents import REFUSED
from simulators.till.shop import Till, card
from tests.scenarios.stage import Stage

CONNECT = f"""
mutation Connect($input: CatalogConnectionInput!) {{
  saveCatalogConnection(input: $input) {{ __typename ... on CatalogConnection {{ id }} {REFUSED} }}
}}"""
ACCESS = f"""
mutation Access($id: ID!) {{
  issueCatalogAccess(connectionId: $id) {{ __typename ... on CatalogAccess {{ login secret }} {REFUSED} }}
}}"""
PRODUCT = '{ products(first: 1, filter: {namePrefix: "Шалап"}) { nodes { id price vat { percent } } } }'
DRINK_ID = "3f1d0c8a-0000-4000-8000-000000000001"
DRINK = goods(
    DRINK_ID,
    name="Шалап «Сарыарқа» 0,5 л",
    body="<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>16</Ставка></СтавкаНалога>"
    "</СтавкиНалогов>",
)
FILES = {
    "offers0_1.xml": document(
        offers(offer(DRINK_ID, price("480,00")), types=[price_type("retail", "Розничная")])
    ).encode("utf-8-sig"),
    "import0_1.xml": document(catalogue(DRINK)).encode("utf-8-sig"),
}


class OneCStories:
    """Goods come, a sale is made, its shift is told until 1C has it."""

    async def test_goods_come_from_1c_and_the_shift_goes_back_once(self, stage: Stage, till: Till) -> None:
        owner = stage.shop.owner
        base_id = (await owner.mutate(CONNECT, input={"title": "УТ магазин", "withTestSales": True}))["id"]
        given = await owner.mutate(ACCESS, id=base_id)
        login, secret = given["login"], given["secret"]

        async with OneC(stage.house.address, login, secret, path=DEFAULT_PATH) as base:
            await base.send(FILES)
        (product,) = (await owner.execute(PRODUCT))["products"]["nodes"]
        assert (product["price"], product["vat"]["percent"]) == ("480.00", "16")

        sale = await till.sell([{"productId": product["id"], "quantity": "3"}], [card("1440.00")])
        assert sale["state"] == "FISCALIZED"
        await till.report(documents.CLOSE_SHIFT)

        async with OneC(stage.house.address, login, secret, habits=SITE) as site:
            kept = told(await site.fetch_sales(acknowledges=False))
            taken = told(await site.fetch_sales())
            after = told(await site.fetch_sales())

        assert kept == taken == [("Заказ товара", "1440.00", "3")]
        assert after == []


def told(body: bytes) -> list[tuple[Any, ...]]:
    """Documents with our drink: operation, sum, quantity. Other registers of the shop may have sold, too."""
    return [
        (each.findtext("ХозОперация"), each.findtext("Сумма"), good.findtext("Количество"))
        for each in etree.fromstring(body).findall("Документ")
        for good in each.findall("Товары/Товар")
        if good.findtext("Ид") == DRINK_ID
    ]
