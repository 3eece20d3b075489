"""Inputs of trade's mutations and the way from them to frozen commands.

Annotations are real: Strawberry reads them.
"""

import strawberry

from addons.trade.domain.cart import Percent, Reduction
from addons.trade.domain.commands import (
    NOBODY,
    CashId,
    Customer,
    LineAsked,
    LineBack,
    MoveCash,
    RegisterPurchase,
    RegisterSale,
    ReturnSale,
    SaleId,
    VatAsked,
)
from addons.trade.domain.details import DomainBlock
from addons.trade.domain.kinds import SaleKind
from addons.trade.domain.ticket import CardDetails, MobileDetails, TicketPayment
from addons.trade.gql.enums import CashDirection, PaymentKind, TradeDomain
from kernel.clock import to_ms
from kernel.errors import Refusal
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.scalars import UUID, DateTime
from kernel.ids import new_id
from kernel.money import Money
from kernel.quantity import Quantity


@strawberry.input(
    description="A discount or a markup: exactly one of amount and basisPoints; zero means none."
)
class ReductionInput:
    amount: Money | None = strawberry.field(default=None, description="In money.")
    basis_points: int | None = strawberry.field(
        default=None, description="In hundredths of a percent: 1000 = 10 %."
    )


@strawberry.input(
    description="One position: a product by exactly one of productId, code and barcode, or a free position "
    "with name and price."
)
class SaleLineInput:
    quantity: Quantity = strawberry.field(default=Quantity.ONE, description="How much; one when left out.")
    product_id: strawberry.ID | None = strawberry.field(default=None, description="Product by id.")
    code: int | None = strawberry.field(default=None, description="Product by code.")
    barcode: str | None = strawberry.field(default=None, description="Product by what the scanner read.")
    name: str | None = strawberry.field(default=None, description="Name of a free position.")
    price: Money | None = strawberry.field(
        default=None,
        description="Another price than the catalogue's; needs an editable product or the right.",
    )
    discount: ReductionInput | None = strawberry.field(
        default=None, description="Instead of the product's own discount."
    )
    markup: ReductionInput | None = strawberry.field(
        default=None, description="Instead of the product's own markup."
    )
    vat_bp: int | None = strawberry.field(
        default=None, description="VAT rate of a free position in basis points, instead of the default."
    )
    is_without_vat: bool = strawberry.field(default=False, description="A free position sold without VAT.")
    marks: list[str] = strawberry.field(
        default_factory=list, description="Marking codes, one for each piece of a marked product."
    )
    section: str | None = strawberry.field(
        default=None, description="Instead of the product's section: a pump's nozzle, a department."
    )
    physical_label: str = strawberry.field(
        default="", description="Series and number of a paper excise stamp."
    )
    warehouse_id: str = strawberry.field(
        default="", description="Id of the good in the virtual warehouse of ESF."
    )
    is_storno: bool = strawberry.field(
        default=False, description="It was rung up and taken off again before payment; it is in no total."
    )


@strawberry.input(description="How a card paid; the OFD is told from protocol 2.0.3 on.")
class CardDetailsInput:
    terminal_id: str = strawberry.field(default="", description="Terminal.")
    card_type: str = strawberry.field(default="", description="Kind of card, such as VISA.")
    authorization_code: str = strawberry.field(
        default="", description="The OFD is told of it when it is a number."
    )
    rrn: str = strawberry.field(default="", description="Retrieval reference number, digits.")
    receipt_number: str = strawberry.field(default="", description="Number of the terminal's slip, digits.")


@strawberry.input(description="How a phone paid; the OFD is told from protocol 2.0.3 on.")
class MobileDetailsInput:
    qr_type: str = strawberry.field(default="", description="Whose QR code it was.")
    qr_id: str = strawberry.field(default="", description="Id of the QR payment.")


@strawberry.input(description="What is tendered by one means; each means once.")
class PaymentInput:
    kind: PaymentKind = strawberry.field(description="Means of payment.")
    amount: Money = strawberry.field(description="For cash: what the customer gave, change is calculated.")
    card: CardDetailsInput | None = strawberry.field(default=None, description="Of a card payment.")
    mobile: MobileDetailsInput | None = strawberry.field(default=None, description="Of a mobile payment.")
    is_elsewhere: bool = strawberry.field(
        default=False, description="«Безнал»: taken by somebody else's terminal or account."
    )
    operation_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Operations of Sauda's card terminals that took it: several cards, several operations. "
        "They bring the details.",
    )


@strawberry.input(
    description="Line of trade with its own facts. SERVICES, HOTELS: accountNumber. TAXI: carNumber, "
    "isOrder, currentFee. PARKING: beginAt, endAt. GASOIL: correctionNumber, correctionSum, cardNumber, "
    "none of them a must."
)
class TradeDomainInput:
    type: TradeDomain = strawberry.field(description="Line of trade.")
    account_number: str = strawberry.field(default="", description="Account or room.")
    correction_number: str = strawberry.field(default="", description="Number of a correction.")
    correction_sum: Money | None = strawberry.field(default=None, description="Sum of a correction.")
    card_number: str = strawberry.field(default="", description="Fuel card.")
    car_number: str = strawberry.field(default="", description="Plate of the car.")
    is_order: bool | None = strawberry.field(default=None, description="Whether the taxi was ordered.")
    current_fee: Money | None = strawberry.field(default=None, description="The taxi's fee now.")
    begin_at: DateTime | None = strawberry.field(default=None, description="When parking began.")
    end_at: DateTime | None = strawberry.field(default=None, description="When parking ended.")


@strawberry.input(description="What the buyer leaves.")
class CustomerInput:
    bin: str | None = strawberry.field(default=None, description="BIN or IIN, printed on the receipt.")
    email: str | None = strawberry.field(default=None, description="Where to send the receipt.")
    phone: str | None = strawberry.field(default=None, description="Where to send the receipt.")


@strawberry.input(description="A whole sale: cart and payments.")
class RegisterSaleInput:
    sale_key: UUID = strawberry.field(description="Made and stored by the client before sending.")
    register_id: strawberry.ID = strawberry.field(description="Register to sell at.")
    lines: list[SaleLineInput] = strawberry.field(description="Positions, in the order of the receipt.")
    payments: list[PaymentInput] = strawberry.field(description="How it is paid.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who sells; left out by a signed-in operator."
    )
    discount: ReductionInput | None = strawberry.field(
        default=None, description="The receipt's own discount."
    )
    markup: ReductionInput | None = strawberry.field(default=None, description="The receipt's own markup.")
    customer: CustomerInput | None = strawberry.field(default=None, description="The buyer.")
    expected_total: Money | None = strawberry.field(
        default=None, description="Total the client has shown; the sale is refused when ours differs."
    )
    domain: TradeDomainInput | None = strawberry.field(
        default=None, description="Line of trade; the KKM's own when left out."
    )
    is_vat_on_top: bool | None = strawberry.field(
        default=None, description="Whether prices are without VAT; as the company chose when left out."
    )
    sold_at: DateTime | None = strawberry.field(
        default=None,
        description="When the till sold it, if the sale waited there for a connection; kept beside our time.",
    )


@strawberry.input(description="A whole purchase: goods come in, money goes out. Every line names its price.")
class RegisterPurchaseInput:
    sale_key: UUID = strawberry.field(description="Made and stored by the client before sending.")
    register_id: strawberry.ID = strawberry.field(description="Register whose money is given.")
    lines: list[SaleLineInput] = strawberry.field(
        description="Positions, in the order of the receipt; without VAT unless vatBp is given."
    )
    payments: list[PaymentInput] = strawberry.field(description="How it is paid: the total exactly.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who buys; left out by a signed-in operator."
    )
    customer: CustomerInput | None = strawberry.field(default=None, description="Whom it is bought from.")
    expected_total: Money | None = strawberry.field(
        default=None, description="Total the client has shown; refused when ours differs."
    )
    domain: TradeDomainInput | None = strawberry.field(
        default=None, description="Line of trade; the KKM's own when left out."
    )


@strawberry.input(description="How much of a sold position comes back.")
class ReturnLineInput:
    position: int = strawberry.field(description="Position of the sale.")
    quantity: Quantity = strawberry.field(description="How much of it.")
    marks: list[str] = strawberry.field(
        default_factory=list,
        description="Which pieces of a marked position, one mark each; needless for all that are left.",
    )


@strawberry.input(description="A return of one earlier sale or purchase, whole or in part.")
class RegisterReturnInput:
    sale_key: UUID = strawberry.field(description="Made and stored by the client before sending.")
    register_id: strawberry.ID = strawberry.field(description="Register the money goes back from.")
    original_id: strawberry.ID = strawberry.field(description="The sale or purchase.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who takes back; left out by a signed-in operator."
    )
    lines: list[ReturnLineInput] = strawberry.field(
        default_factory=list, description="What comes back; everything that is left when empty."
    )
    payments: list[PaymentInput] = strawberry.field(
        default_factory=list, description="How it is paid back; the way it was paid when empty."
    )
    approval: str | None = strawberry.field(
        default=None, description="An administrator's word from `approve`, where the company asks for it."
    )


@strawberry.input(description="Cash put into the drawer or taken out of it.")
class MoveCashInput:
    cash_key: UUID = strawberry.field(description="Made and stored by the client before sending.")
    register_id: strawberry.ID = strawberry.field(description="Register with the drawer.")
    amount: Money = strawberry.field(description="How much.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who does it; left out by a signed-in operator."
    )
    approval: str | None = strawberry.field(
        default=None,
        description="An administrator's word from `approve`, where the company asks for it to take cash out.",
    )


def sale_command(given: RegisterSaleInput) -> RegisterSale:
    """The command with a fresh sale id.

    Refusals: BAD_ID, SALE_REDUCTION_AMBIGUOUS, SALE_PERCENT_OUT_OF_RANGE.
    """
    customer = given.customer
    return RegisterSale(
        sale_id=SaleId(new_id()),
        sale_key=given.sale_key,
        register_id=from_global(given.register_id, "Register", field="registerId"),
        operator_id=from_global_or_none(given.operator_id, "Operator", field="operatorId"),
        lines=tuple([line_asked(line, f"lines.{index}") for index, line in enumerate(given.lines)]),
        payments=_payments(given.payments),
        discount=_reduction(given.discount, "discount"),
        markup=_reduction(given.markup, "markup"),
        customer=NOBODY if customer is None else Customer(customer.bin, customer.email, customer.phone),
        expected_total=given.expected_total,
        domain=None if given.domain is None else _domain(given.domain),
        is_vat_on_top=given.is_vat_on_top,
        sold_ms=None if given.sold_at is None else to_ms(given.sold_at),
    )


def purchase_command(given: RegisterPurchaseInput) -> RegisterPurchase:
    """As sale_command."""
    customer = given.customer
    return RegisterPurchase(
        sale_id=SaleId(new_id()),
        sale_key=given.sale_key,
        register_id=from_global(given.register_id, "Register", field="registerId"),
        operator_id=from_global_or_none(given.operator_id, "Operator", field="operatorId"),
        lines=tuple([line_asked(line, f"lines.{index}") for index, line in enumerate(given.lines)]),
        payments=_payments(given.payments),
        customer=NOBODY if customer is None else Customer(customer.bin, customer.email, customer.phone),
        expected_total=given.expected_total,
        domain=None if given.domain is None else _domain(given.domain),
    )


def return_command(given: RegisterReturnInput, kind: SaleKind) -> ReturnSale:
    """The command with a fresh sale id. Refusals: BAD_ID."""
    return ReturnSale(
        sale_id=SaleId(new_id()),
        sale_key=given.sale_key,
        register_id=from_global(given.register_id, "Register", field="registerId"),
        operator_id=from_global_or_none(given.operator_id, "Operator", field="operatorId"),
        original_id=SaleId(from_global(given.original_id, "Sale", field="originalId")),
        lines=tuple(LineBack(line.position, line.quantity, tuple(line.marks)) for line in given.lines),
        payments=_payments(given.payments),
        kind=kind,
        approval=given.approval,
    )


def cash_command(given: MoveCashInput, direction: CashDirection) -> MoveCash:
    """The command with a fresh id. Refusals: BAD_ID."""
    return MoveCash(
        cash_id=CashId(new_id()),
        cash_key=given.cash_key,
        register_id=from_global(given.register_id, "Register", field="registerId"),
        operator_id=from_global_or_none(given.operator_id, "Operator", field="operatorId"),
        amount=given.amount,
        direction=direction,
        approval=given.approval,
    )


def _payments(given: list[PaymentInput]) -> tuple[TicketPayment, ...]:
    return tuple([_payment(each, index) for index, each in enumerate(given)])


def _payment(given: PaymentInput, index: int) -> TicketPayment:
    card, mobile = given.card, given.mobile
    if given.operation_ids:
        return _taken_by_terminal(given, index)
    if card is None and mobile is None:  # as most payments
        return TicketPayment(given.kind, given.amount, None, given.is_elsewhere)
    if card is not None and mobile is not None:
        raise Refusal("PAYMENT_DETAILS_FOREIGN", field=f"payments.{index}", kind=given.kind.value)
    details: CardDetails | MobileDetails
    if card is not None:
        details = CardDetails(
            card.terminal_id, card.card_type, card.authorization_code, card.rrn, card.receipt_number
        )
    else:
        assert mobile is not None
        details = MobileDetails(mobile.qr_type, mobile.qr_id)
    return TicketPayment(given.kind, given.amount, details, given.is_elsewhere)


def _taken_by_terminal(given: PaymentInput, index: int) -> TicketPayment:
    """A payment that Sauda's own terminals made. Refusals: BAD_ID, PAYMENT_OPERATIONS_ALONE."""
    field = f"payments.{index}"
    if given.card is not None or given.mobile is not None or given.is_elsewhere:
        raise Refusal("PAYMENT_OPERATIONS_ALONE", field=f"{field}.operationIds")
    ids = [
        from_global(each, "CardOperation", field=f"{field}.operationIds.{place}")
        for place, each in enumerate(given.operation_ids)
    ]
    return TicketPayment(given.kind, given.amount, operation_ids=tuple(ids))


def _domain(given: TradeDomainInput) -> DomainBlock:
    return DomainBlock(
        domain=given.type,
        account_number=given.account_number,
        correction_number=given.correction_number,
        correction_sum=given.correction_sum,
        card_number=given.card_number,
        car_number=given.car_number,
        is_order=given.is_order,
        current_fee=given.current_fee,
        begin_ms=None if given.begin_at is None else to_ms(given.begin_at),
        end_ms=None if given.end_at is None else to_ms(given.end_at),
    )


def line_asked(line: SaleLineInput, field: str) -> LineAsked:
    """One position as asked. Refusals: BAD_ID, SALE_REDUCTION_AMBIGUOUS, SALE_PERCENT_OUT_OF_RANGE."""
    product_id, discount, markup = line.product_id, line.discount, line.markup
    vat = VatAsked(None) if line.is_without_vat else None
    if line.vat_bp is not None:
        vat = VatAsked(line.vat_bp)
    # In the order of its fields: names would cost as much as the line.
    return LineAsked(
        line.quantity,
        None if product_id is None else from_global(product_id, "Product", field=f"{field}.productId"),
        line.code,
        line.barcode,
        line.name,
        line.price,
        None if discount is None else _reduction(discount, f"{field}.discount"),
        None if markup is None else _reduction(markup, f"{field}.markup"),
        vat,
        tuple(line.marks),
        line.section,
        line.physical_label,
        line.warehouse_id,
        line.is_storno,
    )


def _reduction(given: ReductionInput | None, field: str) -> Reduction | None:
    if given is None:
        return None
    if (given.amount is None) == (given.basis_points is None):
        raise Refusal("SALE_REDUCTION_AMBIGUOUS", field=field)
    if given.amount is not None:
        return given.amount
    assert given.basis_points is not None
    try:
        return Percent(given.basis_points)
    except Refusal as refusal:
        raise refusal.at(field) from None
