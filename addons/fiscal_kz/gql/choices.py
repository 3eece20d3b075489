"""What a company chooses about its fiscal registers. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.fiscal_kz.services.choices import SetFiscalChoices, set_fiscal_choices
from addons.fiscal_kz.settings import FiscalSettings
from kernel.data.work import Reader
from kernel.gql.context import Info
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused


@strawberry.type(name="FiscalChoices", description="What the company chose about its fiscal registers.")
class FiscalChoicesType:
    withdraw_at_close: bool = strawberry.field(
        description="Whether a shift close takes all cash out of the drawer when nobody says otherwise."
    )

    auto_close_minutes: int = strawberry.field(
        description="Minutes after its first document when a shift closes by itself; 0: it does not."
    )

    @classmethod
    def of(cls, reader: Reader) -> Self:
        """What holds for the reader's company."""
        settings = reader.settings(FiscalSettings)
        return cls(
            withdraw_at_close=settings.withdraw_at_close, auto_close_minutes=settings.auto_close_minutes
        )


SetFiscalChoicesResult = Annotated[
    FiscalChoicesType | Refused,
    strawberry.union("SetFiscalChoicesResult", description="What the company chose, or why not."),
]


@strawberry.input(description="What a company chooses about its fiscal registers; what is left out stays.")
class FiscalChoicesInput:
    withdraw_at_close: bool | None = strawberry.field(
        default=None, description="Whether a shift close takes all cash out of the drawer."
    )
    auto_close_minutes: int | None = strawberry.field(
        default=None, description="Minutes after its first document when a shift closes by itself; 0: never."
    )


@strawberry.type
class FiscalChoicesQuery:
    """Root fields that read choices."""

    @strawberry.field(
        description="What the company chose about its fiscal registers.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def fiscal_choices(self, info: Info) -> FiscalChoicesType:
        async with info.context.reading() as reader:
            return FiscalChoicesType.of(reader)


@strawberry.type
class FiscalChoicesMutation:
    """Root fields that choose."""

    @strawberry.mutation(
        description="Choose for all registers of the company.",
        permission_classes=[Requires("fiscal_kz.activate")],
    )
    async def set_fiscal_choices(self, info: Info, input: FiscalChoicesInput) -> SetFiscalChoicesResult:
        await info.context.transact(
            set_fiscal_choices, SetFiscalChoices(input.withdraw_at_close, input.auto_close_minutes)
        )
        async with info.context.reading() as reader:
            chosen = FiscalChoicesType.of(reader)
        if input.withdraw_at_close is not None:  # this process hears of it a moment later
            chosen.withdraw_at_close = input.withdraw_at_close
        if input.auto_close_minutes is not None:
            chosen.auto_close_minutes = input.auto_close_minutes
        return chosen
