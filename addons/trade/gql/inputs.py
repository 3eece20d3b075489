"""Inputs of trade's mutations and the way from them to frozen commands.

Annotations are real: Strawberry reads them.
"""

import strawberry

from addons.trade.domain.cart import Percent, Reduction
from addons.trade.domain.commands import (
    CashId,
    Customer,
    LineAsked,
    LineBack,
    MoveCash,
    RegisterSale,
    ReturnSale,
    SaleId,
    VatAsked,
)
from addons.trade.domain.ticket import TicketPayment
from addons.trade.gql.enums import CashDirection, PaymentKind
from kernel.errors import Refusal
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.scalars import UUID
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


@strawberry.input(description="What is tendered by one means; each means once.")
class PaymentInput:
    kind: PaymentKind = strawberry.field(description="Means of payment.")
    amount: Money = strawberry.field(description="For cash: what the customer gave, change is calculated.")


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


@strawberry.input(description="How much of a sold position comes back.")
class ReturnLineInput:
    position: int = strawberry.field(description="Position of the sale.")
    quantity: Quantity = strawberry.field(description="How much of it.")


@strawberry.input(description="A return of one earlier sale, whole or in part.")
class RegisterReturnInput:
    sale_key: UUID = strawberry.field(description="Made and stored by the client before sending.")
    register_id: strawberry.ID = strawberry.field(description="Register the money goes back from.")
    original_id: strawberry.ID = strawberry.field(description="The sale.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who takes back; left out by a signed-in operator."
    )
    lines: list[ReturnLineInput] = strawberry.field(
        default_factory=list, description="What comes back; everything that is left when empty."
    )
    payments: list[PaymentInput] = strawberry.field(
        default_factory=list, description="How it is paid back; the way it was paid when empty."
    )


@strawberry.input(description="Cash put into the drawer or taken out of it.")
class MoveCashInput:
    cash_key: UUID = strawberry.field(description="Made and stored by the client before sending.")
    register_id: strawberry.ID = strawberry.field(description="Register with the drawer.")
    amount: Money = strawberry.field(description="How much.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who does it; left out by a signed-in operator."
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
        lines=tuple(_line(line, f"lines.{index}") for index, line in enumerate(given.lines)),
        payments=_payments(given.payments),
        discount=_reduction(given.discount, "discount"),
        markup=_reduction(given.markup, "markup"),
        customer=Customer() if customer is None else Customer(customer.bin, customer.email, customer.phone),
        expected_total=given.expected_total,
    )


def return_command(given: RegisterReturnInput) -> ReturnSale:
    """The command with a fresh sale id. Refusals: BAD_ID."""
    return ReturnSale(
        sale_id=SaleId(new_id()),
        sale_key=given.sale_key,
        register_id=from_global(given.register_id, "Register", field="registerId"),
        operator_id=from_global_or_none(given.operator_id, "Operator", field="operatorId"),
        original_id=SaleId(from_global(given.original_id, "Sale", field="originalId")),
        lines=tuple(LineBack(line.position, line.quantity) for line in given.lines),
        payments=_payments(given.payments),
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
    )


def _payments(given: list[PaymentInput]) -> tuple[TicketPayment, ...]:
    return tuple(TicketPayment(each.kind, each.amount) for each in given)


def _line(line: SaleLineInput, field: str) -> LineAsked:
    vat = VatAsked(None) if line.is_without_vat else None
    if line.vat_bp is not None:
        vat = VatAsked(line.vat_bp)
    return LineAsked(
        quantity=line.quantity,
        product_id=from_global_or_none(line.product_id, "Product", field=f"{field}.productId"),
        code=line.code,
        barcode=line.barcode,
        name=line.name,
        price=line.price,
        discount=_reduction(line.discount, f"{field}.discount"),
        markup=_reduction(line.markup, f"{field}.markup"),
        vat=vat,
        marks=tuple(line.marks),
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
