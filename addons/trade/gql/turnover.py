"""Turnover of a period or a shift in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.trade.domain.turnover import (
    PERIOD_MAX_DAYS,
    Counted,
    Period,
    Turnover,
    TurnoverBy,
    TurnoverGroup,
    TurnoverOperation,
)
from addons.trade.gql.enums import PaymentKind, ReceiptLanguage, SaleKind
from addons.trade.services.turnover import turnover_of_period, turnover_of_shift
from addons.trade.services.turnover_paper import paper_of_turnover
from kernel.clock import from_ms, to_ms
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.paging import After, Connection, First, connection_of, page, read_cursor
from kernel.gql.papers import PaperType
from kernel.gql.permissions import Requires
from kernel.gql.scalars import DateTime
from kernel.money import Money

strawberry.enum(
    TurnoverBy,
    name="TurnoverBy",
    description="What it is broken down by. SECTION has positions and their sums only: payments and change "
    "belong to whole tickets.",
)


@strawberry.type(name="TurnoverCounted", description="How many and how much.")
class CountedType:
    count: int = strawberry.field(description="How many.")
    sum: Money = strawberry.field(description="How much.")

    @classmethod
    def of(cls, counted: Counted) -> Self:
        """As shown."""
        return cls(count=counted.count, sum=counted.sum)


@strawberry.type(name="TurnoverPayment", description="What was paid by one means.")
class TurnoverPaymentType:
    kind: PaymentKind = strawberry.field(description="Means of payment.")
    count: int = strawberry.field(description="In how many tickets.")
    sum: Money = strawberry.field(description="How much, without change.")


@strawberry.type(
    name="TurnoverOperation", description="Tickets of one kind: total = before − discount + markup."
)
class TurnoverOperationType:
    kind: SaleKind = strawberry.field(description="What the tickets do.")
    count: int = strawberry.field(description="Tickets; 0 in a section.")
    positions: int = strawberry.field(description="Positions in them.")
    before: Money = strawberry.field(description="Positions before discounts and markups.")
    discount: Money = strawberry.field(description="Discounts.")
    markup: Money = strawberry.field(description="Markups.")
    total: Money = strawberry.field(description="Sum of the tickets.")
    vat: Money = strawberry.field(description="VAT inside.")
    change: Money = strawberry.field(description="Change handed back; 0 in a section.")
    offline_count: int = strawberry.field(description="Tickets made autonomously; 0 in a section.")
    payments: list[TurnoverPaymentType] = strawberry.field(description="By means; empty in a section.")

    @classmethod
    def of(cls, row: TurnoverOperation) -> Self:
        """The row as shown."""
        return cls(
            kind=row.kind,
            count=row.count,
            positions=row.positions,
            before=row.before,
            discount=row.discount,
            markup=row.markup,
            total=row.total,
            vat=row.vat,
            change=row.change,
            offline_count=row.offline_count,
            payments=[
                TurnoverPaymentType(kind=means, count=paid.count, sum=paid.sum)
                for means, paid in row.payments
            ],
        )


@strawberry.type(name="TurnoverTax", description="VAT of one rate and kind of ticket.")
class TurnoverTaxType:
    rate_bp: int = strawberry.field(description="Rate in basis points: 1600 = 16 %.")
    kind: SaleKind = strawberry.field(description="What the tickets do.")
    turnover: Money = strawberry.field(description="Turnover with the tax inside.")
    vat: Money = strawberry.field(description="The tax.")


@strawberry.type(name="TurnoverGroup", description="One cashier, section, register or outlet.")
class TurnoverGroupType:
    key: str = strawberry.field(description="Code of the section, or an id within the company.")
    title: str = strawberry.field(
        description="Code and name of the cashier, section, number of the register, name of the outlet."
    )
    operations: list[TurnoverOperationType] = strawberry.field(description="By kind of ticket.")
    deposits: CountedType = strawberry.field(description="Cash put in.")
    withdrawals: CountedType = strawberry.field(description="Cash taken out.")
    revenue: Money = strawberry.field(description="SELL − SELL_RETURN − BUY + BUY_RETURN, signed.")

    @classmethod
    def of(cls, group: TurnoverGroup) -> Self:
        """The group as shown."""
        return cls(
            key=group.key,
            title=group.title,
            operations=[TurnoverOperationType.of(row) for row in group.operations],
            deposits=CountedType.of(group.deposits),
            withdrawals=CountedType.of(group.withdrawals),
            revenue=group.revenue,
        )


@strawberry.type(
    name="Turnover",
    description="What was sold, by the time of the fiscal documents; equal to the Z of a shift.",
)
class TurnoverType:
    turnover: strawberry.Private[Turnover]
    by: strawberry.Private[TurnoverBy | None]
    register_id: strawberry.Private[str | None]
    outlet_id: strawberry.Private[str | None]

    @strawberry.field(description="Begin of the period, or the opening of the shift.")
    def since(self) -> DateTime:
        return from_ms(self.turnover.period.since_ms)

    @strawberry.field(description="End of the period, not in it itself.")
    def until(self) -> DateTime:
        return from_ms(self.turnover.period.until_ms)

    @strawberry.field(description="By kind of ticket, only those that occur.")
    def operations(self) -> list[TurnoverOperationType]:
        return [TurnoverOperationType.of(row) for row in self.turnover.operations]

    @strawberry.field(description="VAT by rate and kind of ticket, the highest rate first.")
    def taxes(self) -> list[TurnoverTaxType]:
        return [
            TurnoverTaxType(rate_bp=row.rate_bp, kind=row.kind, turnover=row.turnover, vat=row.vat)
            for row in self.turnover.taxes
        ]

    @strawberry.field(description="Cash put in.")
    def deposits(self) -> CountedType:
        return CountedType.of(self.turnover.deposits)

    @strawberry.field(description="Cash taken out, also by shift closes themselves.")
    def withdrawals(self) -> CountedType:
        return CountedType.of(self.turnover.withdrawals)

    @strawberry.field(description="SELL − SELL_RETURN − BUY + BUY_RETURN, signed.")
    def revenue(self) -> Money:
        return self.turnover.revenue

    @strawberry.field(description="Broken down as asked, by title; an empty list when nothing was asked.")
    def groups(self, first: First = 100, after: After = None) -> Connection[TurnoverGroupType]:
        asked = page(first, after)
        groups = self.turnover.groups
        if asked.cursor is not None:
            title, key = (str(each) for each in read_cursor(asked.cursor, (str, str)))
            groups = tuple(each for each in groups if (each.title, each.key) > (title, key))
        shown = groups[: asked.size]
        return connection_of(
            [TurnoverGroupType.of(each) for each in shown],
            [(each.title, each.key) for each in shown],
            asked,
            has_more=len(groups) > len(shown),
            count=self._count,
        )

    @strawberry.field(description="As a paper, ready to be printed.")
    async def paper(
        self,
        info: Info,
        language: Annotated[
            ReceiptLanguage | None,
            strawberry.argument(description="Language; what the company chose when left out."),
        ] = None,
    ) -> PaperType:
        async with info.context.reading() as reader:
            paper = await paper_of_turnover(
                reader,
                self.turnover,
                by=self.by,
                register_id=self.register_id,
                outlet_id=self.outlet_id,
                language=language,
            )
        return PaperType(paper=paper)

    async def _count(self) -> int:
        return len(self.turnover.groups)


By = Annotated[TurnoverBy | None, strawberry.argument(description="What `groups` are.")]


@strawberry.type
class TurnoverQuery:
    """Root fields that add up."""

    @strawberry.field(
        description=f"What was sold in a period of at most {PERIOD_MAX_DAYS} days: at a register, in an "
        "outlet, or at all registers the caller may see.",
        permission_classes=[Requires("trade.reports")],
    )
    async def turnover(
        self,
        info: Info,
        since: Annotated[DateTime, strawberry.argument(description="Documents of this moment or later.")],
        until: Annotated[DateTime, strawberry.argument(description="Documents before this moment.")],
        register_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this one.")
        ] = None,
        outlet_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only the registers of this outlet.")
        ] = None,
        by: By = None,
    ) -> TurnoverType:
        register = from_global_or_none(register_id, "Register", field="registerId")
        outlet = from_global_or_none(outlet_id, "Outlet", field="outletId")
        if register is not None and outlet is not None:
            raise Refusal("TURNOVER_PLACE_AMBIGUOUS", field="outletId")
        async with info.context.reading() as reader:
            counted = await turnover_of_period(
                reader, Period(to_ms(since), to_ms(until)), register_id=register, outlet_id=outlet, by=by
            )
        return TurnoverType(turnover=counted, by=by, register_id=register, outlet_id=outlet)

    @strawberry.field(
        description="What was sold in a shift, open or closed: the sums of its X or Z, broken down as asked.",
        permission_classes=[Requires("trade.reports")],
    )
    async def shift_turnover(
        self,
        info: Info,
        register_id: Annotated[strawberry.ID, strawberry.argument(description="Register.")],
        number: Annotated[int, strawberry.argument(description="Number of the shift.")],
        by: By = None,
    ) -> TurnoverType:
        register = from_global(register_id, "Register", field="registerId")
        async with info.context.reading() as reader:
            counted = await turnover_of_shift(reader, register, number, by=by)
        return TurnoverType(turnover=counted, by=by, register_id=register, outlet_id=None)
