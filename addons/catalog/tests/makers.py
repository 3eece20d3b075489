"""Small factories of the catalogue's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from addons.catalog.api import GoodsRow, ProductCard, SourceKey, UpsertReport, product_by_code, upsert_goods
from kernel.app import App
from kernel.ids import CompanyId, new_id
from kernel.security.principal import SYSTEM, Principal
from kernel.testing import running_app

Result = TypeVar("Result")


@dataclass
class Shop:
    """A company with an empty catalogue."""

    app: App
    principal: Principal
    source: SourceKey

    async def run(self, service: Callable[..., Awaitable[Result]], *args: Any) -> Result:
        return await self.app.database.transact(service, *args, principal=self.principal)

    async def read(self, query: Callable[..., Awaitable[Result]], *args: Any) -> Result:
        async with self.app.database.reading(self.principal) as reader:
            return await query(reader, *args)

    async def rows(self, sql: str, *params: str | int) -> list[dict[str, Any]]:
        async with self.app.database.reading(self.principal) as reader:
            return [dict(row) for row in await reader.rows(sql, *params)]

    async def upsert(self, *rows: GoodsRow) -> UpsertReport:
        return await self.run(upsert_goods, self.source, rows)

    async def card(self, code: int) -> ProductCard:
        found = await self.read(product_by_code, code)
        assert found is not None
        return found

    def neighbour(self) -> Shop:
        """Another company of the same installation."""
        return Shop(self.app, SYSTEM.within(CompanyId(new_id())), self.source)


@asynccontextmanager
async def new_shop(addons: Sequence[str] = ("catalog",), url: str | None = None) -> AsyncIterator[Shop]:
    """A running app with one company."""
    async with running_app(list(addons), url=url) as app:
        yield Shop(app, SYSTEM.within(CompanyId(new_id())), SourceKey(new_id()))


def good(external_id: str = "milk", digest: str = "d1", **changes: Any) -> GoodsRow:
    """A row of a source."""
    return GoodsRow(**{"external_id": external_id, "digest": digest, "name": "Молоко 1 л", **changes})
