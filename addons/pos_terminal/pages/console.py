"""The console pages of card acquiring."""

from __future__ import annotations

from addons.pos_terminal.pages import contracts, keys, operations, statement, terminals, wizard
from addons.pos_terminal.pages.places import PAGES

__all__ = ["PAGES", "contracts", "keys", "operations", "statement", "terminals", "wizard"]
