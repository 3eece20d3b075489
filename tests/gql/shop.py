"""A small made-up add-on pair for tests of the GraphQL room: `shop` owns goods, `tax` contributes a field to
them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import strawberry

from kernel.addons.manifest import Manifest, parse_manifest
from kernel.addons.registry import Registry
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import from_global
from kernel.gql.node import Node
from kernel.gql.paging import After, Before, Connection, First, Last, connection_of, page
from kernel.gql.permissions import Public, Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import UUID, Date, DateTime, Money, Quantity
from kernel.security.authenticator import Authenticator
from kernel.security.principal import Principal, PrincipalKind

GOODS = 250
CLERK = Principal(
    PrincipalKind.USER, "clerk", permissions=frozenset({"shop.view", "shop.sell"}), language="en"
)
GUEST = Principal(PrincipalKind.USER, "guest", language="kk")


@strawberry.type(name="Good", description="Something on the shelf.")
class GoodType(Node):
    node_permission = "shop.view"

    title: str = strawberry.field(description="What it is called.")
    price: Money = strawberry.field(description="Price of one.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> "GoodType | None":
        good: GoodType | None = await context.loader("shop.good_by_key").load(key)
        return good

    @strawberry.field(description="Goods often bought together.")
    async def related(self, info: Info) -> list["GoodType"]:
        return [good_of(int(self.key) + step) for step in (1, 2)]


def good_of(number: int) -> GoodType:
    return GoodType(key=str(number), title=f"Good {number}", price=Money.tenge(number))


def note_batch(reader: Any, keys: Sequence[str]) -> None:
    """Let a test count batches; a real database does not count them."""
    getattr(reader.database, "batches", []).append(list(keys))


async def goods_by_key(reader: Any, keys: Sequence[str]) -> list[GoodType | None]:
    note_batch(reader, keys)
    return [good_of(int(key)) if int(key) < GOODS else None for key in keys]


@strawberry.type
class ShopQuery:
    @strawberry.field(description="All goods.", permission_classes=[Requires("shop.view")])
    async def goods(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[GoodType]:
        asked = page(first, after, last, before)

        async def count() -> int:
            return GOODS

        shown = [good_of(number) for number in range(asked.size)]
        return connection_of(shown, [[each.key] for each in shown], asked, has_more=True, count=count)

    @strawberry.field(description="One good.", permission_classes=[Requires("shop.view")])
    async def good(self, info: Info, id: strawberry.ID) -> GoodType | None:
        return await GoodType.load(info.context, from_global(id, "Good", field="id"))

    @strawberry.field(description="Says what it hears.", permission_classes=[Public])
    async def echo(
        self,
        text: str | None = None,
        money: Money | None = None,
        quantity: Quantity | None = None,
        moment: DateTime | None = None,
        day: Date | None = None,
        uuid: UUID | None = None,
    ) -> str | None:
        return str(
            next((each for each in (text, money, quantity, moment, day, uuid) if each is not None), "nothing")
        )

    @strawberry.field(description="The same moment and sum again.", permission_classes=[Public])
    async def same(self, money: Money, moment: DateTime) -> "Pair":
        return Pair(money=money, moment=moment)

    @strawberry.field(description="Always breaks.", permission_classes=[Public])
    async def broken(self) -> str | None:
        raise RuntimeError("password of the database is 12345")

    @strawberry.field(description="Never answers.", permission_classes=[Public])
    async def waits(self) -> str | None:
        await asyncio.Event().wait()
        return None

    @strawberry.field(description="Always says no.", permission_classes=[Public])
    async def declined(self) -> str | None:
        raise Refusal("REGISTER_FORBIDDEN", field="register")

    @strawberry.field(description="Breaks its promise.", permission_classes=[Public])
    async def null_promise(self) -> str:
        return None  # type: ignore[return-value]


@strawberry.type(description="A sum at a moment.")
class Pair:
    money: Money = strawberry.field(description="Sum.")
    moment: DateTime = strawberry.field(description="Moment.")


SellResult = Annotated[
    GoodType | Refused, strawberry.union("SellResult", description="The good or a refusal.")
]


@strawberry.type
class ShopMutation:
    @strawberry.mutation(description="Sells a good.", permission_classes=[Requires("shop.sell")])
    async def sell(self, number: int) -> SellResult:
        if number < 0:
            raise Refusal("REGISTER_FORBIDDEN", field="number")
        if number == 0:
            raise RuntimeError("no such shelf")
        return good_of(number)


@strawberry.type
class ShopSubscription:
    @strawberry.subscription(
        description="One good again and again.", permission_classes=[Requires("shop.view")]
    )
    async def watch(self, info: Info, times: int = 2) -> AsyncIterator[GoodType | None]:
        for _ in range(times):
            yield await GoodType.load(info.context, "7")

    @strawberry.subscription(description="Waits for ever.", permission_classes=[Public])
    async def silence(self) -> AsyncIterator[int]:
        await asyncio.Event().wait()
        yield 1


@strawberry.type(name="Tax", description="What the tax office knows of a good.")
class TaxType:
    code: str = strawberry.field(description="Code of the rate.")


async def tax_of_good(root: GoodType, info: Info) -> TaxType | None:
    """Tax of the good, by the tax add-on."""
    found = await info.context.loader("tax.tax_by_good").load(root.key)
    return TaxType(code=found)


async def taxes_by_good(reader: Any, keys: Sequence[str]) -> list[str]:
    note_batch(reader, keys)
    return [f"T{key}" for key in keys]


def manifest(name: str, **more: Any) -> Manifest:
    table = {
        "name": name,
        "short": name,
        "title": {"en": name, "ru": name, "kk": name},
        "version": "1.0",
        "kernel": ">=0",
        "tables_prefix": name[:3] + "_",
        **more,
    }
    return parse_manifest(table, folder=Path(), package=f"tests.{name}")


class ShopKeeper:
    """Knows two tokens: "clerk" and "guest" (signed in, without any right)."""

    def __init__(self) -> None:
        self.clerks = {"clerk": CLERK, "guest": GUEST}

    async def authenticate(self, database: object, token: str) -> Principal:
        if token not in self.clerks:
            raise Refusal("UNAUTHENTICATED")
        return self.clerks[token]


def shop_registry(*more: Callable[[Registry], None], with_tax: bool = True, freeze: bool = True) -> Registry:
    """A registry of `shop`, of `tax`, and of an add-on `extra` that registers whatever `more` does."""
    registry = Registry()
    with registry.owned_by(manifest("shop", permissions=["shop.view", "shop.sell"])):
        registry.query(ShopQuery)
        registry.mutation(ShopMutation)
        registry.subscription(ShopSubscription)
        registry.open_type(GoodType)
        registry.loader("shop.good_by_key", goods_by_key)
        registry.role("clerk", {"shop.view", "shop.sell"})
        registry.provide(Authenticator, ShopKeeper())  # type: ignore[type-abstract]
    if with_tax:
        with registry.owned_by(manifest("tax", depends=["shop"])):
            registry.contribute("Good", "tax", tax_of_good)
            registry.loader("tax.tax_by_good", taxes_by_good)
    if more:
        with registry.owned_by(manifest("extra", depends=["shop"])):
            for register in more:
                register(registry)
    if freeze:
        registry.freeze()
    return registry


class FakeDatabase:
    """Counts the batches that loaders ask it for."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    @asynccontextmanager
    async def reading(self, principal: Principal) -> AsyncIterator["FakeReader"]:
        yield FakeReader(self)


class FakeReader:
    def __init__(self, database: FakeDatabase) -> None:
        self.database = database


class FakeApp:
    """As much of an App as the GraphQL room needs."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.database = FakeDatabase()


def context_of(registry: Registry, principal: Principal = CLERK) -> GqlContext:
    return GqlContext(FakeApp(registry), principal, request_id="req-1")  # type: ignore[arg-type]
