"""A dealer's clients: the list, one of them, entering its account and leaving it, who was where."""

from __future__ import annotations

from starlette.responses import Response

from addons.dealer.pages.board import board_filter
from addons.dealer.pages.places import DEALER, MANAGE, PAGE_ROWS, PAGES, SERVE, TABS
from kernel.web.pages import CONSOLE, LEAVE, LOGIN, Tab
from kernel.web.view import View

CLIENTS = f"{DEALER}/clients"
CLIENT = f"{CLIENTS}/{{id}}"
VISITS = f"{DEALER}/visits"
VIEW = "organization.view"


@PAGES.page(CLIENTS, title="dealer.clients", permission=SERVE, tab=Tab(TABS, 20))
async def clients(view: View) -> Response:
    """Every client, those with problems first."""
    asked = {"first": PAGE_ROWS, "after": view.asked("after") or None, "filter": board_filter(view)}
    data = await view.query("clients", **asked)
    return view.show(
        "dealer/clients.html", clients=data["dealerClients"], asked=view.asked, tabs=view.tabs(TABS)
    )


@PAGES.page(CLIENT, title="dealer.client", permission=SERVE)
async def client(view: View) -> Response:
    """One client: what it granted, its registers."""
    key = view.place("id")
    asked = {"first": PAGE_ROWS, "after": view.asked("after") or None, "filter": {"clientId": key}}
    data = await view.query("client", id=key, **asked)
    link = data["clientLink"]
    if link is None:
        return view.go(CLIENTS)
    moves = view.may(MANAGE) and view.may(VIEW)
    return view.show(
        "dealer/client.html",
        link_id=link["id"],
        movable=await view.every("movable_registers") if moves else [],
        outlets=await view.every("outlets_of_ours") if moves else [],
        title=link["client"]["title"],
        client=link["client"],
        since=link["answeredAt"],
        rights=[each["title"] for each in data["clientRights"] if each["permission"] in link["permissions"]],
        registers=data["dealerBoard"],
    )


@PAGES.action(f"{CLIENT}/enter", permission=SERVE)
async def enter(view: View) -> Response:
    """Into the client's account; the banner of every page there leads back."""
    outcome = await view.mutate("enter", id=view.place("id"))
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, client)
    await view.enter(outcome.value["accessToken"])
    return view.go(CONSOLE)


@PAGES.action(f"{CLIENT}/remove", permission=SERVE)
async def remove(view: View) -> Response:
    """The client is looked after no more."""
    outcome = await view.mutate("remove_client", id=view.place("id"))
    return await view.done(outcome, CLIENTS, client, note="core.done")


@PAGES.action(LEAVE)
async def leave(view: View) -> Response:
    """Out of the client's account, to one's own session."""
    outcome = await view.mutate("leave")
    if outcome.refusal is not None:
        return view.go(CONSOLE)
    return view.go(DEALER if await view.come_back() else LOGIN, "core.guest_over")


@PAGES.page(VISITS, title="dealer.visits", permission=SERVE, tab=Tab(TABS, 50))
async def visits(view: View) -> Response:
    """Who of us was in clients' accounts."""
    found = (await view.query("visits"))["dealerVisits"]
    return view.show("dealer/visits.html", visits=found, tabs=view.tabs(TABS))
