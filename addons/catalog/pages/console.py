"""The console pages of catalog: goods, groups, packages, tables, what registers sell."""

from __future__ import annotations

from addons.catalog.pages import (
    assortment,
    bundles,
    card_more,
    company_rules,
    exchange,
    goods,
    groups,
    history,
    sheet_pages,
)
from addons.catalog.pages.places import PAGES

__all__ = [
    "PAGES",
    "assortment",
    "bundles",
    "card_more",
    "company_rules",
    "exchange",
    "goods",
    "groups",
    "history",
    "sheet_pages",
]
