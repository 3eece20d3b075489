"""The promises of every add-on, kept by the catalogue."""

from __future__ import annotations

from kernel.addons.checks import AddonChecks


class TestCatalog(AddonChecks):
    addon = "catalog"
