"""X and Z reports in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.domain.proof import ShiftProof
from addons.fiscal_kz.domain.report import OperationRow, Report
from addons.fiscal_kz.gql.enums import (
    CashPlacement,
    FiscalDocumentState,
    FiscalMeans,
    FiscalOperation,
    FiscalReportKind,
)
from addons.fiscal_kz.services.report_paper import paper_of_fiscal_report
from addons.fiscal_kz.services.views import ReportView, report_by_id
from addons.trade.api import ReceiptLanguage
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.papers import PaperType
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import DateTime
from kernel.money import Money

Language = Annotated[
    ReceiptLanguage | None,
    strawberry.argument(description="Language; what the company chose when left out."),
]
IsCopy = Annotated[
    bool, strawberry.argument(description="A duplicate or a reprint: marked «КӨШІРМЕ / ДУБЛИКАТ».")
]


@strawberry.type(name="ReportPayment", description="Payments by one means.")
class ReportPaymentType:
    means: FiscalMeans = strawberry.field(description="Means of payment.")
    count: int = strawberry.field(description="How many.")
    sum: Money = strawberry.field(description="How much.")


@strawberry.type(name="ReportOperation", description="Totals of one operation in the shift.")
class ReportOperationType:
    operation: FiscalOperation = strawberry.field(description="What the tickets do.")
    count: int = strawberry.field(description="Tickets.")
    sum: Money = strawberry.field(description="Their sum after discounts and markups.")
    sum_before_modifiers: Money = strawberry.field(
        description="Sum of positions before discounts and markups."
    )
    positions: int = strawberry.field(description="Positions in the tickets; 0 in some reports of the OFD.")
    discount: Money = strawberry.field(description="Discounts.")
    discount_count: int = strawberry.field(description="Positions with a discount.")
    markup: Money = strawberry.field(description="Markups.")
    markup_count: int = strawberry.field(description="Positions with a markup.")
    change: Money = strawberry.field(description="Change handed back.")
    offline_count: int = strawberry.field(description="Tickets that the OFD knows as made offline.")
    total_count: str = strawberry.field(description="Tickets since registration.")
    non_nullable_at_start: Money = strawberry.field(description="Non-nullable sum when the shift was opened.")
    non_nullable: Money = strawberry.field(description="Non-nullable sum now.")
    payments: list[ReportPaymentType] = strawberry.field(description="By means of payment.")

    @classmethod
    def of(cls, row: OperationRow) -> Self:
        """The row as shown."""
        return cls(
            operation=row.operation,
            count=row.count,
            sum=Money(row.sum),
            sum_before_modifiers=Money(row.lines[1]),
            positions=row.lines[0],
            discount=Money(row.discount[1]),
            discount_count=row.discount[0],
            markup=Money(row.markup[1]),
            markup_count=row.markup[0],
            change=Money(row.change),
            offline_count=row.offline_count,
            total_count=str(row.total_count),
            non_nullable_at_start=Money(row.non_nullable_at_start),
            non_nullable=Money(row.non_nullable),
            payments=[
                ReportPaymentType(means=means, count=count, sum=Money(amount))
                for means, count, amount in row.payments
            ],
        )


@strawberry.type(name="ReportTax", description="VAT of one rate and operation.")
class ReportTaxType:
    rate_bp: int = strawberry.field(description="Rate in basis points: 1600 = 16 %.")
    operation: FiscalOperation = strawberry.field(description="What the tickets do.")
    turnover: Money = strawberry.field(description="Turnover with the tax inside.")
    tax: Money = strawberry.field(description="The tax.")
    turnover_without_tax: Money = strawberry.field(description="Turnover without the tax.")


@strawberry.type(name="ReportSection", description="Positions of one section and operation.")
class ReportSectionType:
    section: str = strawberry.field(description="Code of the section.")
    operation: FiscalOperation = strawberry.field(description="What the tickets do.")
    count: int = strawberry.field(description="Positions.")
    sum: Money = strawberry.field(description="Their sum before discounts and markups.")


@strawberry.type(name="ReportCash", description="Cash operations of one kind.")
class ReportCashType:
    placement: CashPlacement = strawberry.field(description="In or out.")
    count: int = strawberry.field(description="How many in the shift.")
    sum: Money = strawberry.field(description="How much in the shift.")
    total_count: str = strawberry.field(description="How many since registration.")
    offline_count: int = strawberry.field(description="How many of the shift the OFD knows as made offline.")


@strawberry.type(name="ShiftProof", description="What proves a shift: printed on its X and Z reports.")
class ShiftProofType:
    head: str = strawberry.field(description="Digest of the register's last journal entry before the report.")
    head_seq: str = strawberry.field(description="Number of that entry.")
    digest: str = strawberry.field(
        description="SHA-256 chained over date, sum, kind, user and register of the shift's documents."
    )
    documents: int = strawberry.field(description="Documents in the digest.")

    @classmethod
    def of(cls, proof: ShiftProof) -> Self:
        """The proof as shown."""
        return cls(
            head=proof.head, head_seq=str(proof.head_seq), digest=proof.digest, documents=proof.documents
        )


@strawberry.type(name="ShiftReport", description="Contents of an X or Z report.")
class ShiftReportType:
    shift_number: int = strawberry.field(description="Shift.")
    at: DateTime = strawberry.field(description="Time of the report.")
    opened_at: DateTime | None = strawberry.field(description="Opening of the shift.")
    closed_at: DateTime | None = strawberry.field(description="Close of the shift, in a Z.")
    documents: int = strawberry.field(description="Documents in the shift; 0 in the OFD's report.")
    drawer: Money = strawberry.field(description="Cash in the drawer.")
    withdrawn: Money = strawberry.field(
        description="Cash that the close itself took out of the drawer; it is among the withdrawals."
    )
    revenue: Money = strawberry.field(description="SELL − SELL_RETURN − BUY + BUY_RETURN, signed.")
    operations: list[ReportOperationType] = strawberry.field(description="By operation.")
    taxes: list[ReportTaxType] = strawberry.field(description="By rate and operation, only those that occur.")
    sections: list[ReportSectionType] = strawberry.field(
        description="By section and operation, only those that occur."
    )
    cash: list[ReportCashType] = strawberry.field(description="Cash put in and taken out.")
    proof: ShiftProofType | None = strawberry.field(
        description="Head of the journal and digest of the shift; null in the OFD's report."
    )

    @classmethod
    def of(cls, report: Report) -> Self:
        """The report as shown."""
        return cls(
            shift_number=report.shift_number,
            at=from_ms(report.at_ms),
            opened_at=None if report.opened_ms is None else from_ms(report.opened_ms),
            closed_at=None if report.closed_ms is None else from_ms(report.closed_ms),
            documents=report.documents,
            drawer=Money(report.drawer),
            withdrawn=Money(report.withdrawn),
            revenue=Money(report.revenue),
            operations=[ReportOperationType.of(row) for row in report.operations],
            taxes=[
                ReportTaxType(
                    rate_bp=each.rate_bp,
                    operation=operation,
                    turnover=Money(turnover),
                    tax=Money(tax),
                    turnover_without_tax=Money(turnover - tax),
                )
                for each in report.taxes
                for operation, turnover, tax in each.operations
                if turnover
            ],
            sections=[
                ReportSectionType(section=each.section, operation=operation, count=count, sum=Money(amount))
                for each in report.sections
                for operation, count, amount in each.operations
                if count
            ],
            cash=[
                ReportCashType(
                    placement=row.placement,
                    count=row.count,
                    sum=Money(row.sum),
                    total_count=str(row.total_count),
                    offline_count=row.offline_count,
                )
                for row in report.placements
            ],
            proof=None if report.proof is None else ShiftProofType.of(report.proof),
        )


@strawberry.type(name="FiscalReport", description="An X report, or a shift close with its Z report.")
class FiscalReportType(Node):
    node_permission = "fiscal_kz.view"

    reject_code: strawberry.Private[str | None]
    register_id: strawberry.ID = strawberry.field(description="Register.")
    kind: FiscalReportKind = strawberry.field(description="X or Z.")
    state: FiscalDocumentState = strawberry.field(
        description="QUEUED until it is made; OFFLINE: not delivered yet."
    )
    is_offline: bool = strawberry.field(description="Whether it was made without the OFD.")
    report: ShiftReportType | None = strawberry.field(description="Our own report; null until it is made.")
    server_report: ShiftReportType | None = strawberry.field(
        description="The OFD's report, when it was reached."
    )

    @strawberry.field(description="Why it was refused, in the caller's language.")
    def rejection(self, info: Info) -> Refused | None:
        code = self.reject_code
        return None if code is None else refused(Refusal(code), info.context.language)

    @strawberry.field(description="As a paper, ready to be printed; null until it is made.")
    async def paper(self, info: Info, language: Language = None, is_copy: IsCopy = False) -> PaperType | None:
        if self.report is None:
            return None
        async with info.context.reading() as reader:
            paper = await paper_of_fiscal_report(reader, self.key, language=language, is_copy=is_copy)
        return PaperType(paper=paper)

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        async with context.reading() as reader:
            view = await report_by_id(reader, key)
        return None if view is None else cls.of(view)

    @classmethod
    def of(cls, view: ReportView) -> Self:
        """The report as shown."""
        return cls(
            key=view.id,
            reject_code=view.reject_code,
            register_id=to_global("Register", view.register_id),
            kind=FiscalReportKind.Z if view.kind is DocumentKind.CLOSE else FiscalReportKind.X,
            state=view.state,
            is_offline=view.is_offline,
            report=None if view.report is None else ShiftReportType.of(view.report),
            server_report=None if view.server_report is None else ShiftReportType.of(view.server_report),
        )
