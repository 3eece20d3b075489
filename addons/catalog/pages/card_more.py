"""Beside the form of a product's card: prices by type and moment, stock, variants, pictures."""

from __future__ import annotations

import base64
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.responses import Response

from addons.catalog.pages.goods import CARD, card
from addons.catalog.pages.lists import point_at
from addons.catalog.pages.places import EDIT, GOODS, PAGES, typed_number
from kernel.web.formats import ALMATY
from kernel.web.view import Declined, Outcome, View

STOCK, WAS = "stock:", "was:"


@PAGES.action(f"{CARD}/prices", permission=EDIT)
async def set_price(view: View) -> Response:
    """A price of a type, from now on or from a moment to come; or a planned one is called off."""
    form = await view.form()
    asked = {"productId": view.place("id"), "priceTypeId": form.get("priceTypeId") or None}
    if form.get("what") == "cancel":
        outcome = await view.mutate("cancel_price", input=asked | {"from": form.get("since", "")})
        return await _done(view, outcome)
    asked["price"] = typed_number(form.get("newPrice", "")) or None
    if form.get("since"):
        try:
            asked["from"] = _moment(form["since"])
        except ValueError:
            return await view.again(Declined("BAD_USER_INPUT", view.text("core.bad_value"), "since"), card)
    return await _done(
        view, await view.mutate("set_price", price=asked), price="newPrice", **{"from": "since"}
    )


@PAGES.action(f"{CARD}/stock", permission=EDIT)
async def set_stock(view: View) -> Response:
    """What outlets have, where it was written anew; left empty is unknown."""
    form = await view.form()
    written = {
        name.removeprefix(STOCK): typed_number(text) for name, text in form.items() if name.startswith(STOCK)
    }
    changed = [
        {"productId": view.place("id"), "outletId": outlet, "quantity": quantity or None}
        for outlet, quantity in written.items()
        if quantity != form.get(f"{WAS}{outlet}", "")
    ]
    if not changed:
        return view.go(_own_path(view))
    outcome = await view.mutate("set_stock", rows=changed)
    if outcome.refusal is not None:
        outlets = [str(each["outletId"]) for each in changed]
        return await view.again(point_at(outcome.refusal, outlets, {"": STOCK}), card)
    return view.go(_own_path(view), "core.saved")


@PAGES.action(f"{CARD}/variants", permission=EDIT)
async def create_variant(view: View) -> Response:
    """A new variant; the rest of it is written on its own card."""
    form = await view.form()
    asked = {
        "productId": view.place("id"),
        "characteristic": form.get("newCharacteristic", ""),
        "price": typed_number(form.get("variantPrice", "")) or None,
        "barcodes": form.get("variantBarcode", "").split(),
    }
    outcome = await view.mutate("create_variant", input=asked)
    return await _done(view, outcome, characteristic="newCharacteristic", price="variantPrice")


@PAGES.action(f"{CARD}/pictures", permission=EDIT)
async def change_pictures(view: View) -> Response:
    """A picture is added, taken off, or put first."""
    form, product_id = await view.form(), view.place("id")
    picture = form.get("picture", "")
    match form.get("what"):
        case "remove":
            outcome = await view.mutate("remove_picture", pictureId=picture)
        case "first":
            product = (await view.query("product", id=product_id))["node"]
            others = [each["id"] for each in product["pictures"] if each["id"] != picture]
            outcome = await view.mutate("order_pictures", productId=product_id, pictureIds=[picture, *others])
        case _:
            files = await view.files("picture")
            await view.request.close()  # its file is read
            content = base64.b64encode(files[0][1]).decode() if files else ""
            outcome = await view.mutate("add_picture", productId=product_id, content=content)
    return await _done(view, outcome)


async def _done(view: View, outcome: Outcome, **names: str) -> Response:
    """On to the card, or the card with what is wrong; names: what the form calls fields of the API."""
    if outcome.refusal is not None:
        outcome.refusal.field = names.get((outcome.refusal.field or "").rpartition(".")[2])
    return await view.done(outcome, _own_path(view), card)


def _own_path(view: View) -> str:
    return f"{GOODS}/card/{quote(view.place('id'), safe='')}"


def _moment(text: str) -> str:
    """What a field of date and time holds, by the clock of Kazakhstan, as the API takes it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ALMATY)).isoformat()
