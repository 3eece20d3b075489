"""Card terminals: the list, one of them, and the tab on a register's page."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.pos_terminal.pages.places import (
    CARDS,
    MANAGE,
    PAGE_ROWS,
    PAGES,
    TABS,
    TERMINAL,
    TERMINAL_FRAGMENTS,
    VIEW,
    at,
    places_of,
)
from kernel.web.pages import CONSOLE, Menu, Tab
from kernel.web.view import View

STATES = ("DRAFT", "SIGNED", "IN_REVIEW", "APPROVED", "REJECTED", "PROVISIONED", "KEYS_LOADED", "ACTIVE",
          "BLOCKED", "CLOSED")  # fmt: skip
REGISTER = f"{CONSOLE}/registers/{{id}}"
REGISTER_TABS = "fiscal_kz.register"  # beside the other pages of a register


@PAGES.page(
    CARDS, title="pos_terminal.terminals", permission=VIEW,
    menu=Menu("trade", 35, "card", "pos_terminal.cards"), tab=Tab(TABS, 10),
)  # fmt: skip
async def terminals(view: View) -> Response:
    """Every terminal, and applications that wait."""
    wish = {"state": view.asked("state")} if view.asked("state") in STATES else {}
    data = await view.query("terminals", first=PAGE_ROWS, after=view.asked("after") or None, filter=wish)
    return view.show(
        "pos_terminal/terminals.html",
        terminals=data["cardTerminals"],
        applications=data["terminalApplications"],
        has_contract=bool(data["acquirerContracts"]),
        states=STATES,
        asked=view.asked,
        tabs=view.tabs(TABS),
        **await places_of(view),
    )


@PAGES.page(TERMINAL, title="pos_terminal.terminal", permission=VIEW)
async def terminal(view: View) -> Response:
    """One terminal: its life, its place, its money, who works with it."""
    found = (await view.query("terminal", id=view.place("id")))["cardTerminal"]
    if found is None:
        return view.go(CARDS)
    return view.show(
        "pos_terminal/terminal.html",
        title=found["title"],
        terminal=found,
        own=at(TERMINAL, found["id"]),
        checked=None,
        fragments=await view.fill(TERMINAL_FRAGMENTS, terminal_id=found["id"]),
        **await places_of(view),
    )


@PAGES.action(TERMINAL, permission=VIEW)
async def change(view: View) -> Response:
    """What one of the small forms asks for; the API knows who may."""
    key, form = view.place("id"), await view.form()
    place = {
        "outletId": form.get("outletId", ""),
        "registerId": form.get("registerId") or None,
        "title": form.get("title", ""),
    }
    wishes: dict[str, tuple[str, dict[str, Any]]] = {
        "change": (
            "change_terminal",
            {
                "place": place,
                "address": form.get("address", ""),
                "isThroughAgent": "isThroughAgent" in form,
            },
        ),
        "bind": ("bind_operator", {"operatorId": form.get("operatorId") or None}),
        "block": ("block_terminal", {"reason": form.get("reason", "")}),
        "unblock": ("unblock_terminal", {}),
        "close": ("close_terminal", {}),
        "provision": (
            "provision_terminal",
            {"terminalCode": form.get("terminalCode", ""), "merchantCode": form.get("merchantCode", "")},
        ),
        "requisites": (
            "change_requisites",
            {name: form.get(name, "") for name in ("iban", "bic", "contactEmail")},
        ),
    }
    document, asked = wishes.get(form.get("what", ""), wishes["change"])
    outcome = await view.mutate(document, id=key, **asked)
    return await view.done(outcome, at(TERMINAL, key), terminal)


@PAGES.action(f"{TERMINAL}/pair", permission=MANAGE)
async def pair(view: View) -> Response:
    """The terminal lets the till in, or says who it is; what it said is shown once."""
    form = await view.form()
    document = "pair_terminal" if form.get("what") == "pair" else "check_terminal"
    outcome = await view.mutate(document, id=view.place("id"))
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, terminal)
    found = (await view.query("terminal", id=view.place("id")))["cardTerminal"]
    return view.show(
        "pos_terminal/terminal.html",
        title=found["title"],
        terminal=found,
        own=at(TERMINAL, found["id"]),
        checked=outcome.value,
        fragments=await view.fill(TERMINAL_FRAGMENTS, terminal_id=found["id"]),
        **await places_of(view),
    )


@PAGES.page(f"{REGISTER}/cards", title="pos_terminal.mpos", permission=VIEW, tab=Tab(REGISTER_TABS, 65))
async def of_register(view: View) -> Response:
    """MPOS: the terminals of one register."""
    data = await view.query("register_terminals", id=view.place("id"))
    if data["node"] is None:
        return view.go(f"{CONSOLE}/registers")
    return view.show(
        "pos_terminal/register.html",
        title=data["node"]["title"],
        register=data["node"],
        terminals=data["cardTerminals"]["nodes"],
        tabs=view.tabs(REGISTER_TABS),
        **await places_of(view),
    )
