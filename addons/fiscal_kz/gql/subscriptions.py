"""Subscriptions of the fiscal engine. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncIterator

import strawberry

from addons.fiscal_kz.gql.arguments import RegisterArgument, register_key
from addons.fiscal_kz.gql.outcome import states_of
from addons.fiscal_kz.gql.types import KkmType
from kernel.gql.context import Info
from kernel.gql.permissions import Requires


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
