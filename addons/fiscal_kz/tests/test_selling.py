"""Sales, returns, cash and reports through the whole house on SQLite, against the simulator's OFD."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from addons.fiscal_kz.tests.shop import CLOSE, REPORT, X_REPORT, Shop, open_shop
from addons.organization.api import HOOK_REGISTER_MOVING, OutletId, RegisterId, RegisterMoving
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from simulators.ofd.answers import WELCOME


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


def assert_both_sides_agree(shop: Shop) -> None:
    assert shop.ofd.simulator.ledger.violations() == []


async def test_activation_brings_registration_data_from_the_ofd(shop: Shop) -> None:
    kkm = await shop.kkm()

    assert kkm["isActive"]
    assert kkm["registrationNumber"] == "000000001001"
    assert kkm["link"] == "ONLINE"
    assert kkm["shift"] == {"number": 0, "isOpen": False, "documents": 0}


async def test_a_sale_gets_its_fiscal_sign_and_link(shop: Shop) -> None:
    sale = await shop.sell(("Нан", "2"), ("Сүт 1 л", "1"), cash="1100.00")

    assert sale["state"] == "FISCALIZED"
    assert sale["change"] == "50.50"
    fiscal = sale["fiscal"]
    assert fiscal["state"] == "DONE"
    assert fiscal["sign"] == sale["sign"] == shop.account.documents[0].sign
    assert fiscal["qr"].startswith("https://ofd.invalid/check?i=")
    assert (fiscal["shiftNumber"], fiscal["documentNumber"]) == (1, "1")
    assert sale["isTest"]
    assert shop.account.drawer == 104950


async def test_a_receipt_carries_what_the_ofd_advertises(shop: Shop) -> None:
    sale = await shop.sell()
    query = "query($id: ID!) { sale(id: $id) { receiptText(language: RU) } }"

    text = (await shop.ask(query, id=sale["id"]))["receiptText"]

    assert WELCOME in text
    assert text.index("Проверить чек") < text.index(WELCOME)


async def test_the_first_document_opens_the_shift_and_close_gives_a_z_equal_to_the_ofds(shop: Shop) -> None:
    await shop.sell(("Дәрі", "3"), cash="5000.00")
    await shop.sell(("Қызмет", "1"), card="1000.00")
    await shop.move_cash("depositCash", "10000.00")
    await shop.move_cash("withdrawCash", "500.50")
    await shop.work()

    closed = await shop.close()

    assert closed["state"] == "DONE"
    report = closed["report"]
    assert (report["shiftNumber"], report["documents"]) == (1, 4)
    assert report["drawer"] == closed["serverReport"]["drawer"] == "13549.50"
    assert report["revenue"] == closed["serverReport"]["revenue"] == "5050.00"
    sell = next(row for row in report["operations"] if row["operation"] == "SELL")
    assert (sell["count"], sell["sum"], sell["discount"], sell["change"]) == (
        2,
        "5050.00",
        "450.00",
        "950.00",
    )
    kkm = await shop.kkm()
    assert kkm["shift"] == {"number": 1, "isOpen": False, "documents": 0}
    assert_both_sides_agree(shop)


async def test_a_return_names_its_original_and_takes_cash_out(shop: Shop) -> None:
    sale = await shop.sell(("Нан", "3"), cash="600.00")

    returned = await shop.take_back(sale["id"])
    await shop.work()

    assert (await shop.sale(returned["id"]))["state"] == "FISCALIZED"
    assert shop.account.drawer == 0
    assert (await shop.close())["report"]["revenue"] == "0.00"
    assert_both_sides_agree(shop)


async def test_the_same_key_closes_the_shift_once(shop: Shop) -> None:
    await shop.sell()
    key = new_id()

    first = await shop.ask_report(CLOSE, key)
    second = await shop.ask_report(CLOSE, key)
    await shop.work()
    third = await shop.ask_report(CLOSE, key)

    assert first["id"] == second["id"] == third["id"]
    assert third["state"] == "DONE"
    assert (await shop.ask_report(X_REPORT, key))["code"] == "FISCAL_KEY_CONFLICT"
    assert len(shop.account.documents) == 2


async def test_an_x_report_shows_both_sides_and_changes_nothing(shop: Shop) -> None:
    await shop.sell()

    asked = await shop.ask_report(X_REPORT)
    await shop.work()
    report = await shop.ask(REPORT, id=asked["id"])

    assert report["kind"] == "X"
    assert report["state"] == "DONE"
    assert report["report"]["drawer"] == report["serverReport"]["drawer"] == "200.00"
    assert (await shop.kkm())["shift"]["isOpen"]
    assert len(shop.account.documents) == 1


async def test_a_document_the_ofd_refuses_takes_no_number(shop: Shop) -> None:
    await shop.sell()
    shop.ofd.script.append(13)

    refused = await shop.sell()
    after = await shop.sell()

    assert refused["state"] == "REJECTED"
    assert refused["rejection"]["code"] == "OFD_REFUSED_DATA"
    assert after["fiscal"]["documentNumber"] == "2"
    assert (await shop.kkm())["drawer"] == "400.00"


async def test_a_register_with_an_open_shift_stays_where_it_is(shop: Shop) -> None:
    moving = RegisterMoving(RegisterId(shop.register_id), OutletId(shop.outlet_id))

    async def move(work: Work) -> None:
        await work.hook(HOOK_REGISTER_MOVING, moving)

    await shop.app.database.transact(move, principal=shop.owner)  # no shift yet: nothing is in the way
    await shop.sell()
    with pytest.raises(Refusal) as refused:
        await shop.app.database.transact(move, principal=shop.owner)

    assert refused.value.code == "KKM_BUSY"


async def test_cash_that_is_not_there_is_not_paid_out(shop: Shop) -> None:
    refused = await shop.move_cash("withdrawCash", "1.00")

    assert refused == {"__typename": "Refused", "code": "NOT_ENOUGH_CASH"}
    assert shop.account.documents == type(shop.account.documents)()


async def test_a_slip_of_the_finger_neither_stops_the_z_nor_fills_a_counter(shop: Shop) -> None:
    largest, beyond = "5000000000.00", "5000000000.01"

    refused = [
        await shop.accept(card=beyond, lines=[{"name": "Қате", "price": beyond}]),
        await shop.accept(("Нан", "1"), cash="9999999999999.99"),
        await shop.move_cash("depositCash", beyond),
    ]
    sold = await shop.accept(card=largest, lines=[{"name": "Зауыт", "price": largest}])
    await shop.work()
    closed = await shop.close()

    assert {each["code"] for each in refused} == {"KKM_SUM_TOO_LARGE"}
    assert (await shop.sale(sold["id"]))["state"] == "FISCALIZED"
    assert closed["state"] == "DONE"
    assert_both_sides_agree(shop)


async def test_an_inactive_register_sells_nothing() -> None:
    async with open_shop(is_active=False) as shop:
        refused = await shop.accept(("Нан", "1"), cash="200.00")

    assert refused["code"] == "KKM_NOT_ACTIVE"
    assert "Активируйте" in refused["nextAction"] or "активируйте" in refused["nextAction"]


async def test_a_buyer_whom_the_ofd_takes_for_the_seller_is_rejected(shop: Shop) -> None:
    shop.ofd.script.append(17)  # its register of taxpayers may know more than ours
    sale = await shop.sell(("Нан", "1"), cash="200.00", customer={"bin": "230140000021"})

    assert sale["rejection"]["code"] == "BUYER_IS_SELLER"
