"""The OFD's list of goods (CPCR 2.0.2 §3.9) to flat values: the whole list, or from 2.0.3 one good by its
barcode.

Elements without an id or a title are no goods and are left out; so is a moment that does not exist.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.errors import MalformedMessage
from protocols.ofd.messages import parse_response
from protocols.ofd.moments import read_moment
from protocols.ofd.money import read_money

VAT = 100  # TaxTypeEnum


class NomenclatureResult(IntEnum):
    """NomenclatureResultTypeEnum."""

    OK = pb.NOMENCLATURE_OK
    VERSION_IS_ACTUAL = pb.NOMENCLATURE_VERSION_IS_ACTUAL
    NO_VERSION = pb.NOMENCLATURE_NO_VERSION
    NOT_FOUND_BY_BARCODE = pb.NOMENCLATURE_NOT_FOUND_BY_BARCODE


class ListedGroup(NamedTuple):
    """A group of goods; parent_id 0: under the root."""

    id: int
    title: str
    title_kz: str
    parent_id: int


class ListedGood(NamedTuple):
    """A good. price: tiyn, None when the OFD tells none. vat_bp: None when it tells no VAT."""

    id: int
    title: str
    title_kz: str
    parent_id: int
    article: str
    barcode: str
    price: int | None
    vat_bp: int | None
    unit_code: str
    unit_title: str
    ntin: str
    is_marked: bool
    is_social: bool


class Nomenclature(NamedTuple):
    """What the OFD answered; version 0 when it has none."""

    result: NomenclatureResult
    version: int
    created_at: datetime | None
    groups: tuple[ListedGroup, ...]
    goods: tuple[ListedGood, ...]


def read_nomenclature(payload: bytes) -> Nomenclature:
    """The list in an answer to NOMENCLATURE.

    Raises MalformedMessage for bytes of another kind, an answer without a list, an unknown result of it, and
    texts that are not UTF-8.
    """
    response = parse_response(payload)
    source = response.nomenclature
    if not source.HasField("result"):
        raise MalformedMessage("an answer to NOMENCLATURE carries its result")
    told = [each for each in source.elements if each.id and each.title]
    return Nomenclature(
        result=NomenclatureResult(source.result),
        version=source.version,
        created_at=_moment(source),
        groups=tuple(_group(each) for each in told if each.type == pb.ELEMENT_GROUP),
        goods=tuple(_good(each) for each in told if each.type == pb.ELEMENT_ITEM and each.HasField("item")),
    )


def _moment(source: pb.NomenclatureResponse) -> datetime | None:
    if not source.HasField("created_time"):
        return None
    try:
        return read_moment(source.created_time)
    except MalformedMessage:
        return None


def _group(source: pb.NomenclatureResponse.Element) -> ListedGroup:
    return ListedGroup(source.id, _text(source.title), _text(source.title_kk), source.parent_group_id)


def _good(source: pb.NomenclatureResponse.Element) -> ListedGood:
    item = source.item
    vat = next((each for each in item.taxes if each.tax_type == VAT), None)
    return ListedGood(
        id=source.id,
        title=_text(source.title),
        title_kz=_text(source.title_kk),
        parent_id=source.parent_group_id,
        article=_text(item.article),
        barcode=_text(item.barcode),
        price=read_money(item.sell_price) if item.HasField("sell_price") else None,
        vat_bp=None if vat is None else vat.tax_percent // 10,
        unit_code=_text(item.measure_unit_code),
        unit_title=_text(item.measure_title),
        ntin=_text(item.ntin),
        is_marked=item.is_markedeac,
        is_social=item.is_social,
    )


def _text(value: str | bytes) -> str:
    """The runtime hands out raw bytes when they are not UTF-8, which proto2 does not check."""
    if isinstance(value, str):
        return value
    raise MalformedMessage("a text is not UTF-8")
