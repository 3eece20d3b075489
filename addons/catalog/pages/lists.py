"""Lists that forms choose from, read to their end or to a named limit, and a product by what is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.web.view import Declined, View

REGISTERS_SHOWN_MAX = 200
OUTLETS_SHOWN_MAX = 200
CODE_END = 2**31  # a number that is no code of a product any more


async def all_groups(view: View) -> list[dict[str, Any]]:
    """Groups by code, at most CHOICES_MAX of them."""
    return await view.every("group_page")


async def all_registers(view: View) -> list[dict[str, Any]]:
    """Registers by number, at most REGISTERS_SHOWN_MAX."""
    return await view.every("register_page", limit=REGISTERS_SHOWN_MAX)


async def all_outlets(view: View) -> list[dict[str, Any]]:
    """Outlets, at most OUTLETS_SHOWN_MAX."""
    return await view.every("outlet_page", limit=OUTLETS_SHOWN_MAX)


async def find_product(view: View, text: str) -> dict[str, Any] | None:
    """The product for sale with this code or else this barcode: id, code, name."""
    if text.isascii() and text.isdigit() and int(text) < CODE_END:
        found: dict[str, Any] | None = (await view.query("product_by_code", code=int(text)))["product"]
        if found is not None:
            return found
    found = (await view.query("product_by_barcode", barcode=text))["product"] if text else None
    return found


def point_at(refusal: Declined, places: Sequence[int | str], names: Mapping[str, str]) -> Declined:
    """The refusal, about the field of a form that holds rows: "rules.1.prefix" is the name of "prefix" in
    `names` with places[1] behind it.
    """
    parts = (refusal.field or "").split(".")
    row = next((int(part) for part in parts if part.isdigit()), len(places))
    name = names.get(parts[-1], names[""])
    refusal.field = f"{name}{places[row]}" if row < len(places) else None
    return refusal
