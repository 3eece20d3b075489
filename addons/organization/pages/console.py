"""The console pages of organization."""

from __future__ import annotations

from addons.organization.pages import account, alerts, factors, login, outlets, people, settings
from addons.organization.pages.places import PAGES

__all__ = ["PAGES", "account", "alerts", "factors", "login", "outlets", "people", "settings"]
