"""Mutations of trade. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.trade.gql.enums import CashDirection, SaleKind
from addons.trade.gql.inputs import (
    MoveCashInput,
    RegisterPurchaseInput,
    RegisterReturnInput,
    RegisterSaleInput,
    cash_command,
    purchase_command,
    return_command,
    sale_command,
)
from addons.trade.gql.outcome import moved, sold
from addons.trade.gql.types import CashOperationType, SaleType
from kernel.gql.context import Info
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.waiting import WAIT_MS_DEFAULT, WAIT_MS_MAX, check_wait

RegisterSaleResult = Annotated[
    SaleType | Refused, strawberry.union("RegisterSaleResult", description="The sale, or why not.")
]
RegisterReturnResult = Annotated[
    SaleType | Refused, strawberry.union("RegisterReturnResult", description="The return, or why not.")
]
RegisterPurchaseResult = Annotated[
    SaleType | Refused, strawberry.union("RegisterPurchaseResult", description="The purchase, or why not.")
]
RegisterPurchaseReturnResult = Annotated[
    SaleType | Refused,
    strawberry.union("RegisterPurchaseReturnResult", description="The return, or why not."),
]
MoveCashResult = Annotated[
    CashOperationType | Refused,
    strawberry.union("MoveCashResult", description="The cash operation, or why not."),
]
Wait = Annotated[
    int,
    strawberry.argument(
        description=f"Milliseconds to wait for the outcome, 0 to {WAIT_MS_MAX}; then the state is PENDING."
    ),
]


@strawberry.type
class TradeMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Sell. The same saleKey always gives the same sale; another body under it is refused.",
        permission_classes=[Requires("trade.sell")],
    )
    async def register_sale(
        self, info: Info, input: RegisterSaleInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> RegisterSaleResult:
        return await sold(info.context, sale_command(input), wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Take goods of one earlier sale back; without lines all that is left, which annuls it. "
        "Keys as in registerSale.",
        permission_classes=[Requires("trade.return")],
    )
    async def register_return(
        self, info: Info, input: RegisterReturnInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> RegisterReturnResult:
        command = return_command(input, SaleKind.SELL_RETURN)
        return await sold(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Buy from a person or a company; the drawer must hold the cash. Keys as in registerSale.",
        permission_classes=[Requires("trade.purchase")],
    )
    async def register_purchase(
        self, info: Info, input: RegisterPurchaseInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> RegisterPurchaseResult:
        return await sold(info.context, purchase_command(input), wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Give goods of one earlier purchase back; without lines all that is left, which annuls "
        "it. Keys as in registerSale.",
        permission_classes=[Requires("trade.purchase")],
    )
    async def register_purchase_return(
        self, info: Info, input: RegisterReturnInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> RegisterPurchaseReturnResult:
        command = return_command(input, SaleKind.BUY_RETURN)
        return await sold(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Put cash into the drawer. Keys as in registerSale.",
        permission_classes=[Requires("trade.cash")],
    )
    async def deposit_cash(
        self, info: Info, input: MoveCashInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> MoveCashResult:
        command = cash_command(input, CashDirection.DEPOSIT)
        return await moved(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Take cash out of the drawer. Keys as in registerSale.",
        permission_classes=[Requires("trade.cash")],
    )
    async def withdraw_cash(
        self, info: Info, input: MoveCashInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> MoveCashResult:
        command = cash_command(input, CashDirection.WITHDRAWAL)
        return await moved(info.context, command, wait_ms=check_wait(wait))
