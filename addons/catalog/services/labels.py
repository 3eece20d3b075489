"""What stands on labels of goods, at the price a register asks or at the ordinary one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from addons.catalog.domain.label import LABELS_MAX, Label
from addons.catalog.domain.product import ProductCard, ProductId
from addons.catalog.services.cards import products_by_ids
from addons.catalog.services.tables import PRODUCT, select_in
from addons.catalog.services.view import view_by_ids
from kernel.data.work import Reader
from kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class AskLabels:
    """codes: of products, in the order of printing. register_id: at whose price; None is the ordinary one.
    is_kazakh: names in Kazakh, where a product has one."""

    codes: Sequence[int]
    copies: int = 1
    register_id: str | None = None
    is_kazakh: bool = False


async def labels_of(reader: Reader, asked: AskLabels) -> list[Label]:
    """Labels of the goods, each so often as copies are wanted; archived goods have none.

    Refusals LABELS_TOO_MANY, LABELS_NONE, LABEL_CODE_UNKNOWN.
    """
    if asked.copies < 1 or len(asked.codes) * asked.copies > LABELS_MAX:
        raise Refusal("LABELS_TOO_MANY", max=LABELS_MAX)
    if not asked.codes:
        raise Refusal("LABELS_NONE")
    rows = await select_in(
        reader,
        f"SELECT id, code FROM {PRODUCT} WHERE company_id = ? AND is_archived = 0 AND code IN ({{marks}})",
        asked.codes,
        before=[reader.company_id],
    )
    ids = {row["code"]: ProductId(row["id"]) for row in rows}
    unknown = next((code for code in asked.codes if code not in ids), None)
    if unknown is not None:
        raise Refusal("LABEL_CODE_UNKNOWN", value=unknown)
    if asked.register_id is None:
        cards = await products_by_ids(reader, list(ids.values()))
    else:
        views = await view_by_ids(reader, asked.register_id, ids.values())
        cards = {product_id: view.card for product_id, view in views.items()}
    labels = [_label(cards[ids[code]], is_kazakh=asked.is_kazakh) for code in asked.codes]
    return [label for label in labels for _ in range(asked.copies)]


def _label(card: ProductCard, *, is_kazakh: bool) -> Label:
    return Label(
        name=(card.name_kk if is_kazakh else "") or card.name,
        price=card.price if card.has_price else None,
        unit_name=card.unit_name,
        code=card.code,
        article=card.article,
        barcode=card.barcode,
    )
