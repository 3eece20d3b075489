"""A counter with card terminals for tests: a whole application, and drivers that play what the test says."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar

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
from addons.pos_terminal.api import (
    CardData,
    EntryMode,
    Step,
    TerminalDriver,
)
from addons.pos_terminal.domain.commission import ANY, Tariff
from addons.pos_terminal.domain.contract import SetContract, TermsChoice
from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services import payment_rows
from addons.pos_terminal.services.contracts import set_contract
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.present_card import PresentCard, present_card
from addons.pos_terminal.services.start_payment import StartPayment, start_payment
from addons.pos_terminal.services.undo_payment import UndoPayment, undo_payment
from addons.pos_terminal.tests.played import DRIVERS, Bank, PlayedDriver
from addons.trade.api import (
    CashOrder,
    Fiscalizer,
    FiscalState,
    SaleFiscalFacts,
    SaleId,
    TicketOrder,
    record_sale_fiscal,
)
from kernel.addons.discovery import discover
from kernel.addons.graph import select
from kernel.addons.registry import Registry
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.schema import KernelSchema, build_schema
from kernel.i18n import texts
from kernel.ids import CompanyId, new_id
from kernel.jobs.drive import run_due
from kernel.jobs.lanes import Lane
from kernel.money import Money
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app

P = ParamSpec("P")
T = TypeVar("T")

BINS = ("230140000109", "230140000021")
CASHIER = frozenset(
    {"pos_terminal.view", "pos_terminal.pay", "pos_terminal.refund", "pos_terminal.review"}
    | {"trade.sell", "trade.return", "trade.view", "trade.free_price", "organization.view"}
)
CARD = CardData(
    EntryMode.CONTACTLESS, track=b"\x01encrypted", ksn=b"\xff" * 10, masked_number="4400 43** **** 1234"
)


@dataclass
class PlayedFiscalizer:
    """Takes tickets and makes them what the mood says, at once or when asked."""

    mood: FiscalState | str = FiscalState.PENDING
    tickets: list[TicketOrder] = field(default_factory=list)

    async def accept_ticket(self, work: Work, lane: Lane, order: TicketOrder) -> None:
        if self.mood == "refuse":
            raise Refusal("KKM_NOT_ACTIVE")
        self.tickets.append(order)
        if isinstance(self.mood, FiscalState) and self.mood is not FiscalState.PENDING:
            await record_sale_fiscal(work, fiscal_facts(order.sale_id, self.mood))

    async def accept_cash(self, work: Work, lane: Lane, order: CashOrder) -> None:
        """Never called here."""


def fiscal_facts(sale_id: SaleId, state: FiscalState) -> SaleFiscalFacts:
    """What a fiscal engine tells of a ticket."""
    return SaleFiscalFacts(
        sale_id,
        state,
        sign="1234567890" if state is FiscalState.FISCALIZED else None,
        offline_number=77 if state is FiscalState.OFFLINE else None,
        at_ms=1_768_451_400_000,
        kkm_registration_number="010100000123",
        code="KKM_BLOCKED" if state is FiscalState.REJECTED else None,
    )


@dataclass(frozen=True)
class Counter:
    """Everything a card story needs."""

    app: App
    clock: FrozenClock
    bank: Bank
    drivers: Mapping[str, PlayedDriver]
    fiscalizer: PlayedFiscalizer
    principal: Principal
    company_id: CompanyId
    outlet_id: str
    register_id: str
    operator_id: str
    terminals: Mapping[str, str]  # ids by driver

    async def run(
        self, service: Callable[Concatenate[Work, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a service as the cashier."""
        return await self.app.database.transact(service, *args, principal=self.principal, **kwargs)

    async def run_as_owner(
        self, service: Callable[Concatenate[Work, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same as the house itself, in this company."""
        owner = SYSTEM.within(self.company_id)
        return await self.app.database.transact(service, *args, principal=owner, **kwargs)

    async def change_terminal(self, terminal_id: str, **columns: str | int | None) -> None:
        """Other columns of a terminal's row."""

        async def change(work: Work) -> None:
            names = ", ".join(f"{name} = ?" for name in columns)
            await work.execute(
                f"UPDATE pos_terminal SET {names} WHERE id = ?", *columns.values(), terminal_id
            )

        await self.run(change)

    async def start(self, driver: str = "host", amount: str = "1000.00", **changes: Any) -> str:
        """Begin a payment; its id."""
        command = StartPayment(
            new_id(), self.register_id, Money.parse(amount), terminal_id=self.terminals[driver]
        )
        return (await self.run(start_payment, replace(command, **changes))).operation_id

    async def pay(self, driver: str = "host", amount: str = "1000.00", **changes: Any) -> PaymentRecord:
        """Begin, show a card where one is awaited, and do all that is due."""
        operation_id = await self.start(driver, amount, **changes)
        if self.drivers[driver].capabilities.takes_card_from_device:
            await self.run(present_card, PresentCard(operation_id, CARD))
        await self.work()
        return await self.operation(operation_id)

    async def undo(self, operation_id: str, amount: str | None = None, **changes: Any) -> PaymentRecord:
        """Void or refund, and do all that is due."""
        asked = None if amount is None else Money.parse(amount)
        command = replace(UndoPayment(new_id(), operation_id, asked), **changes)
        begun = await self.run(undo_payment, command)
        await self.work()
        return await self.operation(begun.operation_id)

    async def work(self) -> None:
        """Everything that is due now."""
        await run_due(self.app.database)

    async def operation(self, operation_id: str) -> PaymentRecord:
        """An operation as it is now."""
        async with self.app.database.reading(self.principal) as reader:
            return await payment_rows.payment_by_id(reader, operation_id)

    async def state(self, operation_id: str) -> PaymentState:
        """Its state now."""
        return (await self.operation(operation_id)).state

    async def rows(self, sql: str, *params: Any) -> list[Mapping[str, Any]]:
        """Rows of any table."""
        async with self.app.database.reading(self.principal) as reader:
            return list(await reader.rows(sql, *params))

    def steps(self, driver: str = "host") -> list[Step]:
        """What a driver was asked to do, in order."""
        return [order.step for order in self.drivers[driver].orders]

    async def board(self) -> set[str]:
        """Codes on the register's status board."""
        sql = "SELECT code FROM org_status WHERE register_id = ?"
        return {row["code"] for row in await self.rows(sql, self.register_id)}

    async def ask(self, document: str, **variables: Any) -> Any:
        """The only root field of an operation that must not fail."""
        context = GqlContext(self.app, self.principal, request_id="test", language="ru")
        result = await self.app.schema.execute(document, variable_values=variables, context_value=context)
        assert result.errors is None, result.errors
        assert result.data is not None
        (value,) = result.data.values()
        return value

    def as_(self, **changes: Any) -> Counter:
        """The same counter with somebody else at it."""
        return replace(self, principal=replace(self.principal, **changes))


@asynccontextmanager
async def open_counter(
    *, url: str | None = None, settings: Mapping[str, object] | None = None
) -> AsyncIterator[Counter]:
    """A running application with one counter and a terminal of each driver. Made once a process: registry,
    schema.
    """
    registry, drivers, fiscalizer, bank = house()
    bank.taken.clear()
    bank.reversed.clear()
    fiscalizer.mood = FiscalState.PENDING
    fiscalizer.tickets.clear()
    for driver in drivers.values():
        driver.script.clear()
        driver.orders.clear()
        driver.is_honest = False
    async with running_app(registry=registry, url=url, settings={"pos_terminal": settings or {}}) as app:
        vars(app)["schema"] = schema()
        yield await furnish(app, BINS[0])


async def furnish(app: App, company_bin: str) -> Counter:
    """One more company with a counter in a running application."""
    _, drivers, fiscalizer, bank = house()
    transact = app.database.transact
    company = CreateCompany(bin=company_bin, title="ТОО «Береке»", is_vat_payer=False)
    company_id = await transact(create_company, company, principal=SYSTEM)
    owner = SYSTEM.within(company_id)
    outlet = CreateOutlet("Дүкен", "г. Алматы, ул. Абая, 10")
    outlet_id = await transact(create_outlet, outlet, principal=owner)
    register_id = await transact(create_register, CreateRegister(outlet_id, "Касса 1"), principal=owner)
    operator_id = await transact(create_operator, CreateOperator("Айгүл С."), principal=owner)
    terminals = {
        name: await transact(add_terminal, name, outlet_id, register_id, principal=owner) for name in drivers
    }
    principal = Principal(PrincipalKind.OPERATOR, operator_id, company_id, CASHIER)
    assert isinstance(app.clock, FrozenClock)
    return Counter(
        app, app.clock, bank, drivers, fiscalizer, principal, company_id, outlet_id, register_id, operator_id,
        terminals,
    )  # fmt: skip


async def add_terminal(
    work: Work, /, driver: str, outlet_id: str, register_id: str | None, **columns: str | int | None
) -> str:
    """A terminal at work under a contract of its own."""
    terms = TermsChoice(tariffs=(Tariff(ANY, ANY, 12_900),), has_partial_refund=True)
    contract_id = await set_contract(work, SetContract(None, driver, driver, terms=terms))
    terminal_id = new_id()
    blank = dict.fromkeys(("merchant_code", "serial_number", "address", "iban", "bic", "contact_email"), "")
    row: dict[str, str | int | None] = {
        "id": terminal_id,
        "company_id": work.company_id,
        "contract_id": contract_id,
        "outlet_id": outlet_id,
        "register_id": register_id,
        "title": f"POS {driver}",
        "state": TerminalState.ACTIVE.value,
        "terminal_code": "00000001",
        "is_through_agent": 0,
        "batch": 1,
        "last_stan": 0,
        "created_ms": work.now_ms,
        "changed_ms": work.now_ms,
        **blank,
        **columns,
    }
    await work.insert("pos_terminal", row)
    return terminal_id


def reopened(app: App, known: Counter, bank: Bank) -> Counter:
    """The same counter in another process, or after a restart; its drivers book at that bank."""
    assert isinstance(app.clock, FrozenClock)
    for driver in known.drivers.values():
        driver.bank = bank
        driver.script.clear()
    return replace(known, app=app, clock=app.clock, bank=bank)


@cache
def house() -> tuple[Registry, Mapping[str, PlayedDriver], PlayedFiscalizer, Bank]:
    registry, bank, fiscalizer = Registry(), Bank(), PlayedFiscalizer()
    drivers = {name: PlayedDriver(can, bank) for name, can in DRIVERS.items()}
    for manifest in select(discover(), ["pos_terminal"]):
        with registry.owned_by(manifest):
            importlib.import_module(f"{manifest.package}.addon").register(registry)
            if manifest.name == "trade":
                registry.provide(Fiscalizer, fiscalizer)
            if manifest.name == "pos_terminal":
                for name, driver in drivers.items():
                    registry.offer(TerminalDriver, name, driver)
        texts().add(manifest.folder / "locale")
    registry.freeze()
    return registry, drivers, fiscalizer, bank


@cache
def schema() -> KernelSchema:
    return build_schema(house()[0])
