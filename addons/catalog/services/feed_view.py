"""Which view of the catalogue a register's devices follow, and where the company's feed stands."""

from __future__ import annotations

from addons.catalog.domain.feed import view_key
from addons.catalog.domain.view import AS_IS, ViewRules
from addons.catalog.services.feed_head import HEAD, Head
from addons.catalog.services.tables import BUNDLE_REGISTER, PRODUCT, REGISTER_GROUP, REGISTER_VIEW
from kernel.data.work import Reader
from kernel.values import value

_HEAD = f"SELECT epoch, seq, floor_seq FROM {HEAD} WHERE company_id = ?"
_RULES = f"""SELECT is_all_goods, percent_bp, rounding_step_tiyn, price_type_id FROM {REGISTER_VIEW}
WHERE register_id = ? AND company_id = ?"""
_CHOSEN = f"SELECT group_id FROM {REGISTER_GROUP} WHERE register_id = ? AND company_id = ? ORDER BY group_id"
# What only this register sells; while it has nothing of the kind it shares its pages with others.
_OWN = f"""SELECT EXISTS (SELECT 1 FROM {PRODUCT} WHERE own_register_id = ? AND company_id = ?) AS goods,
EXISTS (SELECT 1 FROM {BUNDLE_REGISTER} WHERE register_id = ? AND company_id = ?) AS bundles"""


@value
class FeedView:
    """key: equal for registers that see the same rows at the same prices."""

    company_id: str
    register_id: str
    rules: ViewRules
    key: str


async def feed_view(reader: Reader, register_id: str) -> tuple[FeedView, Head | None]:
    """The view of a register of the reader's company, and the head of its feed; None before it begins.

    One round trip. Whether there is such a register was checked before.
    """
    company_id = reader.company_id
    heads, rules_rows, chosen, own = await reader.together(
        (_HEAD, (company_id,)),
        (_RULES, (register_id, company_id)),
        (_CHOSEN, (register_id, company_id)),
        (_OWN, (register_id, company_id, register_id, company_id)),
    )
    rules = AS_IS
    for row in rules_rows:
        price_type_id = row["price_type_id"]
        rules = ViewRules(
            bool(row["is_all_goods"]), row["percent_bp"], row["rounding_step_tiyn"], price_type_id
        )
    groups = () if rules.is_all_goods else tuple(row["group_id"] for row in chosen)
    has_own = own[0]["goods"] or own[0]["bundles"]
    key = view_key(
        rules.percent_bp, rules.step_tiyn, rules.price_type_id, rules.is_all_goods, groups,
        register_id if has_own else "",
    )  # fmt: skip
    head = next((Head(row["epoch"], row["seq"], row["floor_seq"]) for row in heads), None)
    return FeedView(company_id, register_id, rules, key), head
