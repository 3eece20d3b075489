"""What is done at a register from the console: X and Z, cash in and out, a first sale."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from starlette.responses import Response

from addons.fiscal_kz.pages.places import CARD, CHOICES_SHOWN, PAGES, TABS, card_of
from addons.fiscal_kz.pages.register import frame
from kernel.web.pages import Tab
from kernel.web.view import View

DESK = f"{CARD}/desk"
PAYMENTS = ("CASH", "CARD", "MOBILE")


@PAGES.page(DESK, title="fiscal_kz.desk", permission="trade.sell", tab=Tab(TABS, 20))
async def desk(view: View) -> Response:
    """Forms of everything a cashier could do, for whoever stands in for one."""
    data = await view.query("register_desk")
    return view.show(
        "fiscal_kz/desk.html",
        **await frame(view),
        operators=await view.every("cashiers", limit=CHOICES_SHOWN, id=view.place("id")),
        withdraws=data["fiscalChoices"]["withdrawAtClose"],
        payments=PAYMENTS,
        key=view.values.get("key") or str(uuid4()),
    )


@PAGES.action(f"{DESK}/sale", permission="trade.sell")
async def sell(view: View) -> Response:
    """One free line; the key came with the form, so a second press sells nothing twice."""
    form = await view.form()
    price = form.get("price", "").replace(",", ".").replace(" ", "")
    cart = _asked(view, form, "saleKey") | {
        "lines": [{"name": form.get("name", ""), "price": price, "quantity": "1"}],
        "payments": [{"kind": form.get("payment", ""), "amount": price}],
    }
    outcome = await view.mutate("sell", input=cart)
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, desk)
    return view.go(f"/console/sales/{outcome.value['id']}", "fiscal_kz.sold_note")


@PAGES.action(f"{DESK}/cash", permission="trade.cash")
async def move_cash(view: View) -> Response:
    """Cash into the drawer or out of it."""
    form = await view.form()
    amount = form.get("amount", "").replace(",", ".").replace(" ", "")
    document = "withdraw" if form.get("what") == "withdraw" else "deposit"
    outcome = await view.mutate(document, input=_asked(view, form, "cashKey") | {"amount": amount})
    return await view.done(outcome, card_of(view.place("id")), desk, note="core.done")


@PAGES.action(f"{DESK}/x", permission="fiscal_kz.report")
async def x_report(view: View) -> Response:
    """An X report."""
    form = await view.form()
    outcome = await view.mutate("x_report", input=_asked(view, form, "key"))
    return await _to_report(view, outcome)


@PAGES.action(f"{DESK}/z", permission="fiscal_kz.close_shift")
async def close_shift(view: View) -> Response:
    """The shift is closed with its Z report."""
    form = await view.form()
    outcome = await view.mutate(
        "close_shift", input=_asked(view, form, "key"), withdrawCash=form.get("withdraw") == "1"
    )
    return await _to_report(view, outcome)


async def _to_report(view: View, outcome: Any) -> Response:
    path = card_of(view.place("id"))
    if outcome.refusal is None:
        path = f"{path}/reports/{outcome.value['id']}"
    return await view.done(outcome, path, desk, note="core.done")


def _asked(view: View, form: Any, key: str) -> dict[str, Any]:
    asked = {key: form.get("key", ""), "registerId": view.place("id")}
    return asked | ({"operatorId": form["operatorId"]} if form.get("operatorId") else {})
