"""What stands below every receipt: a tab of the settings, with a look at samples."""

from __future__ import annotations

from starlette.responses import Response

from addons.trade.pages.places import PAGES
from kernel.web.pages import CONSOLE, Tab
from kernel.web.view import View

RECEIPTS = f"{CONSOLE}/settings/receipts"
BRANDING = "trade.branding"


@PAGES.page(RECEIPTS, title="trade.receipts_tab", permission=BRANDING, tab=Tab("organization.settings", 27))
async def receipts(view: View) -> Response:
    """The company's own text, and samples in every language and width."""
    data = await view.query("branding")
    mine = [
        each["text"]
        for each in data["receiptBranding"]["texts"]
        if not (each["isOfOfd"] or each["outletId"] or each["registerId"])
    ]
    return view.show(
        "trade/receipts.html",
        text=mine[0] if mine else "",
        samples=data["receiptPreviewUrl"],
        tabs=view.tabs("organization.settings"),
    )


@PAGES.action(RECEIPTS, permission=BRANDING)
async def save_receipts(view: View) -> Response:
    """The text as written."""
    text = (await view.form()).get("text", "")
    return await view.done(await view.mutate("save_branding", text=text), RECEIPTS, receipts)
