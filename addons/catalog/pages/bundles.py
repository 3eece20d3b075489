"""Packages: goods sold together under a name and barcode of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from addons.catalog.domain.commands_view import BUNDLE_LINES_MAX
from addons.catalog.pages.lists import all_registers, find_product, point_at
from addons.catalog.pages.places import EDIT, GOODS, PAGES, TABS, VIEW, typed_number
from kernel.web.pages import Tab
from kernel.web.view import Declined, View

LIST = f"{GOODS}/packages"
NEW = f"{LIST}/new"
CARD = f"{LIST}/card/{{id}}"
PAGE_ROWS = 50
BLANK_LINES = 3  # below the lines that are there


@PAGES.page(LIST, title="catalog.bundles", permission=VIEW, tab=Tab(TABS, 25))
async def bundles(view: View) -> Response:
    """Packages by name, for sale or archived."""
    is_archived, after = bool(view.asked("archived")), view.asked("after") or None
    data = await view.query("bundles", isArchived=is_archived, first=PAGE_ROWS, after=after)
    return view.show(
        "catalog/bundles.html",
        bundles=data["productBundles"],
        is_archived=is_archived,
        tabs=view.tabs(TABS),
    )


@PAGES.page(NEW, title="catalog.new_bundle", permission=EDIT)
async def new_bundle(view: View) -> Response:
    """An empty package."""
    return await _card(view, None)


@PAGES.action(NEW, permission=EDIT)
async def create_bundle(view: View) -> Response:
    """A new package."""
    try:
        asked = await _written(view)
    except Declined as refusal:
        return await view.again(refusal, new_bundle)
    outcome = await view.mutate("create_bundle", input=asked)
    if outcome.refusal is not None:
        return await view.again(_at_line(outcome.refusal, await view.form()), new_bundle)
    return view.go(LIST, "core.saved")


@PAGES.page(CARD, title="catalog.bundle", permission=VIEW)
async def bundle(view: View) -> Response:
    """One package."""
    found = (await view.query("bundle", id=view.place("id")))["node"]
    if found is None:
        return view.go(LIST)
    return await _card(view, found)


@PAGES.action(CARD, permission=EDIT)
async def save_bundle(view: View) -> Response:
    """The package as it was written, or into the archive and back."""
    form, bundle_id = await view.form(), view.place("id")
    if form.get("what") in ("archive", "restore"):
        asked: dict[str, Any] = {"isArchived": form["what"] == "archive"}
    else:
        try:
            asked = await _written(view)
        except Declined as refusal:
            return await view.again(refusal, bundle)
    outcome = await view.mutate("save_bundle", input=asked | {"bundleId": bundle_id})
    if outcome.refusal is not None:
        return await view.again(_at_line(outcome.refusal, form), bundle)
    return view.go(f"{LIST}/card/{quote(bundle_id, safe='')}", "core.saved")


async def _card(view: View, found: dict[str, Any] | None) -> Response:
    lines = found["lines"] if found else []
    chosen = set(found["registerIds"] if found else [])
    if view.refusal is not None:
        chosen = set(await view.chosen("registerIds"))
    known = await all_registers(view)
    registers = [
        (each["id"], f"№ {each['number']} {each['title']}")
        for each in known
        if not each["isDecommissioned"] or each["id"] in chosen
    ]
    return view.show(
        "catalog/bundle.html",
        title=found["name"] if found else view.text("catalog.new_bundle"),
        bundle=found,
        lines=lines,
        blanks=range(len(lines), min(len(lines) + BLANK_LINES, BUNDLE_LINES_MAX)),
        chosen=chosen,
        registers=registers,
        unseen=chosen - {key for key, _ in registers},
    )


async def _written(view: View) -> dict[str, Any]:
    """The form as the API takes it. Raises Declined for a line whose product is not known."""
    form = await view.form()
    is_everywhere = form.get("scope") != "some"
    return {
        **{name: form.get(name, "") for name in ("name", "nameKk", "barcode")},
        "lines": [line for place in range(BUNDLE_LINES_MAX) if (line := await _line(view, form, place))],
        "registerIds": None if is_everywhere else await view.chosen("registerIds"),
    }


async def _line(view: View, form: Mapping[str, str], place: int) -> dict[str, str] | None:
    """A line of the form; one that was emptied leaves the package."""
    if not _is_written(form, place):
        return None
    product_id, text = form.get(f"product{place}", ""), form.get(f"code{place}", "")
    quantity = typed_number(form.get(f"quantity{place}", ""))
    if not product_id and text:
        found = await find_product(view, text)
        if found is None:
            raise Declined("PRODUCT_UNKNOWN", view.text("catalog.no_such_product"), f"code{place}")
        return {"productId": found["id"], "quantity": quantity or "1"}
    return {"productId": product_id, "quantity": quantity}


def _is_written(form: Mapping[str, str], place: int) -> bool:
    """Whether a line stays in the package or is new there."""
    is_known = bool(form.get(f"product{place}"))
    return bool(form.get(f"quantity{place}" if is_known else f"code{place}"))


def _at_line(refusal: Declined, form: Mapping[str, str]) -> Declined:
    """The refusal, about the line it is about."""
    if not (refusal.field or "").rpartition("lines.")[1]:
        return refusal
    places = [place for place in range(BUNDLE_LINES_MAX) if _is_written(form, place)]
    return point_at(refusal, places, {"": "quantity"})
