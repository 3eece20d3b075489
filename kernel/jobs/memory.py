"""What this process remembers of lanes, so that a steady flow need not read the same rows for every job.

A value is true as of one revision of its lane. Each Work that changes the lane raises the revision under the
lane's lock, whichever process it runs in; so a value that is found at the revision read under the lock cannot
be out of date.
"""

from __future__ import annotations

from collections.abc import Mapping

LANES_MAX = 10_000  # remembered per process; the one that committed longest ago is forgotten first
NAMES_MAX = 16  # values of one lane

_NOTHING: Mapping[str, object] = {}


class LaneMemory:
    """Values by lane and name, each lane at its last revision known here."""

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes: dict[str, tuple[int, Mapping[str, object]]] = {}

    def at(self, key: str, revision: int) -> Mapping[str, object]:
        """What is remembered of the lane as of that revision and no other."""
        known = self._lanes.get(key)
        return known[1] if known is not None and known[0] == revision else _NOTHING

    def keep(self, key: str, revision: int, values: Mapping[str, object]) -> None:
        """Call after the commit that made the values true. Those of an older revision are forgotten."""
        known = self._lanes.pop(key, None)
        if known is not None and known[0] >= revision:
            revision, values = known[0], {**values, **known[1]} if known[0] == revision else known[1]
        self._lanes[key] = (revision, values)
        if len(self._lanes) > LANES_MAX:
            del self._lanes[next(iter(self._lanes))]

    def clear(self) -> None:
        """Forget everything."""
        self._lanes.clear()
