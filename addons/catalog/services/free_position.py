"""The default item of a company, made when its first register appears."""

from __future__ import annotations

from addons.catalog.domain.product import (
    FREE_POSITION_CODE,
    FREE_POSITION_GROUP,
    FREE_POSITION_NAME,
    FREE_POSITION_NAME_KK,
)
from addons.catalog.domain.search import search_key
from addons.catalog.domain.units import PIECE_CODE, UNITS
from addons.catalog.domain.vat import VatKind
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.feed_notes import note_cards, note_groups
from addons.catalog.services.search_index import goods_were_named
from addons.catalog.services.tables import GROUP, GROUP_PATH, PRODUCT
from addons.organization.api import RegisterCreated
from kernel.data.work import Work
from kernel.ids import new_id


async def ensure_free_position(work: Work, payload: RegisterCreated) -> None:
    """Give the register's company «Свободная позиция» (code 9999, group 9.9) unless the code is there
    already."""
    company = payload.register.company
    await lock_catalogue(work, company.id)
    present = await work.row(
        f"SELECT id FROM {PRODUCT} WHERE company_id = ? AND code = ?",
        company.id,
        FREE_POSITION_CODE,
    )
    if present is not None:
        return
    unit = UNITS[PIECE_CODE]
    vat_kind = VatKind.STANDARD if company.is_vat_payer else VatKind.NONE
    product_id = new_id()
    await work.insert(
        PRODUCT,
        {
            "id": product_id,
            "company_id": company.id,
            "code": FREE_POSITION_CODE,
            "name": FREE_POSITION_NAME,
            "name_kk": FREE_POSITION_NAME_KK,
            "search_key": search_key(FREE_POSITION_NAME),
            "article": "",
            "barcode": "",
            "group_id": await _group(work, company.id),
            "section": 0,
            "price_tiyn": None,
            "vat_kind": vat_kind.value,
            "vat_bp": None,
            "unit_code": unit.code,
            "unit_name": unit.name_ru,
            "ntin": "",
            "gtin": "",
            "is_marked": 0,
            "is_price_editable": 1,
            "discount_bp": 0,
            "markup_bp": 0,
            "is_archived": 0,
            "is_archived_by_source": 0,
            "card_digest": "",
            "offer_digest": "",
            "characteristic": "",
            "created_ms": work.now_ms,
            "updated_ms": work.now_ms,
        },
    )
    await note_cards(work, [product_id])
    await goods_were_named(work, [FREE_POSITION_CODE])


async def _group(work: Work, company_id: str) -> str:
    present = await work.row(
        f"SELECT id FROM {GROUP} WHERE company_id = ? AND code = ?",
        company_id,
        FREE_POSITION_GROUP,
    )
    if present is not None:
        return str(present["id"])
    group_id = new_id()
    await work.insert(
        GROUP,
        {
            "id": group_id,
            "company_id": company_id,
            "code": FREE_POSITION_GROUP,
            "name": FREE_POSITION_NAME,
            "name_kk": FREE_POSITION_NAME_KK,
            "parent_id": None,
            "is_archived": 0,
            "updated_ms": work.now_ms,
        },
    )
    path = {"id": new_id(), "company_id": company_id, "group_id": group_id, "ancestor_id": group_id}
    await work.insert(GROUP_PATH, path)
    await note_groups(work, [group_id])
    return group_id
