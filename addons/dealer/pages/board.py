"""The dealer's board: registers of every client, those with problems first, and the statement of a month."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.dealer.domain.months import ALMATY
from addons.dealer.pages.places import DEALER, PAGE_ROWS, PAGES, SERVE, TABS
from kernel.web.pages import Menu, Tab
from kernel.web.view import View

RANKS = ("1", "2")  # of worst: a warning or worse, an error


@PAGES.page(
    DEALER, title="dealer.board", permission=SERVE, menu=Menu("trade", 60, "building", "dealer.dealer"),
    tab=Tab(TABS, 10),
)  # fmt: skip
async def board(view: View) -> Response:
    """Registers of clients with figures."""
    return await _board(view, [])


@PAGES.action(DEALER, permission=SERVE)
async def run_action(view: View) -> Response:
    """The same done to every register that is ticked; what could not be done is told."""
    form, ids = await view.form(), await view.chosen("register")
    outcome = await view.mutate("run_action", name=form.get("action", ""), ids=ids, text=form.get("text", ""))
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, board)
    refused = [each["message"] for each in outcome.value["outcomes"] if each["code"]]
    if refused:
        counted = {message: refused.count(message) for message in refused}
        return await _board(view, [(len(ids) - len(refused), len(ids)), *counted.items()])
    return view.go(DEALER, "core.done")


async def _board(view: View, outcomes: list[Any]) -> Response:
    """outcomes: how many of how many were done, then what was told how often; empty when nothing was run."""
    asked = {"first": PAGE_ROWS, "after": view.asked("after") or None, "filter": board_filter(view)}
    data = await view.query("board", **asked)
    return view.show(
        "dealer/board.html",
        registers=data["dealerBoard"],
        counts=data["dealerCounts"],
        actions=[(each["name"], each["title"]) for each in data["dealerActions"]],
        texts_asked=[each["textTitle"] for each in data["dealerActions"] if each["textTitle"]],
        outcomes=outcomes,
        asked=view.asked,
        month=f"{view.app.clock.now().astimezone(ALMATY):%Y-%m}",
        tabs=view.tabs(TABS),
    )


def board_filter(view: View) -> dict[str, Any]:
    """What the address asks for: q, worst."""
    wish: dict[str, Any] = {}
    if text := view.asked("q"):
        wish["text"] = text
    if (worst := view.asked("worst")) in RANKS:
        wish["worstAtLeast"] = int(worst)
    return wish
