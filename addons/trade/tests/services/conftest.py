"""A shop on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from addons.trade.tests.shop import Shop, open_shop
from kernel.testing.schema import mysql_database


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    """On SQLite and on MariaDB, one after the other."""
    if request.param == "sqlite":
        async with open_shop() as opened:
            yield opened
    else:
        async with mysql_database() as url, open_shop(url=url) as opened:
            yield opened
