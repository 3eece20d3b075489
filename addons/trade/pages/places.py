"""Where the console pages of trade are kept, their addresses, and places where other add-ons may add."""

from __future__ import annotations

from kernel.web.pages import CONSOLE, Pages

SALES = f"{CONSOLE}/sales"
SALE = f"{SALES}/{{id}}"
SALE_FRAGMENTS = "trade.sale"  # fragments beside a receipt, with sale_id
TABS = "trade.sales"  # tabs beside the list of receipts

VIEW = "trade.view"
CHOICES_SHOWN = 1_000  # outlets, registers, and cashiers, to choose from

PAGES = Pages("trade", places=(SALE_FRAGMENTS, TABS))
