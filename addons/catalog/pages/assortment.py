"""What one register sells and at what price: a tab on the register's page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from addons.catalog.domain.pricing import ROUNDING_STEPS
from addons.catalog.pages.lists import all_groups, find_product
from addons.catalog.pages.places import EDIT, PAGES, VIEW, typed_number
from kernel.money import Money
from kernel.web.pages import CONSOLE, Tab
from kernel.web.view import Declined, View

REGISTER = f"{CONSOLE}/registers/{{id}}"
ASSORTMENT = f"{REGISTER}/assortment"
OWN_GOODS = f"{ASSORTMENT}/own"
TABS = "fiscal_kz.register"  # beside the other pages of a register
STEPS = tuple(str(Money(step)) for step in ROUNDING_STEPS)
OWN_SHOWN = 50


@PAGES.page(ASSORTMENT, title="catalog.assortment", permission=VIEW, tab=Tab(TABS, 60))
async def assortment(view: View) -> Response:
    """Groups, percent, rounding, type of price, and the goods no other register sells."""
    after = view.asked("after") or None
    data = await view.query("register_catalog", id=view.place("id"), first=OWN_SHOWN, after=after)
    if data["node"] is None:
        return view.go(f"{CONSOLE}/registers")
    catalog = data["registerCatalog"]
    chosen = {each["id"] for each in catalog["groups"]}
    if view.refusal is not None:
        chosen = set(await view.chosen("groupIds"))
    known = await all_groups(view) if view.may(EDIT) else []
    shown = [each for each in known if not each["isArchived"] or each["id"] in chosen]
    listed = {each["id"] for each in shown}
    return view.show(
        "catalog/assortment.html",
        title=data["node"]["title"],
        register=data["node"],
        catalog=catalog,
        chosen=chosen,
        groups=shown + [each for each in catalog["groups"] if each["id"] not in listed],
        price_types=_choosable(data["priceTypes"]["nodes"], catalog["priceType"]),
        steps=STEPS,
        own=data["products"],
        base=_own_path(view),
        tabs=view.tabs(TABS),
    )


@PAGES.action(ASSORTMENT, permission=EDIT)
async def choose(view: View) -> Response:
    """The choice as it was written."""
    form = await view.form()
    asked = {
        "registerIds": [view.place("id")],
        "isAllGoods": form.get("scope") != "groups",
        "groupIds": await view.chosen("groupIds"),
        "percent": typed_number(form.get("percent", "")),
        "roundingStep": form.get("roundingStep", ""),
        "priceTypeId": form.get("priceTypeId") or None,
    }
    outcome = await view.mutate("save_register_catalog", input=asked)
    return await view.done(outcome, _own_path(view), assortment)


@PAGES.action(OWN_GOODS, permission=EDIT)
async def own_goods(view: View) -> Response:
    """A product is sold here and nowhere else, or everywhere again."""
    form = await view.form()
    if form.get("productId"):
        asked: dict[str, Any] = {"productId": form["productId"], "ownRegisterId": None}
    else:
        found = await find_product(view, form.get("code", ""))
        if found is None:
            refusal = Declined("PRODUCT_UNKNOWN", view.text("catalog.no_such_product"), "code")
            return await view.again(refusal, assortment)
        asked = {"productId": found["id"], "ownRegisterId": view.place("id")}
    outcome = await view.mutate("save_product", input=asked)
    return await view.done(outcome, _own_path(view), assortment)


def _choosable(price_types: list[Any], chosen: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Types that are in use, and the one that is chosen."""
    mine = chosen["id"] if chosen else None
    return [
        (each["id"], each["name"]) for each in price_types if not each["isArchived"] or each["id"] == mine
    ]


def _own_path(view: View) -> str:
    return f"{CONSOLE}/registers/{quote(view.place('id'), safe='')}/assortment"
