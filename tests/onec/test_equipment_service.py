"""Stories of 1C's EquipmentService: we are its client, the other side is our stand-in over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from addons.catalog_1c.adapters import equipment_soap
from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.equipment import LinkEquipment, LinkWay, ServiceAddress
from addons.catalog_1c.services import equipment_job
from addons.catalog_1c.tests.device_makers import equipment_good
from kernel.errors import Fault, Refusal
from kernel.money import Money
from simulators.equipment.base import EquipmentBase
from simulators.equipment.server import perform, serving_equipment
from tests.onec.equipment_house import Linked, open_linked

MILK_ID = "5a000000-0000-0000-0000-000000000001"
NAMESPACE = {"e": "http://www.1c.ru/EquipmentService/3.0.0.3"}


def package(*goods: str) -> bytes:
    """A piece of a price list."""
    head = '<PriceList xmlns="http://www.1c.ru/EquipmentService/3.0.0.3" FullExport="true"><Goods>'
    return f"{head}{''.join(goods)}</Goods></PriceList>".encode()


MILK = package(equipment_good("501", UUID=MILK_ID, Name="Кефир 1 л", Price="512.50", TaxRate="16"))
BREAD = package(equipment_good("502", Name="Хлеб", Price="180"))
CHEESE = package(equipment_good("503", Name="Сыр & «Ко»", Price="3 200,00"))


@dataclass
class Talk:
    """A link and the 1C base it talks to."""

    linked: Linked
    base: EquipmentBase
    url: str

    async def link(self, **changes: Any) -> None:
        address = {"url": self.url, "device_id": "TILL-1", "login": "till", "password": "secret", **changes}
        await self.linked.link(
            format=DeviceFormat.EQUIPMENT,
            way=LinkWay.SERVICE,
            folder="",
            register_id=None,
            service=ServiceAddress(**address),
        )

    async def run(self) -> str:
        return await self.linked.run()

    async def later(self, seconds: int) -> str:
        """Let time pass until what was put off is due."""
        self.linked.desk.app.database.clock.advance(timedelta(seconds=seconds))  # type: ignore[attr-defined]
        return await self.linked.look()

    async def goods(self) -> dict[int, Money]:
        rows = await self.linked.rows(
            "SELECT code, price_tiyn FROM cat_product WHERE source IS NOT NULL ORDER BY code"
        )
        return {row["code"]: Money(row["price_tiyn"]) for row in rows}

    def checks(self) -> list[etree._Element]:
        """Receipts of all reports that 1C holds."""
        return [
            check
            for document in self.base.reports.values()
            for check in etree.fromstring(document).findall(".//e:Check", NAMESPACE)
        ]


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    base = EquipmentBase(price_list=[MILK, BREAD, CHEESE])
    async with serving_equipment(base) as url, open_linked(tmp_path) as linked:
        yield Talk(linked, base, url)


async def test_the_list_comes_in_packages_first_whole_and_then_only_what_changed(talk: Talk) -> None:
    await talk.link()

    assert await talk.run() == ""

    assert await talk.goods() == {
        501: Money.parse("512.50"),
        502: Money.tenge(180),
        503: Money.tenge(3200),
    }
    assert talk.base.calls == [
        "Connect",
        "GetVersion",
        "PrepareFullPriceList",
        *["GetPriceListPackage"] * 3,
    ]
    talk.base.calls.clear()
    talk.base.changes = [package(equipment_good("502", Name="Хлеб", Price="200"))]
    await talk.run()
    assert (await talk.goods())[502] == Money.tenge(200)
    assert talk.base.calls == ["Connect", "GetVersion", "PreparePriceList", "GetPriceListPackage"]


async def test_a_list_that_is_not_formed_yet_is_asked_for_again_a_little_later(talk: Talk) -> None:
    talk.base.waits = 2
    await talk.link()

    assert await talk.run() == ""
    assert await talk.goods() == {}
    for _ in range(2):
        await talk.later(6)

    assert len(await talk.goods()) == 3
    assert talk.base.calls.count("PrepareFullPriceList") == 1


@pytest.mark.parametrize("kind", ["cut", "silent"])
async def test_a_package_whose_answer_was_lost_is_never_missing(talk: Talk, kind: str) -> None:
    await talk.link()
    getattr(talk.base.faults, kind)["GetPriceListPackage"] = 1

    assert await talk.run() == "C1C_SERVICE_SILENT"
    assert await talk.goods() == {}
    assert await talk.later(6) == ""

    assert len(await talk.goods()) == 3
    assert talk.base.calls.count("PrepareFullPriceList") == 1


async def test_a_transfer_that_1c_has_forgotten_is_prepared_anew(talk: Talk) -> None:
    talk.base.waits = 1
    await talk.link()
    await talk.run()
    talk.base.transfers.clear()
    talk.base.waits = 0

    assert await talk.later(6) == "C1C_SERVICE_FAULT"
    assert await talk.run() == ""

    assert len(await talk.goods()) == 3


async def test_changes_that_1c_has_forgotten_come_with_a_full_list(talk: Talk) -> None:
    await talk.link()
    await talk.run()
    talk.base.price_list = talk.base.changes = [package(equipment_good("502", Name="Хлеб", Price="200"))]
    talk.base.waits = 1
    await talk.run()
    talk.base.transfers.clear()
    talk.base.changes, talk.base.waits = [], 0

    assert await talk.later(6) == "C1C_SERVICE_FAULT"
    await talk.run()

    assert (await talk.goods())[502] == Money.tenge(200)


async def test_the_first_versions_give_the_list_in_one_answer(talk: Talk) -> None:
    talk.base.version = 1006
    talk.base.price_list = [package('<RecordGood Code="7" Name="Соль" Price="90" BarCode="48,49"/>')]
    await talk.link()

    assert await talk.run() == ""

    assert await talk.goods() == {7: Money.tenge(90)}


async def test_a_shift_is_posted_once_with_the_identities_of_1c(talk: Talk) -> None:
    await talk.link()
    await talk.run()
    await talk.linked.sell_a_shift(501)

    assert await talk.run() == ""
    await talk.run()

    (check,) = talk.checks()
    (good,) = check.findall(".//e:Good", NAMESPACE)
    assert (good.get("GoodUUID"), good.get("Sum"), good.get("TaxRate")) == (MILK_ID, "512.50", "16")
    assert len(talk.base.posts) == 1
    assert await talk.linked.reports() == [(1, "taken")]


async def test_a_report_whose_answer_was_lost_is_posted_again_as_the_same_document(talk: Talk) -> None:
    await talk.link()
    await talk.run()
    await talk.linked.sell_a_shift(501)
    await talk.linked.sell_a_shift(502)
    talk.base.faults.cut["PostDocs"] = 1

    assert await talk.run() == "C1C_SERVICE_SILENT"
    assert await talk.linked.reports() == [(1, "planned")]
    assert await talk.later(6) == ""

    first, again, second = talk.base.posts
    assert first == again != second
    assert len(talk.checks()) == 2
    assert await talk.linked.reports() == [(1, "taken")]


async def test_a_shift_that_1c_confirmed_is_not_posted_again_when_the_next_one_fails(talk: Talk) -> None:
    await talk.link()
    await talk.run()
    await talk.linked.sell_a_shift(501)
    await talk.linked.sell_a_shift(502)
    talk.base.faults.refusal, talk.base.faults.takes = "Период закрыт", 1

    assert await talk.run() == "C1C_SERVICE_REFUSED"
    (row,) = await talk.linked.rows("SELECT trouble_facts FROM c1c_equipment_link")
    assert "Период закрыт" in row["trouble_facts"]
    assert await talk.linked.reports() == [(1, "refused")]

    talk.base.faults.refusal = ""
    assert await talk.run() == ""

    assert len(talk.base.posts) == len(set(talk.base.posts)) == 2
    assert await talk.linked.reports() == [(1, "taken")]


async def test_sales_go_out_although_the_goods_are_broken(talk: Talk) -> None:
    await talk.link()
    await talk.linked.sell_a_shift()
    talk.base.price_list = [b"<PriceList><Goods></PriceList>"]

    assert await talk.run() == "C1C_XML_BROKEN"

    assert len(talk.checks()) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "wrong"}, "C1C_SERVICE_DENIED"),
        ({"device_id": "TILL-9"}, "C1C_SERVICE_DEVICE"),
        ({"url": "http://127.0.0.1:9/x"}, "C1C_SERVICE_SILENT"),
    ],
)
async def test_what_stands_in_the_way_has_a_name(talk: Talk, changes: dict[str, str], code: str) -> None:
    await talk.link(**changes)

    assert await talk.run() == code
    assert await talk.goods() == {}


async def test_an_answer_that_is_no_answer_is_not_taken_for_one(talk: Talk) -> None:
    await talk.link()
    await talk.linked.sell_a_shift()
    talk.base.faults.broken["PostDocs"] = 1

    assert await talk.run() == "C1C_SERVICE_STRANGE"
    assert await talk.linked.reports() == [(1, "planned")]
    assert await talk.run() == ""
    assert len(talk.checks()) == 1


async def test_a_silent_service_is_left_alone_after_a_few_tries(talk: Talk) -> None:
    await talk.link(url="http://127.0.0.1:9/x")
    await talk.run()
    for _ in range(equipment_job.TRIES_MAX):
        await talk.later(100)

    lanes = await talk.linked.rows("SELECT head_seq, tail_seq FROM kernel_lane WHERE lane_key LIKE 'c1c:%'")
    assert all(lane["tail_seq"] - lane["head_seq"] <= 0 for lane in lanes)


async def test_a_stored_password_never_goes_to_another_address(talk: Talk) -> None:
    await talk.link()
    (stored,) = await talk.linked.rows("SELECT password FROM c1c_equipment_link")
    assert "secret" not in stored["password"]

    await talk.link(password=None)
    assert await talk.run() == ""
    await talk.link(url=talk.url + "?x=1", password=None)
    assert await talk.run() == "C1C_SERVICE_DENIED"


def test_the_stand_in_knows_the_other_operations_too() -> None:
    base = EquipmentBase(price_list=[package(equipment_good("5", Name="Хлеб", barcodes=("48",)))])

    assert "ТОО «Дән»" in str(perform(base, "GetSettings", {"DeviceID": "TILL-1"}))
    assert "<Orders" in str(perform(base, "GetDocs", {"DeviceID": "TILL-1", "DocType": "Order"}))
    assert 'Name="Хлеб"' in str(perform(base, "GetGood", {"DeviceID": "TILL-1", "Barcode": "48"}))
    assert "<PriceList" in str(perform(base, "GetGood", {"DeviceID": "TILL-1", "Barcode": "49"}))


@pytest.mark.parametrize(
    "url", ["", "ftp://host/x", "http://", "http://a:b@host/x", "http://host:99999/x", "file:///etc/passwd"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    link = LinkEquipment("1С", DeviceFormat.EQUIPMENT, LinkWay.SERVICE, service=ServiceAddress(url, "TILL-1"))

    with pytest.raises(Refusal) as caught:
        link.checked()

    assert (caught.value.code, caught.value.field) == ("C1C_LINK_ADDRESS", "service.url")


async def test_the_service_is_never_called_inside_a_transaction(talk: Talk) -> None:
    service = equipment_soap.SoapEquipmentService(ServiceAddress(talk.url, "TILL-1", "till", "secret"))

    async def inside(work: object) -> bool:
        return await service.connect()

    database = talk.linked.desk.app.database
    with pytest.raises(Fault, match="network inside a Work"):
        await database.transact(inside, principal=talk.linked.desk.system)
    await service.close()
    assert talk.base.calls == []
