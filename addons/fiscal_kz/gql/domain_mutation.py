"""The line of trade of a KKM. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.fiscal_kz.domain.rarities import DomainType
from addons.fiscal_kz.gql.arguments import RegisterArgument, register_key
from addons.fiscal_kz.gql.outcome import kkm_of_register
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.set_domain import SetDomain, set_domain
from addons.trade.api import TradeDomain
from kernel.gql.context import Info
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused

SetKkmDomainResult = Annotated[
    KkmType | Refused, strawberry.union("SetKkmDomainResult", description="The KKM, or why not.")
]


@strawberry.type
class KkmDomainMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Choose the line of trade a KKM works in: tickets that name none belong to it.",
        permission_classes=[Requires("fiscal_kz.activate")],
    )
    async def set_kkm_domain(
        self,
        info: Info,
        register_id: RegisterArgument,
        domain: Annotated[TradeDomain, strawberry.argument(description="Line of trade.")],
    ) -> SetKkmDomainResult:
        key = register_key(register_id)
        await info.context.transact(set_domain, SetDomain(key, DomainType(domain.value)))
        return await kkm_of_register(info.context, key)
