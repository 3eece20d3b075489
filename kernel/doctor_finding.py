"""What a check of the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: fail stops work, warn does not; cross: not so, and need not be outside of production."""

    OK = "ok"
    CROSS = "cross"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw, and the command or deed that mends it."""

    name: str
    level: Level
    text: str
    remedy: str = ""
