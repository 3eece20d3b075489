"""Small factories of the catalogue's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from addons.catalog.api import (
    CreateProduct,
    GoodsRow,
    ProductCard,
    ProductId,
    SetRegisterView,
    SourceKey,
    UpsertReport,
    ViewCard,
    create_product,
    product_by_code,
    set_register_view,
    upsert_goods,
    view_by_ids,
)
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateRegister,
    create_company,
    create_outlet,
    create_register,
)
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.money import Money
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


@dataclass
class Store(Shop):
    """A company with an outlet and two registers."""

    outlet_id: str
    registers: tuple[str, str]

    async def product(self, name: str = "Сүт", price: str | None = "500", **more: Any) -> ProductId:
        """A new product."""
        money = None if price is None else Money.parse(price)
        return await self.run(create_product, CreateProduct(name, price=money, **more))

    async def seen(self, product_id: ProductId, register: int = 0) -> ViewCard:
        """The product as a register has it."""
        return (await self.read(view_by_ids, self.registers[register], [product_id]))[product_id]

    async def asks(self, product_id: ProductId, register: int = 0) -> str | None:
        """What a register asks for it; None where it is not in the assortment."""
        view = await self.seen(product_id, register)
        return str(view.card.price) if view.is_in_assortment else None

    async def choose(self, register: int = 0, **choice: Any) -> None:
        """Choose what a register sees."""
        await self.run(set_register_view, SetRegisterView((self.registers[register],), **choice))

    async def refused(self, service: Callable[..., Awaitable[Any]], command: object) -> str:
        """Code and field of what the service refuses."""
        with pytest.raises(Refusal) as refusal:
            await self.run(service, command)
        return f"{refusal.value.code} {refusal.value.field or ''}".strip()

    def later(self, **time: int) -> None:
        """Let time pass."""
        clock = self.app.clock
        assert isinstance(clock, FrozenClock)
        clock.advance(timedelta(**time))


@asynccontextmanager
async def new_store(url: str | None = None, **settings: Any) -> AsyncIterator[Store]:
    """A running app with one company, its outlet and registers."""
    async with running_app(["catalog"], url=url, settings=settings) as app:
        company = CreateCompany("230140000109", "ТОО «Дән»")
        company_id = await app.database.transact(create_company, company, principal=SYSTEM)
        principal = SYSTEM.within(company_id)

        async def equip(work: Work) -> tuple[str, tuple[str, str]]:
            outlet_id = await create_outlet(work, CreateOutlet("Дүкен", "Алматы"))
            first = await create_register(work, CreateRegister(outlet_id, "Касса 1"))
            second = await create_register(work, CreateRegister(outlet_id, "Касса 2"))
            return outlet_id, (first, second)

        outlet_id, registers = await app.database.transact(equip, principal=principal)
        yield Store(app, principal, SourceKey(new_id()), outlet_id, registers)


def good(external_id: str = "milk", digest: str = "d1", **changes: Any) -> GoodsRow:
    """A row of a source."""
    return GoodsRow(**{"external_id": external_id, "digest": digest, "name": "Молоко 1 л", **changes})
