"""Sales over time and best sellers in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.trade.domain.turnover import PERIOD_MAX_DAYS, Period
from addons.trade.services.analytics import PRODUCTS_MAX, SalesStep, best_sellers, sales_over_time
from kernel.clock import from_ms, to_ms
from kernel.gql.context import Info
from kernel.gql.ids import from_global_or_none, to_global
from kernel.gql.permissions import Requires
from kernel.gql.scalars import DateTime
from kernel.money import Money
from kernel.quantity import Quantity

strawberry.enum(SalesStep, name="SalesStep", description="How long a slot is.")

Since = Annotated[DateTime, strawberry.argument(description="Documents of this moment or later.")]
Until = Annotated[DateTime, strawberry.argument(description="Documents before this moment.")]
RegisterId = Annotated[strawberry.ID | None, strawberry.argument(description="Only this one.")]
OutletId = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only the registers of this outlet.")
]


@strawberry.type(name="SalesSlot", description="What was sold in one hour or one day.")
class SalesSlotType:
    at: DateTime = strawberry.field(description="Begin of the slot.")
    receipts: int = strawberry.field(description="Sales.")
    returns: int = strawberry.field(description="Returns.")
    sold: Money = strawberry.field(description="Sum of the sales.")
    returned: Money = strawberry.field(description="Sum of the returns.")


@strawberry.type(name="ProductSales", description="What was sold of one product, returns taken off.")
class ProductSalesType:
    product_id: strawberry.ID | None = strawberry.field(description="Null for a free position.")
    name: str = strawberry.field(description="Name as on the receipts.")
    positions: int = strawberry.field(description="In how many positions of receipts.")
    quantity: Quantity = strawberry.field(description="How much.")
    total: Money = strawberry.field(description="For how much.")


@strawberry.type
class AnalyticsQuery:
    """Root fields that add up."""

    @strawberry.field(
        description=f"Sales and returns by hour or day, at most {PERIOD_MAX_DAYS} days, in order; slots "
        "without any are left out.",
        permission_classes=[Requires("trade.reports")],
    )
    async def sales_over_time(
        self,
        info: Info,
        since: Since,
        until: Until,
        step: Annotated[SalesStep, strawberry.argument(description="How long a slot is.")],
        register_id: RegisterId = None,
        outlet_id: OutletId = None,
        zone: Annotated[
            str, strawberry.argument(description="IANA time zone whose hours and days are meant.")
        ] = "Asia/Almaty",
    ) -> list[SalesSlotType]:
        async with info.context.reading() as reader:
            slots = await sales_over_time(
                reader,
                Period(to_ms(since), to_ms(until)),
                step,
                zone=zone,
                register_id=from_global_or_none(register_id, "Register", field="registerId"),
                outlet_id=from_global_or_none(outlet_id, "Outlet", field="outletId"),
            )
        return [
            SalesSlotType(
                at=from_ms(each.at_ms),
                receipts=each.receipts,
                returns=each.returns,
                sold=each.sold,
                returned=each.returned,
            )
            for each in slots
        ]

    @strawberry.field(
        description=f"Products that sold best in at most {PERIOD_MAX_DAYS} days, the largest sum first.",
        permission_classes=[Requires("trade.reports")],
    )
    async def best_sellers(
        self,
        info: Info,
        since: Since,
        until: Until,
        first: Annotated[int, strawberry.argument(description=f"How many, 1 to {PRODUCTS_MAX}.")] = 10,
        register_id: RegisterId = None,
        outlet_id: OutletId = None,
    ) -> list[ProductSalesType]:
        async with info.context.reading() as reader:
            products = await best_sellers(
                reader,
                Period(to_ms(since), to_ms(until)),
                first,
                register_id=from_global_or_none(register_id, "Register", field="registerId"),
                outlet_id=from_global_or_none(outlet_id, "Outlet", field="outletId"),
            )
        return [
            ProductSalesType(
                product_id=None if each.product_id is None else to_global("Product", each.product_id),
                name=each.name,
                positions=each.positions,
                quantity=each.quantity,
                total=each.total,
            )
            for each in products
        ]
