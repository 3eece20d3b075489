"""The console pages of dealer."""

from __future__ import annotations

from addons.dealer.pages import board, clients, moves, my_dealer, requests
from addons.dealer.pages.places import PAGES

__all__ = ["PAGES", "board", "clients", "moves", "my_dealer", "requests"]
