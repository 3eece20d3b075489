"""Two processes of one shop on a server, where sales take for granted what has not changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import aiomysql
from pymysql import err
from pymysql.constants import CR

from kernel.data.database import Database
from kernel.data.questions import KeptQuestion, KeyQuestion, Many
from kernel.data.wire import Answer, converse
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.events.bus import MemoryBus
from kernel.ids import CompanyId
from kernel.jobs.tests.toy_models import PRICES
from kernel.jobs.tests.toys import MODELS, OF_ALMA, START, FrozenClock, ToyRegistry
from kernel.journal.verify import verify_all
from kernel.security.principal import SYSTEM
from kernel.testing.schema import create_tables, mysql_database

BEREKE = CompanyId("bereke")
TABLES = {**MODELS, "toy": ("kernel.jobs.tests.toy_models",)}
BY_NAME = "SELECT name, price FROM toy_price WHERE company_id = ? AND name = ?"
BY_NAMES = Many("SELECT name, price FROM toy_price WHERE company_id = ? AND name IN ({marks})", "name")
BY_KEY = "SELECT price FROM toy_sale WHERE company_id = ? AND sale_key = ?"


class Packet(NamedTuple):
    """Statements sent together, and how many of them were answered."""

    statements: Sequence[str]
    answered: int

    @property
    def is_refused(self) -> bool:
        """Whether the server stopped before its end."""
        return self.answered < len(self.statements)

    @property
    def works(self) -> int:
        """Lanes written in it."""
        return sum(each.startswith("UPDATE kernel_lane") for each in self.statements)


class Wire:
    """Every packet to the server; it may be told to lose answers to COMMITs, or to hold packets back."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.works_to_lose = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def converse(
        self, connection: aiomysql.Connection, statements: Sequence[str]
    ) -> tuple[list[Answer], err.MySQLError | None]:
        """As the real one."""
        await self.gate.wait()
        answers, refused = await converse(connection, statements)
        packet = Packet(statements, len(answers))
        self.packets.append(packet)
        if self.works_to_lose > 0 and statements[-1] == "COMMIT":
            self.works_to_lose -= packet.works
            connection.close()
            raise err.OperationalError(CR.CR_SERVER_LOST, "lost")
        return answers, refused


@asynccontextmanager
async def open_shops() -> AsyncIterator[list[Database]]:
    """Two processes of one installation, and the price of tea."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(mysql_database())
        await create_tables(url, TABLES)
        databases = [
            Database(
                url,
                models=TABLES,
                registry=ToyRegistry(),  # type: ignore[arg-type]
                bus=MemoryBus(),
                clock=FrozenClock(START),
            )
            for _ in range(2)
        ]
        for each in databases:
            await stack.enter_async_context(each.opened())
        await databases[0].transact(set_price, 100, principal=OF_ALMA)
        yield databases


async def set_price(work: Work, price: int, name: str = "tea") -> None:
    company_id = work.company_id
    matched = await work.execute(
        "UPDATE toy_price SET price = ? WHERE company_id = ? AND name = ?", price, company_id, name
    )
    if not matched:
        values = {"id": f"{company_id}-{name}", "company_id": company_id, "name": name, "price": price}
        await work.insert("toy_price", values)


async def sell(
    work: Work, lane_key: str, sale_key: str, *names: str, limit: int = 1_000_000, with_slip: bool = False
) -> int:
    """Service: the sum of the prices; what was stored under the key when it is known already.

    with_slip asks a plain question on the way, so that the first packet is not the last.
    """
    names = names or ("tea",)
    ask_key = KeyQuestion(BY_KEY, (work.company_id, sale_key))
    prices = [KeptQuestion(BY_NAME, (work.company_id, each), PRICES, BY_NAMES) for each in names]
    known, *found = await work.ask_under_lane(lane_key, ask_key, *prices)
    if known:
        return int(known[0]["price"])
    total = sum(rows[0]["price"] for rows in found)
    if total > limit:
        raise Refusal("TOO_DEAR")
    if with_slip:
        await work.rows("SELECT 1 AS one")
    lane = await work.lane(lane_key, company_id=work.company_id)
    lane.journal("toy.sale", {"key": sale_key, "price": total})
    values = {"id": sale_key, "company_id": work.company_id, "sale_key": sale_key, "lane_key": lane_key}
    await work.write_row("toy_sale", {**values, "price": total})
    return total


async def sold(shop: Database, lane: str, key: str, *names: str, **options: Any) -> int:
    return await shop.transact(sell, lane, key, *names, principal=OF_ALMA, **options)


async def warm(shop: Database, *lanes: str) -> None:
    """Two sales at each lane: it is known to be steady then, and the price is kept."""
    for lane in lanes:
        for number in range(2):
            await sold(shop, lane, f"{lane}-warm-{number}")


async def stored(shop: Database, sql: str = "SELECT COUNT(*) AS n FROM toy_sale") -> Any:
    async with shop.reading(SYSTEM) as reader:
        row = await reader.row(sql)
    assert row is not None
    return row["n"]


async def assert_whole(shop: Database) -> None:
    """Every journal is whole and has an entry for each sale."""
    async with shop.reading(SYSTEM) as reader:
        verdicts = [verdict async for verdict in verify_all(reader)]
    assert all(verdict.is_whole for verdict in verdicts)
    assert sum(verdict.entries for verdict in verdicts) == await stored(shop)
