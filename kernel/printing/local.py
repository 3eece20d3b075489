"""Printing on this machine: which print queues `sauda up` works itself. An add-on with print queues provides
the port; without one nothing is printed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kernel.data.work import Reader
    from kernel.security.principal import Principal


@dataclass(frozen=True, slots=True)
class LocalQueue:
    """A queue to be worked here. name: of the file in `folder` that remembers what was printed; principal: in
    whose name its jobs are taken.
    """

    name: str
    folder: str
    principal: Principal


class LocalPrinting(Protocol):
    """Knows the queues of this machine."""

    async def queues(self, reader: Reader) -> list[LocalQueue]:
        """Queues to be worked here now; the reader is the system's."""
        ...
