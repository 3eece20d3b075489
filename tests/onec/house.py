"""A shop whose goods come from 1C and whose sales go back to it; the fiscal engine is trade's stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.domain.commands import ConnectionId, ImportFiles, ImportResult
from addons.catalog_1c.domain.sales import OfferSales, SalesOffer
from addons.catalog_1c.services.access import make_access
from addons.catalog_1c.services.import_files import import_files
from addons.catalog_1c.services.sales_out import acknowledge_offer, offer_sales
from addons.catalog_1c.services.sessions import new_connection
from addons.trade.api import (
    FiscalState,
    PaymentKind,
    SaleKind,
    ShiftOperation,
    ShiftSummaryFacts,
    TicketPayment,
    record_shift_summary,
)
from addons.trade.domain.commands import LineBack, ReturnSale, SaleId
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from addons.trade.services.rows import lines_of
from addons.trade.tests.shop import BINS, Shop, furnish, house_with, schema_with
from gateway.server import serving
from kernel.app import App
from kernel.clock import to_ms
from kernel.ids import CompanyId, new_id
from kernel.money import Money
from kernel.security.principal import SYSTEM, Principal
from kernel.testing.app import running_app
from simulators.onec.client import PATH, OneC
from simulators.onec.habits import TRADE, Habits
from worker.run import working

KKM = "010100000123"
HOUR_MS = 3_600_000


@dataclass
class Desk:
    """One register of the shop with its shifts."""

    shop: Shop
    connection_id: ConnectionId
    shift_id: str = ""
    number: int = 0
    opened_ms: int = 0
    sold: list[SaleId] = field(default_factory=list)

    @property
    def app(self) -> App:
        return self.shop.app

    @property
    def system(self) -> Principal:
        return SYSTEM.within(self.shop.company_id)

    async def open_shift(self, *, is_test: bool = False) -> None:
        self.number += 1
        self.shift_id, self.opened_ms = new_id(), self._now()
        await self._summary(is_test=is_test)

    async def sell(self, *lines: Any, state: FiscalState = FiscalState.FISCALIZED, **paid: str) -> SaleId:
        """A sale in the open shift."""
        command = self.shop.buy(*lines, **(paid or {"cash": "100000"}))
        await self.shop.run(register_sale, command)
        return await self._settled(command.sale_id, state)

    async def give_back(self, original: SaleId, *positions: int) -> SaleId:
        """A return of whole positions for cash."""
        async with self.app.database.reading(self.shop.principal) as reader:
            lines = [each.line for each in await lines_of(reader, original)]
        wanted = [line for line in lines if line.position in positions]
        total = Money(sum(line.total.tiyn for line in wanted))
        command = ReturnSale(
            sale_id=SaleId(new_id()),
            sale_key=new_id(),
            original_id=original,
            register_id=self.shop.register_id,
            operator_id=self.shop.operator_id,
            lines=tuple(LineBack(line.position, line.quantity) for line in wanted),
            payments=(TicketPayment(PaymentKind.CASH, total),),
        )
        await self.shop.run(return_sale, command)
        return await self._settled(command.sale_id, FiscalState.FISCALIZED)

    async def report(self, sale_id: SaleId, state: FiscalState) -> None:
        """What became of a ticket later."""
        changes = (
            {"shift_number": None, "kkm_registration_number": ""} if state is FiscalState.REJECTED else {}
        )
        await self.shop.report(
            sale_id, state, **{"shift_number": self.number, "at_ms": self._now(), **changes}
        )

    async def close_shift(self) -> None:
        await self._summary(closed_ms=self._now() + HOUR_MS)

    async def offer(self, **changes: Any) -> SalesOffer:
        """What 1C has not taken yet."""
        command = OfferSales(self.connection_id, **{"since_ms": 0, **changes})
        return await self.app.database.transact(offer_sales, command, principal=self.system)

    async def acknowledge(self, offer: SalesOffer) -> int:
        return await self.app.database.transact(
            acknowledge_offer, self.connection_id, offer.id, principal=self.system
        )

    async def load(self, *paths: Path, **options: Any) -> ImportResult:
        """Import files into the connection of this desk."""
        return await import_files(
            self.app.database, ImportFiles(paths, **options), format=CommerceMl(), principal=self.system
        )

    async def _settled(self, sale_id: SaleId, state: FiscalState) -> SaleId:
        await self.report(sale_id, state)
        self.sold.append(sale_id)
        return sale_id

    async def _summary(self, closed_ms: int | None = None, *, is_test: bool = False) -> None:
        total = Money.tenge(len(self.sold))
        facts = ShiftSummaryFacts(
            shift_id=self.shift_id,
            register_id=self.shop.register_id,
            company_id=self.shop.company_id,
            number=self.number,
            opened_ms=self.opened_ms,
            closed_ms=closed_ms,
            kkm_registration_number=KKM,
            documents=len(self.sold),
            operations=(ShiftOperation(SaleKind.SELL, len(self.sold), total),),
            is_test=is_test,
        )
        await self.app.database.transact(record_shift_summary, facts, principal=self.system)

    def _now(self) -> int:
        return to_ms(self.app.database.clock.now())


@asynccontextmanager
async def open_desk(
    *, url: str | None = None, settings: Mapping[str, Mapping[str, object]] | None = None
) -> AsyncIterator[Desk]:
    """A running shop with one connection to 1C."""
    registry, fiscalizer = house_with("catalog_1c")
    fiscalizer.reset()
    async with running_app(registry=registry, url=url, settings=settings) as app:
        vars(app)["schema"] = schema_with("catalog_1c")
        shop = await furnish(app, fiscalizer, BINS[0])
        yield Desk(shop, ConnectionId(new_id()))


@dataclass
class Served:
    """A desk whose server answers at an address, with a worker, and the login of its 1C base."""

    desk: Desk
    address: str
    folder: Path
    login: str
    secret: str

    @property
    def app(self) -> App:
        return self.desk.app

    def base(self, habits: Habits = TRADE, *, path: str = PATH, secret: str = "") -> OneC:
        """1C, about to begin an exchange."""
        return OneC(self.address, self.login, secret or self.secret, habits=habits, path=path)

    async def rows(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        async with self.app.database.reading(self.desk.system) as reader:
            return [dict(row) for row in await reader.rows(sql, *params)]

    async def rows_of(self, company_id: str, sql: str) -> list[dict[str, Any]]:
        """Rows as another company sees them."""
        principal = SYSTEM.within(CompanyId(company_id))
        async with self.app.database.reading(principal) as reader:
            return [dict(row) for row in await reader.rows(sql)]

    async def until(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a SELECT as soon as there are any."""
        for _ in range(500):
            if rows := await self.rows(sql):
                return rows
            await asyncio.sleep(0.02)
        raise TimeoutError(sql)

    async def products(self, source: str = "") -> int:
        """Goods of a 1C base, this one's unless another is named."""
        sql = "SELECT COUNT(*) AS n FROM cat_product WHERE source = ?"
        (row,) = await self.rows(sql, source or self.desk.connection_id)
        return int(row["n"])

    async def another(self, title: str) -> Served:
        """The same server with a further 1C base."""
        database, system = self.app.database, self.desk.system
        made = await database.transact(new_connection, title, principal=system)
        login, secret = await make_access(database, ConnectionId(made.id), principal=system)
        desk = replace(self.desk, connection_id=ConnectionId(made.id))
        return replace(self, desk=desk, login=login, secret=secret)


@asynccontextmanager
async def serve_desk(
    *, url: str | None = None, works: bool = True, **settings: Mapping[str, object]
) -> AsyncIterator[Served]:
    """A shop as `sauda up` would serve it, with one 1C base that may sign in."""
    with tempfile.TemporaryDirectory(prefix="sauda-1c-") as folder:
        own = {"folder": folder, **settings.pop("catalog_1c", {})}
        async with open_desk(url=url, settings={**settings, "catalog_1c": own}) as desk:
            connection = await desk.app.database.transact(new_connection, "УТ магазин", principal=desk.system)
            desk.connection_id = ConnectionId(connection.id)
            login, secret = await make_access(desk.app.database, desk.connection_id, principal=desk.system)
            async with contextlib.AsyncExitStack() as stack:
                if works:
                    await stack.enter_async_context(working(desk.app))
                address = await stack.enter_async_context(serving(desk.app, port=0))
                yield Served(desk, address, Path(folder), login, secret)
