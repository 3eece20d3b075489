"""`sauda simulate …`: one sub-command per stand-in."""

from __future__ import annotations

from simulators.ofd.cli import app

__all__ = ["app"]
