"""Lists that are told to many: written once for each selection of fields, then given out as they are.

A page of a change feed goes to every device of a shop; writing a thousand rows costs a hundred times what
looking them up does.
"""

from __future__ import annotations

from typing import Any, TypeVar

Item = TypeVar("Item")

WRITTEN_MAX = 4  # selections of one list whose answers are kept; the oldest go first


class Kept(list[Item]):
    """A list that never changes, nor do its items. What is selected of them may be kept if it consists of
    plain attributes only, so that it is the same for everybody; anything else is written anew each time.
    """

    __slots__ = ("_written",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._written: dict[object, list[Any]] = {}

    def written(self, selection: object) -> list[Any] | None:
        """What was kept for the selection."""
        return self._written.get(selection)

    def keep(self, selection: object, answer: list[Any]) -> None:
        """Keep the answer for the selection; nobody may change it."""
        while len(self._written) >= WRITTEN_MAX:
            del self._written[next(iter(self._written))]
        self._written[selection] = answer
