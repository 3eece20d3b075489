"""The console pages of catalog_1c: 1C bases over HTTP, and those that see us as their equipment."""

from __future__ import annotations

from addons.catalog_1c.pages import bases, equipment
from addons.catalog_1c.pages.places import PAGES

__all__ = ["PAGES", "bases", "equipment"]
