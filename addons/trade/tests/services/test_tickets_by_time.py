"""Tickets of a period are found by the time of their document, whatever lies between it and the sale."""

from __future__ import annotations

import importlib
from random import Random

import pytest

from addons.trade.api import FiscalState, SaleId, record_sale_fiscal
from addons.trade.services import rows
from addons.trade.services.tickets_by_time import LATE_MS, register_groups, tickets_made
from addons.trade.tests.shop import Shop, facts
from kernel.data.work import Reader, Work
from kernel.ids import new_id
from kernel.security.principal import SYSTEM

HOUR_MS = 3_600_000
FIRST_MS = 1_768_451_400_000
REGISTERS = ("r1", "r2", "r3")
BETWEEN = (0, 1, 900, LATE_MS - 1, LATE_MS, LATE_MS + 1, 5 * HOUR_MS, 70 * HOUR_MS)  # sale and document, ms


class Tickets:
    """Tickets of a shop: their registers and the times of their documents, as they were told last."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.of: dict[str, tuple[str, int, int | None]] = {}  # register, sale, document

    async def sell(self, register_id: str, sold_ms: int) -> SaleId:
        """A ticket that waits for its document."""
        sale_id = SaleId(new_id())
        given = {"state": "PENDING", "kind": "SELL", "header": "{}", "ticket_at": None, "details": None}
        row = dict.fromkeys(rows.SALE_COLUMNS.split(", "), 0) | given | {"created_at": sold_ms}
        row |= {"id": sale_id, "company_id": self.shop.company_id, "sale_key": new_id()}

        async def write(work: Work) -> None:
            await work.insert("trd_sale", row | {"register_id": register_id})

        await self.shop.run(write)
        self.of[sale_id] = (register_id, sold_ms, None)
        return sale_id

    async def tell(self, sale_id: SaleId, ticket_ms: int, *, is_known: bool) -> None:
        """What the fiscal engine does, with and without the time of the sale."""
        register_id, sold_ms, _ = self.of[sale_id]
        reported = facts(sale_id, FiscalState.FISCALIZED, at_ms=ticket_ms)
        await self.shop.app.database.transact(
            record_sale_fiscal,
            reported,
            accepted_ms=sold_ms if is_known else None,
            principal=SYSTEM.within(self.shop.company_id),
        )
        self.of[sale_id] = (register_id, sold_ms, ticket_ms)

    def made(self, registers: tuple[str, ...], since_ms: int, until_ms: int) -> list[str]:
        """By looking at each."""
        return sorted(
            sale_id
            for sale_id, (register_id, _, ticket_ms) in self.of.items()
            if register_id in registers and ticket_ms is not None and since_ms <= ticket_ms < until_ms
        )


async def found(reader: Reader, registers: tuple[str, ...], since_ms: int, until_ms: int) -> list[str]:
    sale_ids: list[str] = []
    for where, params in await tickets_made(reader, registers, since_ms, until_ms):
        sale_ids += [
            row["id"] for row in await reader.rows(f"SELECT id FROM trd_sale s WHERE {where}", *params)
        ]
    return sorted(sale_ids)


@pytest.mark.parametrize("seed", range(3))
async def test_each_ticket_of_a_period_is_found_once(shop: Shop, seed: int, scale: int) -> None:
    random, tickets = Random(seed), Tickets(shop)
    for _ in range(40 * scale):
        sold_ms = FIRST_MS + random.randrange(100 * HOUR_MS)
        sale_id = await tickets.sell(random.choice(REGISTERS), sold_ms)
        for _ in range(random.choice((0, 1, 1, 2))):  # waiting, told once, told again with another time
            between = random.choice(BETWEEN) * random.choice((1, 1, -1))
            await tickets.tell(sale_id, sold_ms + between, is_known=random.random() < 0.5)
    times = sorted({ms for _, _, ms in tickets.of.values() if ms is not None})

    async with shop.app.database.reading(shop.principal) as reader:
        for _ in range(60):
            since_ms, until_ms = random.choice(times), random.choice(times) + random.choice((0, 1))
            registers = tuple(random.sample(REGISTERS, random.randint(1, 3)))
            assert await found(reader, registers, since_ms, until_ms) == tickets.made(
                registers, since_ms, until_ms
            )


async def test_only_late_tickets_are_noted_and_mostly_nobody_looks_for_them(shop: Shop) -> None:
    tickets = Tickets(shop)
    for between in (0, LATE_MS, -LATE_MS):
        await tickets.tell(await tickets.sell("r1", FIRST_MS), FIRST_MS + between, is_known=False)
    assert await shop.count("trd_late_ticket") == 0
    async with shop.app.database.reading(shop.principal) as reader:
        assert len(await tickets_made(reader, ["r1"], FIRST_MS, FIRST_MS + 1)) == 1

    late = await tickets.sell("r1", FIRST_MS)
    await tickets.tell(late, FIRST_MS + LATE_MS + 1, is_known=True)
    assert await shop.count("trd_late_ticket") == 1
    async with shop.app.database.reading(shop.principal) as reader:
        assert len(await tickets_made(reader, ["r1"], FIRST_MS, FIRST_MS + 1)) == 1
        assert len(await tickets_made(reader, ["r1"], FIRST_MS, FIRST_MS + LATE_MS + 2)) == 2
        assert len(await tickets_made(reader, ["r2"], FIRST_MS, FIRST_MS + LATE_MS + 2)) == 1


async def test_what_was_late_before_this_version_is_noted_by_its_migration(shop: Shop) -> None:
    tickets = Tickets(shop)
    for between in (*BETWEEN, -2 * LATE_MS):
        await tickets.tell(await tickets.sell("r1", FIRST_MS), FIRST_MS + between, is_known=False)
    await tickets.sell("r1", FIRST_MS)
    fill = importlib.import_module("addons.trade.migrations.0018_fill_lateticket").FILL

    async def noted(work: Work) -> list[str]:
        return [row["id"] for row in await work.rows("SELECT id FROM trd_late_ticket ORDER BY id")]

    async def anew(work: Work) -> None:
        await work.execute("DELETE FROM trd_late_ticket WHERE id <> ?", before[0])
        await work.execute(fill)

    before = await shop.run(noted)
    await shop.run(anew)  # as when it was stopped half way

    assert len(before) == 4
    assert await shop.run(noted) == before


def test_many_registers_are_asked_for_in_groups() -> None:
    found = list(register_groups([str(each) for each in range(900)]))
    assert [len(group) for _, group in found] == [400, 400, 100]
    assert [marks.count("?") for marks, _ in found] == [400, 400, 100]
