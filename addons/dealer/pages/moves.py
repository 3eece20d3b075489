"""Registers that go from one side of a link to the other: proposals, and answers to them."""

from __future__ import annotations

from starlette.responses import Response

from addons.dealer.pages.my_dealer import MY_DEALER
from addons.dealer.pages.places import DEALER, MANAGE, PAGES, TABS
from kernel.web.pages import Tab
from kernel.web.view import View

OF_DEALER = f"{DEALER}/moves"
OF_CLIENT = f"{MY_DEALER}/moves"


@PAGES.page(OF_DEALER, title="dealer.moves", permission=MANAGE, tab=Tab(TABS, 40))
async def moves(view: View) -> Response:
    """Proposals of both sides, the latest first."""
    data = await view.query("moves")
    return view.show(
        "dealer/moves.html",
        moves=data["dealerMoves"],
        outlets=[(each["id"], each["title"]) for each in await view.every("outlets_of_ours")],
        is_dealers=view.path == OF_DEALER,
        settings=MY_DEALER,
        tabs=view.tabs(TABS) if view.path == OF_DEALER else [],
    )


@PAGES.page(OF_CLIENT, title="dealer.moves", permission=MANAGE)
async def moves_of_client(view: View) -> Response:
    """The same for a client."""
    return await moves(view)


@PAGES.action(OF_DEALER, permission=MANAGE)
async def change_moves(view: View) -> Response:
    """Propose, take a proposal back, agree or not, try again what could not be yet."""
    form = await view.form()
    key, outlet = form.get("id", ""), form.get("outletId") or None
    match form.get("what"):
        case "propose":
            register = form.get("registerId", "")
            outcome = await view.mutate(
                "propose_move", link=form.get("linkId", ""), register=register, outlet=outlet
            )
        case "cancel":
            outcome = await view.mutate("cancel_move", id=key)
        case "check":
            outcome = await view.mutate("check_move", id=key)
        case what:
            outcome = await view.mutate("answer_move", id=key, yes=what == "accept", outlet=outlet)
    return await view.done(outcome, view.path, moves, note="core.done")


@PAGES.action(OF_CLIENT, permission=MANAGE)
async def change_moves_of_client(view: View) -> Response:
    """The same for a client."""
    return await change_moves(view)
