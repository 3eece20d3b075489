"""Goods files of offline registers: what 1C writes is read, what is broken is refused by line and field."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from addons.catalog_1c.adapters import equipment_goods
from addons.catalog_1c.domain import atol_goods, shtrih_goods
from addons.catalog_1c.domain.device_files import (
    GOODS_MAX,
    GoodsFile,
    ReadOptions,
    parents_first,
)
from addons.catalog_1c.domain.records import GoodsRecord, GroupRecord
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
from kernel.errors import Refusal

NONE = ReadOptions()
Reader = Callable[..., GoodsFile]


def by_code(file: GoodsFile) -> dict[str, GoodsRecord]:
    return {record.external_id: record for record in file.goods}


def codes(file: GoodsFile) -> list[str]:
    return [note.code for note in file.notes]


def atol(content: bytes, **options: object) -> GoodsFile:
    return atol_goods.read_goods(content, file="goods.txt", options=ReadOptions(**options))  # type: ignore[arg-type]


def kassir(content: bytes, **options: object) -> GoodsFile:
    return shtrih_goods.read_goods(content, file="goods.spr", options=ReadOptions(**options))  # type: ignore[arg-type]


def service(content: bytes) -> GoodsFile:
    return equipment_goods.read_goods(content, file="goods.xml", options=NONE)


def refusal(read: Reader, content: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(content, file="f", options=NONE)
    return caught.value


def test_a_full_load_as_1c_writes_it_has_goods_right_after_the_delete_commands() -> None:
    content = frontol(*FULL, frontol_good("17", "Кефир 1 л", "512,5", barcodes=("4870001234567", "48")))

    file = atol(content)

    record = by_code(file)["17"]
    assert file.is_full
    assert (record.name, record.barcodes) == ("Кефир 1 л", ("4870001234567", "48"))
    assert record.prices is not None
    assert record.prices[0].amount == "512,5"


def test_rows_of_one_good_come_together_with_all_their_barcodes() -> None:
    rows = [frontol_good("5", barcodes=(barcode,)) for barcode in ("11", "22", "11")]

    file = atol(frontol("$$$REPLACEQUANTITY", *rows))

    assert [record.barcodes for record in file.goods] == [("11", "22")]


def test_a_short_row_leaves_what_it_does_not_speak_of() -> None:
    file = atol(frontol("$$$REPLACEQUANTITYWITHOUTSALE", "5;;Хлеб", frontol_good("6", width=17)))

    bread = by_code(file)["5"]
    assert (bread.prices, bread.barcodes, bread.group_id, bread.article) == (None, None, None, None)
    assert not file.is_full


def test_barcodes_that_are_deleted_or_added_by_their_own_commands_end_in_the_record() -> None:
    content = frontol(
        "$$$DELETEBARCODESBYWARECODE", "5;", "6",
        "$$$ADDBARCODES", "4870001;6;1",
        "$$$DELETEWARESBYWARECODE", "7",
    )  # fmt: skip

    goods = by_code(atol(content))

    assert goods["5"].barcodes == ()
    assert goods["6"].barcodes == ("4870001",)
    assert goods["7"].is_deleted


def test_a_good_deleted_and_sent_again_is_alive() -> None:
    content = frontol("$$$DELETEWARESBYWARECODE", "7", "$$$ADDQUANTITY", frontol_good("7"))

    assert not by_code(atol(content))["7"].is_deleted


def test_tax_groups_mean_what_the_file_or_the_connection_says_and_are_never_guessed() -> None:
    content = frontol(
        "$$$DELETEALLTAXRATES",
        "$$$ADDTAXRATES", "1;НДС 16%;НДС 16%;0;16", "2;Без НДС;;;0",
        "$$$ADDTAXGROUPS", "8;Обычная", "9;Без налога",
        "$$$ADDTAXGROUPRATES", "1;8;1", "2;9;2",
        "$$$ADDQUANTITY",
        *(frontol_good(code, f23=group) for code, group in (("1", "8"), ("2", "9"), ("3", "4"), ("4", "1"))),
    )  # fmt: skip

    file = atol(content, taxes={"4": "5", "8": "0"})

    assert [record.vat_texts for record in file.goods] == [("16",), ("Без НДС",), ("5",), None]
    assert codes(file) == ["C1C_TAX_GROUP"]


def test_units_come_from_the_measure_or_the_weight_flag() -> None:
    rows = [
        frontol_good("1", f66="41"),
        frontol_good("2", f8="1,1,1"),
        frontol_good("3", f66="0", f8="1,1,1"),
        frontol_good("4", f66="77"),
    ]

    goods = by_code(atol(frontol("$$$ADDQUANTITY", *rows)))

    assert [goods[code].unit_code for code in "1234"] == ["112", "166", "796", ""]
    assert goods["4"].unit_name == "№ 66: 77"


def test_stock_comes_as_written_and_unknown_is_not_zero() -> None:
    rows = [frontol_good("1", f6="-12,5"), frontol_good("2")]
    balances = equipment(equipment_good("1", Balance="-12.5"), equipment_good("2"))
    files = [
        atol(frontol("$$$ADDQUANTITY", *rows)),
        kassir(shtrih(shtrih_good("1", f6="-12,5"), shtrih_good("2"))),
        service(balances),
    ]

    for file in files:
        first, second = file.goods
        assert first.stock is not None
        assert [each.amount.replace(",", ".") for each in first.stock] == ["-12.5"]
        assert second.stock is None


def test_a_coefficient_makes_a_barcode_one_of_a_pack() -> None:
    box = frontol_good("1", barcodes=("48",), f14="12")

    file = atol(frontol("$$$ADDQUANTITY", box, frontol_good("1", barcodes=("47",), f14="1,000")))

    assert (file.goods[0].barcodes, file.goods[0].packs) == (("47",), (("48", "12"),))


def test_commands_for_other_things_are_said_once_and_their_rows_are_passed_over() -> None:
    content = frontol("$$$ADDUSERS", "1;Кассир;;", "2;Старший;;", "$$$ADDQUANTITY", frontol_good("1"))

    file = atol(content)

    assert [(note.code, note.fact) for note in file.notes] == [("C1C_DEVICE_COMMAND", "$$$ADDUSERS")]
    assert len(file.goods) == 1


def test_groups_come_parents_first_whatever_their_order_and_a_ring_is_cut() -> None:
    groups = [
        GroupRecord(i, i, p, False) for i, p in (("c", "b"), ("b", "a"), ("a", ""), ("x", "y"), ("y", "x"))
    ]

    ordered = parents_first(groups)

    seen: set[str] = {""}
    for group in ordered:
        assert group.parent_id in seen
        seen.add(group.external_id)
    assert len(ordered) == 5


def test_groups_and_goods_of_a_file_know_their_places() -> None:
    content = frontol(
        "$$$ADDQUANTITY", frontol_group("2", "Сыр", "1"), frontol_group("1", "Молочное", "0"),
        frontol_good("5", f16="2", f26="А-5", f55="101"), frontol_good("6", f16="0", f55="0"),
    )  # fmt: skip

    file = atol(content)

    goods = by_code(file)
    assert [(group.external_id, group.parent_id) for group in file.groups] == [("1", ""), ("2", "1")]
    assert (goods["5"].group_id, goods["5"].article, goods["6"].group_id) == ("2", "А-5", "")
    assert [record.facts[0][1] for record in file.goods] == ["True", "False"]


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig"])
def test_the_encoding_is_found(encoding: str) -> None:
    file = atol(
        frontol(
            "$$$ADDQUANTITY",
            frontol_good("1", "Сыр «Ақкөл»" if "8" in encoding else "Сыр"),
            encoding=encoding,
        )
    )

    assert file.goods[0].name in ("Сыр", "Сыр «Ақкөл»")


def test_the_encoding_of_old_programs_is_a_setting() -> None:
    content = shtrih(shtrih_good("1", "Сыр голландский"), encoding="cp866")

    assert kassir(content, encoding="cp866").goods[0].name == "Сыр голландский"
    with pytest.raises(Refusal) as caught:
        kassir(content, encoding="utf-8")
    assert (caught.value.code, caught.value.facts["line"]) == ("C1C_DEVICE_ENCODING", 3)


def test_shtrih_reads_modes_taxes_groups_and_further_barcodes() -> None:
    content = shtrih(
        "+1;НДС;НДС 16%;16;1", "*4;Обычная;1;;", "*5;Две;1;2",
        shtrih_good("9", "Напитки", f17="0"),
        shtrih_good("10", "Сок", "1 150,00", barcode="4870", f8="1", f11="4", f12="С-1", f16="9", f28="3"),
        "#10;4871;;;;;;;;1", "#10;4872;;;;;;;;6", '<goods_attr id="10" attr_id="22">1</goods_attr>',
        mode="$$$CLR {COM_GR_TOV} $$$ADD",
    )  # fmt: skip

    file = kassir(content)

    juice = by_code(file)["10"]
    assert file.is_full
    assert (juice.barcodes, juice.unit_code, juice.vat_texts) == (("4870", "4871"), "166", ("16",))
    assert juice.packs == (("4872", "6"),)
    assert (juice.group_id, juice.article, juice.facts[0][1]) == ("9", "С-1", "True")
    assert codes(file) == ["C1C_DEVICE_COMMAND"]


def test_the_service_reads_identities_units_variants_and_packs() -> None:
    uuid = "5A000000-0000-0000-0000-000000000001"
    variants = (
        f'<Characteristics><Characteristic UUID="c1" Code="2" Name="красный" Price="10"/>'
        f'</Characteristics><Packs><Pack Code="3" UUID="{"0" * 8}-0000-0000-0000-000000000000" '
        'Name="Коробка" Price="99,90"><Barcodes><Barcode Value="77"/></Barcodes></Pack>'
        '<Pack Code="4" UnitsPerPack="12"><Barcodes><Barcode Value="78"/></Barcodes></Pack>'
        "</Packs>"
    )
    content = equipment(
        equipment_good(
            "1", variants, UUID=uuid, Name="Шар", TaxRate="16", UnitCode="7", GroupCode="1", IsMarked="true",
            barcodes=("48", "49"),
        ),
        equipment_good("2", TaxRate="none", IsWeight="true", Price=None),
        groups='<Group Code="1" UUID="g-1" Name="Шары"/><Group Code="2" Name="Синие" ParentGroupUUID="g-1"/>',
        units='<Unit Code="7" Name="шт" OKEICode="796"/>',
    )  # fmt: skip

    file = service(content)

    goods = by_code(file)
    ball = goods[uuid.lower()]
    assert (ball.barcodes, ball.unit_code, ball.group_id, ball.vat_texts) == (
        ("48", "49"),
        "796",
        "g-1",
        ("16",),
    )
    assert (goods["2"].prices, goods["2"].unit_code, goods["2"].vat_texts) == (None, "166", ("Без НДС",))
    red, box = goods[f"{uuid.lower()}#c1"], goods[f"{uuid.lower()}##3"]
    assert (red.name, red.is_offer, box.barcodes) == ("Шар (красный)", True, ("77",))
    assert [(each.external_id, each.parent_id) for each in file.groups] == [("g-1", ""), ("2", "g-1")]
    assert ball.packs == (("78", "12"),)
    assert codes(file) == []


def test_tables_behind_the_goods_and_goods_of_orders_change_nothing() -> None:
    good = equipment_good("1", UnitCode="7", GroupCode="3")
    tables = (
        '<Groups><Group Code="3" UUID="g-3" Name="Шары"/></Groups>'
        '<Units><Unit Code="7" OKEICode="166"/></Units>'
    )
    content = (
        f"<ExportData><PriceList><Goods>{good}</Goods>{tables}</PriceList>"
        f"<Orders><Order><Goods>{equipment_good('9')}</Goods></Order></Orders></ExportData>"
    )

    file = service(content.encode())

    (record,) = file.goods
    assert (record.external_id, record.group_id, record.unit_code) == ("1", "g-3", "166")


def test_the_service_reads_the_first_version() -> None:
    content = (
        b'<PriceList xmlns="http://www.1c.ru/EquipmentService/1.0.0.6"><Goods><RecordGood Code="5" '
        b'Name="A" Price="7" BarCode="11, 22,"/></Goods></PriceList>'
    )

    assert service(content).goods[0].barcodes == ("11", "22")


@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (b"", "C1C_FILE_EMPTY", {}),
        (b"\r\n\x00", "C1C_FILE_EMPTY", {}),
        (b"PK\x03\x04\x00", "C1C_DEVICE_LINE_TOO_LONG", {"line": 1}),
        (b"hello\r\n#\r\n", "C1C_DEVICE_HEAD", {"line": 1}),
        (b"##@@&&\r\n", "C1C_DEVICE_HEAD", {"line": 2}),
        (frontol("5;1;x", mark="?"), "C1C_DEVICE_HEAD", {"line": 2}),
        (frontol("5;1;x", mark="@"), "C1C_DEVICE_TAKEN", {}),
        (frontol("5;1;x"), "C1C_DEVICE_HEAD", {"line": 3}),
        (frontol("$$$ADDQUANTITY", "1;;a", ";48;x;x;10"), "C1C_DEVICE_CODE", {"line": 5, "place": 1}),
        (frontol("$$$ADDQUANTITY", frontol_good("1" * 41)), "C1C_DEVICE_CODE", {"line": 4, "place": 1}),
        (frontol("$$$ADDQUANTITY", "1;;a;b;c;5"), "C1C_DEVICE_FIELD", {"line": 4, "place": 5, "value": "c"}),
        (frontol("$$$ADDQUANTITY", "1;;a;b;-5"), "C1C_DEVICE_FIELD", {"line": 4, "place": 5}),
        (frontol("$$$ADDQUANTITY", "1;;a;b;1;;;;;;;;;x"), "C1C_DEVICE_FIELD", {"line": 4, "place": 14}),
        (frontol("$$$ADDQUANTITY", "x" * 20_000), "C1C_DEVICE_LINE_TOO_LONG", {"line": 4}),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_its_line_and_field(
    content: bytes, code: str, facts: dict[str, object]
) -> None:
    caught = refusal(atol_goods.read_goods, content)

    assert caught.code == code
    assert facts.items() <= caught.facts.items()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "C1C_FILE_EMPTY"),
        (b"<a/>", "C1C_DEVICE_HEAD"),
        (equipment(equipment_good("1"))[:-20], "C1C_XML_CUT"),
        (b"<ExportData><PriceList></Goods></ExportData>", "C1C_XML_BROKEN"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><ExportData>&x;</ExportData>', "C1C_XML_DOCTYPE"),
        (equipment(processed="2026-11-21T10:00:00"), "C1C_DEVICE_TAKEN"),
        (equipment(equipment_good("1", Price="дорого")), "C1C_DEVICE_ATTRIBUTE"),
        (equipment(equipment_good("")), "C1C_DEVICE_ATTRIBUTE"),
        (equipment(equipment_good("1#2")), "C1C_DEVICE_ATTRIBUTE"),
        (equipment(equipment_good("1", IsMarked="maybe")), "C1C_DEVICE_ATTRIBUTE"),
    ],
)
def test_a_broken_or_hostile_document_is_refused(content: bytes, code: str) -> None:
    assert refusal(equipment_goods.read_goods, content).code == code


def test_a_file_cut_inside_a_row_is_refused_wherever_it_was_cut() -> None:
    whole = frontol("$$$ADDQUANTITY", frontol_good("1"), frontol_good("2", "Сыр", "990.50"))
    rows_end = whole.index(b"\r\n", whole.index(b"\r\n1;") + 2) + 2

    for length in range(rows_end + 1, len(whole) - 2):
        assert refusal(atol_goods.read_goods, whole[:length]).code in ("C1C_DEVICE_CUT", "C1C_DEVICE_CODE")


def test_a_file_of_too_many_goods_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert GOODS_MAX >= 100_000
    monkeypatch.setattr("addons.catalog_1c.domain.device_files.GOODS_MAX", 2)

    caught = refusal(
        atol_goods.read_goods, frontol("$$$ADDQUANTITY", *(frontol_good(str(i)) for i in range(1, 4)))
    )

    assert (caught.code, caught.facts["max"]) == ("C1C_DEVICE_ROWS", 2)
