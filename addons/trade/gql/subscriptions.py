"""Subscriptions of trade. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import strawberry

from addons.trade.gql.outcome import states_of
from addons.trade.gql.types import SaleType, sale_type
from addons.trade.services.record_facts import SALES_TOPIC
from kernel.errors import Refusal
from kernel.gql.broadcast import CIRCLE
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.news import moments
from kernel.gql.permissions import Requires


@strawberry.type
class TradeSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="A ticket now and whenever its state changes; ends when it is fiscalized or rejected.",
        permission_classes=[Requires("trade.view")],
    )
    async def receipt_status(
        self, info: Info, sale_id: Annotated[strawberry.ID, strawberry.argument(description="The sale.")]
    ) -> AsyncIterator[SaleType]:
        key = from_global(sale_id, "Sale", field="saleId")
        if await SaleType.load(info.context, key) is None:
            raise Refusal("SALE_UNKNOWN", field="saleId")
        async for record in states_of(info.context, key):
            yield sale_type(record)

    @strawberry.subscription(
        description="The moment when something became of any sale or cash operation of the company, at most"
        " once a second: there is something to ask for.",
        permission_classes=[Requires("trade.view")],
        metadata={CIRCLE: lambda context: context.principal.require_company()},
    )
    def sales_changed(self, info: Info) -> AsyncIterator[datetime]:
        company_id = info.context.principal.require_company()
        return moments(info.context, {SALES_TOPIC: company_id.__eq__})
