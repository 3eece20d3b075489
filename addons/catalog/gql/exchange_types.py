"""Exchanges and followers as people and devices see them. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.catalog.gql.enums import ExchangeKind, ExchangeState
from addons.catalog.services.exchange_rows import ExchangeRow
from addons.catalog.services.feed_status import WAITING_COUNT_MAX, Lag
from kernel.clock import from_ms
from kernel.data.work import SqlRow
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.refusals import Refused
from kernel.gql.scalars import DateTime

FOLLOW = "catalog.follow"


@strawberry.type(name="CatalogExchange", description="An order of exchange with the device of a register.")
class CatalogExchangeType(Node):
    node_permission = FOLLOW

    register_id: strawberry.ID = strawberry.field(description="The register.")
    kind: ExchangeKind = strawberry.field(description="What is ordered.")
    state: ExchangeState = strawberry.field(description="How far it is.")
    reason: str = strawberry.field(
        description="Why it failed: device_silent, device_slow, device_refused, replaced; else empty."
    )
    note: str = strawberry.field(description="In the device's own words; may be empty.")
    moved_count: int = strawberry.field(description="Cards or sales that went over, as the device counts.")
    is_full: bool = strawberry.field(description="Whether the device is to load all goods anew.")
    created_at: DateTime = strawberry.field(description="When it was ordered.")
    taken_at: DateTime | None = strawberry.field(description="When a device took it.")
    ready_at: DateTime | None = strawberry.field(description="When everything was on the device.")
    ended_at: DateTime | None = strawberry.field(description="When it was applied, or failed.")
    until: DateTime = strawberry.field(description="When it fails if it is still open.")
    round_trip_ms: int | None = strawberry.field(
        description="Of a link test that succeeded: from order to answer, milliseconds."
    )

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        return await context.loader("catalog.exchange_by_id").load(key)

    @classmethod
    def of(cls, row: ExchangeRow) -> Self:
        """The order as shown."""
        is_answered = row.kind is ExchangeKind.TEST_LINK and row.state is ExchangeState.APPLIED
        ended_ms = row.ended_ms if row.ended_ms is not None else row.created_ms
        return cls(
            key=row.id,
            register_id=to_global("Register", row.register_id),
            kind=row.kind,
            state=row.state,
            reason=row.reason,
            note=row.note,
            moved_count=row.moved_count,
            is_full=row.is_full,
            created_at=from_ms(row.created_ms),
            taken_at=_moment(row.taken_ms),
            ready_at=_moment(row.ready_ms),
            ended_at=_moment(row.ended_ms),
            until=from_ms(row.until_ms),
            round_trip_ms=ended_ms - row.created_ms if is_answered else None,
        )


@strawberry.type(name="CatalogFollower", description="A device's catalogue, as far as it was applied.")
class CatalogFollowerType(Node):
    register_id: strawberry.ID = strawberry.field(description="The register it works at.")
    device: str = strawberry.field(description="Key of the device, or of the token that asks.")
    acked_at: DateTime = strawberry.field(description="When it last said so.")
    is_verified: bool = strawberry.field(description="Whether count and checksum were right then.")
    place: strawberry.Private[tuple[str, int]]

    @strawberry.field(description=f"Changes of the company's goods since then, at most {WAITING_COUNT_MAX}.")
    async def waiting_count(self, info: Info) -> int:
        lag: Lag = await info.context.loader("catalog.lag_by_place").load(self.place)
        return lag.waiting_count

    @strawberry.field(description="When the oldest of these changes was made; null when there is none.")
    async def waiting_since(self, info: Info) -> DateTime | None:
        lag: Lag = await info.context.loader("catalog.lag_by_place").load(self.place)
        return _moment(lag.since_ms)

    @classmethod
    def of(cls, row: SqlRow) -> Self:
        """The follower as shown."""
        return cls(
            key=row["id"],
            register_id=to_global("Register", row["register_id"]),
            device=row["follower_id"],
            acked_at=from_ms(row["acked_ms"]),
            is_verified=bool(row["is_verified"]),
            place=(row["epoch"], row["seq"]),
        )


@strawberry.type(name="CatalogLink", description="The link between a register's device and the server.")
class CatalogLinkType:
    server_time: DateTime = strawberry.field(description="The server's clock.")
    seq: str = strawberry.field(description="Number of the newest change: decimal digits.")
    followers: list[CatalogFollowerType] = strawberry.field(description="What devices of it have applied.")
    exchanges: list[CatalogExchangeType] = strawberry.field(description="The last orders, the newest first.")


@strawberry.type(name="CatalogExchanges", description="One order for each register that was asked for.")
class CatalogExchangesType:
    exchanges: list[CatalogExchangeType] = strawberry.field(description="The orders.")


CatalogExchangeResult = Annotated[
    CatalogExchangeType | Refused,
    strawberry.union("CatalogExchangeResult", description="The order, or why it was refused."),
]
CatalogExchangesResult = Annotated[
    CatalogExchangesType | Refused,
    strawberry.union("CatalogExchangesResult", description="The orders, or why they were refused."),
]
CatalogFollowerResult = Annotated[
    CatalogFollowerType | Refused,
    strawberry.union("CatalogFollowerResult", description="What is known of the device, or why not."),
]


def _moment(ms: int | None) -> DateTime | None:
    return None if ms is None else from_ms(ms)
