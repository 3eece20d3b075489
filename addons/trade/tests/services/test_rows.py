"""Statements that must walk few rows however many tickets there are: what the tables' indexes are for."""

from __future__ import annotations

from typing import Any

import pytest

from addons.trade.gql.queries import SalesFilter, _sales_where
from addons.trade.services import rows
from addons.trade.tests.shop import Shop
from kernel.data.work import Param, Reader
from kernel.gql.ids import to_global
from kernel.ids import new_id

SALES, LINES = 400, 3


async def fill(shop: Shop) -> list[str]:
    """Ids of many tickets of many registers, of which the planner knows."""
    ids = sorted(new_id() for _ in range(SALES))
    async with shop.app.database.reading(shop.principal) as reader:
        company_id = reader.company_id

    async def write(work: Any) -> None:
        sale = "INSERT INTO trd_sale ({}) VALUES ({})"
        columns = rows.SALE_COLUMNS.split(", ")
        given = {"company_id": company_id, "state": "PENDING", "kind": "SELL", "header": "{}"}
        for number, sale_id in enumerate(ids):
            each = {**dict.fromkeys(columns, 0), **given, "id": sale_id, "sale_key": new_id()}
            each |= {"register_id": f"r{number % 50}", "created_at": number}
            await work.execute(sale.format(", ".join(each), ", ".join("?" * len(each))), *each.values())
        columns = ["id", "company_id", "sale_id", *rows.LINE_COLUMNS]
        for sale_id in ids:
            for position in range(1, LINES + 1):
                line = dict.fromkeys(columns, 0) | {"id": rows.line_id(sale_id, position)}
                line |= {"company_id": company_id, "sale_id": sale_id, "position": position, "marks": ""}
                await work.insert("trd_sale_line", line)

    await shop.run(write)
    if shop.app.database.dialect == "mysql":
        async with shop.app.database.reading(shop.principal) as reader:
            await reader.rows("ANALYZE TABLE trd_sale, trd_sale_line")
    return ids


async def walks(reader: Reader, sql: str, params: tuple[Param, ...]) -> list[str]:
    """How each table of a SELECT is walked: the index and how it is used."""
    if reader.dialect == "sqlite":
        plan = await reader.rows(f"EXPLAIN QUERY PLAN {sql}", *params)
        return [str(step["detail"]) for step in plan]
    plan = await reader.rows(f"EXPLAIN {sql}", *params)
    return [f"{step['type']} {step['key']}" for step in plan]


@pytest.mark.parametrize("tickets", [1, 3, 40])
async def test_lines_of_tickets_are_found_by_their_tickets(shop: Shop, tickets: int) -> None:
    ids = await fill(shop)
    asked = [*ids[:: SALES // tickets]][:tickets]
    async with shop.app.database.reading(shop.principal) as reader:
        sql, params = rows.ask_lines(reader, asked)
        plan = await walks(reader, sql, tuple(params))
        found = await rows.lines_by_sales(reader, asked)

    assert [[each.line.position for each in lines] for lines in found] == [[1, 2, 3]] * tickets
    assert len(plan) == 1
    assert "trd_sale_line_sale" in plan[0]


@pytest.mark.parametrize(("register", "index"), [(None, "trd_sale_company"), ("r1", "trd_sale_register")])
async def test_the_latest_tickets_are_found_without_sorting(
    shop: Shop, register: str | None, index: str
) -> None:
    await fill(shop)
    wanted = SalesFilter(register_id=None if register is None else to_global("Register", register))
    async with shop.app.database.reading(shop.principal) as reader:
        where, params = _sales_where(reader, wanted)
        latest = f"{rows.SELECT_SALE} WHERE {where} ORDER BY created_at DESC, id DESC LIMIT 20"
        plan = await walks(reader, latest, params)

    assert len(plan) == 1
    assert index in plan[0]
