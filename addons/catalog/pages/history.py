"""The history of a product: what changed, when, by whom, from where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from addons.catalog.pages.goods import CARD
from addons.catalog.pages.lists import all_groups, all_registers
from addons.catalog.pages.places import EDIT, GOODS, PAGES
from kernel.gql.ids import to_global
from kernel.money import Money
from kernel.web.formats import format_money, format_short
from kernel.web.view import View

HISTORY = f"{CARD}/history"
PAGE_ROWS = 50
AUTHORS_SHOWN = 1_000  # cashiers, and users, whose names are known
MS = 1000
# What is told of by another word than change_<name>.
WORDS = {
    "name": "name", "name_kk": "name_kk", "characteristic": "characteristic", "article": "article",
    "price": "price", "purchase_price": "purchase_price", "unit_code": "unit", "is_marked": "is_marked",
    "is_price_editable": "is_price_editable", "group_id": "group", "own_register_id": "own_register",
    "barcodes": "barcodes", "extra_groups": "change_extra_groups", "vat_kind": "change_vat_kind",
    "vat_bp": "vat", "section": "change_section", "discount_bp": "change_discount",
    "markup_bp": "change_markup", "is_archived": "archived", "picture": "pictures",
}  # fmt: skip
NAMED = ("group_id", "extra_groups", "own_register_id")  # hold ids
PRICES = ("price", "purchase_price")
PLANNED = "planned"  # the value of a price that was called off
PERCENTS = ("vat_bp", "discount_bp", "markup_bp")
ACTIONS = (
    "created", "updated", "archived", "restored", "priced", "price_cancelled", "price_due", "pictured",
    "imported",
)  # fmt: skip
ACTORS = ("user", "operator", "device", "service", "system")
VAT_KINDS = ("standard", "medicine", "periodical", "zero", "none", "fixed")


@PAGES.page(HISTORY, title="catalog.history", permission=EDIT)
async def history(view: View) -> Response:
    """Changes of one product, the latest first."""
    after = view.asked("after") or None
    data = await view.query("product_changes", id=view.place("id"), first=PAGE_ROWS, after=after)
    if data["node"] is None:
        return view.go(GOODS)
    names = await _names(view, data)
    changes = data["productChanges"]
    shown = [
        each
        | {
            "what": _word(view, each["action"], ACTIONS, "did"),
            "who": _who(view, each, names),
            "fields": [_field(view, field, names) for field in each["fields"]],
        }
        for each in changes["nodes"]
    ]
    base = f"{GOODS}/card/{quote(view.place('id'), safe='')}"
    return view.show(
        "catalog/history.html", product=data["node"], changes=shown, info=changes["pageInfo"], base=base
    )


async def _names(view: View, data: Mapping[str, Any]) -> dict[str, str]:
    """Names of what the history holds ids of, by global id, as far as the reader may know them."""
    known = data["priceTypes"]["nodes"] + await all_groups(view)
    registers = {each["id"]: each["title"] for each in await all_registers(view)}
    known += await view.every("cashiers", limit=AUTHORS_SHOWN)
    if view.may("organization.manage_access"):
        known += await view.every("people", limit=AUTHORS_SHOWN)
    return registers | {each["id"]: each["name"] for each in known}


def _who(view: View, change: Mapping[str, Any], names: Mapping[str, str]) -> str:
    kind = change["actorKind"]
    name = names.get(to_global(kind.capitalize(), change["actorId"]))
    return name or _word(view, kind, ACTORS, "by")


def _field(view: View, field: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """A field that changed as people read it."""
    name, _, since = field["name"].partition("@")
    name, _, price_type = name.partition(":")
    title = view.text(f"catalog.{WORDS[name]}") if name in WORDS else name
    if price_type:
        title = f"{title}, {names.get(to_global('PriceType', price_type), price_type)}"
    if since.isdigit():
        at = datetime.fromtimestamp(int(since) / MS, UTC)
        title = f"{title}, {view.text('catalog.since').lower()} {format_short(at, view.language)}"
    before, after = (_value(view, name, field[side], names) for side in ("before", "after"))
    return {"title": title, "before": before, "after": after}


def _value(view: View, name: str, value: str | None, names: Mapping[str, str]) -> str:
    if not value:
        return "—"
    if value in ("true", "false"):
        return view.text("core.yes" if value == "true" else "core.no")
    if name == "picture":
        return view.text("catalog.one_picture")
    if name in PRICES and value == PLANNED:
        return view.text("catalog.planned")
    if name in PRICES:
        return format_money(Money.parse(value), view.language)
    if name in NAMED:
        of = "Register" if name == "own_register_id" else "ProductGroup"
        return ", ".join(names.get(to_global(of, each), each) for each in value.split())
    if name in PERCENTS and value.isdigit():
        return f"{int(value) / 100:g} %"
    if name == "vat_kind":
        return _word(view, value, VAT_KINDS, "vat_kind")
    return value


def _word(view: View, value: str, known: tuple[str, ...], prefix: str) -> str:
    return view.text(f"catalog.{prefix}_{value}") if value in known else value
