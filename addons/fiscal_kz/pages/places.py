"""Where the console pages of fiscal_kz are kept, their addresses, and places where other add-ons may add."""

from __future__ import annotations

from urllib.parse import quote

from kernel.web.pages import CONSOLE, Pages

LIST = f"{CONSOLE}/registers"
NEW = f"{LIST}/new"
CARD = f"{LIST}/{{id}}"
TABS = "fiscal_kz.register"  # tabs of a register's page: path {LIST}/{id}/<name>
OVERVIEW = "fiscal_kz.register_overview"  # fragments on its first tab, with register_id

CHOICES_SHOWN = 1_000  # outlets, groups, cashiers, devices to choose from
VIEW = "fiscal_kz.view"
ACTIVATE = "fiscal_kz.activate"

PAGES = Pages("fiscal_kz", places=(TABS, OVERVIEW))


def card_of(register_id: str, more: str = "") -> str:
    """Address of a register's page."""
    return f"{LIST}/{quote(register_id, safe='')}{more}"
