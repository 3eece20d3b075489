"""The list of registers and the beginning of a new one."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.fiscal_kz.pages.places import ACTIVATE, CHOICES_SHOWN, LIST, NEW, PAGES, VIEW, card_of
from kernel.web.pages import Menu
from kernel.web.places import written_place
from kernel.web.view import Outcome, View, given

PAGE_ROWS = 50
NEW_OUTLET = "new"


@PAGES.page(LIST, title="fiscal_kz.registers", permission=VIEW, menu=Menu("trade", 20, "register"))
async def registers(view: View) -> Response:
    """Every register with its link, shift, cash and queue."""
    chosen: dict[str, Any] = {"isDecommissioned": bool(view.asked("gone"))}
    chosen |= {
        name: value
        for name, key in (("outletId", "outlet"), ("groupId", "group"))
        if (value := view.asked(key))
    }
    data = await view.query("registers", first=PAGE_ROWS, after=view.asked("after") or None, filter=chosen)
    return view.show(
        "fiscal_kz/registers.html",
        registers=data["registers"],
        outlets=await view.every("outlets", limit=CHOICES_SHOWN),
        groups=await view.every("groups", limit=CHOICES_SHOWN),
        asked=view.asked,
    )


@PAGES.page(NEW, title="fiscal_kz.new_register", permission=ACTIVATE)
async def new_register(view: View) -> Response:
    """A name and an outlet; the rest follows on the register's own page."""
    outlets = await view.every("outlets", limit=CHOICES_SHOWN)
    return view.show("fiscal_kz/new_register.html", outlets=outlets, new_outlet=NEW_OUTLET)


@PAGES.action(NEW, permission=ACTIVATE)
async def create_register(view: View) -> Response:
    """The register, its outlet too when it is the first; a sandbox is active at once."""
    form = await view.form()
    outlet = form.get("outletId", "")
    if outlet in ("", NEW_OUTLET):
        made = await view.mutate(
            "create_outlet",
            input={"title": form.get("outletTitle", ""), "address": form.get("address", "")}
            | written_place(form),
        )
        if made.refusal is not None:
            return await view.again(made.refusal, new_register)
        outlet = made.value["id"]
    if form.get("kind") == "sandbox":
        tried = await view.mutate("create_sandbox", title=form.get("title", ""), outletId=outlet)
        return await _begun(view, tried, "registerId", "")
    kept = {"title": form.get("title", ""), "outletId": outlet} | given(form, "number")
    if "number" in kept and kept["number"].isdecimal():
        kept["number"] = int(kept["number"])  # type: ignore[assignment]
    return await _begun(view, await view.mutate("create_register", input=kept), "id", "/setup")


async def _begun(view: View, outcome: Outcome, field: str, more: str) -> Response:
    path = card_of(outcome.value[field], more) if outcome.refusal is None else LIST
    return await view.done(outcome, path, new_register, note="fiscal_kz.register_created")
