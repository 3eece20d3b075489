"""What this process remembers of lanes, so that a steady flow need not read the same rows for every job.

A value is true as of one revision of its lane. Each Work that changes the lane raises the revision under the
lane's lock, whichever process it runs in; so a value that is found at the revision read under the lock cannot
be out of date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

LANES_MAX = 10_000  # remembered per process; the one that committed longest ago is forgotten first
NAMES_MAX = 16  # values of one lane

_NOTHING: Mapping[str, object] = {}

Row = tuple[Any, ...]  # of kernel_lane, as kernel.jobs.lanes orders its columns


class _Known(NamedTuple):
    revision: int
    values: Mapping[str, object]
    row: Row | None
    is_steady: bool  # when it was read last, nobody else had changed it


class LaneMemory:
    """Values by lane and name, each lane at its last revision known here; if kept, its row as of then too."""

    __slots__ = ("_lanes", "_taken")

    def __init__(self) -> None:
        self._lanes: dict[str, _Known] = {}
        self._taken: set[str] = set()

    def at(self, key: str, revision: int) -> Mapping[str, object]:
        """What is remembered of the lane as of that revision and no other."""
        known = self._lanes.get(key)
        return known.values if known is not None and known.revision == revision else _NOTHING

    def take(self, key: str, *, is_steady: bool) -> Row | None:
        """`row`, to be taken for the lane as it is by one Work at a time, until `free`. None, too, for a lane
        that should be steady, that nobody else changes, and most likely is not.
        """
        known = self._lanes.get(key)
        if known is None or known.row is None or key in self._taken or (is_steady and not known.is_steady):
            return None
        self._taken.add(key)
        return known.row

    def free(self, key: str) -> None:
        """The Work that took the lane has ended."""
        self._taken.discard(key)

    def meet(self, key: str, revision: int) -> None:
        """The lane was read at that revision: what is remembered of another one is forgotten."""
        known = self._lanes.get(key)
        if known is None:
            return
        if known.revision != revision:
            self.forget(key)
        elif not known.is_steady:
            self._lanes[key] = known._replace(is_steady=True)

    def keep(self, key: str, revision: int, values: Mapping[str, object], row: Row | None = None) -> None:
        """Call after the commit that made the values true. Those of an older revision are forgotten."""
        known = self._lanes.pop(key, None)
        if known is not None and known.revision >= revision:
            if known.revision == revision:
                values, row = {**values, **known.values}, row or known.row
            else:
                revision, values, row, _ = known
        self._lanes[key] = _Known(revision, values, row, known is not None and known.is_steady)
        if len(self._lanes) > LANES_MAX:
            del self._lanes[next(iter(self._lanes))]

    def forget(self, key: str) -> None:
        """Forget all about the lane."""
        self._lanes.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._lanes.clear()
