"""Trade keeps what its manifest promises."""

from __future__ import annotations

from kernel.addons.checks import AddonChecks


class TestTradeChecks(AddonChecks):
    addon = "trade"
