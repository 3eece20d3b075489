"""The inspector's workplace: one register over one period, to read. Annotations are real."""

from typing import Annotated

import strawberry

from addons.fiscal_kz.gql.history import (
    LATEST_DOCUMENTS,
    LATEST_SHIFTS,
    FiscalDocumentType,
    ZReportType,
)
from addons.fiscal_kz.gql.journal_types import JournalStateType
from addons.fiscal_kz.services.history import (
    SELECT_DOCUMENT,
    SELECT_Z,
    history_line,
    kkm_id_of,
    made_within,
)
from addons.fiscal_kz.services.inspect_journal import EXPORT_MAX, Verification, export_lines, verify_register
from addons.fiscal_kz.services.journal_state import journal_state
from addons.organization.api import Inspection, inspection_of, register_card
from kernel.clock import from_ms
from kernel.gql.context import Info
from kernel.gql.paging import After, Before, Connection, First, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.gql.scalars import DateTime

AfterSeq = Annotated[str, strawberry.argument(description="Number of the last entry seen; 0 to begin with.")]


@strawberry.type(name="JournalVerification", description="The chain of digests, computed again just now.")
class JournalVerificationType:
    is_whole: bool = strawberry.field(description="Every entry is what was written.")
    entries: str = strawberry.field(description="Entries found good.")
    broken_seq: str | None = strawberry.field(description="Number of the first wrong entry.")
    breach: str | None = strawberry.field(
        description="altered, missing, reordered, truncated, extra or severed."
    )

    @classmethod
    def of(cls, found: Verification) -> "JournalVerificationType":
        """The result as shown."""
        seq = None if found.seq is None else str(found.seq)
        return cls(is_whole=found.is_whole, entries=str(found.entries), broken_seq=seq, breach=found.breach)


@strawberry.type(name="Inspection", description="What an inspector's token lets see.")
class InspectionType:
    seen: strawberry.Private[Inspection]
    register_number: int = strawberry.field(description="Number of the register.")
    register_title: str = strawberry.field(description="Its title.")
    company_bin: str = strawberry.field(description="BIN or IIN of the company.")
    company_title: str = strawberry.field(description="The company.")
    since: DateTime = strawberry.field(description="First moment of the period.")
    until: DateTime = strawberry.field(description="End of the period, itself not seen.")

    @strawberry.field(description="Z reports of shifts closed in the period, the latest first.")
    async def z_reports(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ZReportType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            kkm_id = await kkm_id_of(reader, self.seen.register_id) or ""
            where = "kkm_id = ? AND closed_ms >= ? AND closed_ms < ?"
            bound = (kkm_id, self.seen.from_ms, self.seen.to_ms)
            return await fetch_page(
                reader, KeysetList(SELECT_Z, where, bound, LATEST_SHIFTS), asked, ZReportType.of
            )

    @strawberry.field(description="Receipts, cash operations and reports of the period, the latest first.")
    async def documents(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[FiscalDocumentType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            kkm_id = await kkm_id_of(reader, self.seen.register_id) or ""
            where, bound = await made_within(reader, kkm_id, self.seen.from_ms, self.seen.to_ms)
            listed = KeysetList(SELECT_DOCUMENT, where, bound, LATEST_DOCUMENTS)
            return await fetch_page(
                reader, listed, asked, lambda row: FiscalDocumentType.of(history_line(row))
            )

    @strawberry.field(
        description=f"Journal of the period, one entry as a line of JSON, at most {EXPORT_MAX} behind entry "
        "`afterSeq`; ask on with the `seq` of the last line until none comes. An entry that cannot be opened "
        "says why in `damaged`, and its facts are null."
    )
    async def journal(self, info: Info, after_seq: AfterSeq = "0") -> list[str]:
        async with info.context.reading() as reader:
            return await export_lines(reader, self.seen, after_seq)

    @strawberry.field(description="What is known of the journal.")
    async def journal_state(self, info: Info) -> JournalStateType:
        async with info.context.reading() as reader:
            return JournalStateType.of(await journal_state(reader, self.seen.register_id))

    @strawberry.field(description="Verify the whole chain now, from its beginning.")
    async def verification(self, info: Info) -> JournalVerificationType:
        async with info.context.reading() as reader:
            return JournalVerificationType.of(await verify_register(reader, self.seen.register_id))


@strawberry.type
class InspectionQuery:
    """The inspector's root field."""

    @strawberry.field(
        description="One register over one period, as the inspector's token says.",
        permission_classes=[Requires("fiscal_kz.inspect")],
    )
    async def inspection(self, info: Info) -> InspectionType:
        async with info.context.reading() as reader:
            seen = await inspection_of(reader)
            register = await register_card(reader, seen.register_id)
        return InspectionType(
            seen=seen,
            register_number=register.number,
            register_title=register.title,
            company_bin=register.company.bin,
            company_title=register.company.title,
            since=from_ms(seen.from_ms),
            until=from_ms(seen.to_ms),
        )
