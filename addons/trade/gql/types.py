"""What a ticket, a cash operation and a shift look like in GraphQL.

Annotations are real: Strawberry reads them.
"""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from addons.trade.domain.details import TicketDetails
from addons.trade.domain.ticket import TicketLine
from addons.trade.gql.detail_types import (
    SalePaymentType,
    TicketDomainType,
    shown_domain,
    shown_payments,
)
from addons.trade.gql.enums import CashDirection, FiscalState, SaleKind
from addons.trade.gql.receipt_type import Language, ReceiptType, WithQr, receipt_url
from addons.trade.services.print_reports import paper_of_cash
from addons.trade.services.records import CashRecord, SaleRecord, ShiftRecord, StoredLine
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node, derived
from kernel.gql.papers import PaperType, Width
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import UUID, DateTime
from kernel.money import Money
from kernel.quantity import Quantity

IsCopy = Annotated[
    bool, strawberry.argument(description="A duplicate or a reprint: marked «КӨШІРМЕ / ДУБЛИКАТ».")
]


@strawberry.type(name="SaleLine", description="One position of a ticket. total = sum − discount + markup.")
class SaleLineType:
    position: int = strawberry.field(description="Number in the ticket, from 1.")
    product_id: strawberry.ID | None = strawberry.field(description="The product in the catalogue.")
    name: str = strawberry.field(description="Name as sold.")
    quantity: Quantity = strawberry.field(description="How much.")
    returned: Quantity = strawberry.field(description="How much of it came back.")
    unit_code: str = strawberry.field(description="Unit by the classifier, such as 796.")
    unit_name: str = strawberry.field(description="Short name of the unit.")
    price: Money = strawberry.field(description="Of one unit; VAT inside unless it is on top.")
    sum: Money = strawberry.field(description="Price × quantity, with VAT.")
    discount: Money = strawberry.field(description="With the line's part of the receipt's discount.")
    markup: Money = strawberry.field(description="With the line's part of the receipt's markup.")
    total: Money = strawberry.field(description="What the line costs.")
    vat_bp: int | None = strawberry.field(description="VAT rate in basis points; null means without VAT.")
    vat: Money = strawberry.field(description="VAT inside the total.")
    section: str = strawberry.field(description="Section of the register.")
    barcode: str = strawberry.field(description="GTIN or barcode.")
    ntin: str = strawberry.field(description="Number in the national catalogue.")
    marks: list[str] = strawberry.field(description="Marking codes (DataMatrix texts).")
    returned_marks: list[str] = strawberry.field(description="Those of them that came back.")
    physical_label: str = strawberry.field(description="Series and number of a paper excise stamp.")
    warehouse_id: str = strawberry.field(description="Id of the good in the virtual warehouse of ESF.")

    @classmethod
    def of(cls, line: TicketLine, returned: Quantity, returned_marks: tuple[str, ...] = ()) -> Self:
        """The line as shown."""
        product = line.product_id
        return cls(
            position=line.position,
            product_id=None if product is None else to_global("Product", product),
            name=line.name,
            quantity=line.quantity,
            returned=returned,
            unit_code=line.unit_code,
            unit_name=line.unit_name,
            price=line.price,
            sum=line.sum,
            discount=line.discount,
            markup=line.markup,
            total=line.total,
            vat_bp=line.vat_bp,
            vat=line.vat,
            section=line.section,
            barcode=line.barcode,
            ntin=line.ntin,
            marks=list(line.marks),
            returned_marks=list(returned_marks),
            physical_label=line.label,
            warehouse_id=line.warehouse_id,
        )


@strawberry.type(
    name="Sale", description="A ticket of any kind: a sale or a return, with its fiscal outcome."
)
class SaleType(Node):
    node_permission = "trade.view"

    record: strawberry.Private[SaleRecord]
    ready_lines: strawberry.Private[tuple[TicketLine, ...] | None]
    replayed: bool = strawberry.field(description="True when the key was known and this is the earlier sale.")
    sale_key: UUID = derived(
        lambda sale: sale.record.sale_key, description="The client's own key of the sale."
    )
    kind: SaleKind = derived(lambda sale: sale.record.kind, description="What the ticket does.")
    state: FiscalState = derived(
        lambda sale: sale.record.fiscal.state, description="How far it has come on its way to the OFD."
    )
    register_id: strawberry.ID = derived(
        lambda sale: to_global("Register", sale.record.register_id), description="Register it was made at."
    )
    register_number: int = derived(
        lambda sale: sale.record.header.register_number, description="Number of that register."
    )
    operator_id: strawberry.ID = derived(
        lambda sale: to_global("Operator", sale.record.operator_id), description="Operator who made it."
    )
    operator_name: str = derived(
        lambda sale: sale.record.header.operator_name, description="Name of the operator at that time."
    )
    created_at: DateTime = derived(
        lambda sale: from_ms(sale.record.created_ms), description="When it was accepted."
    )
    sold_at: DateTime | None = derived(
        lambda sale: _sold_at(sale.record.details),
        description="When the till sold it, if it waited there for a connection.",
    )
    total: Money = derived(lambda sale: sale.record.total, description="What is to be paid or handed back.")
    discount: Money = derived(
        lambda sale: sale.record.discount,
        description="The receipt's own discount, already inside the lines.",
    )
    markup: Money = derived(
        lambda sale: sale.record.markup, description="The receipt's own markup, already inside the lines."
    )
    vat: Money = derived(lambda sale: sale.record.vat, description="VAT inside the total.")
    taken: Money = derived(lambda sale: sale.record.taken, description="Cash tendered.")
    change: Money = derived(lambda sale: sale.record.change, description="Cash handed back as change.")
    payments: list[SalePaymentType] = derived(
        lambda sale: shown_payments(sale.record), description="What was paid by each means."
    )
    domain: TicketDomainType | None = derived(
        lambda sale: shown_domain(sale.record.details), description="Line of trade, when the sale named one."
    )
    is_vat_on_top: bool = derived(
        lambda sale: sale.record.details is not None and sale.record.details.is_vat_on_top,
        description="Whether prices are without VAT; sums and totals are always with it.",
    )
    storno_lines: list[SaleLineType] = derived(
        lambda sale: _stornoed(sale.record.details),
        description="Positions rung up and taken off again before payment; they are in no total.",
    )
    returned_total: Money = derived(
        lambda sale: sale.record.returned_total, description="How much of it went back so far."
    )
    customer_bin: str | None = derived(
        lambda sale: sale.record.header.customer.bin, description="BIN or IIN of the buyer."
    )
    sign: str | None = derived(
        lambda sale: sale.record.fiscal.sign, description="Fiscal sign given by the OFD."
    )
    offline_number: str | None = derived(
        lambda sale: _text_or_none(sale.record.fiscal.offline_number),
        description="Autonomous sign, when it was issued offline.",
    )
    is_offline: bool = derived(
        lambda sale: sale.record.fiscal.is_offline, description="Whether it was issued autonomously."
    )
    is_test: bool = derived(
        lambda sale: sale.record.fiscal.is_test,
        description="Whether the OFD is a simulator: such a ticket is not fiscal.",
    )
    ticket_at: DateTime | None = derived(
        lambda sale: from_ms(sale.record.fiscal.at_ms) if sale.record.fiscal.at_ms else None,
        description="Time of the ticket.",
    )
    kkm_registration_number: str | None = derived(
        lambda sale: sale.record.fiscal.kkm_registration_number or None,
        description="Registration number of the KKM.",
    )
    shift_number: int | None = derived(lambda sale: sale.record.fiscal.shift_number, description="Shift.")
    document_number: int | None = derived(
        lambda sale: sale.record.fiscal.document_number, description="Number of the receipt."
    )
    qr_text: str | None = derived(
        lambda sale: sale.record.fiscal.qr_text or None,
        description="Link that checks the ticket at the OFD.",
    )

    @strawberry.field(description="Positions, in order.")
    async def lines(self, info: Info) -> list[SaleLineType]:
        if self.ready_lines is not None:
            return [SaleLineType.of(line, Quantity(0)) for line in self.ready_lines]
        return [
            SaleLineType.of(each.line, each.returned, each.returned_marks)
            for each in await self._stored_lines(info)
        ]

    @strawberry.field(description="The sale that this return undoes.")
    async def original(self, info: Info) -> "Annotated[SaleType, strawberry.lazy(__name__)] | None":
        if self.record.original_id is None:
            return None
        return await SaleType.load(info.context, self.record.original_id)

    @strawberry.field(description="Why it was rejected, in the caller's language; null unless it was.")
    def rejection(self, info: Info) -> Refused | None:
        fiscal = self.record.fiscal
        if fiscal.state is not FiscalState.REJECTED:
            return None
        return refused(Refusal(fiscal.code or "SALE_REJECTED"), info.context.language)

    @strawberry.field(description="The receipt, for printers, screens and messengers.")
    def receipt(self, language: Language = None, is_copy: IsCopy = False) -> ReceiptType:
        return ReceiptType(
            record=self.record, ready_lines=self.ready_lines, language=language, is_copy=is_copy
        )

    @strawberry.field(description="Public page of the receipt; whoever has the link may see it.")
    def receipt_url(self, info: Info) -> str:
        return receipt_url(info, self.record)

    @strawberry.field(description="The receipt as text for a terminal or a plain printer.")
    async def receipt_text(
        self, info: Info, width: Width = 48, language: Language = None, with_qr: WithQr = True
    ) -> str:
        receipt = ReceiptType(
            record=self.record, ready_lines=self.ready_lines, language=language, is_copy=False
        )
        return await receipt.as_text(info, width=width, with_qr=with_qr)

    async def _stored_lines(self, info: Info) -> tuple[StoredLine, ...]:
        lines: tuple[StoredLine, ...] = await info.context.loader("trade.lines_by_sale").load(self.key)
        return lines

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> "SaleType | None":
        record: SaleRecord | None = await context.loader("trade.sale_by_id").load(key)
        return None if record is None else sale_type(record)


def sale_type(
    record: SaleRecord, *, lines: tuple[TicketLine, ...] | None = None, replayed: bool = False
) -> SaleType:
    """The ticket as shown; lines when they are at hand."""
    return SaleType(key=record.id, record=record, ready_lines=lines, replayed=replayed)


def _sold_at(details: TicketDetails | None) -> datetime | None:
    return None if details is None or details.sold_ms is None else from_ms(details.sold_ms)


def _stornoed(details: TicketDetails | None) -> list[SaleLineType]:
    return [] if details is None else [SaleLineType.of(each, Quantity(0)) for each in details.stornoed]


def _text_or_none(number: int | None) -> str | None:
    return None if number is None else str(number)


@strawberry.type(name="CashOperation", description="Money put into the drawer or taken out of it.")
class CashOperationType(Node):
    cash_key: UUID = strawberry.field(description="The client's own key of the operation.")
    direction: CashDirection = strawberry.field(description="Into the drawer or out of it.")
    state: FiscalState = strawberry.field(description="How far it has come on its way to the OFD.")
    replayed: bool = strawberry.field(description="True when the key was known and this is the earlier one.")
    register_id: strawberry.ID = strawberry.field(description="Register it was made at.")
    operator_id: strawberry.ID = strawberry.field(description="Operator who made it.")
    created_at: DateTime = strawberry.field(description="When it was accepted.")
    amount: Money = strawberry.field(description="How much.")
    is_offline: bool = strawberry.field(description="Whether it was done without a link to the OFD.")
    is_test: bool = strawberry.field(description="Whether the OFD is a simulator.")
    shift_number: int | None = strawberry.field(description="Shift.")
    document_number: int | None = strawberry.field(description="Number of the document.")
    rejection_code: strawberry.Private[str | None]

    @strawberry.field(description="Its slip, to be signed by who gave or took the money.")
    async def slip(self, info: Info, language: Language = None, is_copy: IsCopy = False) -> PaperType:
        async with info.context.reading() as reader:
            return PaperType(paper=await paper_of_cash(reader, self.key, language=language, is_copy=is_copy))

    @strawberry.field(description="Why it was rejected, in the caller's language; null unless it was.")
    def rejection(self, info: Info) -> Refused | None:
        if self.state is not FiscalState.REJECTED:
            return None
        return refused(Refusal(self.rejection_code or "SALE_REJECTED"), info.context.language)


def cash_type(record: CashRecord, *, replayed: bool = False) -> CashOperationType:
    """The cash operation as shown."""
    fiscal = record.fiscal
    return CashOperationType(
        key=record.id,
        cash_key=UUID(record.cash_key),
        direction=record.direction,
        state=fiscal.state,
        replayed=replayed,
        register_id=to_global("Register", record.register_id),
        operator_id=to_global("Operator", record.operator_id),
        created_at=from_ms(record.created_ms),
        amount=record.amount,
        is_offline=fiscal.is_offline,
        is_test=fiscal.is_test,
        shift_number=fiscal.shift_number,
        document_number=fiscal.document_number,
        rejection_code=fiscal.code,
    )


@strawberry.type(name="ShiftOperation", description="Totals of one operation within a shift.")
class ShiftOperationType:
    kind: SaleKind = strawberry.field(description="Operation.")
    count: int = strawberry.field(description="Number of tickets.")
    total: Money = strawberry.field(description="Sum of their totals.")
    cash: Money = strawberry.field(description="Part in cash.")
    card: Money = strawberry.field(description="Part by card.")
    mobile: Money = strawberry.field(description="Part by mobile payment.")
    discount: Money = strawberry.field(description="Discounts.")
    markup: Money = strawberry.field(description="Markups.")
    change: Money = strawberry.field(description="Change handed back.")
    vat: Money = strawberry.field(description="VAT inside the total.")


@strawberry.type(name="ShiftSummary", description="One shift of a register in figures.")
class ShiftSummaryType(Node):
    register_id: strawberry.ID = strawberry.field(description="Register.")
    number: int = strawberry.field(description="Number of the shift.")
    is_open: bool = strawberry.field(description="Whether it is not closed yet.")
    opened_at: DateTime = strawberry.field(description="When its first document was made.")
    closed_at: DateTime | None = strawberry.field(description="When it was closed.")
    documents: int = strawberry.field(description="Documents made in it.")
    offline_documents: int = strawberry.field(description="Of them issued autonomously.")
    deposits: Money = strawberry.field(description="Cash put in.")
    withdrawals: Money = strawberry.field(description="Cash taken out.")
    drawer: Money = strawberry.field(description="Cash in the drawer now, or at close.")
    operations: list[ShiftOperationType] = strawberry.field(description="Totals per operation.")
    is_test: bool = strawberry.field(description="Whether the OFD is a simulator.")


def shift_type(record: ShiftRecord) -> ShiftSummaryType:
    """The shift as shown."""
    facts = record.facts
    return ShiftSummaryType(
        key=facts.shift_id,
        register_id=to_global("Register", facts.register_id),
        number=facts.number,
        is_open=facts.closed_ms is None,
        opened_at=from_ms(facts.opened_ms),
        closed_at=None if facts.closed_ms is None else from_ms(facts.closed_ms),
        documents=facts.documents,
        offline_documents=facts.offline_documents,
        deposits=facts.deposits,
        withdrawals=facts.withdrawals,
        drawer=facts.drawer,
        operations=[
            ShiftOperationType(
                kind=each.kind,
                count=each.count,
                total=each.total,
                cash=each.cash,
                card=each.card,
                mobile=each.mobile,
                discount=each.discount,
                markup=each.markup,
                change=each.change,
                vat=each.vat,
            )
            for each in facts.operations
        ],
        is_test=facts.is_test,
    )
