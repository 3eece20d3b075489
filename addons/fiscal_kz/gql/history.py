"""Documents and Z reports of a register in GraphQL. Annotations are real: Strawberry reads them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

import strawberry

from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.gql.arguments import RegisterArgument, register_key
from addons.fiscal_kz.gql.enums import FiscalDocumentState
from addons.fiscal_kz.gql.report_types import ShiftReportType
from addons.fiscal_kz.services.history import (
    SELECT_DOCUMENT,
    SELECT_Z,
    HistoryLine,
    history_line,
    kkm_id_of,
    last_receipt,
    made_within,
)
from addons.fiscal_kz.services.texts import read_report
from kernel.clock import from_ms, to_ms
from kernel.data.work import Param, SqlRow
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import to_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import DateTime
from kernel.money import Money

LATEST_DOCUMENTS = (Key("lane_seq", int, is_descending=True), Key("id", str, is_descending=True))
LATEST_SHIFTS = (Key("number", int, is_descending=True),)


@strawberry.enum(description="What a document of a register is.")
class FiscalDocumentOperation(StrEnum):
    SELL = "SELL"
    SELL_RETURN = "SELL_RETURN"
    BUY = "BUY"
    BUY_RETURN = "BUY_RETURN"
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    X = "X"
    Z = "Z"


@strawberry.type(
    name="FiscalDocument", description="One document of a register, as it stands in the order of its journal."
)
class FiscalDocumentType:
    line: strawberry.Private[HistoryLine]
    operation: FiscalDocumentOperation = strawberry.field(description="What it is.")
    state: FiscalDocumentState = strawberry.field(description="How far it has come.")
    total: Money = strawberry.field(description="Its sum; 0 of a report.")
    operator_code: int = strawberry.field(description="Code of who made it.")
    operator_name: str = strawberry.field(description="Name of who made it.")
    is_offline: bool = strawberry.field(description="Whether it was made without the OFD.")
    shift_number: int | None = strawberry.field(description="Shift.")
    shift_document_number: int | None = strawberry.field(description="Number in its shift.")
    sign: str | None = strawberry.field(description="Fiscal sign of the OFD.")
    created_at: DateTime = strawberry.field(description="When it was accepted.")

    @strawberry.field(description="Number since registration; null until it has one, and of an X report.")
    def document_number(self) -> str | None:
        return None if self.line.document_number is None else str(self.line.document_number)

    @strawberry.field(description="Autonomous sign.")
    def offline_number(self) -> str | None:
        return None if self.line.offline_number is None else str(self.line.offline_number)

    @strawberry.field(description="Time of the document.")
    def at(self) -> DateTime | None:
        return None if self.line.at_ms is None else from_ms(self.line.at_ms)

    @strawberry.field(description="The ticket, for its receipt or a duplicate of it.")
    def sale_id(self) -> strawberry.ID | None:
        return self._subject(DocumentKind.TICKET, "Sale")

    @strawberry.field(description="The cash operation, for its slip.")
    def cash_operation_id(self) -> strawberry.ID | None:
        return self._subject(DocumentKind.CASH, "CashOperation")

    @strawberry.field(description="The X or Z report, for its contents and its paper.")
    def report_id(self) -> strawberry.ID | None:
        if self.line.kind not in (DocumentKind.CLOSE, DocumentKind.REPORT):
            return None
        return to_global("FiscalReport", self.line.id)

    @strawberry.field(description="Why it was refused, in the caller's language.")
    def rejection(self, info: Info) -> Refused | None:
        code = self.line.reject_code
        return None if code is None else refused(Refusal(code), info.context.language)

    def _subject(self, kind: DocumentKind, type_name: str) -> strawberry.ID | None:
        if self.line.kind is not kind or self.line.subject_id is None:
            return None
        return to_global(type_name, self.line.subject_id)

    @classmethod
    def of(cls, line: HistoryLine) -> Self:
        """The line as shown."""
        return cls(
            line=line,
            operation=FiscalDocumentOperation(line.operation),
            state=line.state,
            total=Money(line.total),
            operator_code=line.operator_code,
            operator_name=line.operator_name,
            is_offline=line.is_offline,
            shift_number=line.shift_number,
            shift_document_number=line.shift_document_number,
            sign=line.sign,
            created_at=from_ms(line.created_ms),
        )


@strawberry.type(name="ZReport", description="A closed shift with its Z report.")
class ZReportType:
    row: strawberry.Private[SqlRow]
    number: int = strawberry.field(description="Number of the shift since registration.")
    opened_at: DateTime = strawberry.field(description="Time of its first document.")
    closed_at: DateTime = strawberry.field(description="Time of its close.")

    @strawberry.field(description="Our own Z.")
    def report(self) -> ShiftReportType | None:
        return _report(self.row["report"])

    @strawberry.field(
        description="The OFD's Z, when the shift was closed with it at hand or delivered since."
    )
    def server_report(self) -> ShiftReportType | None:
        return _report(self.row["server_report"])

    @classmethod
    def of(cls, row: SqlRow) -> Self:
        """The shift as shown."""
        return cls(
            row=row,
            number=row["number"],
            opened_at=from_ms(row["opened_ms"]),
            closed_at=from_ms(row["closed_ms"]),
        )


def _report(text: str | None) -> ShiftReportType | None:
    return None if text is None else ShiftReportType.of(read_report(text))


@strawberry.type
class HistoryQuery:
    """Root fields that look back."""

    @strawberry.field(
        description="Documents of a register in the order of its journal, the latest first: tickets, cash, X "
        "and Z reports.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def fiscal_documents(
        self,
        info: Info,
        register_id: RegisterArgument,
        since: Annotated[
            DateTime | None, strawberry.argument(description="Accepted at this moment or later.")
        ] = None,
        until: Annotated[
            DateTime | None, strawberry.argument(description="Accepted before this moment.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[FiscalDocumentType]:
        asked = page(first, after, last, before)
        key, since_ms, until_ms = register_key(register_id), _ms(since), _ms(until)
        async with info.context.reading() as reader:
            kkm_id = await kkm_id_of(reader, key) or ""  # a register without a KKM has no documents
            where, params = await made_within(reader, kkm_id, since_ms, until_ms)
            listed = KeysetList(SELECT_DOCUMENT, where, params, LATEST_DOCUMENTS)
            return await fetch_page(
                reader, listed, asked, lambda row: FiscalDocumentType.of(history_line(row))
            )

    @strawberry.field(
        description="The last ticket of a register that has its numbers; null when there is none.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def last_receipt(self, info: Info, register_id: RegisterArgument) -> FiscalDocumentType | None:
        key = register_key(register_id)
        async with info.context.reading() as reader:
            line = await last_receipt(reader, key)
        return None if line is None else FiscalDocumentType.of(line)

    @strawberry.field(
        description="Z reports of a register, the latest shift first.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def z_reports(
        self,
        info: Info,
        register_id: RegisterArgument,
        since: Annotated[
            DateTime | None, strawberry.argument(description="Closed at this moment or later.")
        ] = None,
        until: Annotated[
            DateTime | None, strawberry.argument(description="Closed before this moment.")
        ] = None,
        number: Annotated[int | None, strawberry.argument(description="Only this shift.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ZReportType]:
        asked = page(first, after, last, before)
        key = register_key(register_id)
        async with info.context.reading() as reader:
            listed = _closed_shifts(await kkm_id_of(reader, key), since, until, number)
            return await fetch_page(reader, listed, asked, ZReportType.of)


def _closed_shifts(
    kkm_id: str | None, since: datetime | None, until: datetime | None, number: int | None
) -> KeysetList:
    where = "kkm_id = ? AND closed_ms IS NOT NULL"
    params: tuple[Param, ...] = (kkm_id or "",)
    optional = {
        "closed_ms >= ?": _ms(since),
        "closed_ms < ?": _ms(until),
        "number = ?": number,
    }
    for condition, value in optional.items():
        if value is not None:
            where, params = f"{where} AND {condition}", (*params, value)
    return KeysetList(SELECT_Z, where, params, LATEST_SHIFTS)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)
