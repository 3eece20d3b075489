"""Somebody at the console of a shop with goods, without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    OutletId,
    RegisterId,
    Role,
    create_outlet,
    create_owner,
    create_register,
    hash_password,
)
from gateway.app import create_app
from kernel.app import App
from kernel.gql.context import GqlContext
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app

EMAIL, PASSWORD = "owner@example.kz", "correct horse"
CSRF = re.compile(r'data-csrf="([0-9a-f]+)"')


@dataclass(frozen=True)
class Shop:
    """A company with an outlet and a register."""

    owner: Principal
    outlet_id: OutletId
    register_id: RegisterId


@dataclass
class Desk:
    """The owner, signed in."""

    app: App
    http: httpx.AsyncClient
    shop: Shop
    csrf: str = ""

    async def see(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        found = CSRF.search(answer.text)
        self.csrf = found[1] if found else self.csrf
        return html.unescape(answer.text)

    async def post(self, path: str, files: Mapping[str, Any] | None = None, **form: Any) -> httpx.Response:
        return await self.http.post(path, data={"csrf": self.csrf, **form}, files=files)

    async def saved(self, path: str, **form: Any) -> str:
        """The page a form leads on to."""
        answer = await self.post(path, **form)
        assert answer.status_code == 303, html.unescape(answer.text)
        return answer.headers["location"]

    async def refused(self, path: str, **form: Any) -> str:
        """The page with what is wrong with a form."""
        answer = await self.post(path, **form)
        assert answer.status_code == 422, answer.status_code
        return html.unescape(answer.text)

    async def ask(self, document: str, **facts: str) -> Any:
        """What an integrator would see of it."""
        context = GqlContext(self.app, self.shop.owner, request_id="test", language="en")
        result = await self.app.schema.execute(document, facts, context)
        assert not result.errors, result.errors
        return result.data

    @property
    def register_id(self) -> RegisterId:
        return self.shop.register_id


@asynccontextmanager
async def at_desk(**settings: Mapping[str, object]) -> AsyncIterator[Desk]:
    """A running shop with an empty catalogue and its owner at the console."""
    async with running_app(["catalog"], settings=settings) as app:
        shop = await _open_shop(app)
        transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            client.cookies.set("sauda_language", "ru")
            await client.post("/console/login", data={"email": EMAIL, "password": PASSWORD})
            yield Desk(app, client, shop)


async def _open_shop(app: App) -> Shop:
    transact, company = app.database.transact, CreateCompany("230140000109", "ТОО «Дән»")
    command = CreateOwner(EMAIL, "Айгуль", await hash_password(PASSWORD), company, language="ru")
    company_id, user_id = await transact(create_owner, command, principal=SYSTEM)
    owner = Principal(PrincipalKind.USER, user_id, company_id, app.registry.roles[Role.OWNER], language="en")
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Алматы, Абай 1"), principal=owner)
    register_id = await transact(create_register, CreateRegister(outlet_id, "Касса"), principal=owner)
    return Shop(owner, outlet_id, register_id)
