"""Subscriptions of the fiscal engine. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncIterator
from datetime import datetime

import strawberry

from addons.fiscal_kz.gql.arguments import RegisterArgument, register_key
from addons.fiscal_kz.gql.outcome import states_of
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.register_news import REGISTER_TOPIC, REGISTERS_TOPIC
from addons.trade.api import SALES_TOPIC
from kernel.gql.broadcast import CIRCLE
from kernel.gql.context import GqlContext, Info
from kernel.gql.news import moments
from kernel.gql.permissions import Requires


def _circle(context: GqlContext) -> tuple[object, ...]:
    return context.principal.require_company(), context.principal.register_ids


@strawberry.type
class FiscalSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="The KKM of a register now and whenever its link, block, shift or queue changes.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def register_state(self, info: Info, register_id: RegisterArgument) -> AsyncIterator[KkmType]:
        key = register_key(register_id)
        info.context.principal.require_register(key)
        async for kkm in states_of(info.context, key):
            yield kkm

    @strawberry.subscription(
        description="The moment when link, block, shift, queue or documents of any of the caller's registers"
        " changed, at most once a second: there is something to ask for.",
        permission_classes=[Requires("fiscal_kz.view")],
        metadata={CIRCLE: _circle},
    )
    def registers_changed(self, info: Info) -> AsyncIterator[datetime]:
        company_id, mine = info.context.principal.require_company(), info.context.principal.register_ids
        topics = {SALES_TOPIC: company_id.__eq__}
        topics |= (
            {REGISTERS_TOPIC: company_id.__eq__} if mine is None else {REGISTER_TOPIC: mine.__contains__}
        )
        return moments(info.context, topics)
