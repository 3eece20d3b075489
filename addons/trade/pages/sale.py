"""One receipt: as paper, as data, given back, printed or sent again."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from starlette.responses import Response

from addons.trade.pages.places import PAGES, SALE, SALE_FRAGMENTS, SALES, VIEW
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.web.view import View

APPROVE = "organization.approve"  # whoever holds it needs nobody's word
GIVE_BACK = f"{SALE}/return"
RETURNS_OF = {"SELL": "return", "BUY": "purchase_return"}


@PAGES.page(SALE, title="trade.receipt", permission=VIEW)
async def sale(view: View) -> Response:
    """The paper with the data beside it."""
    data = await view.query("sale", id=view.place("id"), isCopy=bool(view.asked("copy")))
    if data["sale"] is None:
        return view.show("trade/sale_unknown.html", status=404, title=view.text("trade.receipt_unknown"))
    return view.show(
        "trade/sale.html",
        sale=data["sale"],
        can_return=data["sale"]["kind"] in RETURNS_OF and _left(data["sale"]) > 0,
        fragments=await view.fill(SALE_FRAGMENTS, sale_id=view.place("id")),
    )


@PAGES.page(GIVE_BACK, title="trade.return_title", permission="trade.return")
async def give_back_form(view: View) -> Response:
    """How much of what comes back."""
    data = await view.query("sale_return", id=view.place("id"))
    found = data["sale"]
    if found is None or _left(found) <= 0:
        return view.go(f"{SALES}/{quote(view.place('id'), safe='')}")
    lines = [
        line | {"left": str(Quantity(Quantity.parse(line["quantity"]).thousandths - _returned(line)))}
        for line in found["lines"]
    ]
    operators = await view.every("cashiers", filter={"isActive": True})
    needed_for = data["me"]["company"]["approvalNeededFor"] if data["me"]["company"] else []
    is_asked = "RETURN" in needed_for and not view.may(APPROVE)
    return view.show(
        "trade/return.html",
        sale=found,
        lines=lines,
        operators=operators,
        administrators=[each for each in operators if each["role"] == "ADMINISTRATOR" and each["hasPin"]],
        is_word_asked=is_asked,
        key=view.values.get("key") or str(uuid4()),
    )


@PAGES.action(GIVE_BACK, permission="trade.return")
async def give_back(view: View) -> Response:
    """The return; the key came with the form, so a second press gives nothing back twice."""
    form = await view.form()
    chosen = [
        {"position": int(name.removeprefix("line-")), "quantity": value.replace(",", ".")}
        for name, value in form.items()
        if name.startswith("line-") and name.removeprefix("line-").isdecimal() and value not in ("", "0")
    ]
    asked: dict[str, Any] = {
        "saleKey": form.get("key", ""),
        "registerId": form.get("registerId", ""),
        "originalId": view.place("id"),
        "lines": chosen,
        "payments": [],
    }
    if form.get("operatorId"):
        asked["operatorId"] = form["operatorId"]
    if form.get("pin"):
        word = await view.mutate(
            "approve",
            registerId=asked["registerId"],
            operatorId=form.get("administratorId", ""),
            pin=form["pin"],
        )
        if word.refusal is not None:
            return await view.again(word.refusal, give_back_form)
        asked["approval"] = word.value["token"]
    document = RETURNS_OF.get(form.get("kind", ""), "return")
    outcome = await view.mutate(document, input=asked)
    path = f"{SALES}/{outcome.value['id']}" if outcome.refusal is None else SALES
    return await view.done(outcome, path, give_back_form, note="trade.returned_note")


def _left(found: Any) -> int:
    return Money.parse(found["total"]).tiyn - Money.parse(found["returnedTotal"]).tiyn


def _returned(line: Any) -> int:
    return Quantity.parse(line["returned"]).thousandths
