"""Root fields of the change feed and of exchanges. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from addons.catalog.domain.exchange import AckCatalog, OrderExchange, ReportExchange
from addons.catalog.domain.feed import LIMIT_DEFAULT, LIMIT_MAX
from addons.catalog.gql.enums import ExchangeKind, ExchangeState
from addons.catalog.gql.exchange_types import (
    FOLLOW,
    CatalogExchangeResult,
    CatalogExchangesResult,
    CatalogExchangesType,
    CatalogExchangeType,
    CatalogFollowerResult,
    CatalogFollowerType,
    CatalogLinkType,
)
from addons.catalog.gql.feed_heads import HEARTBEAT_S, heads
from addons.catalog.gql.feed_rows import page_type
from addons.catalog.gql.feed_types import CatalogHeadType, CatalogPageType
from addons.catalog.services.ack_catalog import FOLLOWER, ack_catalog
from addons.catalog.services.exchange_rows import (
    IS_OPEN,
    ORDER_TOPIC,
    SELECT_EXCHANGE,
    exchange_row,
)
from addons.catalog.services.feed_changes import FeedNotBegun, catalog_changes
from addons.catalog.services.feed_head import begin_feed, feed_head
from addons.catalog.services.feed_pages import FeedPages
from addons.catalog.services.feed_status import Lag, lags
from addons.catalog.services.order_exchange import order_exchange, try_link
from addons.catalog.services.report_exchange import report_exchange
from addons.catalog.settings import CatalogSettings
from addons.organization.api import register_card
from kernel.clock import from_ms
from kernel.data.work import Param, Reader
from kernel.errors import Refusal
from kernel.gql.broadcast import CIRCLE
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.security.principal import Principal

ORDER = "catalog.exchange"
LATEST = (Key("id", str, is_descending=True),)
ORDERS_SHOWN = 10

_FOLLOWERS = f"SELECT id, register_id, follower_id, epoch, seq, is_verified, acked_ms FROM {FOLLOWER}"

RegisterArgument = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The register; may be left out by who works at one only, as a device."),
]


@strawberry.input(description="What a device has applied.")
class AckCatalogInput:
    cursor: str = strawberry.field(description="Cursor of the page that made it up to date.")
    is_verified: bool = strawberry.field(description="Whether count and checksum were right.")
    register_id: strawberry.ID | None = strawberry.field(
        default=None, description="The register; may be left out by a device."
    )


@strawberry.input(description="An order to devices of registers.")
class OrderCatalogExchangeInput:
    kind: ExchangeKind = strawberry.field(description="What they shall do.")
    register_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Registers.")
    register_group_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Groups of registers."
    )
    is_full: bool = strawberry.field(default=False, description="Load all goods anew.")


@strawberry.input(description="How far a device is with an order.")
class ReportCatalogExchangeInput:
    exchange_id: strawberry.ID = strawberry.field(description="The order.")
    state: ExchangeState = strawberry.field(description="EXCHANGING, READY, APPLIED or FAILED.")
    note: str = strawberry.field(default="", description="For people, such as why it failed.")
    moved_count: int | None = strawberry.field(default=None, description="Cards or sales that went over.")


@strawberry.type
class FeedQuery:
    """Root queries of the feed."""

    @strawberry.field(
        description="What changed in the register's catalogue since the cursor, in full rows.",
        permission_classes=[Requires(FOLLOW)],
    )
    async def catalog_changes(
        self,
        info: Info,
        cursor: Annotated[
            str | None,
            strawberry.argument(description="nextCursor of the last page; none: a first load."),
        ] = None,
        limit: Annotated[
            int, strawberry.argument(description=f"Rows of the page, 1 to {LIMIT_MAX}.")
        ] = LIMIT_DEFAULT,
        register_id: RegisterArgument = None,
    ) -> CatalogPageType:
        context = info.context
        register = own_register(context.principal, register_id)
        pages = context.registry.port(FeedPages)
        try:
            async with context.reading() as reader:
                changes = await catalog_changes(reader, pages, register, cursor, limit=limit)
        except FeedNotBegun:
            await context.database.transact(begin_feed, principal=context.principal)
            async with context.reading() as reader:
                changes = await catalog_changes(reader, pages, register, cursor, limit=limit)
        periods = context.database.choices.settings_of(
            CatalogSettings, context.principal.company_id
        ).vat_periods
        return page_type(changes, periods)

    @strawberry.field(
        description="How the register's devices stand with the server; asked by the device too.",
        permission_classes=[Requires(FOLLOW)],
    )
    async def catalog_link(self, info: Info, register_id: RegisterArgument = None) -> CatalogLinkType:
        register = own_register(info.context.principal, register_id)
        async with info.context.reading() as reader:
            await register_card(reader, register)
            head = await feed_head(reader)
            orders = await reader.rows(
                f"{SELECT_EXCHANGE} WHERE company_id = ? AND register_id = ? ORDER BY id DESC LIMIT ?",
                reader.company_id,
                register,
                ORDERS_SHOWN,
            )
            return CatalogLinkType(
                server_time=reader.now,
                seq=str(head.seq if head else 0),
                followers=await _followers(reader, "register_id = ?", register),
                exchanges=[CatalogExchangeType.of(exchange_row(row)) for row in orders],
            )

    @strawberry.field(
        description="How far behind the devices of the company are.", permission_classes=[Requires(ORDER)]
    )
    async def catalog_followers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CatalogFollowerType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = _reachable(reader)
            listed = KeysetList(_FOLLOWERS, where, params, (Key("register_id"), Key("id")))
            return await fetch_page(reader, listed, asked, CatalogFollowerType.of)

    @strawberry.field(
        description="Orders of exchange, the newest first.", permission_classes=[Requires(FOLLOW)]
    )
    async def catalog_exchanges(
        self,
        info: Info,
        register_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="To this register only.")
        ] = None,
        is_open: Annotated[
            bool | None,
            strawberry.argument(description="Only those still open, or only those over."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CatalogExchangeType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = _reachable(reader)
            if register_id is not None:
                where, params = (
                    f"{where} AND register_id = ?",
                    (*params, from_global(register_id, "Register", field="registerId")),
                )
            if is_open is not None:
                where = f"{where} AND {'' if is_open else 'NOT '}{IS_OPEN}"
            listed = KeysetList(SELECT_EXCHANGE, where, params, LATEST)
            return await fetch_page(
                reader, listed, asked, lambda row: CatalogExchangeType.of(exchange_row(row))
            )


@strawberry.type
class FeedMutation:
    """Root mutations of the feed."""

    @strawberry.mutation(
        description="A device has applied its catalogue up to there. Saying it again is fine.",
        permission_classes=[Requires(FOLLOW)],
    )
    async def ack_catalog(
        self, info: Info, input: Annotated[AckCatalogInput, strawberry.argument(description="What it has.")]
    ) -> CatalogFollowerResult:
        register = own_register(info.context.principal, input.register_id)
        command = AckCatalog(register, input.cursor, input.is_verified)
        key = await info.context.transact(ack_catalog, command)
        async with info.context.reading() as reader:
            return (await _followers(reader, "id = ?", key))[0]

    @strawberry.mutation(
        description="Order goods to be sent, sales to be fetched or the link to be tested, of registers or"
        " groups. An order of the kind that is still open is given again.",
        permission_classes=[Requires(ORDER)],
    )
    async def order_catalog_exchange(
        self,
        info: Info,
        input: Annotated[OrderCatalogExchangeInput, strawberry.argument(description="What and of whom.")],
    ) -> CatalogExchangesResult:
        registers = (from_global(each, "Register", field="registerIds") for each in input.register_ids)
        groups = (
            from_global(each, "RegisterGroup", field="registerGroupIds") for each in input.register_group_ids
        )
        command = OrderExchange(input.kind, tuple(registers), tuple(groups), input.is_full)
        keys = await info.context.transact(order_exchange, command)
        found = await info.context.loader("catalog.exchange_by_id").load_many(keys)
        return CatalogExchangesType(exchanges=[each for each in found if each is not None])

    @strawberry.mutation(
        description="A device says how far it is with an order. The same report again changes nothing.",
        permission_classes=[Requires(FOLLOW)],
    )
    async def report_catalog_exchange(
        self,
        info: Info,
        input: Annotated[ReportCatalogExchangeInput, strawberry.argument(description="The report.")],
    ) -> CatalogExchangeResult:
        key = from_global(input.exchange_id, "CatalogExchange", field="exchangeId")
        command = ReportExchange(key, input.state, input.note, input.moved_count)
        return await _exchange(info, await info.context.transact(report_exchange, command))

    @strawberry.mutation(
        description="A device tests its own link; the order is done at once and stays in the list.",
        permission_classes=[Requires(FOLLOW)],
    )
    async def test_catalog_link(
        self, info: Info, register_id: RegisterArgument = None
    ) -> CatalogExchangeResult:
        register = own_register(info.context.principal, register_id)
        return await _exchange(info, await info.context.transact(try_link, register))


@strawberry.type
class FeedSubscription:
    """Root subscriptions of the feed: they only tell that there is something to ask for."""

    @strawberry.subscription(
        description="The head of the company's feed now, soon after it moved or an exchange was ordered, at"
        f" most once a second, and every {HEARTBEAT_S} seconds.",
        permission_classes=[Requires(FOLLOW)],
        metadata={CIRCLE: lambda context: context.principal.require_company()},
    )
    async def catalog_head(self, info: Info) -> AsyncGenerator[CatalogHeadType, None]:
        company_id = info.context.principal.require_company()
        async with aclosing(heads(info.context, company_id)) as found:
            async for head in found:
                ordered_ms = head.ordered_ms if head else None
                yield CatalogHeadType(
                    seq=str(head.seq if head else 0),
                    ordered_at=None if ordered_ms is None else from_ms(ordered_ms),
                )

    @strawberry.subscription(
        description="An order of exchange whenever it moves on.", permission_classes=[Requires(ORDER)]
    )
    async def catalog_exchange_changed(self, info: Info) -> AsyncGenerator[CatalogExchangeType, None]:
        async with info.context.app.bus.listen(ORDER_TOPIC) as told:
            async for key in told:
                found = await CatalogExchangeType.load(info.context.fresh(), key)
                if found is not None:  # None: another company's, or not open to the caller
                    yield found


def own_register(principal: Principal, global_id: str | None) -> str:
    """The register that is meant. Raises Refusal("BAD_ID"), ("FEED_REGISTER_NEEDED")."""
    if global_id is not None:
        return from_global(global_id, "Register", field="registerId")
    registers = principal.register_ids or frozenset()
    if len(registers) != 1:
        raise Refusal("FEED_REGISTER_NEEDED", field="registerId")
    return next(iter(registers))


async def exchange_by_id(reader: Reader, keys: list[str]) -> list[CatalogExchangeType | None]:
    """Loader: orders of the reader's company at registers the caller may see; None for others."""
    marks = ", ".join("?" * len(keys))
    where, params = _reachable(reader)
    rows = await reader.rows(f"{SELECT_EXCHANGE} WHERE {where} AND id IN ({marks})", *params, *keys)
    found = {row["id"]: CatalogExchangeType.of(exchange_row(row)) for row in rows}
    return [found.get(key) for key in keys]


async def lag_by_place(reader: Reader, keys: list[tuple[str, int]]) -> list[Lag]:
    """Loader: how far behind the head of the reader's company each (epoch, seq) is."""
    return await lags(reader, await feed_head(reader), keys)


async def _exchange(info: Info, key: str) -> CatalogExchangeType:
    return await info.context.loader("catalog.exchange_by_id").load(key)


async def _followers(reader: Reader, where: str, param: Param) -> list[CatalogFollowerType]:
    rows = await reader.rows(
        f"{_FOLLOWERS} WHERE company_id = ? AND {where} ORDER BY id LIMIT 100", reader.company_id, param
    )
    return [CatalogFollowerType.of(row) for row in rows]


def _reachable(reader: Reader) -> tuple[str, tuple[Param, ...]]:
    """Condition: of the reader's company, at registers the caller is not kept from."""
    registers = reader.principal.register_ids
    if registers is None:
        return "company_id = ?", (reader.company_id,)
    marks = ", ".join("?" * len(registers)) or "NULL"
    return f"company_id = ? AND register_id IN ({marks})", (reader.company_id, *sorted(registers))
