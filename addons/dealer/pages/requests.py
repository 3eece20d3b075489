"""New clients: requests that wait for an answer, and accounts a dealer opens itself."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.dealer.pages.clients import CLIENTS
from addons.dealer.pages.places import DEALER, PAGES, SERVE, TABS
from kernel.web.pages import Tab
from kernel.web.view import View, given

REQUESTS = f"{DEALER}/requests"
NEW_CLIENT = f"{CLIENTS}/new"
LANGUAGES = (("ru", "Русский"), ("kk", "Қазақша"), ("en", "English"))


@PAGES.page(REQUESTS, title="dealer.requests", permission=SERVE, tab=Tab(TABS, 30))
async def requests(view: View) -> Response:
    """Requests that wait, and clients whose requests are not taken."""
    data = await view.query("requests")
    return view.show(
        "dealer/requests.html",
        requests=data["dealerRequests"],
        titles={each["permission"]: each["title"] for each in data["clientRights"]},
        blocked=data["blockedClients"],
        tabs=view.tabs(TABS),
    )


@PAGES.action(REQUESTS, permission=SERVE)
async def answer(view: View) -> Response:
    """Yes, no, no and no more; or requests of a client are taken again."""
    form = await view.form()
    what, key = form.get("what"), form.get("id", "")
    if what == "unblock":
        outcome = await view.mutate("unblock", id=key)
    else:
        outcome = await view.mutate("answer", id=key, yes=what == "accept", blocked=what == "block")
    return await view.done(outcome, REQUESTS, requests, note="core.done")


@PAGES.page(NEW_CLIENT, title="dealer.new_client", permission=SERVE)
async def new_client(view: View) -> Response:
    """An empty form."""
    data = await view.query("new_client")
    chosen = await view.chosen("permissions") if view.refusal else None
    return view.show(
        "dealer/new_client.html",
        rights=data["clientRights"],
        chosen=chosen,
        forms=[
            (each["name"], view.text(f"organization.form_{each['name']}"))
            for each in data["forms"]["enumValues"]
        ],
        languages_known=LANGUAGES,
    )


@PAGES.action(NEW_CLIENT, permission=SERVE)
async def create_client(view: View) -> Response:
    """An account for a client; its owner gets a letter."""
    form = await view.form()
    asked: dict[str, Any] = {name: form.get(name, "") for name in ("bin", "name", "ownerEmail")}
    asked |= given(form, "legalForm", "nameKk", "language")
    asked["permissions"] = await view.chosen("permissions")
    outcome = await view.mutate("create_client", input=asked)
    return await view.done(outcome, CLIENTS, new_client, note="dealer.client_created")
