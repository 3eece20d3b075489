"""Crash points: named places where a test may kill the process as a power cut would. Nothing else may depend
on them.

`SAUDA_CRASH_AT=name` kills at the first pass of that point, `SAUDA_CRASH_AT=name:3` at the third. Without the
variable a point costs one function call.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "SAUDA_CRASH_AT"


class CrashPlan:
    """Where to die and how many passes are left until then."""

    def __init__(self, text: str) -> None:
        name, _, passes = text.partition(":")
        self.name = name
        self.passes_left = int(passes) if passes else 1

    def passes(self, name: str) -> bool:
        """Count one pass; True when this is the fatal one."""
        if name != self.name:
            return False
        self.passes_left -= 1
        return self.passes_left == 0


_plan = CrashPlan(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def point(name: str) -> None:
    """Die here by SIGKILL when the environment asked for it; otherwise do nothing."""
    if _plan is not None and _plan.passes(name):
        os.kill(os.getpid(), signal.SIGKILL)
