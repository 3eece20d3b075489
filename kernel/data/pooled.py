"""A transaction on one connection of the MySQL pool.

Tortoise's own context loses the connection for good when BEGIN fails, and hides what went wrong in a service
behind the failed ROLLBACK of a broken connection. Reads outside of a Work do not come here.
"""

from __future__ import annotations

from typing import Any

from pymysql.err import MySQLError
from tortoise.backends.base.client import TransactionalDBClient, TransactionContextPooled
from tortoise.backends.mysql.client import MySQLClient, TransactionWrapper
from tortoise.connection import get_connections


class PooledTransaction(TransactionContextPooled):
    """`async with PooledTransaction(client) as transaction: ...`: COMMIT at the end, ROLLBACK after an error.

    A connection that cannot even roll back is closed: the server undoes what it no longer hears of.
    """

    __slots__ = ("is_committing",)

    def __init__(self, client: MySQLClient) -> None:
        super().__init__(TransactionWrapper(client), client._pool_init_lock)
        self.is_committing = False  # from here on a lost connection leaves the outcome unknown

    async def __aenter__(self) -> TransactionalDBClient:
        """Raises what BEGIN raises; the connection is given back nevertheless."""
        try:
            return await super().__aenter__()
        except BaseException:
            if self.client._connection is not None:
                self.client._connection.close()
                await self._leave()
            raise

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        """Raises what COMMIT raises."""
        try:
            if kind is None:
                self.is_committing = True
                await self.client.commit()
            else:
                await self._undo()
        finally:
            await self._leave()

    async def _undo(self) -> None:
        try:
            await self.client.rollback()
        except (MySQLError, OSError, EOFError):
            self.client._connection.close()

    async def _leave(self) -> None:
        pool, connection = self.client._parent._pool, self.client._connection
        if pool:
            await pool.release(connection)
            if connection.closed:  # aiomysql tells those who wait for a place of open connections only
                await pool._wakeup()
        get_connections().reset(self.token)
