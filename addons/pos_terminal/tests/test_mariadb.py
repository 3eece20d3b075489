"""The money afterwards on MariaDB: who has which terminal, settled days, matching, the report's SQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from addons.pos_terminal.domain.commands import BindOperator
from addons.pos_terminal.services.operators import bind_operator
from addons.pos_terminal.services.reports import Wish, differences_of, operations_of, report_of
from addons.pos_terminal.services.settle import settle, watch_cut_offs
from addons.pos_terminal.services.take_statement import take_statement
from addons.pos_terminal.tests.merchant import Merchant, open_merchant
from addons.pos_terminal.tests.money import payment_row
from addons.pos_terminal.tests.statement_makers import halyk_row, with_total, workbook
from kernel.clock import to_ms
from kernel.errors import Refusal
from kernel.jobs.drive import run_due
from kernel.security.principal import SYSTEM
from kernel.testing.schema import mysql_database

pytestmark = pytest.mark.mariadb

MORNING = datetime(2026, 1, 15, 5, tzinfo=UTC)
DAY = date(2026, 1, 15)


async def test_from_contract_to_statement_on_mariadb(tmp_path: Path) -> None:
    async with mysql_database() as url, open_merchant(tmp_path, url=url) as merchant:
        first = await merchant.working_terminal()
        second = await merchant.working_terminal("TRM00002", "Терминал 2")
        await _one_operator_wanted_twice(merchant, first, second)
        bought = await _pay(merchant, first, tiyn=100_000, refunded=40_000)
        await _pay(merchant, first, kind="REFUND", tiyn=40_000, original_id=bought)
        unknown = await _pay(merchant, second, "UNKNOWN", tiyn=5_000, rrn="9")
        await merchant.do(settle, merchant.contract_id, DAY)
        await merchant.app.database.transact(watch_cut_offs, principal=SYSTEM)
        await run_due(merchant.app.database)
        rows = [
            halyk_row(100_000, 1_290, "000000000001", MORNING),
            halyk_row(-40_000, -516, "000000000002", MORNING, code="A00002"),
            halyk_row(5_000, 65, "000000000077", MORNING + timedelta(minutes=1), "TRM00002"),
            halyk_row(1_000, 13, "000000000099", MORNING + timedelta(hours=1)),
        ]
        content = workbook(with_total(rows))
        for fresh in (4, 0):
            taken = await take_statement(
                merchant.app.database, merchant.owner, merchant.contract_id, "a.xlsx", content
            )
            assert taken.fresh == fresh
        await run_due(merchant.app.database)

        assert (await merchant.row("SELECT state FROM pos_payment WHERE id = ?", unknown))[
            "state"
        ] == "APPROVED"
        wish = Wish(DAY, DAY + timedelta(days=3))
        async with merchant.app.database.reading(merchant.owner) as reader:
            report = await report_of(reader, wish)
            operations = await operations_of(reader, wish)
            differences = await differences_of(reader, wish)
        assert (report.total.gross, report.total.commission) == (65_000, 839)
        assert [line.is_raw for line in report.lines] == [False, True]
        assert sum(line.net for line, _ in operations) == report.total.net
        assert [each.kind for each in differences] == ["BANK_ONLY"]


async def _one_operator_wanted_twice(merchant: Merchant, first: str, second: str) -> None:
    """Two people bind the same operator to two terminals at the same moment."""
    operator = merchant.operators[0]
    both = await asyncio.gather(
        *(merchant.do(bind_operator, BindOperator(terminal, operator)) for terminal in (first, second)),
        return_exceptions=True,
    )
    assert [each.code for each in both if isinstance(each, Refusal)] == ["OPERATOR_HAS_TERMINAL"]
    bound = await merchant.rows("SELECT id FROM pos_operator_binding WHERE until_ms IS NULL")
    assert len(bound) == 1


async def _pay(merchant: Merchant, terminal_id: str, state: str = "APPROVED", **changes: Any) -> str:
    async def paying(work: Any) -> str:
        return await payment_row(work, terminal_id, state, at_ms=to_ms(MORNING), **changes)

    return str(await merchant.do(paying))
