"""Where the console pages of catalog are kept, their addresses, places where other add-ons may add, and how
numbers are read from forms.
"""

from __future__ import annotations

from kernel.web.pages import CONSOLE, Pages

GOODS = f"{CONSOLE}/goods"
TABS = "catalog.goods"  # tabs beside the list of goods
CARD_FRAGMENTS = "catalog.product"  # fragments beside a product's card, with product_id

VIEW = "catalog.view"
EDIT = "catalog.edit"

PAGES = Pages("catalog", places=(TABS, CARD_FRAGMENTS))


def typed_number(text: str) -> str:
    """A number as people write it, as the API reads it: "1 250,50" is "1250.50"."""
    return text.replace("\u00a0", "").replace(" ", "").replace(",", ".")
