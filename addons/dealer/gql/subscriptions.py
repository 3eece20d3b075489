"""Root field that follows the dealer's board. Annotations are real in this module: Strawberry reads them."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime

import strawberry

from addons.dealer.services.links import BOARD_TOPIC, CLIENTS_OF
from addons.organization.api import STATUS_OF_COMPANY_TOPIC
from kernel.gql.broadcast import CIRCLE
from kernel.gql.context import GqlContext, Info
from kernel.gql.news import moments
from kernel.gql.permissions import Requires


@strawberry.type
class DealerSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="The moment when a client, its requests or what is wrong with its registers changed, at"
        " most once a second: there is something to ask for.",
        permission_classes=[Requires("dealer.serve")],
        metadata={CIRCLE: lambda context: context.principal.require_company()},
    )
    async def dealer_board_changed(self, info: Info) -> AsyncIterator[datetime]:
        company_id = info.context.principal.require_company()
        clients = set(await _clients(info.context))
        topics = {BOARD_TOPIC: company_id.__eq__, STATUS_OF_COMPANY_TOPIC: clients.__contains__}
        async with aclosing(moments(info.context, topics)) as found:
            async for moment in found:
                clients.clear()
                clients.update(await _clients(info.context))
                yield moment


async def _clients(context: GqlContext) -> list[str]:
    async with context.reading() as reader:
        return [row["client_id"] for row in await reader.rows(CLIENTS_OF, reader.company_id)]
