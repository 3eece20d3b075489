"""The list of goods, quick at any length, and the card of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from addons.catalog.domain.picture import PICTURES_MAX
from addons.catalog.pages.lists import all_groups, all_outlets, all_registers
from addons.catalog.pages.places import CARD_FRAGMENTS, EDIT, GOODS, PAGES, TABS, VIEW, typed_number
from kernel.web.pages import Menu, Tab
from kernel.web.view import Declined, View

NEW = f"{GOODS}/new"
CARD = f"{GOODS}/card/{{id}}"
PRICE = f"{CARD}/price"
CHOSEN = f"{GOODS}/chosen"
PAGE_ROWS = 50
CHOSEN_MAX = 100  # goods changed by one press
VAT_RATES = ("16", "10", "5", "0")
UNITS = ("796", "166", "112", "163", "006", "778")  # piece, kg, litre, gram, metre, package
TEXTS = ("name", "nameKk", "unitCode", "article", "ntin", "gtin")
ONE_UNIT = "1"


@PAGES.page(GOODS, title="catalog.goods", permission=VIEW, menu=Menu("trade", 40, "goods"), tab=Tab(TABS, 10))
async def goods(view: View) -> Response:
    """A page of goods: all, of a group, or those that fit what is typed."""
    text, group, is_archived = view.asked("q"), view.asked("group"), bool(view.asked("archived"))
    after = view.asked("after") or None
    if text:
        data = await view.query(
            "goods_found", text=text, first=PAGE_ROWS, after=after, isArchived=is_archived
        )
        found = data["searchProducts"]
    else:
        wish: dict[str, Any] = {"isArchived": is_archived}
        if group:
            wish |= {"groupId": group, "isWithSubgroups": True}
        data = await view.query("goods", filter=wish, first=PAGE_ROWS, after=after)
        found = data["products"]
    return view.show(
        "catalog/goods.html",
        goods=found,
        groups=await all_groups(view),
        tabs=view.tabs(TABS),
        asked=view.asked,
    )


@PAGES.action(PRICE, permission=EDIT)
async def set_price(view: View) -> Response:
    """A price written into the list; the row comes back as it is now."""
    form = await view.form()
    price = typed_number(form.get("price", ""))
    asked = {"productId": view.place("id"), "price": price or None}
    outcome = await view.mutate("save_product", input=asked)
    if "hx-request" not in view.request.headers:
        return await view.done(outcome, GOODS, goods)
    row = (await view.query("product", id=view.place("id")))["node"]
    if outcome.refusal is not None:
        row = row | {"price": form.get("price", "")}
    return HTMLResponse(
        view.part("catalog/goods_row.html", each=row, refusal=outcome.refusal, is_new=outcome.refusal is None)
    )


@PAGES.action(CHOSEN, permission=EDIT)
async def change_chosen(view: View) -> Response:
    """Move the ticked goods into a group, or archive them."""
    form, chosen = await view.form(), (await view.chosen("id"))[:CHOSEN_MAX]
    for product_id in chosen:
        if form.get("what") == "archive":
            outcome = await view.mutate("archive_product", productId=product_id, isArchived=True)
        elif form.get("what") == "restore":
            outcome = await view.mutate("archive_product", productId=product_id, isArchived=False)
        else:
            moved = {"productId": product_id, "groupId": form.get("groupId") or None}
            outcome = await view.mutate("save_product", input=moved)
        if outcome.refusal is not None:
            return await view.again(outcome.refusal, goods)
    return view.go(form.get("back") or GOODS, "core.saved" if chosen else "")


@PAGES.page(NEW, title="catalog.new_product", permission=EDIT)
async def new_product(view: View) -> Response:
    """An empty card."""
    return await _card(view, {}, None, [])


@PAGES.action(NEW, permission=EDIT)
async def create_product(view: View) -> Response:
    """A new product."""
    try:
        asked = {
            name: value for name, value in _written(view, await view.form()).items() if value is not None
        }
    except Declined as refusal:
        return await view.again(refusal, new_product)
    outcome = await view.mutate("create_product", input=asked)
    return await view.done(outcome, GOODS, new_product)


@PAGES.page(CARD, title="catalog.product", permission=VIEW)
async def card(view: View) -> Response:
    """The card of a product."""
    data = await view.query("product", id=view.place("id"), edits=view.may(EDIT))
    if data["node"] is None:
        return view.go(GOODS)
    fragments = await view.fill(CARD_FRAGMENTS, product_id=view.place("id"))
    return await _card(view, data, data["node"], fragments)


@PAGES.action(CARD, permission=EDIT)
async def save(view: View) -> Response:
    """The card as it was written."""
    form = await view.form()
    path = f"{GOODS}/card/{quote(view.place('id'), safe='')}"
    if form.get("what") in ("archive", "restore"):
        outcome = await view.mutate(
            "archive_product", productId=view.place("id"), isArchived=form["what"] == "archive"
        )
        return await view.done(outcome, path, card)
    try:
        asked = _written(view, form)
    except Declined as refusal:
        return await view.again(refusal, card)
    outcome = await view.mutate("save_product", input=asked | {"productId": view.place("id")})
    return await view.done(outcome, path, card)


def _with_own(groups: list[dict[str, Any]], product: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Groups to choose from, the product's own among them whatever becomes of it."""
    own = product["group"] if product else None
    return groups if own is None or any(each["id"] == own["id"] for each in groups) else [own, *groups]


async def _card(
    view: View, data: dict[str, Any], product: dict[str, Any] | None, fragments: list[str]
) -> Response:
    registers = [each for each in await all_registers(view) if not each["isDecommissioned"]]
    codes = product["scanCodes"] if product else []
    return view.show(
        "catalog/product.html",
        title=product["name"] if product else view.text("catalog.new_product"),
        product=product,
        groups=_with_own(await all_groups(view), product),
        registers=[(each["id"], f"№ {each['number']} {each['title']}") for each in registers],
        barcodes=_barcodes(product, codes) if product else [],
        packs=[each for each in codes if each["coefficient"] != ONE_UNIT],
        price_types=[each for each in data.get("priceTypes", {}).get("nodes", []) if not each["isArchived"]],
        outlets=await all_outlets(view) if product else [],
        held={each["outletId"]: each["quantity"] for each in product["stock"]} if product else {},
        pictures_max=PICTURES_MAX,
        base=f"{GOODS}/card/{quote(product['id'], safe='')}" if product else NEW,
        fragments=fragments,
        vat_rates=VAT_RATES,
        units=UNITS,
    )


def _barcodes(product: dict[str, Any], codes: list[dict[str, str]]) -> list[str]:
    """Barcodes of one unit as they were given: the NTIN is read by scanners, too, and has its own field."""
    single = [each["barcode"] for each in codes if each["coefficient"] == ONE_UNIT]
    return [each for each in single if each != product["ntin"] or each == product["barcode"]]


def _written(view: View, form: Mapping[str, str]) -> dict[str, Any]:
    """The form as the API takes it: an empty price is "typed at the till", an empty group is none.

    Raises Declined for a barcode of a pack without the number of its units.
    """
    nullable = {
        name: form[name] or None for name in ("ownRegisterId", "characteristic") if name in form
    }  # fields that not every card has
    return {
        **{name: form.get(name, "") for name in TEXTS},
        **nullable,
        "price": typed_number(form.get("price", "")) or None,
        "purchasePrice": typed_number(form.get("purchasePrice", "")) or None,
        "groupId": form.get("groupId") or None,
        "vatPercent": form.get("vatPercent") or None,
        "barcodes": form.get("barcodes", "").split(),
        "packs": [_pack(view, line) for line in form.get("packs", "").splitlines() if line.strip()],
        "isMarked": form.get("isMarked") == "1",
        "isPriceEditable": form.get("isPriceEditable") == "1",
    }


def _pack(view: View, line: str) -> dict[str, str]:
    """A line such as "4870001112223 10"."""
    barcode, _, units = line.strip().rpartition(" ")
    if not barcode.strip():
        raise Declined("PRODUCT_COEFFICIENT_MALFORMED", view.text("catalog.pack_malformed"), "packs")
    return {"barcode": barcode.strip(" ×=\u00a0"), "coefficient": typed_number(units)}
