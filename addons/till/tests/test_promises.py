"""The promises every add-on keeps."""

from __future__ import annotations

from kernel.addons.checks import AddonChecks


class TestTillChecks(AddonChecks):
    addon = "till"
