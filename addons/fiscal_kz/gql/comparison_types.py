"""Comparisons of counters and handled documents in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.fiscal_kz.domain.comparison import Difference
from addons.fiscal_kz.gql.arguments import RegisterArgument, register_key
from addons.fiscal_kz.gql.outcome import kkm_of_register
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.compare import (
    ComparisonView,
    HandledView,
    compare_counters,
    comparisons_of,
    handled_of,
)
from kernel.clock import from_ms
from kernel.gql.context import Info
from kernel.gql.ids import to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import UUID, DateTime
from kernel.money import Money

_COUNTS = ("n", "payn", "secn", "cashn", "discn", "markn", "off")


@strawberry.type(name="CounterDifference", description="A counter that is not the same on both sides.")
class CounterDifferenceType:
    counter: str = strawberry.field(
        description='"life.sum.SELL": total since registration; "shift.pay.SELL.CASH": of the open shift.'
    )
    ours: str = strawberry.field(description="Ours: an amount (200.00) or a number of documents.")
    theirs: str = strawberry.field(description="The OFD's.")
    explained: str = strawberry.field(description="How much of ours are documents that were marked handled.")
    is_explained: bool = strawberry.field(description="Whether they are all of the difference.")

    @classmethod
    def of(cls, difference: Difference) -> Self:
        """The difference as shown."""
        is_count = difference.key.split(".")[1] in _COUNTS
        ours, theirs, explained = (
            str(each) if is_count else str(Money(each))
            for each in (difference.ours, difference.theirs, difference.explained)
        )
        return cls(
            counter=difference.key,
            ours=ours,
            theirs=theirs,
            explained=explained,
            is_explained=difference.is_explained,
        )


@strawberry.type(name="CounterComparison", description="Our counters against the OFD's at one moment.")
class CounterComparisonType:
    at: DateTime = strawberry.field(description="When the OFD was asked.")
    shift_number: int = strawberry.field(description="Our shift then.")
    is_equal: bool = strawberry.field(description="Whether all counters were the same.")
    is_explained: bool = strawberry.field(description="Whether handled documents are all of the differences.")
    differences: list[CounterDifferenceType] = strawberry.field(description="Nothing of ours was changed.")

    @classmethod
    def of(cls, view: ComparisonView) -> Self:
        """The comparison as shown."""
        return cls(
            at=from_ms(view.at_ms),
            shift_number=view.shift_number,
            is_equal=not view.differences,
            is_explained=all(each.is_explained for each in view.differences),
            differences=[CounterDifferenceType.of(each) for each in view.differences],
        )


@strawberry.type(name="HandledDocument", description="A refused document a person took out of the queue.")
class HandledDocumentType:
    document_id: UUID = strawberry.field(description="Document.")
    kind: str = strawberry.field(description="TICKET, CASH or CLOSE.")
    sale_id: strawberry.ID | None = strawberry.field(description="The sale or return, for a ticket.")
    document_number: str | None = strawberry.field(description="Number since registration.")
    shift_number: int | None = strawberry.field(description="Shift.")
    offline_number: str | None = strawberry.field(description="Autonomous sign on the receipt.")
    total: Money = strawberry.field(description="Sum.")
    result_code: int = strawberry.field(description="Result code of the OFD.")
    reason: str = strawberry.field(description="How it was settled.")
    handled_by: str | None = strawberry.field(description="Subject of the person, as in the audit.")
    at: DateTime = strawberry.field(description="When it was taken out.")

    @classmethod
    def of(cls, view: HandledView) -> Self:
        """The document as shown."""
        is_ticket = view.kind.value == "TICKET" and view.subject_id is not None
        return cls(
            document_id=UUID(view.document_id),
            kind=view.kind.value,
            sale_id=to_global("Sale", view.subject_id or "") if is_ticket else None,
            document_number=None if view.document_number is None else str(view.document_number),
            shift_number=view.shift_number,
            offline_number=None if view.offline_number is None else str(view.offline_number),
            total=Money(view.total),
            result_code=view.result_code,
            reason=view.reason,
            handled_by=view.handled_by,
            at=from_ms(view.at_ms),
        )


CompareCountersResult = Annotated[
    KkmType | Refused, strawberry.union("CompareCountersResult", description="The KKM, or why not.")
]


@strawberry.type
class ComparisonQuery:
    """Root fields that read."""

    @strawberry.field(
        description="The last comparisons of our counters with the OFD's, newest first.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def counter_comparisons(
        self, info: Info, register_id: RegisterArgument
    ) -> list[CounterComparisonType]:
        key = register_key(register_id)
        async with info.context.reading() as reader:
            return [CounterComparisonType.of(each) for each in await comparisons_of(reader, key)]

    @strawberry.field(
        description="Refused documents that were taken out of a register's queue, newest first.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def handled_documents(self, info: Info, register_id: RegisterArgument) -> list[HandledDocumentType]:
        key = register_key(register_id)
        async with info.context.reading() as reader:
            return [HandledDocumentType.of(each) for each in await handled_of(reader, key)]


@strawberry.type
class ComparisonMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Ask the OFD for its counters; the comparison follows in counterComparisons.",
        permission_classes=[Requires("fiscal_kz.report")],
    )
    async def compare_counters(self, info: Info, register_id: RegisterArgument) -> CompareCountersResult:
        key = register_key(register_id)
        await info.context.transact(compare_counters, key)
        return await kkm_of_register(info.context, key)
