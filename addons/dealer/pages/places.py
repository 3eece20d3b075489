"""Where the console pages of dealer are kept, and what they share."""

from __future__ import annotations

from kernel.web.pages import CONSOLE, Pages

TABS = "dealer.board"  # tabs beside the board

SERVE = "dealer.serve"
ENGAGE = "dealer.engage"
MANAGE = "organization.manage"
DEALER = f"{CONSOLE}/dealer"
PAGE_ROWS = 50

PAGES = Pages("dealer", places=(TABS,))
