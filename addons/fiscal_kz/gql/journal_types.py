"""The state of a register's journal in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Self

import strawberry

from addons.fiscal_kz.services.journal_state import JournalState
from kernel.clock import from_ms
from kernel.gql.scalars import DateTime


@strawberry.type(
    name="JournalBreach", description="The first entry of a journal that is not what was written."
)
class JournalBreachType:
    breach: str = strawberry.field(description="altered, missing, reordered, truncated, extra or severed.")
    seq: str = strawberry.field(description="Number of the entry.")
    kind: str | None = strawberry.field(description="What stands there; null when nothing does.")
    at: DateTime | None = strawberry.field(description="When that was written, as it says itself.")


@strawberry.type(name="JournalState", description="The journal of a register and what is known of it.")
class JournalStateType:
    entries: str = strawberry.field(description="Number of the last entry.")
    head: str = strawberry.field(description="Digest of the last entry; it holds all before it.")
    verified_at: DateTime | None = strawberry.field(
        description="When the chain was last verified from its beginning; null before the first night."
    )
    is_blocked: bool = strawberry.field(description="Whether the register stands still for its journal.")
    breach: JournalBreachType | None = strawberry.field(description="Null while nothing is wrong.")

    @classmethod
    def of(cls, state: JournalState) -> Self:
        """The state as shown."""
        found = state.breach
        breach = None
        if found is not None:
            at = None if found.at_ms is None else from_ms(found.at_ms)
            breach = JournalBreachType(breach=str(found.breach), seq=str(found.seq), kind=found.kind, at=at)
        return cls(
            entries=str(state.entries),
            head=state.head,
            verified_at=None if state.verified_ms is None else from_ms(state.verified_ms),
            is_blocked=state.is_blocked,
            breach=breach,
        )
