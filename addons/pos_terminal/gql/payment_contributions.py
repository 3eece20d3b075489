"""Fields on types of other add-ons, all named `card`. Annotations are real: Strawberry reads them."""

import strawberry

from addons.pos_terminal.gql.payment_loaders import TerminalNow
from addons.pos_terminal.gql.payment_types import (
    OperationType,
    RegisterCardType,
    RegisterTerminalType,
    SaleCardType,
)
from addons.pos_terminal.gql.terminal_types import CardTerminalType
from addons.pos_terminal.services.payment_record import PaymentRecord
from kernel.gql.context import Info
from kernel.gql.node import Node

VIEW = "pos_terminal.view"


@strawberry.field(description="How cards paid it; null when the caller may not see it.")
async def card_of_sale(root: strawberry.Parent[Node], info: Info) -> SaleCardType | None:
    if not info.context.principal.may(VIEW):
        return None
    found: list[PaymentRecord] = await info.context.loader("pos_terminal.operations_by_sale").load(root.key)
    return SaleCardType(operations=[OperationType.of(each) for each in found])


@strawberry.field(description="Its card terminals as they are now; null when the caller may not see them.")
async def card_of_register(root: strawberry.Parent[Node], info: Info) -> RegisterCardType | None:
    if not info.context.principal.may(VIEW):
        return None
    found: list[TerminalNow] = await info.context.loader("pos_terminal.terminals_by_register").load(root.key)
    return RegisterCardType(
        terminals=[
            RegisterTerminalType(
                terminal=CardTerminalType.of(each.terminal),
                operation=None if each.operation is None else OperationType.of(each.operation),
                waiting_reversals=each.reversals,
            )
            for each in found
        ]
    )
