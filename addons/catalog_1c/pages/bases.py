"""The console pages of the exchange over HTTP: bases, their logins and choices, and what became of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from addons.catalog_1c.domain.options import ALL_WAREHOUSES
from addons.catalog_1c.pages.places import IMPORT, LIST, MANAGE, PAGES, TABS, VIEW
from addons.catalog_1c.services.received_file import received_file
from kernel.config_sections import ServerSettings
from kernel.gql.ids import from_global
from kernel.web.pages import CONSOLE, Menu, Tab
from kernel.web.view import View

NEW = f"{LIST}/new"
ONE = f"{LIST}/{{id}}"
REPORT = f"{CONSOLE}/1c-reports/{{id}}"
FILE = f"{CONSOLE}/1c-files/{{id}}"
BASES_SHOWN, EXCHANGES_SHOWN = 50, 20
OPERATIONS = ("ORDER", "RELEASE", "REPORT")
SALES_BY = ("SHIFT", "RECEIPT", "NONE")


@PAGES.page(
    LIST,
    title="catalog_1c.bases",
    permission=VIEW,
    menu=Menu("settings", 60, "link", also=(f"{CONSOLE}/1c-equipment",)),
    tab=Tab(TABS, 10),
)
async def bases(view: View) -> Response:
    """Every 1C base of the company."""
    data = await view.query("bases", first=BASES_SHOWN, after=view.asked("after") or None)
    return view.show("catalog_1c/bases.html", bases=data["catalogConnections"], tabs=view.tabs(TABS))


@PAGES.page(NEW, title="catalog_1c.new_base", permission=MANAGE)
async def new_base(view: View) -> Response:
    """An empty form."""
    return view.show("catalog_1c/new_base.html")


@PAGES.action(NEW, permission=MANAGE)
async def create_base(view: View) -> Response:
    """A new base; what is to be chosen is known once 1C has sent something."""
    outcome = await view.mutate("save_base", input={"title": (await view.form()).get("title", "")})
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, new_base)
    return view.go(f"{LIST}/{quote(outcome.value['id'], safe='')}")


@PAGES.page(ONE, title="catalog_1c.base", permission=VIEW)
async def base(view: View) -> Response:
    """Choices of one base, and what it sent."""
    data = await _base(view)
    if data["node"] is None:
        return view.go(LIST)
    outlets = [(each["id"], each["title"]) for each in await view.every("outlets")]
    node = data["node"]
    return view.show(
        "catalog_1c/base.html",
        title=node["title"],
        base=node,
        outlets=outlets,
        stores=_with_all(view, node["declaredWarehouses"]),
        store_outlets={each["externalId"]: each["outletId"] for each in node["warehouses"]},
        price_names={each["externalId"]: each["name"] for each in node["priceTypes"]},
        exchanges=data["catalogImportExchanges"],
        operations=[(each, view.text(f"catalog_1c.operation_{each.lower()}")) for each in OPERATIONS],
        ways=[(each, view.text(f"catalog_1c.sales_by_{each.lower()}")) for each in SALES_BY],
    )


@PAGES.action(ONE, permission=MANAGE)
async def save_base(view: View) -> Response:
    """The base with the choices of the form; those the form does not show stay."""
    node = (await _base(view))["node"]
    if node is None:
        return view.go(LIST)
    written = _written(await view.form(), await view.chosen("salesOutletIds"), node)
    return await view.done(await view.mutate("save_base", input=written), view.path, base)


@PAGES.action(f"{ONE}/access", permission=MANAGE)
async def issue_access(view: View) -> Response:
    """A new login and secret, shown this once."""
    outcome = await view.mutate("issue_access", id=view.place("id"))
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, base)
    address = view.app.config.section(ServerSettings).public_url.rstrip("/") or str(
        view.request.base_url
    ).rstrip("/")
    return view.show("catalog_1c/access.html", access=outcome.value, address=address, back=_path(view))


@PAGES.action(f"{ONE}/revoke", permission=MANAGE)
async def revoke_access(view: View) -> Response:
    """The base may not sign in any more."""
    return await view.done(await view.mutate("revoke_access", id=view.place("id")), _path(view), base)


@PAGES.action(f"{ONE}/retry", permission=IMPORT)
async def retry(view: View) -> Response:
    """A file once more."""
    outcome = await view.mutate("retry", id=(await view.form()).get("file", ""))
    return await view.done(outcome, _path(view), base, note="catalog_1c.retried")


@PAGES.page(REPORT, title="catalog_1c.report", permission=VIEW)
async def report(view: View) -> Response:
    """What became of every row of an import."""
    found = (await view.query("report", id=view.place("id")))["node"]
    if found is None:
        return view.go(LIST)
    return view.show("catalog_1c/report.html", report=found, title=", ".join(found["files"])[:120])


@PAGES.page(FILE, title="catalog_1c.file", permission=VIEW)
async def file(view: View) -> Response:
    """The bytes of a received file."""
    key = from_global(view.place("id"), "CatalogImportFile", field="id")
    async with view.app.database.reading(view.principal) as reader:
        path, name = await received_file(reader, key)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


async def _base(view: View) -> dict[str, Any]:
    asked = {"first": EXCHANGES_SHOWN, "after": view.asked("after") or None}
    return await view.query("base", id=view.place("id"), **asked)


def _path(view: View) -> str:
    return f"{LIST}/{quote(view.place('id'), safe='')}"


def _with_all(view: View, declared: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    stores = [(each["externalId"], each["name"]) for each in declared]
    return [(ALL_WAREHOUSES, view.text("catalog_1c.all_warehouses")), *stores]


def _written(form: Mapping[str, str], outlets: Sequence[str], node: Mapping[str, Any]) -> dict[str, Any]:
    """The input of the mutation: what the form says over what the base has."""
    stores = {each["externalId"] for each in node["declaredWarehouses"]} | {ALL_WAREHOUSES}
    kept = [each for each in node["warehouses"] if each["externalId"] not in stores]
    types = {each["externalId"] for each in node["declaredPriceTypes"]}
    other = [each for each in node["priceTypes"] if each["externalId"] not in types]
    return {
        "id": node["id"],
        "title": form.get("title", ""),
        "priceType": form.get("priceType", ""),
        "defaultVat": form.get("defaultVat", ""),
        "language": form.get("language", node["language"]),
        "salesBy": form.get("salesBy", node["salesBy"]),
        "salesOperation": form.get("salesOperation", node["salesOperation"]),
        "salesSince": node["salesSince"],
        "withTestSales": bool(form.get("withTestSales")),
        "takesPictures": bool(form.get("takesPictures")),
        "salesOutletIds": list(outlets),
        "vatTexts": node["vatTexts"],
        "fieldNames": node["fieldNames"],
        "warehouses": kept
        + [
            {"externalId": key, "outletId": form[f"store:{key}"]}
            for key in sorted(stores)
            if form.get(f"store:{key}")
        ],
        "priceTypes": other
        + [
            {"externalId": key, "name": form[f"type:{key}"]}
            for key in sorted(types)
            if form.get(f"type:{key}")
        ],
    }
