"""A merchant with people, an outlet, a till and a contract with a bank that exists in the test alone."""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from addons.organization.api import (
    CompanyId,
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateRegister,
    SubmitApplication,
    create_company,
    create_operator,
    create_outlet,
    create_register,
)
from addons.pos_terminal.domain.application import ApplicationForm
from addons.pos_terminal.domain.commands import (
    ApplyForTerminal,
    DecideApplication,
    Place,
    ProvisionTerminal,
)
from addons.pos_terminal.domain.commission import Tariff
from addons.pos_terminal.domain.contract import SetContract, TermsChoice
from addons.pos_terminal.domain.driver import Agreed, Capabilities, DriverOrder, DriverOutcome
from addons.pos_terminal.services.applications import (
    apply_for_terminal,
    decide_application,
    prepare_signature,
    send_application,
    sign_application,
)
from addons.pos_terminal.services.contracts import set_contract
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.services.terminals import note_working_keys, provision_terminal
from kernel.addons.discovery import discover
from kernel.addons.graph import select
from kernel.addons.registry import Registry
from kernel.app import App
from kernel.data.work import SqlRow
from kernel.gql.context import GqlContext
from kernel.gql.schema import KernelSchema, build_schema
from kernel.i18n import texts
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import OPENING_DAY, running_app
from simulators.ncalayer.server import COMMON, NcaLayer

HOST = "test_bank"  # a driver with keys and settlement
BIN = "230140000109"
IBAN, OTHER_IBAN, BIC = "KZ20601KZT5004100100", "KZ477220131000000001", "HSBKKZKX"
CUT_OFF = 22 * 60 + 30
TARIFFS = (Tariff("*", "*", 12_900), Tariff("VISA", "*", 23_000), Tariff("*", "QR", 9_500))


@dataclass
class TestBank:
    """A host that agrees, or answers what it was told to; it keeps what it was asked."""

    __test__ = False

    asked: list[DriverOrder] = field(default_factory=list)
    answers: list[DriverOutcome] = field(default_factory=list)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            needs_keys=True, has_settlement=True, has_void=True, has_refund=True, has_partial_refund=True
        )

    def reversal_image(self, order: DriverOrder) -> str:
        return ""

    async def perform(self, order: DriverOrder) -> DriverOutcome:
        self.asked.append(order)
        return self.answers.pop(0) if self.answers else Agreed()


@dataclass
class Merchant:
    """owner signs, clerk applies, banker decides for the acquirer."""

    app: App
    bank: TestBank
    layer: NcaLayer
    company_id: CompanyId
    outlet_id: str
    register_id: str
    operators: tuple[str, ...]
    owner: Principal
    clerk: Principal
    banker: Principal
    contract_id: str = ""

    def place(self, title: str = "Терминал 1") -> Place:
        """At the till."""
        return Place(self.outlet_id, self.register_id, title)

    async def do(self, service: Any, *args: Any, by: Principal | None = None) -> Any:
        """Run a service, as the owner if nobody else is named."""
        return await self.app.database.transact(service, *args, principal=by or self.owner)

    async def row(self, sql: str, *params: Any) -> SqlRow:
        """The one row of a question."""
        (row,) = await self.rows(sql, *params)
        return row

    async def rows(self, sql: str, *params: Any) -> list[SqlRow]:
        """Rows of a question."""
        async with self.app.database.reading(SYSTEM) as reader:
            return list(await reader.rows(sql, *params))

    async def apply(self, title: str = "Терминал 1", **changes: Any) -> str:
        """An application as a draft."""
        command = ApplyForTerminal(self.contract_id, self.place(title), form(**changes))
        return str(await self.do(apply_for_terminal, command, by=self.clerk))

    async def signed_text(self, application_id: str) -> SubmitApplication:
        """What NCALayer gives back for it; not handed in yet."""
        made = await self.do(prepare_signature, application_id)
        text = base64.b64encode(made.text).decode()
        asked = {
            "module": COMMON,
            "method": "createCAdESFromBase64",
            "args": ["PKCS12", "SIGNATURE", text, True],
        }
        answer = self.layer.answer(json.dumps(asked))
        assert isinstance(answer, dict)
        return SubmitApplication(made.id, str(answer["responseObject"]))

    async def sign(self, application_id: str) -> None:
        """The owner signs."""
        await sign_application(self.app.database, self.owner, await self.signed_text(application_id))

    async def approve(self, application_id: str) -> None:
        """Signed, sent, and a yes of the bank."""
        await self.sign(application_id)
        await self.do(send_application, application_id)
        row = await self.row("SELECT version FROM pos_application WHERE id = ?", application_id)
        await self.do(
            decide_application, DecideApplication(application_id, row["version"], True), by=self.banker
        )

    async def working_terminal(self, code: str = "TRM00001", title: str = "Терминал 1") -> str:
        """A terminal of the bank with its keys."""
        application_id = await self.apply(title, serial_number=f"SN-{code}")
        await self.approve(application_id)
        row = await self.row("SELECT terminal_id FROM pos_application WHERE id = ?", application_id)
        terminal_id = str(row["terminal_id"])
        await self.do(provision_terminal, ProvisionTerminal(terminal_id, code), by=self.banker)
        await self.do(note_working_keys, terminal_id)
        return terminal_id

    async def ask(
        self, document: str, principal: Principal | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Data of a GraphQL document without errors."""
        context = GqlContext(self.app, principal or self.owner, request_id="test", language="en")
        found = await self.app.schema.execute(document, variable_values=variables, context_value=context)
        assert found.errors is None, found.errors
        assert found.data is not None
        return dict(found.data)


def form(**changes: Any) -> ApplicationForm:
    """A form as it should be."""
    usual: dict[str, Any] = {
        "serial_number": "SN-0001",
        "business": "Продукты",
        "city": "Алматы",
        "zip": "050000",
        "iban": IBAN,
        "bic": BIC,
        "contact_email": "pay@shop.kz",
        "agreement": "2026-03",
    }
    return ApplicationForm(**{**usual, **changes})


def contract(**changes: Any) -> SetContract:
    """A contract with the bank of the test."""
    usual: dict[str, Any] = {
        "id": None,
        "title": "Банк",
        "driver": HOST,
        "merchant_code": "MRC000000000001",
        "address": "host.example.kz:5000",
        "agreement": "2026-03",
        "terms": TermsChoice(TARIFFS),
    }
    return SetContract(**{**usual, **changes})


@asynccontextmanager
async def open_merchant(
    folder: Path, settings: Mapping[str, Mapping[str, object]] | None = None, *, url: str | None = None
) -> AsyncIterator[Merchant]:
    """A running house of one merchant that believes the stand-in's authority."""
    registry, bank, schema = house()
    bank.asked.clear()
    bank.answers.clear()
    layer = person()
    for name, der in layer.certificates().items():
        (folder / name).write_bytes(der)
    usual: dict[str, Mapping[str, object]] = {
        "organization": {"signature_roots": str(folder), "signature_revocation": "off"},
        "mail": {"host": "mail.example.kz", "sender": "sauda@example.kz"},
    }
    async with running_app(registry=registry, url=url, settings={**usual, **(settings or {})}) as app:
        vars(app)["schema"] = schema
        merchant = await _furnish(app, bank, layer)
        merchant.contract_id = await merchant.do(set_contract, contract())
        yield merchant


@cache
def person() -> NcaLayer:
    """The head of the company with his keys."""
    return NcaLayer(bin_=BIN, moment=OPENING_DAY)


@cache
def house() -> tuple[Registry, TestBank, KernelSchema]:
    """pos_terminal and what it stands on, with the bank's driver; made once a process."""
    registry, bank = Registry(), TestBank()
    for manifest in select(discover(), ["pos_terminal"]):
        with registry.owned_by(manifest):
            importlib.import_module(f"{manifest.package}.addon").register(registry)
            if manifest.name == "pos_terminal":
                registry.offer(TerminalDriver, HOST, bank)
        texts().add(manifest.folder / "locale")
    registry.freeze()
    return registry, bank, build_schema(registry)


async def _furnish(app: App, bank: TestBank, layer: NcaLayer) -> Merchant:
    transact = app.database.transact
    company_id = await transact(create_company, CreateCompany(BIN, "ТОО «Береке»"), principal=SYSTEM)
    inside = SYSTEM.within(company_id)
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Алматы, Абай 1"), principal=inside)
    register_id = await transact(create_register, CreateRegister(outlet_id, "Касса"), principal=inside)
    operators = [
        await transact(create_operator, CreateOperator(name), principal=inside)
        for name in ("Айгүл", "Данияр", "Ерлан")
    ]
    owner, clerk, banker = [
        Principal(PrincipalKind.USER, subject, company_id, app.registry.roles[role], language="en")
        for subject, role in (("owner", "owner"), ("clerk", "administrator"), ("banker", "acquirer"))
    ]
    return Merchant(
        app, bank, layer, company_id, outlet_id, register_id, tuple(operators), owner, clerk, banker
    )
