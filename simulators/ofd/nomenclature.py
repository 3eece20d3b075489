"""The list of goods in the OFD's cabinet and what NOMENCLATURE answers from it (CPCR 2.0.2 §3.9, 2.0.3).

Nobody gave a list: NO_VERSION. The version told is the present one: VERSION_IS_ACTUAL and no elements.
Otherwise the whole list. From 2.0.3 on a barcode asks for one good; with header 203 an unknown one is also
result code 18.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from protocols.ofd import ofd_pb2 as pb

GOODS_MAX = 5_000  # of one list; its answer must fit a frame
VERSION_MAX = 0x7FFF_FFFF
NOT_FOUND_203 = 18  # result code, other than in 2.0.4
VAT, GENERAL_REGIME = 100, 101


class CabinetGood(NamedTuple):
    """A good or a group of them. Prices in tiyn; vat_percent in thousandths, None: not told."""

    id: int
    title: str
    title_kz: str = ""
    parent_id: int = 0
    is_group: bool = False
    article: str = ""
    barcode: str = ""
    price: int = 0
    purchase_price: int = 0
    vat_percent: int | None = None
    unit_code: str = "796"
    unit_title: str = ""
    ntin: str = ""
    is_marked: bool = False
    is_social: bool = False


class CabinetList:
    """Goods and version; `give` puts another list in place and counts the version up."""

    def __init__(self) -> None:
        self.version = 0
        self.created_at: datetime | None = None
        self.goods: tuple[CabinetGood, ...] = ()

    def give(self, goods: Iterable[CabinetGood], at: datetime) -> int:
        """The new version. Raises ValueError for too many goods, or two of one id."""
        given = tuple(goods)
        if len(given) > GOODS_MAX:
            raise ValueError(f"at most {GOODS_MAX} goods")
        if len({each.id for each in given}) < len(given) or any(each.id <= 0 for each in given):
            raise ValueError("ids of goods are numbers above zero, each once")
        self.version += 1
        self.created_at, self.goods = at, given
        return self.version


def good_of(facts: Mapping[str, object]) -> CabinetGood:
    """A good out of JSON. Raises ValueError for unknown fields and for values of another type."""
    kinds = {name: type(value) for name, value in CabinetGood(1, "")._asdict().items()}
    kinds["vat_percent"] = int
    for name, value in facts.items():
        if name not in kinds or type(value) is not kinds[name]:
            raise ValueError(f"{name!r} is no field of a good, or of another type")
    if not facts.get("id") or not facts.get("title"):
        raise ValueError("a good has an id and a title")
    return CabinetGood(**facts)  # type: ignore[arg-type]  # types were compared above


def answer(cabinet: CabinetList, request: pb.NomenclatureRequest, version: int) -> bytes:
    """The answer to a request that is whole."""
    response = pb.Response(command=pb.COMMAND_NOMENCLATURE, result=pb.Result(result_code=0))
    target = response.nomenclature
    target.version = cabinet.version
    if version >= 203 and request.barcode:
        found = [each for each in cabinet.goods if each.barcode == request.barcode and not each.is_group]
        target.result = pb.NOMENCLATURE_OK if found else pb.NOMENCLATURE_NOT_FOUND_BY_BARCODE
        if version == 203 and not found:
            response.result.result_code = NOT_FOUND_203
        _fill(target, found[:1], version)
    elif not cabinet.version:
        target.result = pb.NOMENCLATURE_NO_VERSION
    elif request.current_version == cabinet.version:
        target.result = pb.NOMENCLATURE_VERSION_IS_ACTUAL
    else:
        target.result = pb.NOMENCLATURE_OK
        _fill(target, cabinet.goods, version)
    if cabinet.created_at is not None:
        at = cabinet.created_at
        target.created_time.date.CopyFrom(pb.Date(year=at.year, month=at.month, day=at.day))
        target.created_time.time.CopyFrom(pb.Time(hour=at.hour, minute=at.minute, second=at.second))
    return response.SerializeToString()


def _fill(target: pb.NomenclatureResponse, goods: Iterable[CabinetGood], version: int) -> None:
    for good in goods:
        element = target.elements.add(id=good.id, title=good.title)
        element.type = pb.ELEMENT_GROUP if good.is_group else pb.ELEMENT_ITEM
        if good.parent_id:
            element.parent_group_id = good.parent_id
        if version >= 203 and good.title_kz:
            element.title_kk = good.title_kz
        if not good.is_group:
            _fill_item(element.item, good, version)


def _fill_item(item: pb.NomenclatureResponse.Item, good: CabinetGood, version: int) -> None:
    item.article, item.barcode = good.article, good.barcode
    item.purchase_price.bills, item.purchase_price.coins = divmod(good.purchase_price, 100)
    item.sell_price.bills, item.sell_price.coins = divmod(good.price, 100)
    if good.vat_percent is not None:
        item.taxes.add(taxation_type=GENERAL_REGIME, tax_type=VAT, tax_percent=good.vat_percent)
    item.measure_unit_code, item.measure_title = good.unit_code, good.unit_title
    if version >= 203:
        item.ntin, item.is_markedeac, item.is_social = good.ntin, good.is_marked, good.is_social
