"""The OFD's list of goods: what is read from it, what is left out, what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.errors import MalformedMessage
from protocols.ofd.nomenclature import ListedGroup, NomenclatureResult, read_nomenclature


def response() -> pb.Response:
    message = pb.Response(command=pb.COMMAND_NOMENCLATURE, result=pb.Result(result_code=0))
    message.nomenclature.version = 7
    message.nomenclature.result = pb.NOMENCLATURE_OK
    message.nomenclature.created_time.date.CopyFrom(pb.Date(year=2026, month=1, day=15))
    return message


def test_groups_and_goods_are_read_with_money_rates_and_marks() -> None:
    message = response()
    message.nomenclature.elements.add(type=pb.ELEMENT_GROUP, id=1, title="Сүт", parent_group_id=9)
    element = message.nomenclature.elements.add(type=pb.ELEMENT_ITEM, id=2, title="Айран", title_kk="Айран")
    element.item.barcode = "4870001234567"
    element.item.sell_price.bills, element.item.sell_price.coins = 649, 50
    element.item.taxes.add(taxation_type=101, tax_type=100, tax_percent=16000)
    element.item.measure_unit_code, element.item.is_markedeac = "796", True

    listed = read_nomenclature(message.SerializeToString())

    assert (listed.result, listed.version) == (NomenclatureResult.OK, 7)
    assert listed.created_at == datetime(2026, 1, 15)  # noqa: DTZ001 - wall time
    assert listed.groups == (ListedGroup(1, "Сүт", "", 9),)
    (good,) = listed.goods
    assert (good.price, good.vat_bp, good.unit_code, good.is_marked) == (64950, 1600, "796", True)


def test_what_is_no_good_is_left_out_and_what_is_not_told_is_none() -> None:
    message = response()
    message.nomenclature.created_time.date.month = 13
    message.nomenclature.elements.add(type=pb.ELEMENT_ITEM, id=1, title="без тела")
    message.nomenclature.elements.add(type=pb.ELEMENT_ITEM, id=2).item.barcode = "1"
    message.nomenclature.elements.add(type=pb.ELEMENT_ITEM, title="без id").item.barcode = "2"
    message.nomenclature.elements.add(type=pb.ELEMENT_ITEM, id=3, title="Нан").item.barcode = "3"

    listed = read_nomenclature(message.SerializeToString())

    assert listed.created_at is None
    assert [(each.id, each.price, each.vat_bp) for each in listed.goods] == [(3, None, None)]


@pytest.mark.parametrize(
    "payload", [b"\x08", pb.Response(command=pb.COMMAND_NOMENCLATURE).SerializeToString()]
)
def test_an_answer_without_a_list_is_no_list(payload: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_nomenclature(payload)


def test_a_title_that_is_not_utf8_is_refused() -> None:
    message = response()
    message.nomenclature.elements.add(type=pb.ELEMENT_GROUP, id=1, title="AAAA")
    broken = message.SerializeToString().replace(b"AAAA", b"\xff\xfe\xff\xfe")

    with pytest.raises(MalformedMessage):
        read_nomenclature(broken)
