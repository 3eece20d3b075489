"""Goods of the OFD in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.fiscal_kz.domain.commands import AskGoods, TakeGood
from addons.fiscal_kz.domain.goods import OfdGood
from addons.fiscal_kz.gql.arguments import register_key
from addons.fiscal_kz.services.nomenclature import (
    ASK_TOPIC,
    EDIT_CATALOG,
    AskState,
    GoodsAsk,
    LoadedGoods,
    ask_goods,
    goods_ask,
    loaded_goods,
    take_good,
)
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import UUID, DateTime
from kernel.gql.waiting import WAIT_MS_DEFAULT, WAIT_MS_MAX, check_wait
from kernel.money import Money

MAY_EDIT = [Requires(EDIT_CATALOG)]

strawberry.enum(AskState, name="OfdGoodsAskState", description="How far a question for goods has come.")


@strawberry.type(name="OfdGood", description="A good as the OFD knows it.")
class OfdGoodType:
    name: str = strawberry.field(description="Name.")
    name_kk: str = strawberry.field(description="Name in Kazakh; empty when none was told.")
    barcode: str = strawberry.field(description="Barcode.")
    article: str = strawberry.field(description="Article.")
    price: Money | None = strawberry.field(description="Price of sale; null when none was told.")
    vat_bp: int | None = strawberry.field(
        description="VAT in hundredths of a percent; null when none was told."
    )
    unit_code: str = strawberry.field(description="Unit of measure of the ESF classifier.")
    ntin: str = strawberry.field(description="Number in the national catalogue of goods.")
    is_marked: bool = strawberry.field(description="Whether each piece carries a mark.")
    is_social: bool = strawberry.field(description="Whether its price is limited as socially important.")

    @classmethod
    def of(cls, good: OfdGood) -> Self:
        """The good as shown."""
        return cls(
            name=good.title,
            name_kk=good.title_kk,
            barcode=good.barcode,
            article=good.article,
            price=None if good.price is None else Money(good.price),
            vat_bp=good.vat_bp,
            unit_code=good.unit_code,
            ntin=good.ntin,
            is_marked=good.is_marked,
            is_social=good.is_social,
        )


@strawberry.type(name="OfdGoodLeftOut", description="A good of the list that was not taken.")
class OfdGoodLeftOutType:
    name: str = strawberry.field(description="Its name, or its id at the OFD.")
    code: str = strawberry.field(description="Why, as a refusal code.")


@strawberry.type(name="OfdGoodsAsk", description="A question for the OFD's goods and what became of it.")
class OfdGoodsAskType:
    id: UUID = strawberry.field(description="Names the ask.")
    register_id: strawberry.ID = strawberry.field(description="Register that asked.")
    barcode: str | None = strawberry.field(description="The barcode; null when the whole list was asked for.")
    state: AskState = strawberry.field(description="ASKED, FILLING, DONE or REFUSED.")
    version: str | None = strawberry.field(description="Version of the OFD's list.")
    place: int = strawberry.field(description="Goods of the list gone through.")
    total: int = strawberry.field(description="Goods of the list; 0 when the version was filled in before.")
    created: int = strawberry.field(description="New products.")
    updated: int = strawberry.field(description="Products that changed.")
    unchanged: int = strawberry.field(description="Products that stayed as they were.")
    skipped: int = strawberry.field(description="Goods that were not taken.")
    left_out: list[OfdGoodLeftOutType] = strawberry.field(description="The first of them.")
    good: OfdGoodType | None = strawberry.field(description="What was found by the barcode.")
    product_id: strawberry.ID | None = strawberry.field(
        description="The product with that barcode, if the catalogue has one."
    )
    asked_at: DateTime = strawberry.field(description="When it was asked.")
    settled_at: DateTime | None = strawberry.field(description="When it was over.")
    reject_code: strawberry.Private[str | None]

    @strawberry.field(description="Why there are no goods, in the caller's language.")
    def refusal(self, info: Info) -> Refused | None:
        return None if self.reject_code is None else refused(Refusal(self.reject_code), info.context.language)

    @classmethod
    def of(cls, ask: GoodsAsk) -> Self:
        """The ask as shown."""
        return cls(
            id=UUID(ask.id),
            register_id=to_global("Register", ask.register_id),
            barcode=ask.barcode,
            state=ask.state,
            version=None if ask.version is None else str(ask.version),
            place=ask.place,
            total=ask.total,
            created=ask.created,
            updated=ask.updated,
            unchanged=ask.unchanged,
            skipped=ask.skipped,
            left_out=[OfdGoodLeftOutType(name=name, code=code) for name, code in ask.notes],
            good=None if ask.found is None else OfdGoodType.of(ask.found),
            product_id=None if ask.product_id is None else to_global("Product", ask.product_id),
            asked_at=from_ms(ask.asked_ms),
            settled_at=None if ask.settled_ms is None else from_ms(ask.settled_ms),
            reject_code=ask.reject_code,
        )


@strawberry.type(name="OfdGoods", description="What a register has of its OFD's goods.")
class OfdGoodsType:
    version: str = strawberry.field(description="Version filled in last; 0: none.")
    loaded_at: DateTime | None = strawberry.field(description="When.")
    asks: list[OfdGoodsAskType] = strawberry.field(description="The last asks, newest first.")

    @classmethod
    def of(cls, loaded: LoadedGoods) -> Self:
        """As shown."""
        return cls(
            version=str(loaded.version),
            loaded_at=None if loaded.loaded_ms is None else from_ms(loaded.loaded_ms),
            asks=[OfdGoodsAskType.of(each) for each in loaded.asks],
        )


RegisterArgument = Annotated[strawberry.ID, strawberry.argument(description="Register whose OFD is asked.")]
Wait = Annotated[
    int,
    strawberry.argument(description=f"Milliseconds to wait for the outcome, 0 to {WAIT_MS_MAX}; then ASKED."),
]
AskOfdGoodsResult = Annotated[
    OfdGoodsAskType | Refused, strawberry.union("AskOfdGoodsResult", description="The ask, or why not.")
]
TakeOfdGoodResult = Annotated[
    OfdGoodsAskType | Refused,
    strawberry.union("TakeOfdGoodResult", description="The ask with its product, or why not."),
]


@strawberry.type
class NomenclatureQuery:
    """Root fields that read."""

    @strawberry.field(
        description="What a register has of its OFD's goods.", permission_classes=[Requires("catalog.view")]
    )
    async def ofd_goods(self, info: Info, register_id: RegisterArgument) -> OfdGoodsType:
        key = register_key(register_id)
        async with info.context.reading() as reader:
            return OfdGoodsType.of(await loaded_goods(reader, key))

    @strawberry.field(
        description="One question for goods; null for an unknown one.",
        permission_classes=[Requires("catalog.view")],
    )
    async def ofd_goods_ask(
        self, info: Info, id: Annotated[UUID, strawberry.argument(description="The ask.")]
    ) -> OfdGoodsAskType | None:
        async with info.context.reading() as reader:
            ask = await goods_ask(reader, str(id))
        return None if ask is None else OfdGoodsAskType.of(ask)


@strawberry.type
class NomenclatureMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Fill the catalogue from the OFD's list of goods, if it has a newer version.",
        permission_classes=MAY_EDIT,
    )
    async def fill_from_ofd(
        self, info: Info, register_id: RegisterArgument, wait: Wait = WAIT_MS_DEFAULT
    ) -> AskOfdGoodsResult:
        command = AskGoods(register_key(register_id))
        return await _asked(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Look one good up at the OFD by its barcode; nothing is written to the catalogue.",
        permission_classes=MAY_EDIT,
    )
    async def find_ofd_good(
        self,
        info: Info,
        register_id: RegisterArgument,
        barcode: Annotated[str, strawberry.argument(description="Barcode.")],
        wait: Wait = WAIT_MS_DEFAULT,
    ) -> AskOfdGoodsResult:
        command = AskGoods(register_key(register_id), barcode.strip())
        return await _asked(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Put the good that was found into the catalogue. Twice is once.",
        permission_classes=MAY_EDIT,
    )
    async def take_ofd_good(
        self, info: Info, ask_id: Annotated[UUID, strawberry.argument(description="From findOfdGood.")]
    ) -> TakeOfdGoodResult:
        await info.context.transact(take_good, TakeGood(str(ask_id)))
        return await _ask(info.context, str(ask_id))


async def _asked(context: GqlContext, command: AskGoods, *, wait_ms: int) -> OfdGoodsAskType:
    """The ask as it is when the wait is over. A refusal of the OFD is raised as ours."""
    ask_id = await context.transact(ask_goods, command)
    async with context.app.bus.expect(ASK_TOPIC, ask_id) as waiter:
        ask = await _ask(context, ask_id)  # it may be over since before we listened
        if ask.settled_at is None and wait_ms:
            await waiter.wait(wait_ms / 1000)
            ask = await _ask(context, ask_id)
    if ask.reject_code is not None:
        raise Refusal(ask.reject_code)
    return ask


async def _ask(context: GqlContext, ask_id: str) -> OfdGoodsAskType:
    async with context.reading() as reader:
        ask = await goods_ask(reader, ask_id)
    assert ask is not None, "committed a moment ago"
    return OfdGoodsAskType.of(ask)
