"""What a ticket, a cash operation and a shift look like in GraphQL.

Annotations are real: Strawberry reads them.
"""

from typing import Annotated, Self

import strawberry

from addons.trade.domain.ticket import TicketLine
from addons.trade.gql.enums import CashDirection, FiscalState, PaymentKind, ReceiptLanguage, SaleKind
from addons.trade.services.receipts import make_receipt, receipt_text, receipt_token
from addons.trade.services.records import CashRecord, SaleRecord, ShiftRecord, StoredLine
from kernel.clock import from_ms
from kernel.config_sections import ServerSettings
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import UUID, DateTime
from kernel.money import Money
from kernel.quantity import Quantity

Width = Annotated[int, strawberry.argument(description="Columns: 32 for 58 mm paper, 48 for 80 mm.")]
Language = Annotated[ReceiptLanguage, strawberry.argument(description="Language of the labels.")]
WithQr = Annotated[bool, strawberry.argument(description="Whether the QR is drawn below, in half blocks.")]


@strawberry.type(name="SalePayment", description="What was paid by one means.")
class SalePaymentType:
    kind: PaymentKind = strawberry.field(description="Means of payment.")
    amount: Money = strawberry.field(description="Amount without change; of a return: what is handed back.")


@strawberry.type(name="SaleLine", description="One position of a ticket. total = sum − discount + markup.")
class SaleLineType:
    position: int = strawberry.field(description="Number in the ticket, from 1.")
    product_id: strawberry.ID | None = strawberry.field(description="The product in the catalogue.")
    name: str = strawberry.field(description="Name as sold.")
    quantity: Quantity = strawberry.field(description="How much.")
    returned: Quantity = strawberry.field(description="How much of it came back.")
    unit_code: str = strawberry.field(description="Unit by the classifier, such as 796.")
    unit_name: str = strawberry.field(description="Short name of the unit.")
    price: Money = strawberry.field(description="Of one unit, VAT inside.")
    sum: Money = strawberry.field(description="Price × quantity.")
    discount: Money = strawberry.field(description="With the line's part of the receipt's discount.")
    markup: Money = strawberry.field(description="With the line's part of the receipt's markup.")
    total: Money = strawberry.field(description="What the line costs.")
    vat_bp: int | None = strawberry.field(description="VAT rate in basis points; null means without VAT.")
    vat: Money = strawberry.field(description="VAT inside the total.")
    section: str = strawberry.field(description="Section of the register.")
    barcode: str = strawberry.field(description="GTIN or barcode.")
    ntin: str = strawberry.field(description="Number in the national catalogue.")
    marks: list[str] = strawberry.field(description="Marking codes (DataMatrix texts).")

    @classmethod
    def of(cls, line: TicketLine, returned: Quantity) -> Self:
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
        )


@strawberry.type(
    name="Sale", description="A ticket of any kind: a sale or a return, with its fiscal outcome."
)
class SaleType(Node):
    node_permission = "trade.view"

    record: strawberry.Private[SaleRecord]
    ready_lines: strawberry.Private[tuple[TicketLine, ...] | None]
    sale_key: UUID = strawberry.field(description="The client's own key of the sale.")
    kind: SaleKind = strawberry.field(description="What the ticket does.")
    state: FiscalState = strawberry.field(description="How far it has come on its way to the OFD.")
    replayed: bool = strawberry.field(description="True when the key was known and this is the earlier sale.")
    register_id: strawberry.ID = strawberry.field(description="Register it was made at.")
    register_number: int = strawberry.field(description="Number of that register.")
    operator_id: strawberry.ID = strawberry.field(description="Operator who made it.")
    operator_name: str = strawberry.field(description="Name of the operator at that time.")
    created_at: DateTime = strawberry.field(description="When it was accepted.")
    total: Money = strawberry.field(description="What is to be paid or handed back.")
    discount: Money = strawberry.field(description="The receipt's own discount, already inside the lines.")
    markup: Money = strawberry.field(description="The receipt's own markup, already inside the lines.")
    vat: Money = strawberry.field(description="VAT inside the total.")
    taken: Money = strawberry.field(description="Cash tendered.")
    change: Money = strawberry.field(description="Cash handed back as change.")
    payments: list[SalePaymentType] = strawberry.field(description="What was paid by each means.")
    returned_total: Money = strawberry.field(description="How much of it went back so far.")
    customer_bin: str | None = strawberry.field(description="BIN or IIN of the buyer.")
    sign: str | None = strawberry.field(description="Fiscal sign given by the OFD.")
    offline_number: str | None = strawberry.field(description="Autonomous sign, when it was issued offline.")
    is_offline: bool = strawberry.field(description="Whether it was issued autonomously.")
    is_test: bool = strawberry.field(
        description="Whether the OFD is a simulator: such a ticket is not fiscal."
    )
    ticket_at: DateTime | None = strawberry.field(description="Time of the ticket.")
    kkm_registration_number: str | None = strawberry.field(description="Registration number of the KKM.")
    shift_number: int | None = strawberry.field(description="Shift.")
    document_number: int | None = strawberry.field(description="Number of the receipt.")
    qr_text: str | None = strawberry.field(description="Link that checks the ticket at the OFD.")

    @strawberry.field(description="Positions, in order.")
    async def lines(self, info: Info) -> list[SaleLineType]:
        if self.ready_lines is not None:
            return [SaleLineType.of(line, Quantity(0)) for line in self.ready_lines]
        return [SaleLineType.of(each.line, each.returned) for each in await self._stored_lines(info)]

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

    @strawberry.field(description="Public page of the receipt; whoever has the link may see it.")
    def receipt_url(self, info: Info) -> str:
        base = info.context.app.config.section(ServerSettings).public_url.rstrip("/")
        return f"{base}/r/{receipt_token(self.record)}"

    @strawberry.field(description="The receipt as text for a terminal or a plain printer.")
    async def receipt_text(
        self,
        info: Info,
        width: Width = 48,
        language: Language = ReceiptLanguage.BOTH,
        with_qr: WithQr = True,
    ) -> str:
        lines = self.ready_lines
        if lines is None:
            lines = tuple(each.line for each in await self._stored_lines(info))
        original = None
        if self.record.original_id is not None:
            original = await info.context.loader("trade.sale_by_id").load(self.record.original_id)
        receipt = make_receipt(self.record, lines, original=original)
        return receipt_text(receipt, width=width, language=language, with_qr=with_qr)

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
    fiscal, header = record.fiscal, record.header
    return SaleType(
        key=record.id,
        record=record,
        ready_lines=lines,
        sale_key=UUID(record.sale_key),
        kind=record.kind,
        state=fiscal.state,
        replayed=replayed,
        register_id=to_global("Register", record.register_id),
        register_number=header.register_number,
        operator_id=to_global("Operator", record.operator_id),
        operator_name=header.operator_name,
        created_at=from_ms(record.created_ms),
        total=record.total,
        discount=record.discount,
        markup=record.markup,
        vat=record.vat,
        taken=record.taken,
        change=record.change,
        payments=[SalePaymentType(kind=each.kind, amount=each.amount) for each in record.payments],
        returned_total=record.returned_total,
        customer_bin=header.customer.bin,
        sign=fiscal.sign,
        offline_number=None if fiscal.offline_number is None else str(fiscal.offline_number),
        is_offline=fiscal.is_offline,
        is_test=fiscal.is_test,
        ticket_at=from_ms(fiscal.at_ms) if fiscal.at_ms else None,
        kkm_registration_number=fiscal.kkm_registration_number or None,
        shift_number=fiscal.shift_number,
        document_number=fiscal.document_number,
        qr_text=fiscal.qr_text or None,
    )


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
