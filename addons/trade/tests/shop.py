"""A small shop for tests of trade: company, outlet, register, cashier, goods, and a stand-in for the fiscal
engine.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar

from addons.catalog.api import CreateProduct, create_product
from addons.organization.api import (
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateRegister,
    create_company,
    create_operator,
    create_outlet,
    create_register,
)
from addons.trade.api import (
    CashOrder,
    Fiscalizer,
    FiscalState,
    PaymentKind,
    SaleFiscalFacts,
    SaleId,
    TicketOrder,
    TicketPayment,
    record_sale_fiscal,
)
from addons.trade.domain.commands import LineAsked, RegisterSale
from addons.trade.services import rows
from addons.trade.services.records import SaleRecord
from kernel.addons.discovery import discover
from kernel.addons.graph import select
from kernel.addons.registry import Registry
from kernel.app import App
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.schema import KernelSchema, build_schema
from kernel.i18n import texts
from kernel.ids import CompanyId, new_id
from kernel.jobs.lanes import Lane
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app

P = ParamSpec("P")
T = TypeVar("T")

BINS = ("230140000109", "230140000021", "230140000033")
CASHIER = frozenset({"trade.sell", "trade.return", "trade.cash", "trade.view"})
QR = "https://consumer.example.kz/?i=1234567890&f=010100000123&s=1000.00&t=20260115T093000"


@dataclass
class FakeFiscalizer:
    """Takes what comes, as the mood says: keep it pending, issue it offline at once, or refuse."""

    mood: str = "pending"
    tickets: list[TicketOrder] = field(default_factory=list)
    cash: list[CashOrder] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        """As new, for the next test."""
        self.mood, self.tickets, self.cash, self.arrived = "pending", [], [], asyncio.Event()

    async def accept_ticket(self, work: Work, lane: Lane, order: TicketOrder) -> None:
        self._refuse_if_asked()
        lane.enqueue("trade.test", {"sale": order.sale_id})
        self.tickets.append(order)
        self.arrived.set()
        if self.mood == "offline":
            await record_sale_fiscal(work, facts(order.sale_id, FiscalState.OFFLINE))

    async def accept_cash(self, work: Work, lane: Lane, order: CashOrder) -> None:
        self._refuse_if_asked()
        self.cash.append(order)

    def _refuse_if_asked(self) -> None:
        if self.mood == "refuse":
            raise Refusal("KKM_NOT_ACTIVE")


def facts(sale_id: SaleId, state: FiscalState, **changes: Any) -> SaleFiscalFacts:
    """What a fiscal engine would report."""
    is_offline = state is FiscalState.OFFLINE
    reported = SaleFiscalFacts(
        sale_id=sale_id,
        state=state,
        sign="1234567890" if state is FiscalState.FISCALIZED else None,
        offline_number=77 if is_offline else None,
        is_offline=is_offline,
        at_ms=1_768_451_400_000,
        kkm_registration_number="010100000123",
        kkm_factory_number="SWK00012345",
        shift_number=3,
        document_number=42,
        qr_text=QR if state in (FiscalState.FISCALIZED, FiscalState.OFFLINE) else "",
        ofd_title="АО «Казахтелеком»",
        ofd_site="consumer.oofd.kz",
        code="KKM_BLOCKED" if state is FiscalState.REJECTED else None,
    )
    return replace(reported, **changes)


@dataclass(frozen=True)
class Shop:
    """Everything a sale needs."""

    app: App
    fiscalizer: FakeFiscalizer
    principal: Principal
    company_id: CompanyId
    register_id: str
    operator_id: str
    goods: Mapping[str, str]  # product ids by name

    async def run(
        self, service: Callable[Concatenate[Work, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a service as the cashier."""
        return await self.app.database.transact(service, *args, principal=self.principal, **kwargs)

    async def report(self, sale_id: SaleId, state: FiscalState, **changes: Any) -> None:
        """Let the fiscal engine report."""
        engine = SYSTEM.within(self.company_id)
        reported = facts(sale_id, state, **changes)
        await self.app.database.transact(record_sale_fiscal, reported, principal=engine)

    async def sale(self, sale_id: SaleId) -> SaleRecord:
        """The stored ticket."""
        async with self.app.database.reading(self.principal) as reader:
            record = await rows.sale_by_id(reader, sale_id)
        assert record is not None
        return record

    async def count(self, table: str) -> int:
        """Rows of a table, of all companies."""
        async with self.app.database.reading(SYSTEM) as reader:
            row = await reader.row(f"SELECT COUNT(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])

    def buy(self, *wanted: LineAsked | str, cash: str = "", card: str = "", **changes: Any) -> RegisterSale:
        """A sale of goods by name (one each) or of asked lines, paid as said."""
        given = [(PaymentKind.CASH, cash), (PaymentKind.CARD, card)]
        command = RegisterSale(
            sale_id=SaleId(new_id()),
            sale_key=new_id(),
            register_id=self.register_id,
            operator_id=self.operator_id,
            lines=tuple(self.line(each) if isinstance(each, str) else each for each in wanted),
            payments=tuple(TicketPayment(kind, Money.parse(sum_)) for kind, sum_ in given if sum_),
        )
        return replace(command, **changes)

    def line(self, name: str, quantity: str = "1", **changes: Any) -> LineAsked:
        """A line of a product by its name."""
        return replace(LineAsked(Quantity.parse(quantity), product_id=self.goods[name]), **changes)

    def with_rights(self, *rights: str) -> Shop:
        """The same shop with a cashier who may more."""
        return replace(self, principal=replace(self.principal, permissions=CASHIER | set(rights)))


@asynccontextmanager
async def open_shop(*, url: str | None = None, **settings: Mapping[str, object]) -> AsyncIterator[Shop]:
    """A running application with one shop. Registry and schema are made once for all tests of a process."""
    registry, fiscalizer = house_with("trade")
    fiscalizer.reset()
    async with running_app(registry=registry, url=url, settings=settings) as app:
        vars(app)["schema"] = schema_with("trade")
        yield await furnish(app, fiscalizer, BINS[0])


@cache
def house_with(addon: str) -> tuple[Registry, FakeFiscalizer]:
    """An add-on and what it stands on, trade among it, with the stand-in provided; made once a process."""
    registry, fiscalizer = Registry(), FakeFiscalizer()
    for manifest in select(discover(), [addon]):
        with registry.owned_by(manifest):
            importlib.import_module(f"{manifest.package}.addon").register(registry)
            if manifest.name == "trade":
                registry.provide(Fiscalizer, fiscalizer)
        texts().add(manifest.folder / "locale")
    registry.freeze()
    return registry, fiscalizer


@cache
def schema_with(addon: str) -> KernelSchema:
    """The schema of that house."""
    return build_schema(house_with(addon)[0])


async def furnish(app: App, fiscalizer: FakeFiscalizer, company_bin: str) -> Shop:
    """One more shop in a running application."""
    transact = app.database.transact
    company = CreateCompany(
        bin=company_bin,
        title="ТОО «Береке»",
        title_kk="«Береке» ЖШС",
        is_vat_payer=True,
        vat_number="1001234",
    )
    company_id = await transact(create_company, company, principal=SYSTEM)
    register_id, operator_id, goods = await transact(_equip, principal=SYSTEM.within(company_id))
    principal = Principal(
        PrincipalKind.OPERATOR, subject_id=operator_id, company_id=company_id, permissions=CASHIER
    )
    return Shop(app, fiscalizer, principal, company_id, register_id, operator_id, goods)


async def _equip(work: Work) -> tuple[str, str, dict[str, str]]:
    """Register, cashier and goods of the company, in one transaction."""
    outlet = CreateOutlet("Дүкен", "г. Алматы, ул. Абая, 10", address_kk="Алматы қ., Абай к-сі, 10")
    outlet_id = await create_outlet(work, outlet)
    register_id = await create_register(work, CreateRegister(outlet_id, "Касса 1"))
    operator_id = await create_operator(work, CreateOperator("Айгүл С."))
    goods = {name: await create_product(work, CreateProduct(name, **each)) for name, each in GOODS.items()}
    return register_id, operator_id, dict(goods)


GOODS: dict[str, dict[str, Any]] = {
    "Нан": {"price": Money.tenge(200), "vat_bp": 1600, "barcodes": ("4870000000013",), "ntin": "0102030405"},
    "Сүт 1 л": {"price": Money.parse("649.50"), "vat_bp": 1600},
    "Ірімшік": {"price": Money.tenge(3200), "vat_bp": 1600, "unit_code": "166"},
    "Дәрі": {"price": Money.tenge(1500), "vat_bp": 500, "discount_bp": 1000},
    "Қызмет": {"price": Money.tenge(1000), "vat_bp": None, "is_price_editable": True},
    "Темекі": {"price": Money.tenge(900), "vat_bp": 1600, "is_marked": True},
}
