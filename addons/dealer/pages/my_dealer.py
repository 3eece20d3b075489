"""The client's side, in the settings: its dealer, what that may do, who was here and what was done; and the
company's own people who serve clients.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.dealer.pages.places import ENGAGE, MANAGE, PAGES
from kernel.web.pages import CONSOLE, Tab
from kernel.web.view import View

SETTINGS = "organization.settings"
MY_DEALER = f"{CONSOLE}/settings/dealer"
PEOPLE = f"{MY_DEALER}/people"
APPOINT = "dealer.appoint"
VIEW_AUDIT = "organization.view_audit"
ACTS_SHOWN = 20


@PAGES.page(MY_DEALER, title="dealer.service_centre", permission=ENGAGE, tab=Tab(SETTINGS, 35))
async def my_dealer(view: View) -> Response:
    """The dealer, or how to ask one."""
    data = await view.query("my_dealer")
    link, acts, people, users = data["myDealer"], None, [], []
    if view.may(VIEW_AUDIT) and data["myDealerHistory"]:
        asked = {"first": ACTS_SHOWN, "after": view.asked("after") or None}
        acts = (await view.query("guest_acts", **asked))["auditLog"]
    if view.may(APPOINT) and view.may(MANAGE) and link is None:
        found = await view.query("people")
        people, users = found["dealerPeople"], found["users"]["nodes"]
    is_served = link is not None and link["state"] == "ACCEPTED"
    moves = is_served and view.may(MANAGE)
    return view.show(
        "dealer/my_dealer.html",
        link_=link,
        is_served=is_served,
        rights=data["dealerRights"],
        chosen=await _chosen(view, link),
        visits=data["myDealerVisits"],
        history=[each for each in data["myDealerHistory"] if link is None or each["id"] != link["id"]],
        acts=acts,
        people=[each for each in users if each["id"] in people],
        users=[(each["id"], each["name"]) for each in users if each["isActive"] and each["id"] not in people],
        movable=await view.every("movable_registers") if moves else [],
        tabs=view.tabs(SETTINGS),
    )


@PAGES.action(MY_DEALER, permission=ENGAGE)
async def change_dealer(view: View) -> Response:
    """Ask a dealer, take the request back, grant other rights, part."""
    form, rights = await view.form(), await view.chosen("permissions")
    match form.get("what"):
        case "ask":
            outcome = await view.mutate("ask_dealer", dealer=form.get("dealer", ""), permissions=rights)
        case "cancel":
            outcome = await view.mutate("cancel_request")
        case "part":
            outcome = await view.mutate("part")
        case _:
            outcome = await view.mutate("change_rights", permissions=rights)
    return await view.done(outcome, MY_DEALER, my_dealer, note="core.done")


@PAGES.action(PEOPLE, permission=APPOINT)
async def change_people(view: View) -> Response:
    """Somebody serves clients, or no more."""
    form = await view.form()
    what = "dismiss" if form.get("what") == "dismiss" else "appoint"
    outcome = await view.mutate(what, id=form.get("id", ""))
    return await view.done(outcome, MY_DEALER, my_dealer, note=f"dealer.{what}ed")


async def _chosen(view: View, link: dict[str, Any] | None) -> list[str] | None:
    """Rights that are ticked: as written in a form shown again, else as granted; None: what only reads."""
    if view.refusal is not None and view.values.get("what") in ("ask", "rights"):
        return await view.chosen("permissions")
    return link["permissions"] if link else None
