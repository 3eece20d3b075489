"""The OFD's list of goods as our values."""

from __future__ import annotations

from addons.fiscal_kz.domain.goods import GoodsResult, OfdGood, OfdGoods, OfdGroup
from protocols.ofd.errors import WireError
from protocols.ofd.nomenclature import ListedGood, NomenclatureResult, read_nomenclature

_RESULTS = {
    NomenclatureResult.OK: GoodsResult.FOUND,
    NomenclatureResult.VERSION_IS_ACTUAL: GoodsResult.ACTUAL,
    NomenclatureResult.NO_VERSION: GoodsResult.NO_VERSION,
    NomenclatureResult.NOT_FOUND_BY_BARCODE: GoodsResult.UNKNOWN_BARCODE,
}


def read_goods(payload: bytes) -> OfdGoods | None:
    """What an answer to NOMENCLATURE says; None when nobody can read it."""
    try:
        listed = read_nomenclature(payload)
    except WireError:
        return None
    return OfdGoods(
        result=_RESULTS[listed.result],
        version=listed.version,
        groups=tuple(OfdGroup(each.id, each.title, each.parent_id) for each in listed.groups),
        goods=tuple(_good(each) for each in listed.goods),
    )


def _good(listed: ListedGood) -> OfdGood:
    return OfdGood(
        id=listed.id,
        title=listed.title,
        title_kk=listed.title_kz,
        group_id=listed.parent_id,
        article=listed.article,
        barcode=listed.barcode,
        price=listed.price,
        vat_bp=listed.vat_bp,
        unit_code=listed.unit_code,
        unit_name=listed.unit_title,
        ntin=listed.ntin,
        is_marked=listed.is_marked,
        is_social=listed.is_social,
    )
