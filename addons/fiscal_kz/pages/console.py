"""The console pages of fiscal_kz: registers with their KKM."""

from __future__ import annotations

from addons.fiscal_kz.pages import choices, desk, register, registers, setup
from addons.fiscal_kz.pages.places import PAGES

__all__ = ["PAGES", "choices", "desk", "register", "registers", "setup"]
