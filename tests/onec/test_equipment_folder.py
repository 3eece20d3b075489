"""Stories of a folder in which 1C and we meet: goods come in files, reports of sales go out in files."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.equipment import FileNames, LinkEquipment, LinkWay
from addons.catalog_1c.models import Connection
from addons.catalog_1c.tests.device_makers import (
    FULL,
    equipment,
    equipment_good,
    frontol,
    frontol_good,
    frontol_group,
    shtrih,
    shtrih_good,
)
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.money import Money
from tests.onec.device_sales import log_rows
from tests.onec.equipment_house import Linked, open_linked

MILK = frontol(*FULL, frontol_group("9", "Молочное"), frontol_good("501", "Кефир 1 л", "512,50", f16="9"))
CHEAPER = frontol("$$$REPLACEQUANTITY", frontol_good("501", "Кефир 1 л", "500"))
BROKEN = frontol("$$$REPLACEQUANTITY", frontol_good("501", "Кефир; 1 л", "500"))


@pytest.fixture
async def linked(tmp_path: Path) -> AsyncIterator[Linked]:
    async with open_linked(tmp_path / "exchange") as opened:
        yield opened


async def price(linked: Linked, code: int = 501) -> Money | None:
    card = await linked.card(code)
    return None if card is None else card.price


async def test_goods_of_a_file_are_sold_and_the_file_is_marked_as_read(linked: Linked) -> None:
    await linked.link(taxes={"1": "16"})
    linked.put_goods(MILK)

    assert await linked.look() == ""

    card = await linked.card(501)
    assert card is not None
    assert (card.name, card.price) == ("Кефир 1 л", Money.parse("512.50"))
    assert linked.goods() == MILK.replace(b"\r\n#\r\n", b"\r\n@\r\n", 1)
    assert sorted(path.name for path in linked.folder.iterdir()) == ["goods.txt"]
    (session,) = await linked.rows("SELECT state, files FROM c1c_session")
    assert (session["state"], session["files"]) == ("done", '["goods.txt"]')


async def test_the_next_file_changes_the_price_and_a_read_one_is_let_alone(linked: Linked) -> None:
    await linked.link()
    linked.put_goods(MILK)
    await linked.run()

    await linked.run()
    linked.put_goods(CHEAPER)
    await linked.run()

    assert await price(linked) == Money.tenge(500)
    assert len(await linked.rows("SELECT id FROM c1c_session")) == 2


async def test_a_file_is_not_read_before_its_flag_or_while_it_is_written(linked: Linked) -> None:
    await linked.link()
    linked.put_goods(MILK, flag=False)
    await linked.run()
    assert await price(linked) is None

    await linked.link(names=FileNames(goods_flag=""))
    os.utime(linked.folder / "goods.txt")  # somebody writes to it just now
    await linked.run()
    assert await price(linked) is None
    assert linked.goods() == MILK

    linked.put_goods(MILK, flag=False)
    await linked.run()
    assert await price(linked) == Money.parse("512.50")


async def test_a_flag_that_does_not_come_is_told_of(linked: Linked) -> None:
    await linked.link()
    linked.put_goods(MILK, flag=False)
    assert await linked.run() == ""

    long_ago = time.time() - 3600
    os.utime(linked.folder / "goods.txt", (long_ago, long_ago))

    assert await linked.run() == "C1C_LINK_NO_FLAG"
    (linked.folder / "goods-flag.txt").touch()
    assert await linked.run() == ""
    assert await price(linked) is not None


async def test_a_broken_file_is_put_aside_with_its_line_and_the_next_one_is_taken(linked: Linked) -> None:
    await linked.link()
    linked.put_goods(MILK)
    await linked.run()
    linked.put_goods(BROKEN)

    assert await linked.run() == "C1C_DEVICE_FIELD"

    (row,) = await linked.rows("SELECT trouble_facts FROM c1c_equipment_link")
    assert '"line":4,"place":5' in row["trouble_facts"]
    assert await price(linked) == Money.parse("512.50")
    assert linked.goods("goods.txt.refused") == BROKEN
    linked.put_goods(CHEAPER)
    assert await linked.run() == ""
    assert await price(linked) == Money.tenge(500)


async def test_a_box_is_found_by_its_barcode_with_how_many_it_holds(linked: Linked) -> None:
    await linked.link()
    box = frontol_good("501", "Кефир 1 л", "512,50", barcodes=("4870001000019",), f14="12")
    odd = frontol_good("502", "Хлеб", "180", barcodes=("4870001000026",), f14="9999999999")
    linked.put_goods(frontol("$$$ADDQUANTITY", box, frontol_good("501", barcodes=("4870001000033",)), odd))
    assert await linked.run() == ""
    linked.put_goods(frontol("$$$ADDQUANTITY", box.replace(";12;", ";6;"), frontol_good("501", price="500")))
    assert await linked.run() == ""

    rows = await linked.rows(
        "SELECT barcode, coefficient_thousandths AS n FROM cat_barcode WHERE place < 5"
        " AND barcode LIKE '487000100%' ORDER BY barcode"
    )
    assert [(row["barcode"], row["n"]) for row in rows] == [("4870001000019", 6000), ("4870001000033", 1000)]
    (first, *_) = await linked.rows("SELECT report FROM c1c_session ORDER BY id")
    assert "C1C_PACK_BARCODE" in first["report"]


async def test_price_types_of_another_way_do_not_touch_files_that_have_none(linked: Linked) -> None:
    await linked.link(format=DeviceFormat.EQUIPMENT, names=FileNames("goods.txt", "", "sales.txt", ""))
    declared = '[["r","Розничная","KZT"],["w","Оптовая","KZT"]]'
    await linked.desk.app.database.transact(declare, declared, principal=linked.desk.system)
    red = '<Characteristics><Characteristic Code="2" Name="с вишней" Price="550"/></Characteristics>'
    linked.put_goods(equipment(equipment_good("501", red, Price="512.50")), flag=False)

    assert await linked.run() == ""

    rows = await linked.rows(
        "SELECT price_tiyn FROM cat_product WHERE source IS NOT NULL ORDER BY external_id"
    )
    assert [row["price_tiyn"] for row in rows] == [51_250, 55_000]


async def declare(work: Work, types: str) -> None:
    """As an exchange over HTTP would leave the connection."""
    await Connection.all().update(price_types=types, price_type="w")


def load(count: int, *, first: int = 1) -> bytes:
    """A full load of so many goods."""
    return frontol(*FULL, *(frontol_good(str(code), f"Товар {code}") for code in range(first, first + count)))


async def names(linked: Linked, *, archived: bool) -> int:
    sql = "SELECT COUNT(*) AS n FROM cat_product WHERE source IS NOT NULL AND is_archived = ?"
    (row,) = await linked.rows(sql, archived)
    return int(row["n"])


async def test_a_full_load_keeps_what_it_does_not_name_unless_the_link_says_otherwise(linked: Linked) -> None:
    await linked.link()
    linked.put_goods(load(30))
    await linked.run()
    linked.put_goods(load(25))
    await linked.run()
    assert await names(linked, archived=True) == 0

    await linked.link(archives_absent=True)
    linked.put_goods(load(25))
    await linked.run()
    assert await names(linked, archived=True) == 5
    (*_, last) = await linked.rows("SELECT report FROM c1c_session ORDER BY id")
    assert '["C1C_ABSENT_ARCHIVED","","5",false]' in last["report"]

    linked.put_goods(load(30))
    await linked.run()
    assert await names(linked, archived=True) == 0


async def test_a_full_load_that_names_almost_nothing_archives_nothing(linked: Linked) -> None:
    await linked.link(archives_absent=True)
    linked.put_goods(load(30))
    await linked.run()
    linked.put_goods(frontol(*FULL))

    assert await linked.run() == ""

    assert await names(linked, archived=False) == 30
    (*_, last) = await linked.rows("SELECT report FROM c1c_session ORDER BY id")
    assert '["C1C_ABSENT_TOO_MANY","","30 / 30",false]' in last["report"]


async def test_what_is_wrong_with_a_file_stays_seen_until_another_one_is_read(linked: Linked) -> None:
    await linked.link()
    linked.put_goods(BROKEN)

    assert await linked.run() == "C1C_DEVICE_FIELD"
    assert await linked.run() == "C1C_DEVICE_FIELD"
    linked.put_goods(MILK)
    assert await linked.run() == ""


async def test_what_is_no_plain_file_is_never_opened(linked: Linked, tmp_path: Path) -> None:
    await linked.link()
    secret = tmp_path / "secret.txt"
    secret.write_bytes(MILK)
    linked.folder.mkdir(parents=True)
    (linked.folder / "goods-flag.txt").touch()
    (linked.folder / "goods.txt").symlink_to(secret)
    assert await linked.run() == "C1C_LINK_FILE_KIND"

    (linked.folder / "goods.txt").unlink()
    os.mkfifo(linked.folder / "goods.txt")
    assert await linked.run() == "C1C_LINK_FILE_KIND"

    (linked.folder / "goods.txt").unlink()
    (linked.folder / "sales.txt").symlink_to(secret)
    assert await linked.run() == "C1C_LINK_FOLDER"
    assert await price(linked) is None


async def test_a_folder_that_leads_elsewhere_is_refused(linked: Linked, tmp_path: Path) -> None:
    await linked.link()
    (tmp_path / "elsewhere").mkdir()
    linked.folder.parent.mkdir(parents=True)
    linked.folder.symlink_to(tmp_path / "elsewhere")

    assert await linked.run() == "C1C_LINK_FILE_KIND"


@pytest.mark.parametrize(
    ("format", "names", "goods"),
    [
        (DeviceFormat.SHTRIH, FileNames(), shtrih(shtrih_good("501", "Кефир 1 л", "512.50"))),
        (
            DeviceFormat.EQUIPMENT,
            FileNames("goods.txt", "", "sales.txt", ""),
            equipment(equipment_good("501", Name="Кефир 1 л", Price="512.50")),
        ),
    ],
)
async def test_the_other_formats_make_the_same_round(
    linked: Linked, format: DeviceFormat, names: FileNames, goods: bytes
) -> None:
    await linked.link(format=format, names=names)
    linked.put_goods(goods)
    await linked.run()
    await linked.sell_a_shift(501)
    await linked.run()

    assert await price(linked) == Money.parse("512.50")
    if format is DeviceFormat.SHTRIH:
        assert linked.goods().startswith(b"##@@&&$$$RPL\r\n@\r\n")
        assert [row[7] for row in log_rows(linked.report()) if row[3] == "11"] == ["501"]
        linked.take_report()
    else:
        assert b' Processed="20' in linked.goods()
        assert b'<Good Code="501"' in linked.report()
        taken = linked.report().replace(b"<ImportData ", b'<ImportData Processed="true" ')
        (linked.folder / "sales.txt").write_bytes(taken)
    await linked.run()
    await linked.run()
    assert len(await linked.rows("SELECT id FROM c1c_session")) == 1
    assert await linked.reports() == [(1, "taken")]


GOOD = LinkEquipment("1С", DeviceFormat.FRONTOL, LinkWay.FOLDER, folder="till", register_id="r")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"folder": "../till"}, "folder"),
        ({"folder": "a/b"}, "folder"),
        ({"folder": ".hidden"}, "folder"),
        ({"folder": "con"}, "folder"),
        ({"names": FileNames(goods="..")}, "goodsFile"),
        ({"names": FileNames(report="/etc/passwd")}, "reportFile"),
        ({"names": FileNames(goods="SALES.txt")}, "goodsFile"),
        ({"names": FileNames(goods_flag="a\\b")}, "goodsFlag"),
        ({"register_id": None}, "registerId"),
        ({"way": LinkWay.SERVICE}, "format"),
        ({"encoding": "utf-16"}, "encoding"),
        ({"taxes": {"1": "много"}}, "taxes.0"),
        ({"every_s": 1}, "everyS"),
        ({"unknown_code": "5;5"}, "unknownCode"),
        ({"mobile_kind": 0}, "mobileKind"),
    ],
)
def test_a_link_that_cannot_be_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        replace(GOOD, **changes).checked()

    assert caught.value.field == field
