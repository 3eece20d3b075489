"""The promises every add-on keeps."""

from __future__ import annotations

from kernel.addons.checks import AddonChecks


class TestPosTerminalChecks(AddonChecks):
    addon = "pos_terminal"
