"""A register's exchange of goods and sales with what follows it, on the register's own page."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from addons.catalog.pages.places import EDIT, PAGES, VIEW
from kernel.web.pages import CONSOLE
from kernel.web.view import View

REGISTER = f"{CONSOLE}/registers/{{id}}"
KINDS = (("SEND_GOODS", "export"), ("FETCH_SALES", "import"), ("TEST_LINK", "link"))
SHOWN = 5


@PAGES.slot("fiscal_kz.register_overview", order=30, permission=VIEW)
async def exchange(view: View, register_id: str) -> str:
    """Send goods, fetch sales, test the link; what became of it; which devices follow, and how far."""
    link = (await view.query("register_exchange", id=register_id))["catalogLink"]
    return view.part(
        "catalog/exchange.html",
        kinds=KINDS,
        register_id=register_id,
        exchanges=link["exchanges"][:SHOWN],
        followers=link["followers"],
    )


@PAGES.action(f"{REGISTER}/exchange", permission=EDIT)
async def order_exchange(view: View) -> Response:
    """Ask the register's devices for one exchange."""
    form = await view.form()
    asked = {"kind": form.get("kind", ""), "registerIds": [view.place("id")], "registerGroupIds": []}
    outcome = await view.mutate("order_exchange", input=asked | {"isFull": form.get("full") == "1"})
    if outcome.refusal is not None:
        raise outcome.refusal
    return view.go(f"{CONSOLE}/registers/{quote(view.place('id'), safe='')}", "catalog.exchange_asked")
