"""Outlets and groups of registers."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.organization.pages.places import MANAGE, OUTLET_FRAGMENTS, PAGES, PLACES, VIEW
from kernel.web.pages import CONSOLE, Menu, Tab
from kernel.web.places import DEGREE, written_place
from kernel.web.view import View, given

LIST = f"{CONSOLE}/outlets"
NEW = f"{LIST}/new"
ONE = f"{LIST}/{{id}}"
GROUPS = f"{CONSOLE}/register-groups"
PAGE_ROWS = 50
COUNTED_MAX = 2_000  # registers of a company that are counted by outlet


@PAGES.page(
    LIST,
    title="organization.outlets",
    permission=VIEW,
    menu=Menu("shop", 10, "outlet", also=(f"{CONSOLE}/register-groups",)),
    tab=Tab(PLACES, 10),
)
async def outlets(view: View) -> Response:
    """Every outlet with the number of its registers."""
    data = await view.query("outlets", first=PAGE_ROWS, after=view.asked("after") or None)
    counts: dict[str, int] = {}
    for each in await view.every("registers_in_use", limit=COUNTED_MAX):
        if each["outlet"]:
            counts[each["outlet"]["id"]] = counts.get(each["outlet"]["id"], 0) + 1
    return view.show(
        "organization/outlets.html", outlets=data["outlets"], counts=counts, tabs=view.tabs(PLACES)
    )


@PAGES.page(NEW, title="organization.new_outlet", permission=MANAGE)
async def new_outlet(view: View) -> Response:
    """An empty form."""
    return view.show("organization/outlet.html", outlet=None, fragments=[], latitude="", longitude="")


@PAGES.action(NEW, permission=MANAGE)
async def create_outlet(view: View) -> Response:
    """A new outlet."""
    outcome = await view.mutate("create_outlet", input=_written(await view.form()))
    return await view.done(outcome, LIST, new_outlet)


@PAGES.page(ONE, title="organization.outlet", permission=VIEW)
async def outlet(view: View) -> Response:
    """One outlet."""
    found = (await view.query("outlet", id=view.place("id")))["node"]
    if found is None:
        return view.go(LIST)
    return view.show(
        "organization/outlet.html",
        title=found["title"],
        outlet=found,
        latitude=_degrees(found["latitudeE4"]),
        longitude=_degrees(found["longitudeE4"]),
        fragments=await view.fill(OUTLET_FRAGMENTS, outlet_id=view.place("id")),
    )


@PAGES.action(ONE, permission=MANAGE)
async def save_outlet(view: View) -> Response:
    """The outlet as it was written."""
    asked = _written(await view.form()) | {"id": view.place("id")}
    return await view.done(await view.mutate("save_outlet", input=asked), LIST, outlet)


@PAGES.page(GROUPS, title="organization.register_groups", permission=VIEW, tab=Tab(PLACES, 20))
async def groups(view: View) -> Response:
    """Groups with the registers in each."""
    return view.show(
        "organization/register_groups.html",
        groups=await view.every("register_groups"),
        registers=await view.every("registers_in_use"),
        tabs=view.tabs(PLACES),
    )


@PAGES.action(GROUPS, permission=MANAGE)
async def save_group(view: View) -> Response:
    """A new group, another name, other registers, or its end."""
    form, chosen = await view.form(), await view.chosen("registerIds")
    if form.get("what") == "delete":
        outcome = await view.mutate("delete_group", id=form.get("id", ""))
    elif form.get("id"):
        asked = {"id": form["id"], "title": form.get("title", ""), "registerIds": chosen}
        outcome = await view.mutate("save_group", input=asked)
    else:
        asked = {"title": form.get("title", ""), "registerIds": chosen}
        outcome = await view.mutate("create_group", input=asked)
    return await view.done(outcome, GROUPS, groups)


def _written(form: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"title": "", "address": ""} | given(
        form, "title", "address", "addressKk", "zone"
    )
    return asked | written_place(form)


def _degrees(value: int | None) -> str:
    if value is None:
        return ""
    whole, part = divmod(abs(value), DEGREE)
    return f"{'-' if value < 0 else ''}{whole}.{part:04d}"
