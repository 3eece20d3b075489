"""Process-wide exclusion around migrations.

A server-side named lock on MySQL, a locked file beside the database on SQLite.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tortoise.backends.base.client import BaseDBAsyncClient

from kernel.errors import Unavailable

LOCK_WAIT_S = 60
LOCK_POLL_S = 0.1


@asynccontextmanager
async def file_lock(path: Path) -> AsyncIterator[None]:
    """Hold an exclusive lock on the file.

    Raises Unavailable("MIGRATION_LOCKED") after LOCK_WAIT_S seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        for _ in range(int(LOCK_WAIT_S / LOCK_POLL_S)):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(LOCK_POLL_S)
        else:
            raise Unavailable("MIGRATION_LOCKED")
        yield


@asynccontextmanager
async def named_lock(client: BaseDBAsyncClient, name: str) -> AsyncIterator[None]:
    """Hold a named lock of the server on one connection of the pool.

    Raises Unavailable("MIGRATION_LOCKED").
    """
    async with client.acquire_connection() as connection, connection.cursor() as cursor:
        await cursor.execute("SELECT GET_LOCK(%s, %s)", (name, LOCK_WAIT_S))
        if (await cursor.fetchone())[0] != 1:
            raise Unavailable("MIGRATION_LOCKED")
        try:
            yield
        finally:
            await cursor.execute("SELECT RELEASE_LOCK(%s)", (name,))
