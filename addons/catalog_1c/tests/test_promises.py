"""The promises of every add-on, kept by the 1C exchange."""

from __future__ import annotations

from kernel.addons.checks import AddonChecks


class TestCatalog1c(AddonChecks):
    addon = "catalog_1c"
