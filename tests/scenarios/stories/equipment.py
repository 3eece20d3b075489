"""A day of a shop whose 1C sees the register as a piece of its equipment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulators.till import documents
from simulators.till.documents import REFUSED
from simulators.till.shop import Till, card
from tests.onec.device_sales import frontol_sales
from tests.scenarios.stage import Stage
from tests.support.house import BIN, eventually

CONNECT = f"""
mutation Connect($input: CatalogConnectionInput!) {{
  saveCatalogConnection(input: $input) {{ __typename ... on CatalogConnection {{ id title }} {REFUSED} }}
}}"""
LINK = f"""
mutation Link($input: LinkEquipmentInput!) {{
  linkEquipment(input: $input) {{ __typename ... on EquipmentLink {{ id }} {REFUSED} }}
}}"""
RUN = f"""
mutation Run($id: ID!) {{
  runEquipment(id: $id) {{ __typename ... on EquipmentLink {{ id }} {REFUSED} }}
}}"""
REPORTS = """
query Reports($id: ID!) {
  equipmentLinks(first: 1) { nodes { trouble { code message } } }
  equipmentReports(linkId: $id, first: 1) { nodes { number state receipts } }
}"""
GOODS = (
    "##@@&&\r\n#\r\n$$$DELETEALLWARES\r\n$$$DELETEALLBACODES\r\n$$$DELETEALLASPECTREMAINS\r\n"
    "7001;4870007001007;Кефир «Алтын сиыр» 1 л;Кефир 1 л;650,00;10;0;0,1,1,0,0,0,0,1;;;;;;;;;1;0;;;;;8;;\r\n"
)


class EquipmentStories:
    """Goods come in a file, a sale is made, its report lies in the folder."""

    async def test_goods_come_by_a_file_and_the_sale_goes_back_in_one(self, stage: Stage, till: Till) -> None:
        owner = stage.shop.owner
        await owner.mutate(CONNECT, input={"title": "Розница", "withTestSales": True})
        link = await owner.mutate(
            LINK,
            input={
                "connection": "Розница",
                "format": "FRONTOL",
                "folder": "till1",
                "registerId": till.register_id,
                "taxes": [{"group": "8", "rate": "16"}],
            },
        )
        folder = stage.house.equipment_folder / BIN / "till1"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "goods.txt").write_bytes(GOODS.encode("cp1251"))
        (folder / "goods-flag.txt").touch()
        await owner.mutate(RUN, id=link["id"])

        async def kefir() -> dict[str, Any] | None:
            found = await owner.execute(
                '{ products(first: 1, filter: {namePrefix: "Кефир «Алтын"}) '
                "{ nodes { id code price vat { percent } } } }"
            )
            return next(iter(found["products"]["nodes"]), None)

        async def is_read() -> bool:
            path = folder / "goods.txt"
            return path.exists() and path.read_bytes().startswith(b"##@@&&\r\n@\r\n")

        await eventually(is_read, "the mark on the file of goods")
        product = await eventually(kefir, "the kefir of the file")
        assert (product["price"], product["vat"]["percent"]) == ("650.00", "16")

        sale = await till.sell([{"productId": product["id"], "quantity": "2"}], [card("1300.00")])
        assert sale["state"] == "FISCALIZED"
        await till.report(documents.CLOSE_SHIFT)
        await owner.mutate(RUN, id=link["id"])

        async def report() -> bytes | None:
            path = folder / "sales.txt"
            return path.read_bytes() if path.exists() else None

        content = await eventually(report, "the report of the shift")
        sold = {"code": "7001", "price": Decimal(650), "quantity": Decimal(2), "sum": Decimal(1300)}
        assert frontol_sales(content) == [sold]

        (folder / "sales.txt").write_bytes(content.replace(b"#", b"@", 1))
        await owner.mutate(RUN, id=link["id"])

        async def taken() -> bool:
            seen = await owner.execute(REPORTS, id=link["id"])
            (last,) = seen["equipmentReports"]["nodes"]
            assert seen["equipmentLinks"]["nodes"][0]["trouble"] is None
            return bool(last["state"] == "TAKEN" and last["receipts"] == 1)

        await eventually(taken, "the report that 1C has taken")
