"""What dealer promises as an add-on."""

from __future__ import annotations

from kernel.addons.checks import AddonChecks


class TestDealer(AddonChecks):
    addon = "dealer"
