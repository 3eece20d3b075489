"""An open database with one toy table, on SQLite and on MariaDB."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernel.addons.registry import Registry
from kernel.clock import FrozenClock
from kernel.data.database import Database
from kernel.events.bus import MemoryBus
from kernel.ids import CompanyId
from kernel.security.principal import Principal, PrincipalKind
from kernel.testing.schema import create_tables, mysql_database, sqlite_url

MODELS = {"kernel": ("kernel.data.tables",), "toy": ("kernel.data.tests.toy_models",)}
ALMA = Principal(PrincipalKind.USER, "aigul", CompanyId("alma"))
BEREKE = Principal(PrincipalKind.USER, "berik", CompanyId("bereke"))


def make_database(url: str) -> Database:
    """A database over the toy table with a frozen clock."""
    clock = FrozenClock(datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
    return Database(url, models=MODELS, registry=Registry(), bus=MemoryBus(), clock=clock)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """On SQLite."""
    url = sqlite_url(tmp_path)
    await create_tables(url, MODELS)
    async with make_database(url).opened() as database:
        yield database


@pytest.fixture
async def mariadb() -> AsyncIterator[Database]:
    """On MariaDB."""
    async with mysql_database() as url:
        await create_tables(url, MODELS)
        async with make_database(url).opened() as database:
            yield database


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """On SQLite and on MariaDB, one after the other."""
    async with AsyncExitStack() as stack:
        url = sqlite_url(tmp_path)
        if request.param == "mysql":
            url = await stack.enter_async_context(mysql_database())
        await create_tables(url, MODELS)
        yield await stack.enter_async_context(make_database(url).opened())
