"""Settled days, statements and batches in GraphQL. Annotations are real: Strawberry reads them."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from addons.pos_terminal.domain.postings import DayMoney, Posting, PostingKind, postings
from addons.pos_terminal.domain.statement import Layout
from addons.pos_terminal.gql.terminal_types import moment
from addons.pos_terminal.services.reports import Difference, Report, ReportLine, Sums, differences_of
from kernel.clock import from_ms
from kernel.gql.context import Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.scalars import Date, DateTime
from kernel.money import Money

Row = Mapping[str, Any]

strawberry.enum(PostingKind, name="CardPostingKind", description="What an entry of a ledger is.")
strawberry.enum(Layout, name="BankStatementLayout", description="Whose statement it is.")


@strawberry.type(name="CardSums", description="gross = sold + givenBack; net = gross − commission.")
class SumsType:
    purchases: int = strawberry.field(description="How many purchases.")
    returns: int = strawberry.field(description="How many returns.")
    sold: Money = strawberry.field(description="Sum of purchases.")
    given_back: Money = strawberry.field(description="Sum of returns, zero or below.")
    gross: Money = strawberry.field(description="What stays before the commission.")
    commission: Money = strawberry.field(description="What the acquirer keeps.")
    net: Money = strawberry.field(description="What reaches the account.")

    @classmethod
    def of(cls, sums: Sums) -> Self:
        """As shown."""
        return cls(
            purchases=sums.purchases,
            returns=sums.returns,
            sold=Money(sums.sold),
            given_back=Money(sums.given_back),
            gross=Money(sums.gross),
            commission=Money(sums.commission),
            net=Money(sums.net),
        )


@strawberry.type(name="CardStatementLine", description="One banking day, terminal, scheme and method.")
class LineType:
    day: Date = strawberry.field(description="Banking day.")
    credit_day: Date = strawberry.field(description="When the money comes.")
    contract_id: strawberry.ID = strawberry.field(description="Contract.")
    terminal_id: strawberry.ID = strawberry.field(description="Terminal.")
    scheme: str = strawberry.field(description="VISA, MASTERCARD …; empty when nobody said.")
    method: str = strawberry.field(description="CARD or QR.")
    is_raw: bool = strawberry.field(description="Not settled yet: the figures may still change.")
    iban: str = strawberry.field(description="Account of the terminal on that day.")
    sums: SumsType = strawberry.field(description="How much.")

    @classmethod
    def of(cls, line: ReportLine) -> Self:
        """As shown."""
        return cls(
            day=Date.fromisoformat(line.day),
            credit_day=Date.fromisoformat(line.credit_day),
            contract_id=to_global("AcquirerContract", line.contract_id),
            terminal_id=to_global("CardTerminal", line.terminal_id),
            scheme=line.scheme,
            method=line.method,
            is_raw=line.is_raw,
            iban=line.iban,
            sums=SumsType.of(line.sums),
        )


@strawberry.type(name="SettlementDay", description="A banking day in figures.")
class DayType:
    day: Date = strawberry.field(description="Banking day.")
    is_raw: bool = strawberry.field(description="Something of it is not settled yet.")
    reversals: int = strawberry.field(description="Operations that were made not to have been.")
    sums: SumsType = strawberry.field(description="How much.")


@strawberry.type(name="CardDifference", description="Something the bank and we do not agree about.")
class DifferenceType:
    kind: str = strawberry.field(
        description="AMOUNT_DIFFERS, COMMISSION_DIFFERS, BANK_ONLY (no receipt), LEDGER_ONLY (no money came) "
        "or REVERSED_CREDITED."
    )
    day: Date = strawberry.field(description="Banking day.")
    at: DateTime = strawberry.field(description="When it was.")
    terminal_id: strawberry.ID | None = strawberry.field(description="Terminal, when it is known.")
    terminal_code: str = strawberry.field(description="Its number at the acquirer.")
    rrn: str = strawberry.field(description="RRN.")
    authorization_code: str = strawberry.field(description="Authorization code.")
    masked_number: str = strawberry.field(description="Card, masked.")
    operation_id: strawberry.ID | None = strawberry.field(description="Our operation, if there is one.")
    row_id: strawberry.ID | None = strawberry.field(description="The bank's row, if there is one.")
    ours: Money | None = strawberry.field(description="Our sum, below zero for a return.")
    theirs: Money | None = strawberry.field(description="The bank's sum.")
    our_commission: Money | None = strawberry.field(description="Our commission.")
    their_commission: Money | None = strawberry.field(description="The bank's commission.")

    @classmethod
    def of(cls, found: Difference) -> Self:
        """As shown."""
        terminal, payment, row = found.terminal_id, found.payment_id, found.row_id
        return cls(
            kind=found.kind,
            day=Date.fromisoformat(found.day),
            at=from_ms(found.at_ms),
            terminal_id=None if terminal is None else to_global("CardTerminal", terminal),
            terminal_code=found.terminal_code,
            rrn=found.rrn,
            authorization_code=found.authorization_code,
            masked_number=found.masked_number,
            operation_id=None if payment is None else to_global("CardOperation", payment),
            row_id=None if row is None else to_global("BankStatementRow", row),
            ours=_money(found.ours),
            theirs=_money(found.theirs),
            our_commission=_money(found.our_commission),
            their_commission=_money(found.their_commission),
        )


@strawberry.type(name="CardPosting", description="An entry of a ledger, of settled days.")
class PostingType:
    day: Date = strawberry.field(description="Day of the entry.")
    kind: PostingKind = strawberry.field(description="What it is.")
    debit: str = strawberry.field(description="Account, standard chart of Kazakhstan.")
    credit: str = strawberry.field(description="Account, standard chart of Kazakhstan.")
    amount: Money = strawberry.field(description="How much, above zero.")
    banking_day: Date = strawberry.field(description="Banking day it comes from.")
    terminal_id: strawberry.ID = strawberry.field(description="Terminal.")
    iban: str = strawberry.field(description="Account of the bank, of CREDITED.")

    @classmethod
    def of(cls, entry: Posting) -> Self:
        """As shown."""
        return cls(
            day=Date.fromisoformat(entry.day),
            kind=entry.kind,
            debit=entry.debit,
            credit=entry.credit,
            amount=Money(entry.amount),
            banking_day=Date.fromisoformat(entry.banking_day),
            terminal_id=to_global("CardTerminal", entry.terminal_id),
            iban=entry.iban,
        )


@strawberry.type(name="CardStatement", description="The money of a period.")
class StatementType:
    report: strawberry.Private[Report]

    @strawberry.field(description="First banking day.")
    def first_day(self) -> Date:
        return self.report.wish.first

    @strawberry.field(description="Last banking day.")
    def last_day(self) -> Date:
        return self.report.wish.last

    @strawberry.field(description="All of it.")
    def total(self) -> SumsType:
        return SumsType.of(self.report.total)

    @strawberry.field(description="By banking day.")
    def days(self) -> list[DayType]:
        return days_of(self.report)

    @strawberry.field(description="By banking day, terminal, scheme and method.")
    def lines(self) -> list[LineType]:
        return [LineType.of(line) for line in self.report.lines]

    @strawberry.field(description="Where the bank's statements and we do not agree, by time.")
    async def differences(self, info: Info) -> list[DifferenceType]:
        async with info.context.reading() as reader:
            return [DifferenceType.of(each) for each in await differences_of(reader, self.report.wish)]

    @strawberry.field(description="Entries for the accountant's ledger; raw days are not among them.")
    def postings(self) -> list[PostingType]:
        settled = [line for line in self.report.lines if not line.is_raw]
        days: dict[tuple[str, str, str, str], Sums] = {}
        for line in settled:
            key = (line.day, line.credit_day, line.terminal_id, line.iban)
            days[key] = days.get(key, Sums()) + line.sums
        money = [
            DayMoney(*key, sums.sold, sums.given_back, sums.commission) for key, sums in sorted(days.items())
        ]
        return [PostingType.of(each) for each in postings(money)]


@strawberry.type(name="BankStatement", description="A statement of the bank that was taken in.")
class BankStatementType(Node):
    contract_id: strawberry.ID = strawberry.field(description="Contract.")
    layout: Layout = strawberry.field(description="Whose it is.")
    file_name: str = strawberry.field(description="Name of the file.")
    first_day: Date = strawberry.field(description="Banking day of the first row.")
    last_day: Date = strawberry.field(description="Banking day of the last row.")
    rows: int = strawberry.field(description="Rows in the file.")
    fresh: int = strawberry.field(description="Rows that were not here before.")
    gross: Money = strawberry.field(description="Sum of the rows.")
    commission: Money = strawberry.field(description="Commission of the rows.")
    net: Money = strawberry.field(description="Credited by the rows.")
    imported_at: DateTime = strawberry.field(description="When it was taken in.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Out of a row of pos_statement."""
        return cls(
            key=row["id"],
            contract_id=to_global("AcquirerContract", row["contract_id"]),
            layout=Layout(row["layout"]),
            file_name=row["file_name"],
            first_day=Date.fromisoformat(row["first_day"]),
            last_day=Date.fromisoformat(row["last_day"]),
            rows=row["row_count"],
            fresh=row["fresh_count"],
            gross=Money(row["gross_tiyn"]),
            commission=Money(row["commission_tiyn"]),
            net=Money(row["net_tiyn"]),
            imported_at=from_ms(row["imported_ms"]),
        )


@strawberry.type(name="StatementImport", description="What became of a file of the bank.")
class ImportType:
    statement_id: strawberry.ID = strawberry.field(description="The statement.")
    rows: int = strawberry.field(description="Rows in the file.")
    fresh: int = strawberry.field(description="Rows that were not here before.")
    proved: int = strawberry.field(description="Operations whose end it tells.")


@strawberry.type(name="BankStatementRow", description="A row of a bank's statement.")
class StatementRowType(Node):
    verdict: str = strawberry.field(description="MATCHED, or a kind of `CardDifference`.")
    operation_id: strawberry.ID | None = strawberry.field(description="Our operation, if there is one.")


@strawberry.type(name="CardBatch", description="A batch of a terminal that was cut off.")
class BatchType(Node):
    number: int = strawberry.field(description="As its operations bear it.")
    day: Date | None = strawberry.field(description="Banking day it ended; null when it was closed by hand.")
    state: str = strawberry.field(
        description="closing, closed, differs (from the host's totals) or unanswered."
    )
    purchases: int = strawberry.field(description="Purchases, voided ones among them.")
    purchases_sum: Money = strawberry.field(description="Their sum.")
    voids: int = strawberry.field(description="Voids.")
    voids_sum: Money = strawberry.field(description="Their sum.")
    refunds: int = strawberry.field(description="Refunds.")
    refunds_sum: Money = strawberry.field(description="Their sum.")
    result: str = strawberry.field(description="The host's word: in_balance, after_upload, out_of_balance.")
    code: str = strawberry.field(description="Why there is none.")
    cut_at: DateTime = strawberry.field(description="When it was cut off.")
    closed_at: DateTime | None = strawberry.field(description="When it was closed.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Out of a row of pos_batch."""
        return cls(
            key=row["id"],
            number=row["number"],
            day=Date.fromisoformat(row["day"]) if row["day"] else None,
            state=row["state"],
            purchases=row["purchases"],
            purchases_sum=Money(row["purchases_tiyn"]),
            voids=row["voids"],
            voids_sum=Money(row["voids_tiyn"]),
            refunds=row["refunds"],
            refunds_sum=Money(row["refunds_tiyn"]),
            result=row["result"],
            code=row["code"],
            cut_at=from_ms(row["created_ms"]),
            closed_at=moment(row["closed_ms"]),
        )


def days_of(report: Report) -> list[DayType]:
    """Banking days of a report."""
    return [
        DayType(
            day=Date.fromisoformat(day),
            is_raw=is_raw,
            reversals=report.reversals.get(day, 0),
            sums=SumsType.of(sums),
        )
        for day, sums, is_raw in report.days()
    ]


def _money(tiyn: int | None) -> Money | None:
    return None if tiyn is None else Money(tiyn)
