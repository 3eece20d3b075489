"""Goods of the OFD: the list by versions, one good by barcode, the register's token and numbers untouched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.catalog.api import CreateProduct, create_product
from addons.fiscal_kz.domain.goods import GroupRow, OfdGroup, group_rows
from addons.fiscal_kz.services import fill_catalog
from addons.fiscal_kz.services.ports import OfdAnswered
from addons.fiscal_kz.tests.shop import LOST, X_REPORT, Shop, open_shop
from kernel.gql.ids import to_global
from kernel.money import Money
from simulators.ofd.nomenclature import CabinetGood

ASK = """__typename ... on OfdGoodsAsk {
  id state version place total created updated unchanged skipped productId leftOut { name code }
  good { name barcode price vatBp unitCode isMarked } refusal { code } }"""
REFUSED = "... on Refused { code field nextAction }"
FILL = f"mutation($id: ID!) {{ fillFromOfd(registerId: $id, wait: 0) {{ {ASK} {REFUSED} }} }}"
FIND = f"""mutation($id: ID!, $code: String!) {{
  findOfdGood(registerId: $id, barcode: $code, wait: 0) {{ {ASK} {REFUSED} }} }}"""
TAKE = f"mutation($id: UUID!) {{ takeOfdGood(askId: $id) {{ {ASK} {REFUSED} }} }}"
ONE = f"query($id: UUID!) {{ ofdGoodsAsk(id: $id) {{ {ASK} }} }}"
LOADED = "query($id: ID!) { ofdGoods(registerId: $id) { version asks { state } } }"
PRODUCT = """SELECT name, name_kk, barcode, price_tiyn, vat_kind, unit_code, is_marked, source, external_id
FROM cat_product WHERE source IS NOT NULL ORDER BY code"""

MILK = CabinetGood(10, "Сүт өнімдері", is_group=True)
AIRAN = CabinetGood(
    11, "Айран 1 л", "Айран 1 л", 10, barcode="4870001234562", price=64950, vat_percent=16000,
    unit_code="796", is_marked=True,
)  # fmt: skip


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def ask(shop: Shop, query: str, **more: Any) -> Any:
    return await shop.ask(query, id=to_global("Register", shop.register_id), **more)


async def settled(shop: Shop, query: str, **more: Any) -> Any:
    """Ask, let the lanes work; the ask as it is then."""
    asked = await ask(shop, query, **more)
    assert asked["__typename"] == "OfdGoodsAsk", asked
    assert asked["state"] == "ASKED"
    await shop.work()
    return await shop.ask(ONE, id=asked["id"])


async def test_a_list_fills_the_catalogue_and_the_next_version_changes_it(shop: Shop) -> None:
    shop.ofd.simulator.give_goods([AIRAN, MILK])
    before = (await shop.record()).state

    first = await settled(shop, FILL)
    actual = await settled(shop, FILL)
    shop.ofd.simulator.give_goods([MILK, AIRAN._replace(price=70000)])
    second = await settled(shop, FILL)

    assert (first["state"], first["version"], first["created"]) == ("DONE", "1", 1)
    assert (actual["state"], actual["version"], actual["total"]) == ("DONE", "1", 0)
    assert (second["version"], second["created"], second["updated"]) == ("2", 0, 1)
    (row,) = await shop.rows(PRODUCT)
    assert (row["name"], row["name_kk"], row["barcode"]) == ("Айран 1 л", "Айран 1 л", "4870001234562")
    assert (row["price_tiyn"], row["vat_kind"], row["unit_code"]) == (70000, "standard", "796")
    assert (row["is_marked"], row["source"], row["external_id"]) == (1, "ofd:simulator", "11")
    assert await shop.rows("SELECT name FROM cat_group WHERE source IS NOT NULL") == [{"name": MILK.title}]
    after = (await shop.record()).state
    assert (after.token, after.reqnum - before.reqnum) == (before.token, 3)
    assert (await ask(shop, LOADED))["version"] == "2"


async def test_goods_asked_for_between_sales_leave_both_sides_in_step(shop: Shop) -> None:
    shop.ofd.simulator.give_goods([AIRAN])
    await shop.sell()
    asked = await ask(shop, FILL)
    await shop.accept(("Нан", "1"), cash="200.00")
    await shop.work()
    await shop.sell()

    assert (await shop.ask(ONE, id=asked["id"]))["state"] == "DONE"
    assert [each.number for each in shop.account.documents] == [1, 2, 3]
    assert not shop.account.refusals
    marks = ["010487000123456221Ab1"]
    airan = {"barcode": AIRAN.barcode, "quantity": "1", "marks": marks}
    sold = await shop.sell(lines=[airan], payments=[{"kind": "CASH", "amount": "649.50"}])
    assert (sold["state"], sold["total"]) == ("FISCALIZED", "649.50")


async def test_a_long_list_is_filled_in_steps_and_a_known_barcode_is_left_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill_catalog, "STEP", 2)
    own = CreateProduct("Өз айраны", price=Money.tenge(600), barcodes=(AIRAN.barcode,))
    await shop.app.database.transact(create_product, own, principal=shop.owner)
    others = [CabinetGood(each, f"Тауар {each}", price=100) for each in range(20, 24)]
    shop.ofd.simulator.give_goods([others[0], AIRAN, *others[1:]])

    filled = await settled(shop, FILL)

    assert (filled["state"], filled["place"], filled["total"]) == ("DONE", 5, 5)
    assert (filled["created"], filled["skipped"]) == (4, 1)
    assert filled["leftOut"] == [{"name": "Айран 1 л", "code": "OFD_GOOD_IN_CATALOG"}]


async def test_one_good_is_looked_up_and_taken_once(shop: Shop) -> None:
    shop.ofd.simulator.give_goods([AIRAN])

    found = await settled(shop, FIND, code=AIRAN.barcode)
    products = len(await shop.rows("SELECT id FROM cat_product"))
    first, again = [await shop.ask(TAKE, id=found["id"]) for _ in range(2)]

    assert found["good"] == {
        "name": "Айран 1 л", "barcode": AIRAN.barcode, "price": "649.50", "vatBp": 1600, "unitCode": "796",
        "isMarked": True,
    }  # fmt: skip
    assert found["productId"] is None
    assert first["productId"] == again["productId"] is not None
    assert len(await shop.rows("SELECT id FROM cat_product")) == products + 1
    assert (await settled(shop, FIND, code=AIRAN.barcode))["productId"] == first["productId"]


async def test_a_good_the_catalogue_has_is_shown_and_not_taken(shop: Shop) -> None:
    shop.ofd.simulator.give_goods([AIRAN])
    own = CreateProduct("Өз айраны", price=Money.tenge(600), barcodes=(AIRAN.barcode,))
    product_id = await shop.app.database.transact(create_product, own, principal=shop.owner)

    found = await settled(shop, FIND, code=AIRAN.barcode)
    refusal = await shop.ask(TAKE, id=found["id"])

    assert found["productId"] == to_global("Product", product_id)
    assert (refusal["code"], refusal["field"]) == ("OFD_GOOD_IN_CATALOG", "askId")


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (None, "OFD_GOODS_NONE"),
        (LOST, "OFD_SILENT"),
        (5, "OFD_GOODS_UNSUPPORTED"),
        (13, "OFD_REFUSED_DATA"),
        (OfdAnswered(0, 0, "", "", b"\x08\x04\x12\x02\x08\x00"), "OFD_GOODS_UNREADABLE"),
    ],
)
async def test_an_ofd_without_goods_changes_nothing_of_the_register(
    shop: Shop, outcome: Any, code: str
) -> None:
    if isinstance(outcome, OfdAnswered):
        token = (await shop.record()).state.token
        outcome = OfdAnswered(0, token, "", "", outcome.payload)
    if outcome is not None:
        shop.ofd.script.append(outcome)

    asked = await settled(shop, FILL)

    assert (asked["state"], asked["refusal"]["code"]) == ("REFUSED", code)
    state = (await shop.record()).state
    assert (state.block.value, state.exchange, state.is_autonomous) == ("NONE", None, False)
    assert (await shop.sell())["state"] == "FISCALIZED"


async def test_what_cannot_be_asked_is_refused_at_once(shop: Shop) -> None:
    pending = await ask(shop, FILL)
    assert (await ask(shop, FILL))["code"] == "OFD_GOODS_PENDING"
    await shop.work()
    assert (await ask(shop, FIND, code=" "))["code"] == "OFD_BARCODE_MALFORMED"
    assert (await shop.ask(TAKE, id=pending["id"]))["code"] == "OFD_GOOD_NOT_FOUND"
    assert (await shop.ask(TAKE, id="0190b5c0-0000-7000-8000-000000000001"))["code"] == "OFD_ASK_UNKNOWN"
    shop.ofd.simulator.give_goods([AIRAN])
    unknown = await settled(shop, FIND, code="4870001234500")
    assert unknown["refusal"]["code"] == "OFD_GOOD_UNKNOWN"

    shop.ofd.is_down = True
    await shop.sell()

    assert (await ask(shop, FILL))["code"] == "KKM_OFFLINE"


async def test_barcodes_are_searched_from_2_0_3_on() -> None:
    async with open_shop(is_active=False) as shop:
        await shop.activate(version=202)
        shop.ofd.simulator.give_goods([AIRAN])

        assert (await ask(shop, FIND, code=AIRAN.barcode))["code"] == "OFD_BARCODE_UNSUPPORTED"
        assert (await settled(shop, FILL))["created"] == 1


async def test_an_ask_whose_link_was_lost_before_its_turn_is_told(shop: Shop) -> None:
    await shop.ask_report(X_REPORT)
    asked = await ask(shop, FILL)
    shop.ofd.is_down = True
    await shop.work()

    assert (await shop.ask(ONE, id=asked["id"]))["refusal"]["code"] == "KKM_OFFLINE"


def test_groups_come_with_their_parents_first_and_rings_are_cut() -> None:
    rows = group_rows([OfdGroup(3, "в", 2), OfdGroup(2, "б", 1), OfdGroup(1, "а", 9), OfdGroup(4, "г", 4)])

    assert rows == [
        GroupRow("1", "а", ""),
        GroupRow("2", "б", "1"),
        GroupRow("3", "в", "2"),
        GroupRow("4", "г", ""),
    ]
