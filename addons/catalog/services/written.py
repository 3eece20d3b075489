"""The one thing every write of a product does: its history, its words in the search, the change feed.

Whoever writes rows of products in another way than a source's import calls this, in the same Work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from addons.catalog.models import Barcode, ExtraGroup, Product
from addons.catalog.services.feed_notes import note_cards
from addons.catalog.services.history import differences, note_changes
from addons.catalog.services.search_index import SEARCHED_COLUMNS, goods_were_named
from kernel.data.work import Work
from kernel.quantity import Quantity

State = Mapping[str, str | None]
_FIELDS = (
    "name", "name_kk", "characteristic", "article", "price", "purchase_price", "vat_kind", "vat_bp",
    "unit_code", "section", "ntin", "gtin", "is_marked", "is_price_editable", "discount_bp", "markup_bp",
    "is_archived", "group_id", "own_register_id",
)  # fmt: skip
# A product that differs in one of these may enter or leave what a register sees.
_PLACE = {"group_id", "extra_groups", "own_register_id", "is_archived"}


async def state_of(product: Product) -> dict[str, str | None]:
    """A product as texts, as its history tells changes."""
    state = {name: _text(getattr(product, name)) for name in _FIELDS}
    barcodes = await Barcode.filter(product_id=product.id).order_by("place")
    state["barcodes"] = " ".join(map(_code_text, barcodes))
    groups = await ExtraGroup.filter(product_id=product.id).order_by("group_id")
    state["extra_groups"] = " ".join(row.group_id for row in groups)
    return state


async def product_written(work: Work, product: Product, action: str, before: State | None) -> bool:
    """The product was stored; before: its state_of then, None for a new one. False when nothing is another.

    action: "created", "updated", "archived" or "restored".
    """
    after = await state_of(product)
    changes = differences(before or {}, after)
    if before is not None and not changes:
        return False
    if before is None:
        changes = {name: each for name, each in changes.items() if each[1]}
    await note_changes(work, action, [(product.id, changes)])
    if before is None or changes.keys() & set(SEARCHED_COLUMNS):
        await goods_were_named(work, [product.code])
    await note_cards(work, [product.id], is_moved=before is None or bool(changes.keys() & _PLACE))
    facts = {"code": product.code, "name": product.name} if before is None else {"code": product.code}
    await work.audit(f"catalog.product_{action}", product.id, facts)
    work.notice("catalog", product.company_id)
    return True


async def prices_written(work: Work, product_ids: Iterable[str]) -> None:
    """Prices, stock or pictures of products changed: the same goods, at the same places."""
    await note_cards(work, product_ids, is_moved=False)
    work.notice("catalog", work.company_id)


def _code_text(row: Barcode) -> str:
    amount = Quantity(row.coefficient_thousandths)
    return row.barcode if amount == Quantity.ONE else f"{row.barcode}×{amount}"


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(getattr(value, "value", value))
