"""Carts given up before payment. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.trade.gql.inputs import SaleLineInput, line_asked
from addons.trade.services.cancel_sale import (
    LISTED_MAX,
    CancelledCart,
    CancelSale,
    cancel_sale,
    cancelled_between,
)
from kernel.clock import from_ms, to_ms
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import UUID, DateTime
from kernel.money import Money
from kernel.quantity import Quantity


@strawberry.type(name="CancelledLine", description="A position of a cart that was given up.")
class CancelledLineType:
    name: str = strawberry.field(description="Name.")
    quantity: Quantity = strawberry.field(description="How much.")
    price: Money = strawberry.field(description="Of one unit.")
    total: Money = strawberry.field(description="Price × quantity, before discounts.")
    is_storno: bool = strawberry.field(description="Whether it was taken off before the cart was given up.")


@strawberry.type(name="CancelledSale", description="A cart given up before payment; nothing fiscal.")
class CancelledSaleType:
    sale_key: UUID = strawberry.field(description="The client's own key of the cart.")
    register_id: strawberry.ID = strawberry.field(description="Register.")
    operator_id: strawberry.ID = strawberry.field(description="Who gave it up.")
    cancelled_at: DateTime = strawberry.field(description="When.")
    total: Money = strawberry.field(description="Sum of the positions that were left, before discounts.")
    reason: str = strawberry.field(description="Why, as told; may be empty.")
    lines: list[CancelledLineType] = strawberry.field(description="Positions.")

    @classmethod
    def of(cls, cart: CancelledCart) -> Self:
        """The cart as shown."""
        return cls(
            sale_key=UUID(cart.sale_key),
            register_id=to_global("Register", cart.register_id),
            operator_id=to_global("Operator", cart.operator_id),
            cancelled_at=from_ms(cart.created_ms),
            total=cart.total,
            reason=cart.reason,
            lines=[
                CancelledLineType(
                    name=each.name,
                    quantity=each.quantity,
                    price=each.price,
                    total=each.total,
                    is_storno=each.is_storno,
                )
                for each in cart.lines
            ],
        )


CancelSaleResult = Annotated[
    CancelledSaleType | Refused, strawberry.union("CancelSaleResult", description="The note, or why not.")
]


@strawberry.input(description="A cart given up before payment.")
class CancelSaleInput:
    sale_key: UUID = strawberry.field(description="The key the cart would have been sold under.")
    register_id: strawberry.ID = strawberry.field(description="Register.")
    lines: list[SaleLineInput] = strawberry.field(description="Positions, as they would have been sold.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who gives it up; left out by a signed-in operator."
    )
    reason: str = strawberry.field(default="", description="Why.")


@strawberry.type
class CancelledMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Note that a cart was given up before payment. The same saleKey is noted once.",
        permission_classes=[Requires("trade.sell")],
    )
    async def cancel_sale(self, info: Info, input: CancelSaleInput) -> CancelSaleResult:
        command = CancelSale(
            sale_key=input.sale_key,
            register_id=from_global(input.register_id, "Register", field="registerId"),
            operator_id=from_global_or_none(input.operator_id, "Operator", field="operatorId"),
            lines=tuple(line_asked(line, f"lines.{index}") for index, line in enumerate(input.lines)),
            reason=input.reason,
        )
        return CancelledSaleType.of(await info.context.transact(cancel_sale, command))


@strawberry.type
class CancelledQuery:
    """Root fields that read."""

    @strawberry.field(
        description="Carts given up before payment, the earliest first.",
        permission_classes=[Requires("trade.view")],
    )
    async def cancelled_sales(
        self,
        info: Info,
        since: Annotated[DateTime, strawberry.argument(description="At this moment or later.")],
        until: Annotated[DateTime, strawberry.argument(description="Before this moment.")],
        first: Annotated[
            int, strawberry.argument(description=f"At most that many, up to {LISTED_MAX}.")
        ] = 100,
    ) -> list[CancelledSaleType]:
        async with info.context.reading() as reader:
            carts = await cancelled_between(reader, to_ms(since), to_ms(until), limit=max(first, 0))
        return [CancelledSaleType.of(each) for each in carts]
