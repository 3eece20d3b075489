"""The cabinet's list of goods: versions, one good by barcode, what is refused."""

from __future__ import annotations

import pytest

from protocols.ofd import build
from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.cardinality import missing_fields
from protocols.ofd.codes import Command
from protocols.ofd.frame import decode_frame, encode_frame
from protocols.ofd.messages import parse_response
from simulators.ofd.control import ControlError, perform
from simulators.ofd.nomenclature import GOODS_MAX, CabinetGood, good_of
from simulators.ofd.tests.till import SERVICE, Till, new_till

GOODS = (
    CabinetGood(10, "Сүт өнімдері", is_group=True),
    CabinetGood(11, "Айран", "Айран", 10, barcode="4870001234567", price=64950, vat_percent=16000),
)


def ask(till: Till, *, loaded: int = 0, barcode: str = "") -> pb.Response:
    payload = build.build_nomenclature(SERVICE, version=till.version, current_version=loaded, barcode=barcode)
    answer = till.exchange(till.next_frame(payload))
    assert answer.token == till.token  # never renewed
    return parse_response(answer.payload)


def test_without_a_list_there_is_no_version() -> None:
    assert ask(new_till()).nomenclature.result == pb.NOMENCLATURE_NO_VERSION


@pytest.mark.parametrize("version", [202, 203, 204])
def test_a_version_is_given_once_and_whole(version: int) -> None:
    till = new_till(version)
    assert till.simulator.give_goods(GOODS) == 1

    whole, actual = ask(till), ask(till, loaded=1)

    assert [each.title for each in whole.nomenclature.elements] == ["Сүт өнімдері", "Айран"]
    assert missing_fields(whole, version) == []
    assert actual.nomenclature.result == pb.NOMENCLATURE_VERSION_IS_ACTUAL
    assert len(actual.nomenclature.elements) == 0
    assert till.simulator.give_goods(GOODS[1:]) == 2
    assert len(ask(till, loaded=1).nomenclature.elements) == 1


@pytest.mark.parametrize(("version", "code"), [(203, 18), (204, 0)])
def test_one_good_by_its_barcode(version: int, code: int) -> None:
    till = new_till(version)
    till.simulator.give_goods(GOODS)

    found, unknown = ask(till, barcode="4870001234567"), ask(till, barcode="1")

    assert [each.id for each in found.nomenclature.elements] == [11]
    assert unknown.nomenclature.result == pb.NOMENCLATURE_NOT_FOUND_BY_BARCODE
    assert (unknown.result.result_code, len(unknown.nomenclature.elements)) == (code, 0)


def test_a_question_without_its_version_or_with_an_old_token_is_refused() -> None:
    till = new_till(202)
    bare = pb.Request(command=pb.COMMAND_NOMENCLATURE).SerializeToString()
    stale = decode_frame(
        till.simulator.answer(decode_frame(encode_frame(202, till.ofd_id, till.token + 1, 9, bare)))
    )

    assert till.send(bare).code == 3
    assert parse_response(stale.payload).result.result_code == 2
    assert till.account.refusals[-1][0] == Command.NOMENCLATURE


def test_a_list_must_make_sense() -> None:
    simulator = new_till().simulator
    for goods in ([CabinetGood(1, "а"), CabinetGood(1, "б")], [CabinetGood(0, "а")]):
        with pytest.raises(ValueError, match="ids"):
            simulator.give_goods(goods)
    with pytest.raises(ValueError, match="at most"):
        simulator.give_goods(CabinetGood(each + 1, "а") for each in range(GOODS_MAX + 1))
    for facts in ({"id": 1}, {"id": "1", "title": "а"}, {"id": 1, "title": "а", "colour": "red"}):
        with pytest.raises(ValueError, match="good"):
            good_of(facts)
    assert good_of({"id": 1, "title": "Нан", "price": 20000, "vat_percent": 16000}).price == 20000


async def test_a_list_comes_through_the_control_page_too() -> None:
    till = new_till()
    goods = [{"id": 11, "title": "Айран", "barcode": "4870001234567", "price": 64950}]

    given = await perform(till.simulator, {"action": "goods", "goods": goods})

    assert given == {"version": 1}
    assert ask(till).nomenclature.elements[0].item.sell_price.bills == 649
    for wrong in ("all", ["Айран"], [{"id": 11}], goods * 2):
        with pytest.raises(ControlError):
            await perform(till.simulator, {"action": "goods", "goods": wrong})
