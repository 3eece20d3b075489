"""What needs somebody's attention, from the status board, on the first page."""

from __future__ import annotations

import orjson

from addons.organization.pages.places import PAGES
from kernel.web.pages import HOME_PLACE
from kernel.web.view import View

LINES_MAX = 8


@PAGES.slot(HOME_PLACE, order=5, permission="organization.view_status")
async def alerts(view: View) -> str:
    """Troubles of registers, the worst first; an empty place when all is well: they come by themselves."""
    data = await view.query("alerts")
    lines = [
        each | {"facts": orjson.loads(each["facts"])}
        for each in data["statusBoard"]["nodes"]
        if each["severity"] != "OK"
    ]
    lines.sort(key=lambda each: (each["severity"] != "ERROR", each["since"]))
    return view.part("organization/alerts.html", lines=lines[:LINES_MAX], more=max(0, len(lines) - LINES_MAX))
