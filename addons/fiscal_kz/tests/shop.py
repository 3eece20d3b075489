"""A shop with a KKM for tests: a whole application on SQLite, a clock that stands still, and the
simulator's OFD without sockets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from addons.catalog.api import CreateProduct, create_product
from addons.fiscal_kz.api import ActivateKkm, activate_kkm
from addons.fiscal_kz.jobs.document import DocumentJob
from addons.fiscal_kz.jobs.entering import EnteringJob
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.entering import ENTERING_JOB
from addons.fiscal_kz.services.jobs import DOCUMENT_JOB
from addons.fiscal_kz.services.ports import OfdAnswered, OfdLost, OfdOutcome, Shipment
from addons.fiscal_kz.services.records import KkmRecord
from addons.organization.api import (
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateRegister,
    Role,
    create_company,
    create_operator,
    create_outlet,
    create_register,
)
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import CompanyId, new_id
from kernel.jobs.drive import run_due
from kernel.journal.reading import ReadEntry, read_journal
from kernel.money import Money
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app
from protocols.ofd import frame
from protocols.ofd.answer import read_answer
from simulators.ofd.ledger import Account
from simulators.ofd.server import OfdSimulator

OFD_ID, TOKEN = 1001, 3_000_000_001
SELLER_BIN = "230140000109"
PAUSE = timedelta(seconds=61)
REFUSED = OfdLost(may_have_arrived=False, reason="refused")
LOST = OfdLost(may_have_arrived=True, reason="timeout")

SALE_FIELDS = """
__typename
... on Sale { id state total change sign offlineNumber isOffline shiftNumber documentNumber qrText isTest
  rejection { code message }
  fiscal { state sign isOffline offlineNumber shiftNumber documentNumber qr registrationNumber at } }
... on Refused { code message nextAction }
"""
SELL = f"mutation($input: RegisterSaleInput!) {{ registerSale(input: $input, wait: 0) {{ {SALE_FIELDS} }} }}"
TAKE_BACK = f"""mutation($input: RegisterReturnInput!) {{
  registerReturn(input: $input, wait: 0) {{ {SALE_FIELDS} }} }}"""
REFUSED_FIELDS = "... on Refused { code message nextAction }"
SALE = f"""query($id: ID!) {{ sale(id: $id) {{ ... on Sale {{ id }}
  {SALE_FIELDS.replace(REFUSED_FIELDS, "")} }} }}"""
CASH = """mutation($input: MoveCashInput!) { WHICH(input: $input, wait: 0) {
  __typename ... on CashOperation { id state fiscal { state documentNumber isOffline } }
  ... on Refused { code } } }"""
REPORT_FIELDS = """
__typename
... on FiscalReport { id kind state isOffline report { shiftNumber documents drawer revenue closedAt
    operations { operation count sum discount change offlineCount nonNullable payments { means count sum } }
    taxes { rateBp operation turnover tax } cash { placement count sum } }
  serverReport { shiftNumber drawer revenue } }
... on Refused { code message nextAction }
"""
CLOSE = f"mutation($input: ShiftReportInput!) {{ closeShift(input: $input, wait: 0) {{ {REPORT_FIELDS} }} }}"
X_REPORT = f"mutation($input: ShiftReportInput!) {{ xReport(input: $input, wait: 0) {{ {REPORT_FIELDS} }} }}"
REPORT = f"query($id: ID!) {{ fiscalReport(id: $id) {{ {REPORT_FIELDS.replace(REFUSED_FIELDS, '')} }} }}"
KKM = """query($id: ID!) { kkm(registerId: $id) {
  id isActive link block blockCode undelivered registrationNumber documents drawer revenue
  shift { number isOpen documents } activationRefusal { code } } }"""

LIFE_FIELDS = """registerId stage nextStep factoryNumber madeYear isSandbox mailedTo refusal { code }
  kkm { id isActive block registrationNumber factoryNumber deviceId }"""
LIFE = f"query($id: ID!) {{ kkmLife(registerId: $id) {{ {LIFE_FIELDS} }} }}"


@dataclass
class ScriptedOfd:
    """Answers what the simulator would; before that, outcomes from the script strike, one per exchange.

    A script entry is an outcome, a result code, or LOST_AFTER: processed, but nobody hears the answer.
    """

    simulator: OfdSimulator
    script: deque[OfdOutcome | int | str] = field(default_factory=deque)
    sent: list[Shipment] = field(default_factory=list)
    is_down: bool = False

    async def exchange(self, shipment: Shipment) -> OfdOutcome:
        self.sent.append(shipment)
        arrived = frame.Frame(
            shipment.version, shipment.device_id, shipment.token, shipment.reqnum, shipment.payload
        )
        next_outcome = self.script.popleft() if self.script else None
        if isinstance(next_outcome, OfdLost | OfdAnswered):
            return next_outcome
        if self.is_down:
            return REFUSED
        if isinstance(next_outcome, int):
            reply = self.simulator.exchange.refuse(arrived, next_outcome, "script")
        else:
            reply = self.simulator.exchange.handle(arrived)
            if next_outcome == "LOST_AFTER":
                return LOST
        answer = read_answer(reply.payload, version=shipment.version)
        return OfdAnswered(answer.code, reply.token, answer.sign, answer.qr, reply.payload)


@dataclass
class Shop:
    """Everything a fiscal story needs."""

    app: App
    ofd: ScriptedOfd
    clock: FrozenClock
    company_id: CompanyId
    register_id: str
    operator_id: str
    outlet_id: str
    products: Mapping[str, str]
    device_id: str | None = None  # from which the cashier works

    @property
    def owner(self) -> Principal:
        return SYSTEM.within(self.company_id)

    @property
    def cashier(self) -> Principal:
        rights = self.app.registry.roles["administrator"]
        return Principal(
            PrincipalKind.OPERATOR,
            subject_id=self.operator_id,
            company_id=self.company_id,
            permissions=rights,
            device_id=self.device_id,
        )

    @property
    def account(self) -> Account:
        return self.ofd.simulator.ledger.account(OFD_ID)

    async def ask(self, query: str, **variables: Any) -> Any:
        """The only root field of an operation that must not fail."""
        context = GqlContext(self.app, self.cashier, request_id="test", language="ru")
        result = await self.app.schema.execute(query, variable_values=variables, context_value=context)
        assert result.errors is None, result.errors
        (value,) = result.data.values()
        return value

    async def work(self) -> None:
        """Everything that is due now."""
        await run_due(self.app.database)

    async def later(self, by: timedelta = PAUSE) -> None:
        """Time passes, then everything that is due."""
        self.clock.advance(by)
        await self.work()

    async def activate(self, **changes: Any) -> None:
        """The KKM becomes active."""
        command = ActivateKkm(
            **{"register_id": self.register_id, "ofd_id": OFD_ID, "token": TOKEN, **changes}
        )
        await self.app.database.transact(activate_kkm, command, principal=self.owner)
        await self.work()

    async def accept(self, *lines: tuple[str, str], cash: str = "", card: str = "", **more: Any) -> Any:
        """Offer a sale of (product, quantity); nothing is worked."""
        payments = [("CASH", cash), ("CARD", card)]
        given = {
            "saleKey": new_id(),
            "registerId": to_global("Register", self.register_id),
            "lines": [
                {"productId": to_global("Product", self.products[name]), "quantity": quantity}
                for name, quantity in lines
            ],
            "payments": [{"kind": kind, "amount": amount} for kind, amount in payments if amount],
            **more,
        }
        return await self.ask(SELL, input=given)

    async def sell(self, *lines: tuple[str, str], **how: Any) -> Any:
        """Sell and work; the sale as it is then."""
        accepted = await self.accept(*(lines or (("Нан", "1"),)), **(how or {"cash": "200.00"}))
        assert accepted["__typename"] == "Sale", accepted
        await self.work()
        return await self.sale(accepted["id"])

    async def sale(self, sale_id: str) -> Any:
        """A sale as it is now."""
        return await self.ask(SALE, id=sale_id)

    async def take_back(self, sale_id: str) -> Any:
        """Offer a return of the whole sale."""
        given = {
            "saleKey": new_id(),
            "registerId": to_global("Register", self.register_id),
            "originalId": sale_id,
        }
        return await self.ask(TAKE_BACK, input=given)

    async def move_cash(self, which: str, amount: str) -> Any:
        """Offer a cash operation ("depositCash" or "withdrawCash")."""
        given = {"cashKey": new_id(), "registerId": to_global("Register", self.register_id), "amount": amount}
        return await self.ask(CASH.replace("WHICH", which), input=given)

    async def ask_report(self, query: str, key: str | None = None) -> Any:
        """CLOSE or X_REPORT."""
        given = {"key": key or new_id(), "registerId": to_global("Register", self.register_id)}
        return await self.ask(query, input=given)

    async def close(self) -> Any:
        """Close the shift and work; the Z as it is then."""
        asked = await self.ask_report(CLOSE)
        assert asked["__typename"] == "FiscalReport", asked
        await self.work()
        return await self.ask(REPORT, id=asked["id"])

    async def kkm(self) -> Any:
        """The KKM through GraphQL."""
        return await self.ask(KKM, id=to_global("Register", self.register_id))

    async def life(self) -> Any:
        """The KKM from its beginning to its end, through GraphQL."""
        return await self.ask(LIFE, id=to_global("Register", self.register_id))

    async def record(self) -> KkmRecord:
        """The KKM with its state."""
        async with self.app.database.reading(self.owner) as reader:
            found = await store.kkm_of_register(reader, self.register_id)
        assert found is not None
        return found

    async def journal(self) -> list[ReadEntry]:
        """Every entry of the register's journal with its facts."""
        async with self.app.database.reading(self.owner) as reader:
            return [each async for each in read_journal(reader, f"register:{self.register_id}")]

    async def rows(self, sql: str, *params: Any) -> list[Mapping[str, Any]]:
        """Rows of any table."""
        async with self.app.database.reading(self.owner) as reader:
            return list(await reader.rows(sql, *params))


@asynccontextmanager
async def open_shop(
    *,
    is_active: bool = True,
    latitude_e4: int | None = 432389,
    ofd: Any = None,
    url: str | None = None,
    others: Mapping[str, Mapping[str, object]] | None = None,
    addons: Sequence[str] = ("fiscal_kz",),
    **settings: object,
) -> AsyncIterator[Shop]:
    """A running application with one shop and an OFD. settings: of fiscal_kz; others: of other sections."""
    simulator = OfdSimulator()
    simulator.add_register(OFD_ID, TOKEN)
    given = {**(others or {}), "fiscal_kz": settings}
    async with running_app(list(addons), settings=given, url=url) as app:
        handler = app.registry.job_handler(DOCUMENT_JOB)
        assert isinstance(handler, DocumentJob)
        scripted = ScriptedOfd(simulator)
        entering = app.registry.job_handler(ENTERING_JOB)
        assert isinstance(entering, EnteringJob)
        handler.ofd = entering.ofd = ofd or scripted
        shop = await _furnish(app, scripted, latitude_e4)
        if is_active:
            await shop.activate()
        yield shop


async def _furnish(app: App, ofd: ScriptedOfd, latitude_e4: int | None) -> Shop:
    transact = app.database.transact
    company = CreateCompany(bin=SELLER_BIN, title="ТОО «Көрме»", is_vat_payer=True, vat_number="1001234")
    company_id = await transact(create_company, company, principal=SYSTEM)
    owner = SYSTEM.within(company_id)
    longitude = None if latitude_e4 is None else 768897
    outlet = CreateOutlet("Дүкен", "Алматы, Абая 10", latitude_e4=latitude_e4, longitude_e4=longitude)
    outlet_id = await transact(create_outlet, outlet, principal=owner)
    register_id = await transact(create_register, CreateRegister(outlet_id, "Касса 1"), principal=owner)
    operator = CreateOperator("Айгүл С.", role=Role.ADMINISTRATOR)
    operator_id = await transact(create_operator, operator, principal=owner)
    products = {
        name: await transact(create_product, CreateProduct(name, **details), principal=owner)
        for name, details in GOODS.items()
    }
    assert isinstance(app.clock, FrozenClock)
    return Shop(app, ofd, app.clock, company_id, register_id, operator_id, outlet_id, products)


GOODS: dict[str, dict[str, Any]] = {
    "Нан": {"price": Money.tenge(200), "vat_bp": 1600},
    "Сүт 1 л": {"price": Money.parse("649.50"), "vat_bp": 1600},
    "Дәрі": {"price": Money.tenge(1500), "vat_bp": 500, "discount_bp": 1000},
    "Қызмет": {"price": Money.tenge(1000), "vat_bp": None},
}
