"""Goods from a table: upload, a dry run that shows what would happen, then the import itself."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from addons.catalog.pages.places import EDIT, GOODS, PAGES, TABS
from kernel.web.pages import Tab
from kernel.web.view import View

IMPORT = f"{GOODS}/import"
ONE = f"{IMPORT}/{{id}}"
PAGE_ROWS = 20


@PAGES.page(IMPORT, title="catalog.tables", permission=EDIT, tab=Tab(TABS, 30))
async def tables(view: View) -> Response:
    """Send a file, get one, and what became of earlier ones."""
    data = await view.query("sheets", first=PAGE_ROWS)
    return view.show(
        "catalog/tables.html",
        imports=data["sheetImports"]["nodes"],
        profiles=data["sheetProfiles"],
        tabs=view.tabs(TABS),
    )


@PAGES.page(ONE, title="catalog.table_import", permission=EDIT)
async def table(view: View) -> Response:
    """One file: its dry run and its import, with progress."""
    data = await view.query("sheet", id=view.place("id"))
    if data["node"] is None:
        return view.go(IMPORT)
    return view.show(
        "catalog/table.html",
        sheet=data["node"],
        profiles=data["sheetProfiles"],
        is_busy=data["node"]["state"] in ("CHECKING", "STORING"),
    )


@PAGES.action(ONE, permission=EDIT)
async def go_on(view: View) -> Response:
    """The next step: dry run, import, or stop."""
    form, import_id = await view.form(), view.place("id")
    match form.get("what"):
        case "start":
            outcome = await view.mutate("start_sheet", id=import_id, token=form.get("token", ""))
        case "stop":
            outcome = await view.mutate("stop_sheet", id=import_id)
        case _:
            wish = {
                "importId": import_id,
                "profile": form.get("profile", ""),
                "policy": "REJECT_FAILED_ROWS" if form.get("lenient") else "REJECT_ALL",
                "replacesAll": form.get("replaces") == "1",
            }
            outcome = await view.mutate("check_sheet", input=wish)
    return await view.done(outcome, f"{IMPORT}/{quote(import_id, safe='')}", table, note="")
