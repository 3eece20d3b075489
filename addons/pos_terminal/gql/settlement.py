"""Root fields of the money afterwards. Annotations are real: Strawberry reads them."""

import base64
import binascii
from typing import Annotated

import strawberry

from addons.pos_terminal.gql.settlement_types import (
    BankStatementType,
    BatchType,
    DayType,
    ImportType,
    StatementRowType,
    StatementType,
    days_of,
)
from addons.pos_terminal.gql.terminal_types import CardTerminalType
from addons.pos_terminal.services.batches import batches_of, close_by_hand
from addons.pos_terminal.services.reports import PERIOD_DAYS_MAX, Wish, report_of
from addons.pos_terminal.services.statements import match_by_hand, row_by_id, statements
from addons.pos_terminal.services.take_statement import take_statement
from addons.pos_terminal.services.terminals import terminal_row
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import Date

VIEW = [Requires("pos_terminal.view")]
STATEMENTS = [Requires("pos_terminal.statements")]
MANAGE = [Requires("pos_terminal.manage")]
REVIEW = [Requires("pos_terminal.review")]

ImportResult = Annotated[
    ImportType | Refused,
    strawberry.union("StatementImportResult", description="What came of it, or why not."),
]
RowResult = Annotated[
    StatementRowType | Refused, strawberry.union("StatementRowResult", description="The row, or why not.")
]
CutResult = Annotated[
    CardTerminalType | Refused,
    strawberry.union("CloseBatchResult", description="The terminal whose batch is being closed, or why not."),
]
First = Annotated[Date, strawberry.argument(description="First banking day.")]
Until = Annotated[
    Date, strawberry.argument(description=f"Last banking day, at most {PERIOD_DAYS_MAX} days on.")
]
Contract = Annotated[strawberry.ID | None, strawberry.argument(description="Of this contract only.")]
Terminal = Annotated[strawberry.ID | None, strawberry.argument(description="Of this terminal only.")]


@strawberry.type
class SettlementQuery:
    """The money of a period."""

    @strawberry.field(
        description="The money of a period: by day, terminal, scheme and method, with differences and "
        "entries for a ledger. The same as files: /card/statement.xlsx and /card/statement.csv with `from`, "
        "`until`, `contract`, `terminal`.",
        permission_classes=STATEMENTS,
    )
    async def card_statement(
        self,
        info: Info,
        since: First,
        until: Until,
        contract_id: Contract = None,
        terminal_id: Terminal = None,
    ) -> StatementType:
        return await _statement(info, since, until, contract_id, terminal_id)

    @strawberry.field(description="Banking days in figures, raw ones marked.", permission_classes=STATEMENTS)
    async def settlement_days(
        self,
        info: Info,
        since: First,
        until: Until,
        contract_id: Contract = None,
        terminal_id: Terminal = None,
    ) -> list[DayType]:
        found = await _statement(info, since, until, contract_id, terminal_id)
        return days_of(found.report)

    @strawberry.field(
        description="Statements of banks that were taken in, the latest first.", permission_classes=STATEMENTS
    )
    async def bank_statements(self, info: Info) -> list[BankStatementType]:
        async with info.context.reading() as reader:
            return [BankStatementType.of(row) for row in await statements(reader)]

    @strawberry.field(
        description="Batches of a terminal that were cut off, the latest first.", permission_classes=VIEW
    )
    async def card_batches(
        self,
        info: Info,
        terminal_id: Annotated[strawberry.ID, strawberry.argument(description="Which terminal.")],
    ) -> list[BatchType]:
        key = from_global(terminal_id, "CardTerminal", field="terminalId")
        async with info.context.reading() as reader:
            return [BatchType.of(row) for row in await batches_of(reader, key)]


@strawberry.type
class SettlementMutation:
    """What people do about it."""

    @strawberry.mutation(
        description="Take in a statement of the bank: Excel or CSV. Rows that are here already are not taken "
        "twice. Larger files go to POST /card/statements.",
        permission_classes=MANAGE,
    )
    async def import_bank_statement(
        self,
        info: Info,
        contract_id: Annotated[strawberry.ID, strawberry.argument(description="Whose statement it is.")],
        file_name: Annotated[str, strawberry.argument(description="Its name, for people.")],
        content: Annotated[str, strawberry.argument(description="The file in base64.")],
    ) -> ImportResult:
        key = from_global(contract_id, "AcquirerContract", field="contractId")
        try:
            raw = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            raise Refusal("STATEMENT_FILE_BROKEN", field="content") from None
        context = info.context
        taken = await take_statement(context.database, context.principal, key, file_name, raw)
        statement_id = to_global("BankStatement", taken.id)
        return ImportType(statement_id=statement_id, rows=taken.rows, fresh=taken.fresh, proved=taken.proved)

    @strawberry.mutation(
        description="Say which operation a row of a statement is about; audited.", permission_classes=REVIEW
    )
    async def match_statement_row(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which row.")],
        operation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The operation; left out: none.")
        ] = None,
    ) -> RowResult:
        key = from_global(id, "BankStatementRow", field="id")
        payment = from_global_or_none(operation_id, "CardOperation", field="operationId")

        async def matching(work: Work, row_id: str) -> str:
            return await match_by_hand(work, row_id, payment)

        await info.context.transact(matching, key)
        async with info.context.reading() as reader:
            row = await row_by_id(reader, key)
        found = row["payment_id"]
        return StatementRowType(
            key=key,
            verdict=row["verdict"],
            operation_id=None if found is None else to_global("CardOperation", found),
        )

    @strawberry.mutation(
        description="Cut the open batch of a terminal off now and compare it with the host.",
        permission_classes=MANAGE,
    )
    async def close_terminal_batch(
        self,
        info: Info,
        terminal_id: Annotated[strawberry.ID, strawberry.argument(description="Which terminal.")],
    ) -> CutResult:
        key = from_global(terminal_id, "CardTerminal", field="terminalId")
        await info.context.transact(close_by_hand, key)
        async with info.context.reading() as reader:
            return CardTerminalType.of(await terminal_row(reader, key))


async def _statement(
    info: Info,
    since: Date,
    until: Date,
    contract_id: strawberry.ID | None,
    terminal_id: strawberry.ID | None,
) -> StatementType:
    contract = from_global_or_none(contract_id, "AcquirerContract", field="contractId")
    terminal = from_global_or_none(terminal_id, "CardTerminal", field="terminalId")
    async with info.context.reading() as reader:
        return StatementType(report=await report_of(reader, Wish(since, until, contract, terminal)))
