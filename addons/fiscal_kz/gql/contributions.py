"""Fields on types of other add-ons, all named `fiscal`. Annotations are real: Strawberry reads them."""

import strawberry

from addons.fiscal_kz.gql.types import FiscalTicketType, KkmType
from addons.fiscal_kz.services.views import KkmView, TicketView
from kernel.gql.context import Info
from kernel.gql.node import Node


@strawberry.field(description="What the fiscal engine knows of it; null when it never came there.")
async def fiscal_of_document(root: strawberry.Parent[Node], info: Info) -> FiscalTicketType | None:
    view: TicketView | None = await info.context.loader("fiscal_kz.ticket_by_subject").load(root.key)
    return None if view is None else FiscalTicketType.of(view, info.context)


@strawberry.field(
    description="The KKM of this workplace; null when it has none or the caller may not see it."
)
async def fiscal_of_register(root: strawberry.Parent[Node], info: Info) -> KkmType | None:
    if not info.context.principal.may("fiscal_kz.view"):
        return None
    view: KkmView | None = await info.context.loader("fiscal_kz.kkm_by_register").load(root.key)
    return None if view is None else KkmType.of(view, info.context)
