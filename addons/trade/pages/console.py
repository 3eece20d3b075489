"""The console pages of trade: the dashboard and sales."""

from __future__ import annotations

from addons.trade.pages import dashboard, receipts, sale, sales
from addons.trade.pages.places import PAGES

__all__ = ["PAGES", "dashboard", "receipts", "sale", "sales"]
