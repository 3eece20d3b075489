"""What add-ons offer to be done to many registers at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something that can be done to many registers of clients at once.

    run: `async (work, register_id, text)`, called in the client's company as the dealer's guest; a Refusal
    fails that register alone. permission: one the client must have granted. titles: in ru, kk, en.
    text_title: what the text that goes with it is, in the same languages; None for an action without one.
    """

    name: str
    permission: str
    titles: Mapping[str, str]
    run: Callable[[Work, str, str], Awaitable[None]]
    text_title: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BulkActions:
    """Payload of the hook dealer.bulk_actions: add-ons add theirs. names are "<add-on>.<verb>"."""

    found: dict[str, BulkAction] = field(default_factory=dict)

    def add(self, action: BulkAction) -> None:
        """One more; a name is given once."""
        assert action.name not in self.found, action.name
        self.found[action.name] = action
