"""The same statements on MariaDB: one shop's day with an outage, and the exchange's uniqueness."""

from __future__ import annotations

import pytest

from addons.fiscal_kz.tests.shop import open_shop
from kernel.testing.schema import mysql_database

pytestmark = pytest.mark.mariadb


async def test_a_day_with_an_outage_agrees_on_mariadb_too() -> None:
    async with mysql_database() as url, open_shop(url=url) as shop:
        await shop.sell(("Дәрі", "2"), cash="5000.00")
        shop.ofd.script.append("LOST_AFTER")
        lost = await shop.sell()
        during = [await shop.sell() for _ in range(2)]
        await shop.later()
        closed = await shop.close()
        after = await shop.sell()

        states = [(await shop.sale(each["id"]))["state"] for each in (lost, *during, after)]
        assert states == ["FISCALIZED"] * 4
        assert closed["report"]["revenue"] == closed["serverReport"]["revenue"]
        assert [document.number for document in shop.account.documents] == [1, 2, 3, 4, 5, 6]
        assert shop.ofd.simulator.ledger.violations() == []
