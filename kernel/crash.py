"""Crash points: named places where a test may kill the process as a power cut would. Nothing else may depend
on them.

`SAUDA_CRASH_AT=name` kills at the first pass of that point, `SAUDA_CRASH_AT=name:3` at the third.
`SAUDA_CRASH_AT=@/a/file` reads the same words from a file whenever a point is passed, so a test may decide
while processes run; whoever passes fatally removes the file first, so one of several processes dies. Without
the variable a point costs one function call.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Protocol

VARIABLE = "SAUDA_CRASH_AT"


class Plan(Protocol):
    """Decides where to die."""

    def passes(self, name: str) -> bool:
        """Count one pass; True when this is the fatal one."""
        ...


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


class CrashFile:
    """The same, written into a file by somebody else; passes of several processes are not counted exactly."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def passes(self, name: str) -> bool:
        """Count one pass; True when this is the fatal one, and then only for the process that removed the
        file.
        """
        try:
            plan = CrashPlan(self.path.read_text(encoding="utf-8"))
            if plan.name != name:
                return False
            if plan.passes(name):
                self.path.unlink()
                return True
            self.path.write_text(f"{name}:{plan.passes_left}", encoding="utf-8")
        except FileNotFoundError:
            pass
        return False


def planned(text: str | None) -> Plan | None:
    """What the variable asks for."""
    if not text:
        return None
    return CrashFile(text[1:]) if text.startswith("@") else CrashPlan(text)


_plan = planned(os.environ.get(VARIABLE))


def point(name: str) -> None:
    """Die here by SIGKILL when the environment asked for it; otherwise do nothing."""
    if _plan is not None and _plan.passes(name):
        os.kill(os.getpid(), signal.SIGKILL)
