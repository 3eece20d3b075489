"""The same statements on MariaDB: one shop's day with an outage, its reports, and what people ask besides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from addons.fiscal_kz.services.doctor import check_registers
from addons.fiscal_kz.tests.shop import TAKE_BACK, Shop, open_shop
from addons.fiscal_kz.tests.test_auto_close import pass_time
from addons.fiscal_kz.tests.test_compare import COMPARISONS, HANDLED
from addons.fiscal_kz.tests.test_documents import asked, settled
from addons.fiscal_kz.tests.test_inspection import desk
from addons.fiscal_kz.tests.test_life import do, enter
from addons.fiscal_kz.tests.test_nomenclature import AIRAN, FILL, FIND, LOADED, MILK, ONE, TAKE
from addons.fiscal_kz.tests.test_refused import act, refused, stop_the_queue
from addons.fiscal_kz.tests.test_reports import BY_TIME, LAST, Z_LIST, moments
from addons.fiscal_kz.tests.test_reports import TURNOVER as PERIOD
from addons.fiscal_kz.tests.test_self_test import SELF_TEST
from addons.organization.api import CreateRegister, create_register
from kernel.doctor_finding import Level
from kernel.gql.ids import to_global
from kernel.testing.schema import mysql_database
from simulators.ofd.server import OfdSimulator

pytestmark = pytest.mark.mariadb
TURNOVER = """query($id: ID!, $by: TurnoverBy) { shiftTurnover(registerId: $id, number: 1, by: $by) {
  revenue withdrawals { count sum } groups { totalCount } } }"""
LISTS = "query($id: ID!) { fiscalDocuments(registerId: $id, first: 9) { nodes { operation } } }"


async def test_a_day_with_an_outage_agrees_on_mariadb_too() -> None:
    async with mysql_database() as url, open_shop(url=url) as shop:
        await shop.sell(("Дәрі", "2"), cash="5000.00")
        shop.ofd.script.append("LOST_AFTER")
        lost = await shop.sell()
        during = [await shop.sell() for _ in range(2)]
        await shop.later()
        closed = await shop.close()
        after = await shop.sell()

        states = [(await shop.sale(each["id"]))["state"] for each in (lost, *during, after)]
        assert states == ["FISCALIZED"] * 4
        assert closed["report"]["revenue"] == closed["serverReport"]["revenue"]
        assert [document.number for document in shop.account.documents] == [1, 2, 3, 4, 5, 6]
        assert shop.ofd.simulator.ledger.violations() == []


async def test_reports_add_up_on_mariadb_too() -> None:
    async with mysql_database() as url, open_shop(url=url, withdraw_at_close=True) as shop:
        await shop.sell(("Дәрі", "2"), cash="5000.00")
        await shop.sell(("Нан", "1"), card="200.00")
        await shop.close()
        register = to_global("Register", shop.register_id)

        listed = await shop.ask(LISTS, id=register)
        assert [each["operation"] for each in listed["nodes"]] == ["Z", "SELL", "SELL"]
        for by in (None, "CASHIER", "SECTION", "REGISTER"):
            added = await shop.ask(TURNOVER, id=register, by=by)
            assert (added["revenue"], added["withdrawals"]) == ("2900.00", {"count": 1, "sum": "2700.00"})
            assert added["groups"]["totalCount"] == (0 if by is None else 1)


async def test_what_people_ask_for_is_answered_on_mariadb_too() -> None:
    """One walk over the questions that have statements of their own."""
    async with OfdSimulator().running() as door, mysql_database() as url:
        profiles = [f"simulator;{door.host}:{door.port};OFD;http://ofd/check;simulator"]
        async with open_shop(url=url, profiles=profiles) as shop:
            await _walk(shop)


async def _walk(shop: Shop) -> None:
    begun, register = shop.clock.now(), to_global("Register", shop.register_id)
    await _goods_come_from_the_ofd(shop, register)
    sale = await _pieces_come_back_by_their_marks(shop)
    await _a_document_is_handled(shop, register)
    await _a_long_shift_closes_by_itself(shop)
    await _lists_and_reports(shop, register, begun)
    await _an_inspector_looks(shop, begun)
    await _the_register_goes_and_its_id_comes_back(shop, sale)


async def _goods_come_from_the_ofd(shop: Shop, register: str) -> None:
    shop.ofd.simulator.give_goods([MILK, AIRAN])
    asked = await shop.ask(FILL, id=register)
    await shop.work()
    assert (await shop.ask(ONE, id=asked["id"]))["created"] == 1
    found = await shop.ask(FIND, id=register, code=AIRAN.barcode)
    await shop.work()
    assert (await shop.ask(ONE, id=found["id"]))["productId"]
    assert (await shop.ask(TAKE, id=found["id"]))["productId"]
    assert (await shop.ask(LOADED, id=register))["version"] == "1"


async def _pieces_come_back_by_their_marks(shop: Shop) -> Any:
    marks = [f"010487000123456221{each}" for each in ("Ab1", "Ab2")]
    airan = {"barcode": AIRAN.barcode, "quantity": "2", "marks": marks}
    sale = await shop.sell(lines=[airan], payments=[{"kind": "CASH", "amount": "1299.00"}])
    line = {"position": 1, "quantity": "1", "marks": marks[1:]}
    given = asked(shop, originalId=sale["id"], lines=[line])
    await settled(shop, await shop.ask(TAKE_BACK, input=given))
    assert (await shop.ask(TAKE_BACK, input=asked(shop, originalId=sale["id"], lines=[line])))["code"]
    return sale


async def _a_document_is_handled(shop: Shop, register: str) -> None:
    await stop_the_queue(shop)
    await act(shop, "markHandled", (await refused(shop))["documentId"])
    await shop.work()
    assert (await shop.ask(COMPARISONS, id=register))[0]["isExplained"]
    assert len(await shop.ask(HANDLED, id=register)) == 1
    assert (await shop.ask(SELF_TEST, id=register))["canWork"]
    (line,) = await check_registers(shop.app.database)
    assert line.level is Level.OK


async def _a_long_shift_closes_by_itself(shop: Shop) -> None:
    for hours in (20, 4):
        await pass_time(shop, timedelta(hours=hours))
    await shop.work()
    assert not (await shop.kkm())["shift"]["isOpen"]


async def _lists_and_reports(shop: Shop, register: str, begun: datetime) -> None:
    later = (begun + timedelta(minutes=1)).isoformat()
    assert len((await shop.ask(BY_TIME, id=register, until=later))["nodes"]) == 5
    assert (await shop.ask(Z_LIST, id=register, since=begun.isoformat()))["totalCount"] == 1
    assert (await shop.ask(LAST, id=register))["operation"] == "SELL"
    added = await shop.ask(PERIOD, **moments(shop, days=3), register=register, by="CASHIER")
    assert added["revenue"] == "1249.50"


async def _an_inspector_looks(shop: Shop, begun: datetime) -> None:
    inspector = await desk(shop, begun, begun + timedelta(days=2))
    seen = await inspector.look()
    assert (seen["verification"]["isWhole"], len(seen["zReports"]["nodes"])) == (True, 1)
    assert seen["journal"]


async def _the_register_goes_and_its_id_comes_back(shop: Shop, sale: Any) -> None:
    gone = await do(shop, "decommissionKkm", ', reason: "?"')
    assert gone["stage"] == "DECOMMISSIONED"
    another = CreateRegister(shop.outlet_id, "Касса 2")
    shop.register_id = await shop.app.database.transact(create_register, another, principal=shop.owner)
    await enter(shop, token=str(shop.account.token))
    assert (await shop.sell())["state"] == "FISCALIZED"
    assert (await settled(shop, await shop.take_back(sale["id"])))["total"] == "649.50"
