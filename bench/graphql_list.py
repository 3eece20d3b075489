"""A list of 100 objects × 8 fields over HTTP, beside plain Strawberry with its caches in the same run.

    python -m bench.graphql_list --seconds 1.5 --rounds 5

Both serve the same objects out of memory under uvicorn, each in a process of its own, asked in turn by one
client. "plain" is the smallest honest Strawberry server: parser and validation caches, no rights, no ids, no
limits, no log. "house" is the whole gateway: token, rights, limits, global ids, request ids, figures.
"public" is the house without token and right, so that their price shows.
"""

# Strawberry reads the annotations of this module, so they are real.

import argparse
import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import orjson
import strawberry
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from bench.figures import Figure, show_figures
from bench.load import Check, Load, Result
from bench.measure import cpu_seconds, show, spread
from gateway.server import serving, until_told_to_stop
from kernel.addons.manifest import parse_manifest
from kernel.addons.registry import Registry
from kernel.config_sections import LogSettings
from kernel.data.database import Database
from kernel.gql.node import Node
from kernel.gql.paging import Connection, First, connection_of, page
from kernel.gql.permissions import Public, Requires
from kernel.gql.scalars import SCALARS
from kernel.logs import configure_logs
from kernel.money import Money
from kernel.security.authenticator import Authenticator
from kernel.security.principal import Principal, PrincipalKind
from kernel.testing import running_app

ROWS = 100
CLIENTS = 4
FIRST_PORT = 18_500
START_WAIT_S = 20.0
TARGET = 0.90  # of plain Strawberry
RIGHTS_TARGET = 0.05  # share of a list query spent on who may ask
FIELDS = "id name barcode price unit article group isMarked"
TOKEN = "bench"
DOCUMENTS = {
    "plain": f"{{goods {{{FIELDS}}}}}",
    "house": f"{{goods(first: {ROWS}) {{nodes {{{FIELDS}}}}}}}",
    "public": f"{{publicGoods(first: {ROWS}) {{nodes {{{FIELDS}}}}}}}",
}


@strawberry.type(name="Good")
class PlainGood:
    """What plain Strawberry serves."""

    id: strawberry.ID
    name: str
    barcode: str
    price: Money
    unit: str
    article: str
    group: str
    is_marked: bool


@strawberry.type(name="Good", description="Something on the shelf.")
class HouseGood(Node):
    """What the house serves: the same, found again by its id."""

    name: str = strawberry.field(description="Name.")
    barcode: str = strawberry.field(description="Barcode.")
    price: Money = strawberry.field(description="Price.")
    unit: str = strawberry.field(description="Unit.")
    article: str = strawberry.field(description="Article.")
    group: str = strawberry.field(description="Group.")
    is_marked: bool = strawberry.field(description="Marked.")


def facts(number: int) -> dict[str, object]:
    """Fields of one object, the same for both."""
    return {
        "name": f"Good {number}",
        "barcode": f"48700000{number:05d}",
        "price": Money(number * 1_050),
        "unit": "шт",
        "article": f"A-{number}",
        "group": "9.9",
        "is_marked": number % 10 == 0,
    }


ROWS_IN_MEMORY = [facts(number) for number in range(ROWS)]


@strawberry.type
class PlainQuery:
    """Plain root."""

    @strawberry.field
    async def goods(self) -> list[PlainGood]:
        """All rows, made anew for each request."""
        return [PlainGood(id=strawberry.ID(str(n)), **row) for n, row in enumerate(ROWS_IN_MEMORY)]  # type: ignore[arg-type]


def shown(first: int | None) -> Connection[HouseGood]:
    """The page, made anew for each request."""
    asked = page(first)
    goods = [HouseGood(key=str(n), **row) for n, row in enumerate(ROWS_IN_MEMORY)]  # type: ignore[arg-type]

    async def count() -> int:
        return ROWS

    return connection_of(goods, [[each.key] for each in goods], asked, has_more=False, count=count)


@strawberry.type
class HouseQuery:
    """The house's root."""

    @strawberry.field(description="Goods.", permission_classes=[Requires("bench.view")])
    async def goods(self, first: First = None) -> Connection[HouseGood]:
        """With a right."""
        return shown(first)

    @strawberry.field(description="Goods for anybody.", permission_classes=[Public])
    async def public_goods(self, first: First = None) -> Connection[HouseGood]:
        """Without."""
        return shown(first)


class OneToken:
    """Knows one token. What asking a database costs is not measured here."""

    async def authenticate(self, database: Database, token: str) -> Principal:
        """The only caller."""
        assert token == TOKEN
        return Principal(PrincipalKind.USER, "bench", permissions=frozenset({"bench.view"}))


async def serve_plain(port: int) -> None:
    """The ceiling."""
    schema = strawberry.Schema(
        PlainQuery, config=StrawberryConfig(scalar_map=SCALARS), extensions=[ParserCache, ValidationCache]
    )
    application = Starlette(routes=[Route("/graphql", FastGraphQL(schema))])
    config = uvicorn.Config(
        application, port=port, http="httptools", log_config=None, access_log=False, lifespan="off"
    )
    await uvicorn.Server(config).serve()


class FastGraphQL(GraphQL[None, None]):
    """Strawberry's view with the same JSON encoder as ours, so that the difference is not the encoder's."""

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)


async def serve_house(port: int) -> None:
    """The whole gateway over one made-up add-on."""
    table = {
        "name": "bench",
        "short": "bench",
        "title": {"en": "Bench", "ru": "Bench", "kk": "Bench"},
        "version": "1.0",
        "kernel": ">=0",
        "tables_prefix": "bn_",
        "permissions": ["bench.view"],
    }
    registry = Registry()
    with registry.owned_by(parse_manifest(table, folder=Path(), package="bench")):
        registry.query(HouseQuery)
        registry.role("bench", {"bench.view"})
        registry.provide(Authenticator, OneToken())  # type: ignore[type-abstract]
    registry.freeze()
    configure_logs(LogSettings())
    async with running_app(registry=registry) as app, serving(app, host="127.0.0.1", port=port):
        await until_told_to_stop()


@asynccontextmanager
async def server(kind: str, port: int) -> AsyncIterator[Process]:
    """A server in a process of its own."""
    command = [sys.executable, "-m", "bench.graphql_list", "--serve", kind, "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with asyncio.timeout(START_WAIT_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.1)
        yield process
    finally:
        process.terminate()
        await process.wait()


def whole_list(status: int, body: bytes) -> str:
    """Every answer holds all rows and no error."""
    if status != 200 or b'"errors"' in body or body.count(b'"article"') != ROWS:
        return f"{status}: {body[:200]!r}"
    return ""


async def measure(kind: str, port: int, seconds: float, check: Check = whole_list) -> Result:
    """One run against one server."""
    headers = [f"Authorization: Bearer {TOKEN}"] if kind == "house" else []
    body = orjson.dumps({"query": DOCUMENTS[kind]})
    result = await Load("127.0.0.1", port, headers=headers).run(
        [lambda: body] * CLIENTS, seconds=seconds, check=check
    )
    result.demand_clean()
    return result


def run(seconds: float = 1.5, rounds: int = 5, port: int = FIRST_PORT) -> list[Figure]:
    """Measure, print the table, give the figures that have targets. Raises SystemExit on any wrong answer."""
    return uvloop.run(_run(seconds, rounds, port))


async def _run(seconds: float, rounds: int, port: int) -> list[Figure]:
    kinds = {"plain": port, "house": port + 1, "public": port + 1}
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    cpu: dict[str, list[float]] = {kind: [] for kind in kinds}
    async with server("plain", port) as plain, server("house", port + 1) as house:
        processes = {"plain": plain, "house": house, "public": house}
        for _ in range(rounds):  # interleaved, so that noise meets all
            for kind, place in kinds.items():
                before = cpu_seconds(processes[kind].pid)
                result = await measure(kind, place, seconds)
                rates[kind].append(result.rate)
                cpu[kind].append((cpu_seconds(processes[kind].pid) - before) / result.done * 1000)
    rate = {kind: median(values) for kind, values in rates.items()}
    cost = {kind: median(values) for kind, values in cpu.items()}
    rows = [
        [
            name,
            str(spread(rates[kind])),
            f"{rate[kind] / rate['plain']:.0%}",
            f"{cost[kind]:.2f} ms",
            f"{cost['plain'] / cost[kind]:.0%}",
        ]
        for kind, name in (
            ("plain", "plain Strawberry, cached"),
            ("public", "house, public field"),
            ("house", "house, token and right"),
        )
    ]
    columns = ("server", "requests/s", "of plain", "CPU each", "by CPU")
    show(f"GraphQL list of {ROWS} × 8 over HTTP", columns, rows)
    ratio, share = rate["house"] / rate["plain"], max(0.0, 1 - cost["public"] / cost["house"])
    return [
        Figure(
            f"GraphQL list of {ROWS} × 8",
            f"{rate['house']:,.0f}/s",
            ratio,
            f"≥ {TARGET:.0%} of cached Strawberry",
            ratio >= TARGET,
        ),
        Figure(
            "rights, share of a list query",
            f"{share:.1%}",
            None,
            f"≤ {RIGHTS_TARGET:.0%} of its CPU",
            share <= RIGHTS_TARGET,
        ),
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, default=FIRST_PORT)
    parser.add_argument("--serve", choices=("plain", "house"))
    given = parser.parse_args()
    if given.serve:
        uvloop.run(serve_plain(given.port) if given.serve == "plain" else serve_house(given.port))
    else:
        show_figures("Targets", run(given.seconds, given.rounds, given.port))


if __name__ == "__main__":
    main()
