"""A shop whose receipts are delivered: trade with a stand-in for the fiscal engine, and printers."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from addons.organization.api import Role, register_card
from addons.trade.api import FiscalState, SaleId
from addons.trade.domain.commands import Customer
from addons.trade.services.register_sale import register_sale
from addons.trade.tests.shop import BINS, Shop, furnish, house_with, schema_with
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.data.work import SqlRow
from kernel.gql.context import GqlContext
from kernel.gql.ids import split_global, to_global
from kernel.ids import CompanyId, new_id
from kernel.jobs.drive import run_due, run_schedules
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing import OPENING_DAY, running_app

BUYER = "buyer@example.kz"
JOB = "id number state isMarkedDuplicate attempts copies problem { code message } emailOffer"
TAKE = """mutation ($holder: UUID!, $count: Int!) { takePrintJobs(holder: $holder, count: $count) {
  ... on PrintOrders { orders { jobId number printerName connection isMarkedDuplicate content leaseUntil } }
  ... on Refused { code } } }"""
PRINT = """mutation ($sale: ID!, $printer: ID, $copies: Int!) {
  printReceipt(saleId: $sale, printerId: $printer, copies: $copies) { ... on PrintJob { %s }
  ... on Refused { code field message nextAction } } }"""
CREATE = """mutation ($outlet: ID!, $input: PrinterInput!) { createPrinter(outletId: $outlet, input: $input) {
  ... on Printer { id name connection } ... on Refused { code field } } }"""


@dataclass
class Counter:
    """A shop with somebody who may everything, and agents of its outlet."""

    shop: Shop
    outlet_id: str
    manager: Principal
    clock: FrozenClock

    @property
    def app(self) -> App:
        """The application."""
        return self.shop.app

    async def ask(self, document: str, who: Principal | None = None, **variables: Any) -> Any:
        """The one root field of a document."""
        context = GqlContext(self.app, who or self.manager, request_id="test", language="en")
        result = await self.app.schema.execute(document, variable_values=variables, context_value=context)
        assert result.errors is None, result.errors
        assert result.data is not None
        (value,) = result.data.values()
        return value

    async def follow(self, document: str, who: Principal, **variables: Any) -> AsyncGenerator[Any, None]:
        """News of a subscription's one field."""
        context = GqlContext(self.app, who, request_id="test", language="en")
        events = await self.app.schema.subscribe(document, variable_values=variables, context_value=context)

        async def news() -> AsyncGenerator[Any, None]:
            async with aclosing(events) as each_of:  # type: ignore[type-var]
                async for event in each_of:
                    assert event.errors is None, event.errors
                    (value,) = event.data.values()
                    yield value

        return news()

    async def sell(self, email: str | None = None, state: FiscalState = FiscalState.FISCALIZED) -> str:
        """A ticket that has come so far; its id."""
        command = self.shop.buy(next(iter(self.shop.goods)), cash="100000", customer=Customer(email=email))
        await self.shop.run(register_sale, command)
        if state is not FiscalState.PENDING:
            await self.fiscal(command.sale_id, state)
        return command.sale_id

    async def fiscal(self, sale_id: str, state: FiscalState, **changes: Any) -> None:
        """The fiscal engine reports, and what follows from it is done."""
        await self.shop.report(SaleId(sale_id), state, **changes)
        await self.settle()

    async def settle(self) -> None:
        """Do what is due now."""
        await run_due(self.app.database)

    async def look_after(self) -> None:
        """Run the schedules that are due."""
        await run_schedules(self.app.database)

    async def printer(self, name: str = "Касса", **changes: Any) -> str:
        """A new printer; its global id."""
        setup = {"name": name, "connection": "network:10.0.0.5:9100", **changes}
        made = await self.ask(CREATE, outlet=to_global("Outlet", self.outlet_id), input=setup)
        assert "id" in made, made
        return str(made["id"])

    async def prints_by_itself(self, *, is_on: bool = True, copies: int = 1) -> None:
        """Every receipt of the register is printed."""
        document = """mutation ($r: ID!, $on: Boolean!, $n: Int!) {
          setRegisterPrinting(registerId: $r, printsReceipts: $on, copies: $n) {
          ... on RegisterPrintingChanged { registerId } ... on Refused { code } } }"""
        register = to_global("Register", self.shop.register_id)
        done = await self.ask(document, r=register, on=is_on, n=copies)
        assert "registerId" in done, done
        await self._choices_read()

    async def registers_printer(self) -> None:
        """The register prints on the outlet's first printer, only when asked."""
        [printer] = (await self.ask("{ printers(first: 1) { nodes { id } } }"))["nodes"]
        document = """mutation ($r: ID!, $p: ID!) {
          setRegisterPrinting(registerId: $r, printerId: $p, printsReceipts: false) {
          ... on RegisterPrintingChanged { printing { printer { id } } } ... on Refused { code } } }"""
        register = to_global("Register", self.shop.register_id)
        done = await self.ask(document, r=register, p=printer["id"])
        assert done == {"printing": {"printer": printer}}

    async def mails_by_itself(self, *, receipts: bool = False, unprinted: bool = False) -> None:
        """Buyers who left an address get a letter."""
        document = """mutation ($r: Boolean!, $u: Boolean!) {
          setReceiptMail(mailsReceipts: $r, mailsUnprinted: $u) {
            ... on ReceiptMail { isMailOn } ... on Refused { code } } }"""
        await self.ask(document, r=receipts, u=unprinted)
        await self._choices_read()

    async def print(self, sale_id: str, *, copies: int = 1, printer: str | None = None) -> dict[str, Any]:
        """Ask for a receipt on paper."""
        sale = to_global("Sale", sale_id)
        job = await self.ask(PRINT % JOB, sale=sale, printer=printer, copies=copies)
        assert "state" in job, job
        return dict(job)

    async def jobs(self) -> list[dict[str, Any]]:
        """All print jobs, oldest first."""
        document = f"{{ printJobs(first: 100) {{ nodes {{ {JOB} }} }} }}"
        return list(reversed((await self.ask(document))["nodes"]))

    async def board(self) -> dict[str, str]:
        """Codes on the register's status board by source."""
        return {row["source"]: row["code"] for row in await self.rows("SELECT source, code FROM org_status")}

    async def rows(self, sql: str) -> list[SqlRow]:
        """Rows of all companies."""
        async with self.app.database.reading(SYSTEM) as reader:
            return list(await reader.rows(sql))

    async def _choices_read(self) -> None:
        async with self.app.database.reading(SYSTEM) as reader:
            await self.app.database.choices.refresh(reader)


@dataclass
class Hand:
    """An agent that says what it is told to say."""

    counter: Counter
    device: Principal
    holder: str

    async def take(self, count: int = 10) -> list[dict[str, Any]]:
        """What it has in hand now."""
        answer = await self.counter.ask(TAKE, self.device, holder=self.holder, count=count)
        assert "orders" in answer, answer
        return list(answer["orders"])

    async def numbers(self, count: int = 10) -> list[int]:
        """Numbers of what it has in hand now."""
        return [order["number"] for order in await self.take(count)]

    async def printed(self, order: Mapping[str, Any]) -> Any:
        """All of it lies on paper."""
        document = """mutation ($job: ID!, $holder: UUID!) { reportPrinted(jobId: $job, holder: $holder) {
          ... on PrintJob { state } ... on Refused { code } } }"""
        return await self.counter.ask(document, self.device, job=order["jobId"], holder=self.holder)

    async def failed(self, order: Mapping[str, Any], problem: str, *, is_begun: bool = False) -> Any:
        """It was not printed."""
        document = """mutation ($job: ID!, $holder: UUID!, $problem: PrinterProblem!, $begun: Boolean!) {
          reportPrintFailed(jobId: $job, holder: $holder, problem: $problem, text: "said", isBegun: $begun) {
          ... on PrintJob { state problem { code } emailOffer } ... on Refused { code } } }"""
        variables = {"job": order["jobId"], "holder": self.holder, "problem": problem, "begun": is_begun}
        return await self.counter.ask(document, self.device, **variables)


def hand_of(counter: Counter) -> Hand:
    """A new agent of the outlet, with a memory of its own."""
    device = Principal(
        PrincipalKind.DEVICE,
        subject_id=new_id(),
        company_id=counter.shop.company_id,
        permissions=counter.app.registry.roles[Role.DEVICE],
        register_ids=frozenset({counter.shop.register_id}),
        language="en",
    )
    return Hand(counter, device, new_id())


def content_of(order: Mapping[str, Any]) -> bytes:
    """The bytes for the printer."""
    return base64.b64decode(order["content"])


@asynccontextmanager
async def open_counter(*, url: str | None = None, **settings: Mapping[str, object]) -> AsyncIterator[Counter]:
    """A running application with one shop."""
    registry, fiscalizer = house_with("delivery")
    fiscalizer.reset()
    clock = FrozenClock(OPENING_DAY)
    async with running_app(registry=registry, url=url, settings=settings, clock=clock) as app:
        vars(app)["schema"] = schema_with("delivery")
        yield await another_counter(app, BINS[0])


async def another_counter(app: App, bin_: str) -> Counter:
    """One more shop."""
    _, fiscalizer = house_with("delivery")
    shop = await furnish(app, fiscalizer, bin_)
    everybody = SYSTEM.within(CompanyId(shop.company_id))
    async with app.database.reading(everybody) as reader:
        register = await register_card(reader, shop.register_id)
    owner = app.registry.roles[Role.OWNER]
    manager = Principal(PrincipalKind.USER, "owner", shop.company_id, permissions=owner, language="en")
    assert isinstance(app.clock, FrozenClock)
    rights = app.registry.roles[Role.CASHIER]
    shop = replace(shop, principal=replace(shop.principal, permissions=rights))
    return Counter(shop, register.outlet_id, manager, app.clock)


def raw_id(global_id: str) -> str:
    """The row's own id."""
    return split_global(global_id)[1]
