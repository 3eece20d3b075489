"""The document that stops a register, in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.fiscal_kz.domain.codes import refusal_of
from addons.fiscal_kz.domain.commands import MarkHandled, RetryDocument
from addons.fiscal_kz.gql.arguments import RegisterArgument, reason_text, register_key
from addons.fiscal_kz.gql.outcome import kkm_of_register
from addons.fiscal_kz.gql.report_types import ShiftReportType
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.refused import RefusedView, mark_handled, refused_document, retry_document
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import UUID, DateTime
from kernel.money import Money


@strawberry.type(
    name="RefusedDocument",
    description="The offline document that the OFD refused; it stops the queue until a person decides.",
)
class RefusedDocumentType:
    result_code: int = strawberry.field(description="Result code of the OFD.")
    said: str = strawberry.field(description="The OFD's own words beside the code; empty when it said none.")
    asked_at: DateTime | None = strawberry.field(description="When the OFD refused it last.")
    document_id: UUID = strawberry.field(description="Names the document in retryDocument and markHandled.")
    kind: str = strawberry.field(description="TICKET, CASH or CLOSE.")
    sale_id: strawberry.ID | None = strawberry.field(description="The sale or return, for a ticket.")
    document_number: str | None = strawberry.field(description="Number since registration.")
    shift_number: int | None = strawberry.field(description="Shift.")
    offline_number: str | None = strawberry.field(description="Autonomous sign on the receipt.")
    at: DateTime = strawberry.field(description="Time of the document.")
    total: Money = strawberry.field(description="Sum of the document.")
    text: str = strawberry.field(description="The paper as plain text of 48 columns; empty for a close.")
    report: ShiftReportType | None = strawberry.field(description="The Z report, for a close.")
    waiting: int = strawberry.field(description="Offline documents that wait behind it.")

    @strawberry.field(description="What the code means and what to do, in the caller's language.")
    def refusal(self, info: Info) -> Refused:
        return refused(Refusal(refusal_of(self.result_code)), info.context.language)

    @classmethod
    def of(cls, view: RefusedView) -> Self:
        """The document as shown."""
        record, numbers = view.record, view.record.numbers
        is_ticket = record.kind.value == "TICKET" and record.subject_id is not None
        offline = None if numbers is None else numbers.offline_number
        return cls(
            result_code=view.result_code,
            said=view.said,
            asked_at=None if view.asked_ms is None else from_ms(view.asked_ms),
            document_id=UUID(record.id),
            kind=record.kind.value,
            sale_id=to_global("Sale", record.subject_id or "") if is_ticket else None,
            document_number=None if numbers is None else str(numbers.document_number),
            shift_number=None if numbers is None else numbers.shift_number,
            offline_number=None if offline is None else str(offline),
            at=from_ms(record.created_ms if numbers is None else numbers.at_ms),
            total=Money(record.total),
            text=view.text,
            report=None if view.report is None else ShiftReportType.of(view.report),
            waiting=view.waiting,
        )


RetryDocumentResult = Annotated[
    KkmType | Refused, strawberry.union("RetryDocumentResult", description="The KKM, or why not.")
]
MarkHandledResult = Annotated[
    KkmType | Refused, strawberry.union("MarkHandledResult", description="The KKM, or why not.")
]


@strawberry.input(description="Which refused document, and why so.")
class RefusedDocumentInput:
    register_id: strawberry.ID = strawberry.field(description="Register.")
    document_id: UUID = strawberry.field(description="From refusedDocument: what the person has looked at.")
    reason: str = strawberry.field(description="Kept in the journal and the audit.")


@strawberry.type
class RefusedQuery:
    """Root fields that read."""

    @strawberry.field(
        description="The refused document that stops a register's queue; null when none does.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def refused_document(self, info: Info, register_id: RegisterArgument) -> RefusedDocumentType | None:
        key = register_key(register_id)
        async with info.context.reading() as reader:
            view = await refused_document(reader, key)
        return None if view is None else RefusedDocumentType.of(view)


@strawberry.type
class RefusedMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Send the refused document again after its cause was mended.",
        permission_classes=[Requires("fiscal_kz.activate")],
    )
    async def retry_document(self, info: Info, input: RefusedDocumentInput) -> RetryDocumentResult:
        register_id = register_key(input.register_id)
        command = RetryDocument(register_id, str(input.document_id), reason_text(input.reason))
        await info.context.transact(retry_document, command)
        return await kkm_of_register(info.context, register_id)

    @strawberry.mutation(
        description="Take the refused document out of the queue: it stays a document of the register, "
        "counted and printed, but the OFD does not have it.",
        permission_classes=[Requires("fiscal_kz.mark_handled")],
    )
    async def mark_handled(self, info: Info, input: RefusedDocumentInput) -> MarkHandledResult:
        register_id = register_key(input.register_id)
        command = MarkHandled(register_id, str(input.document_id), reason_text(input.reason))
        await info.context.transact(mark_handled, command)
        return await kkm_of_register(info.context, register_id)
