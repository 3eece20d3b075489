"""1C bases that see us as a piece of their equipment: how files travel, what stands in the way, reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from addons.catalog_1c.domain.device_files import ENCODINGS
from addons.catalog_1c.domain.equipment import EVERY_S, SERVICE_EVERY_S
from addons.catalog_1c.pages.places import IMPORT, MANAGE, PAGES, TABS, VIEW
from kernel.web.pages import CONSOLE, Tab
from kernel.web.view import Declined, View, given

LIST = f"{CONSOLE}/1c-equipment"
NEW = f"{LIST}/new"
ONE = f"{LIST}/{{id}}"
RUN = f"{ONE}/run"
LINKS_SHOWN, REPORTS_SHOWN = 50, 20
FORMATS = ("FRONTOL", "SHTRIH", "EQUIPMENT")
WAYS = ("FOLDER", "SERVICE")
TAKEN = ("MARKED", "REMOVED")
FILES = {"goods": "goodsFile", "goodsFlag": "goodsFlag", "report": "reportFile", "reportFlag": "reportFlag"}


@PAGES.page(LIST, title="catalog_1c.equipment", permission=VIEW, tab=Tab(TABS, 20))
async def links(view: View) -> Response:
    """Every link with what stands in its way."""
    data = await view.query("links", first=LINKS_SHOWN, after=view.asked("after") or None)
    return view.show("catalog_1c/links.html", links=data["equipmentLinks"], tabs=view.tabs(TABS))


@PAGES.page(NEW, title="catalog_1c.new_link", permission=MANAGE)
async def new_link(view: View) -> Response:
    """The usual choices."""
    return await _form(view, None, None)


@PAGES.action(NEW, permission=MANAGE)
async def create_link(view: View) -> Response:
    """A new link."""
    return await _save(view, {}, new_link)


@PAGES.page(ONE, title="catalog_1c.link", permission=VIEW)
async def link(view: View) -> Response:
    """The choices of one link, how its last run ended, its reports."""
    data = await _link(view)
    return (
        view.go(LIST) if data["node"] is None else await _form(view, data["node"], data["equipmentReports"])
    )


@PAGES.action(ONE, permission=MANAGE)
async def save_link(view: View) -> Response:
    """The link as it was written."""
    node = (await _link(view))["node"]
    return view.go(LIST) if node is None else await _save(view, node, link)


@PAGES.action(RUN, permission=IMPORT)
async def run_link(view: View) -> Response:
    """Run it now; with "again" the report that was lost is told once more."""
    is_again = bool((await view.form()).get("again"))
    outcome = await view.mutate("run_link", id=view.place("id"), again=is_again)
    return await view.done(outcome, _path(view.place("id")), link, note="catalog_1c.link_runs")


async def _link(view: View) -> dict[str, Any]:
    return await view.query(
        "link", id=view.place("id"), first=REPORTS_SHOWN, after=view.asked("after") or None
    )


async def _save(view: View, node: Mapping[str, Any], page: Any) -> Response:
    try:
        asked = _written(view, await view.form(), node)
    except Declined as refusal:
        return await view.again(refusal, page)
    outcome = await view.mutate("save_link", input=asked)
    path = LIST if outcome.refusal is not None else _path(outcome.value["id"])
    return await view.done(outcome, path, page)


async def _form(view: View, node: dict[str, Any] | None, reports: dict[str, Any] | None) -> Response:
    registers = await view.every("registers_in_use")
    return view.show(
        "catalog_1c/link.html",
        title=node["connection"] if node else view.text("catalog_1c.new_link"),
        own=node,
        reports=reports,
        registers=[(each["id"], f"№ {each['number']} {each['title']}") for each in registers],
        formats=_named(view, "format", FORMATS),
        ways=_named(view, "way", WAYS),
        taken=_named(view, "taken", TAKEN),
        encodings=[(each, each) for each in ENCODINGS],
        taxes="\n".join(f"{each['group']}={each['rate']}" for each in node["taxes"]) if node else "",
        files=FILES,
        every={"FOLDER": EVERY_S, "SERVICE": SERVICE_EVERY_S},
    )


def _named(view: View, kind: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(each, view.text(f"catalog_1c.link_{kind}_{each.lower()}")) for each in values]


def _written(view: View, form: Mapping[str, str], node: Mapping[str, Any]) -> dict[str, Any]:
    """The input of the mutation: every choice is given, as the API wants it. Raises Declined."""
    asked: dict[str, Any] = {
        "connection": node.get("connection") or form.get("connection", ""),
        "format": form.get("format", ""),
        "way": form.get("way", ""),
        "folder": form.get("folder", ""),
        "registerId": form.get("registerId") or None,
        "encoding": form.get("encoding", ""),
        "taxes": _taxes(view, form.get("taxes", "")),
        "takenWhen": form.get("takenWhen", ""),
        "isEnabled": bool(form.get("isEnabled")),
        "archivesAbsent": bool(form.get("archivesAbsent")),
        "files": {name: form[field] for name, field in FILES.items() if field in form and node},
        **given(form, "unknownCode"),
    }
    for name, field in (("mobileKind", "mobileKind"), ("everySeconds", "everyS")):
        if form.get(field):
            asked[name] = _number(view, form[field], field)
    if asked["way"] == "SERVICE":
        asked["service"] = {"url": "", "deviceId": "", **given(form, "url", "deviceId", "login", "password")}
    return asked


def _taxes(view: View, text: str) -> list[dict[str, str]]:
    """Lines "group=rate". Raises Declined."""
    lines = [line.partition("=") for line in text.splitlines() if line.strip()]
    if not all(equals for _, equals, _ in lines):
        raise Declined("BAD_USER_INPUT", view.text("catalog_1c.taxes_wrong"), "taxes")
    return [{"group": group.strip(), "rate": rate.strip()} for group, _, rate in lines]


def _number(view: View, text: str, field: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise Declined("BAD_USER_INPUT", view.text("core.bad_value"), field)
    return int(text)


def _path(link_id: str) -> str:
    return f"{LIST}/{quote(link_id, safe='')}"
