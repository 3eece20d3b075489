"""Our counters against the OFD's.

Source: CPCR 2.0.2 §3.8 (after an offline time counters are compared with the INFO report).
"""

from __future__ import annotations

from dataclasses import dataclass

from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.state import State


@dataclass(frozen=True, slots=True)
class Difference:
    """One counter that is not the same on both sides."""

    key: str
    ours: int
    theirs: int


# An offline count may differ by one for a document whose first sending arrived although nobody heard the
# answer.
_NOT_COMPARED = ("off.",)


def differences(state: State, theirs: Counters, *, is_shift_open: bool) -> list[Difference]:
    """Counters that differ.

    Without an open shift only totals since registration and the drawer are compared.
    """
    pairs = [("life", state.counters.life, theirs.life)]
    if is_shift_open and state.is_shift_open:
        pairs.append(("shift", state.counters.shift, theirs.shift))
    found = []
    for name, ours, other in pairs:
        for key in sorted({*ours, *other}):
            if key.startswith(_NOT_COMPARED):
                continue
            if name == "life" and key.startswith("start.") and not is_shift_open:
                continue
            if ours.get(key, 0) != other.get(key, 0):
                found.append(Difference(f"{name}.{key}", ours.get(key, 0), other.get(key, 0)))
    return found
