"""Where the console pages of card acquiring are kept, their addresses, and places where others may add."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from kernel.web.pages import CONSOLE, Pages
from kernel.web.view import View

CARDS = f"{CONSOLE}/cards"
TERMINAL = f"{CARDS}/terminals/{{id}}"
CONTRACTS = f"{CARDS}/contracts"
CONTRACT = f"{CONTRACTS}/{{id}}"
NEW = f"{CARDS}/new"
APPLICATION = f"{CARDS}/applications/{{id}}"
OPERATIONS = f"{CARDS}/operations"
OPERATION = f"{OPERATIONS}/{{id}}"
REVIEWS = f"{CARDS}/review"
STATEMENT = f"{CARDS}/statement"
KEYS = f"{CARDS}/keys"
TABS = "pos_terminal.cards"
TERMINAL_FRAGMENTS = "pos_terminal.terminal"  # fragments on a terminal's page, with terminal_id

VIEW = "pos_terminal.view"
STATEMENTS = "pos_terminal.statements"
MANAGE = "pos_terminal.manage"
DECIDE = "pos_terminal.decide"
REVIEW = "pos_terminal.review"
REFUND = "pos_terminal.refund"
LOAD_KEYS = "pos_terminal.load_keys"
SEE_COMPANY = "organization.view"

PAGE_ROWS = 50
CHOICES_SHOWN = 1_000  # outlets, registers, operators to choose from

PAGES = Pages("pos_terminal", places=(TABS, TERMINAL_FRAGMENTS))


def at(path: str, key: str, more: str = "") -> str:
    """Address of a page about one thing."""
    return path.format(id=quote(key, safe="")) + more


async def places_of(view: View) -> dict[str, Any]:
    """Outlets, registers and operators to choose from and to name; nothing for whoever may not see them."""
    if not view.may(SEE_COMPANY):
        return {"outlets": {}, "registers": {}, "operators": {}}
    outlets = await view.every("outlets", limit=CHOICES_SHOWN)
    registers = await view.every("registers", limit=CHOICES_SHOWN)
    operators = await view.every("operators", limit=CHOICES_SHOWN)
    return {
        "outlets": {each["id"]: each["title"] for each in outlets},
        "registers": {each["id"]: f"№ {each['number']} · {each['title']}" for each in registers},
        "operators": {each["id"]: each["name"] for each in operators},
    }
