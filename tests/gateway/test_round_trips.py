"""How often a sale goes to a MariaDB server and back when each of its steps runs in a process that remembers
nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any

import aiomysql
import pytest
from pymysql.err import MySQLError

from addons.fiscal_kz.tests.shop import open_shop
from kernel.data import pooled
from kernel.data.wire import Answer, converse
from kernel.jobs.runner import LaneRunner
from kernel.testing.schema import mysql_database

pytestmark = pytest.mark.mariadb

ACCEPT = 3  # under the lane's lock: key, desk and goods; the KKM; all rows with the COMMIT
READ = 2  # the sale, and the facts of its ticket, which the shop's query asks for too
PREPARE = 3  # the lane's lock; KKM and document; the intent with the COMMIT
SETTLE = 1  # all with the COMMIT: who prepared it knows the lane, and has it proven


class Counter:
    """Counts packets to the server between two questions."""

    def __init__(self) -> None:
        self.packets: list[Sequence[str]] = []

    async def converse(
        self, connection: aiomysql.Connection, statements: Sequence[str]
    ) -> tuple[list[Answer], MySQLError | None]:
        """As the real one."""
        self.packets.append([statement[:60] for statement in statements])
        return await converse(connection, statements)

    async def during(self, step: Awaitable[Any]) -> int:
        """Packets of one step."""
        self.packets.clear()
        await step
        return len(self.packets)


async def test_a_sale_takes_few_round_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()
    monkeypatch.setattr(pooled, "converse", counter.converse)
    async with mysql_database() as url, open_shop(url=url) as shop:
        await shop.sell()  # the shift is open
        memory, runner = shop.app.database.lane_memory, LaneRunner(shop.app.database)
        lane = f"register:{shop.register_id}"

        memory.clear()
        accepted = await counter.during(shop.accept(("Нан", "1"), cash="200.00"))
        memory.clear()
        worked = await counter.during(runner.run(lane, shop.company_id))

        assert len(shop.account.documents) == 2
        assert accepted <= ACCEPT + READ, counter.packets
        assert worked <= PREPARE + SETTLE, counter.packets
