"""Subscriptions of the fiscal engine. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry

from addons.fiscal_kz.gql.outcome import states_of
from addons.fiscal_kz.gql.types import KkmType
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.permissions import Requires


@strawberry.type
class FiscalSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="The KKM of a register now and whenever its link, block, shift or queue changes.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def register_state(
        self, info: Info, register_id: Annotated[strawberry.ID, strawberry.argument(description="Register.")]
    ) -> AsyncIterator[KkmType]:
        key = from_global(register_id, "Register", field="registerId")
        info.context.principal.require_register(key)
        async for kkm in states_of(info.context, key):
            yield kkm
