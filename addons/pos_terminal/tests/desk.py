"""Somebody at the console of a shop that takes cards, without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from addons.organization.api import (
    BoardLine,
    CreateCompany,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    Role,
    create_outlet,
    create_owner,
    create_register,
    hash_password,
)
from addons.pos_terminal.services.self_check import TerminalProbe
from gateway.app import create_app
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.data.work import Work
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.jobs.drive import run_due
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app

EMAIL, PASSWORD = "owner@example.kz", "correct horse"
BIN = "230140000109"
_hashes: list[str] = []  # of PASSWORD, made once: it is slow on purpose
TURNS = 4  # to the terminal and back
CARDS = "/console/cards"
CSRF = re.compile(r'data-csrf="([0-9a-f]+)"')


@dataclass
class Desk:
    """The owner, signed in."""

    app: App
    http: httpx.AsyncClient
    owner: Principal
    outlet_id: str
    register_id: str
    csrf: str = ""

    @property
    def place(self) -> Mapping[str, str]:
        """Where a terminal is put, as a form says it."""
        return {
            "title": "Kaspi у входа",
            "outletId": to_global("Outlet", self.outlet_id),
            "registerId": to_global("Register", self.register_id),
        }

    async def see(self, path: str) -> str:
        """The page as people read it."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        found = CSRF.search(answer.text)
        self.csrf = found[1] if found else self.csrf
        return html.unescape(answer.text)

    async def ask(self, document: str, **variables: Any) -> Any:
        """The one root field of a document, as a program of the owner sees it."""
        context = GqlContext(self.app, self.owner, request_id="test", language="en")
        result = await self.app.schema.execute(document, variables, context)
        assert result.data is not None, result.errors
        (value,) = result.data.values()
        return value

    async def work(self) -> None:
        """Terminals answer, and time goes by until nothing is left to be done."""
        assert isinstance(self.app.clock, FrozenClock)
        for _ in range(TURNS):
            await run_due(self.app.database)
            self.app.clock.advance(timedelta(seconds=2))

    async def own_terminal(self) -> str:
        """The page of a terminal of a bank's host that has its numbers; how it gets them is another story."""
        await self.see(f"{CARDS}/contracts/new")
        key = (await self.saved(f"{CARDS}/contracts/new", **BANK_CONTRACT)).rpartition("/")[2]
        asked = {**self.place, **FORM, "contractId": key, "what": "apply"}
        await self.saved(f"{CARDS}/new?contract={key}", **asked)

        async def numbered(work: Work) -> None:
            await work.execute("UPDATE pos_terminal SET state = 'provisioned', terminal_code = 'TRM00001'")

        await self.app.database.transact(numbered, principal=SYSTEM)
        found = await self.ask("query { cardTerminals(first: 1) { nodes { id } } }")
        return f"{CARDS}/terminals/{found['nodes'][0]['id']}"

    async def probe(self) -> object:
        """What the register's self-test learns of its terminals: a code, or facts when all is well."""
        seen = await TerminalProbe().look(self.app.database, self.owner, self.register_id)
        return seen.code if isinstance(seen, BoardLine) else seen

    async def saved(self, path: str, **form: str) -> str:
        """The page a form leads on to."""
        answer = await self.http.post(path, data={"csrf": self.csrf, **form})
        assert answer.status_code == 303, _problem(answer)
        return str(answer.headers["location"])

    async def shown(self, path: str, status: int, **form: str) -> str:
        """The page a form shows again."""
        answer = await self.http.post(path, data={"csrf": self.csrf, **form})
        assert answer.status_code == status, (answer.status_code, _problem(answer))
        return html.unescape(answer.text)


def _problem(answer: httpx.Response) -> str:
    """What the page says is wrong."""
    found = re.search(r'role="alert"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    return html.unescape(found[1] if found else answer.text[:500])


@asynccontextmanager
async def at_desk(**settings: Mapping[str, object]) -> AsyncIterator[Desk]:
    """A running shop without a terminal, and its owner at the console in Russian."""
    async with running_app(["pos_terminal"], settings=settings) as app:
        transact, company = app.database.transact, CreateCompany(BIN, "ТОО «Дән»")
        if not _hashes:
            _hashes.append(await hash_password(PASSWORD))
        command = CreateOwner(EMAIL, "Айгуль", _hashes[0], company, language="ru")
        company_id, user_id = await transact(create_owner, command, principal=SYSTEM)
        rights = app.registry.roles[Role.OWNER]
        owner = Principal(PrincipalKind.USER, user_id, company_id, rights, language="ru")
        outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Алматы, Абай 1"), principal=owner)
        register_id = await transact(create_register, CreateRegister(outlet_id, "Касса"), principal=owner)
        transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            client.cookies.set("sauda_language", "ru")
            await client.post("/console/login", data={"email": EMAIL, "password": PASSWORD})
            yield Desk(app, client, owner, outlet_id, register_id)


KASPI_CONTRACT = {
    "title": "Kaspi",
    "driver": "kaspi_smartpos",
    "cutOff": "22:30",
    "creditDays": "1",
    "scheme0": "*",
    "method0": "*",
    "rate0": "1,29",
    "feeMin": "0",
}
BANK_CONTRACT = {
    **KASPI_CONTRACT,
    "title": "Банк",
    "driver": "iso8583",
    "address": "host.example.kz:5000",
    "merchantCode": "MRC000000000001",
}
FORM = {
    "serialNumber": "SN-0001",
    "business": "Продукты",
    "city": "Алматы",
    "zip": "050000",
    "iban": "KZ20601KZT5004100100",
    "bic": "HSBKKZKX",
    "contactEmail": "pay@shop.kz",
}
