"""Where the console pages of catalog_1c are kept, and what they share."""

from __future__ import annotations

from kernel.web.pages import CONSOLE, Pages

TABS = "catalog_1c.bases"  # tabs beside the list of bases
LIST = f"{CONSOLE}/1c"
VIEW, IMPORT, MANAGE = "catalog_1c.view", "catalog_1c.import", "catalog_1c.manage"

PAGES = Pages("catalog_1c", places=(TABS,))
