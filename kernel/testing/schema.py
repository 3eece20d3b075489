"""Makes the tables of a test database straight from the models.

Installations use migrations (kernel.data.migrate).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from os import environ
from pathlib import Path

import pymysql
import pytest
from tortoise.context import TortoiseContext
from tortoise.utils import get_schema_sql

from kernel.data.database import CONNECTION, DatabaseUrl
from kernel.ids import new_id

TEST_MYSQL_URL = "SAUDA_TEST_MYSQL_URL"
DEFAULT_MYSQL_URL = "mysql://root@127.0.0.1:3306/"


async def create_tables(url: str, models: Mapping[str, Sequence[str]]) -> None:
    """Create every table of the models in an empty database."""
    target = DatabaseUrl.parse(url)
    engine = target.tortoise(is_stock=True, pool_max=2)
    apps = {
        label: {"models": list(modules), "default_connection": CONNECTION}
        for label, modules in models.items()
    }
    async with TortoiseContext() as context:
        await context.init(config={"connections": {CONNECTION: engine}, "apps": apps})
        client = context.connections.get(CONNECTION)
        for statement in filter(str.strip, get_schema_sql(client, safe=False).split(";\n")):
            await client.execute_script(statement)


def sqlite_url(folder: Path) -> str:
    """Address of a new SQLite file in that folder."""
    return f"sqlite:///{folder / f'{new_id()}.db'}"


@asynccontextmanager
async def mysql_database() -> AsyncIterator[str]:
    """Address of a new, empty database on the test server; dropped afterwards.

    Skips the test with the reason when there is no server, and fails it when CI is set.
    """
    server = DatabaseUrl.parse(environ.get(TEST_MYSQL_URL, DEFAULT_MYSQL_URL))
    name = f"sauda_test_{new_id().replace('-', '')}"
    try:
        connection = pymysql.connect(
            host=server.host, port=server.port, user=server.user, password=server.password
        )
    except pymysql.err.OperationalError as error:
        reason = f"no MariaDB at {server.host}:{server.port} (set {TEST_MYSQL_URL}): {error}"
        if environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        try:
            password = f":{server.password}" if server.password else ""
            yield f"mysql://{server.user}{password}@{server.host}:{server.port}/{name}"
        finally:
            cursor.execute(f"DROP DATABASE {name}")
