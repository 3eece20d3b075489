"""Factories of these tests: an app, a shop in it, questions to its API."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from addons.organization.api import (
    CompanyId,
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    OperatorId,
    OutletId,
    RegisterId,
    Role,
    UserId,
    create_operator,
    create_outlet,
    create_owner,
    create_register,
    hash_password,
    hash_pin,
)
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.gql.context import GqlContext
from kernel.mail.post import stored_letter
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app

FIRST_BIN, SECOND_BIN = "230140000109", "230140000021"
PASSWORD, PIN = "correct horse", "4071"

# Letters are posted and stay in their table: no worker sends them.
MAIL = {"host": "mail.example.kz", "sender": "sauda@example.kz"}

_hashes: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Shop:
    """A company with one of everything. owner and cashier: principals with the permissions of their roles."""

    company_id: CompanyId
    user_id: UserId
    outlet_id: OutletId
    register_id: RegisterId
    operator_id: OperatorId
    owner: Principal
    cashier: Principal
    email: str


@asynccontextmanager
async def opened_app(**settings: Mapping[str, object]) -> AsyncIterator[App]:
    """organization alone on a fresh SQLite file, its clock frozen."""
    async with running_app(["organization"], settings=settings) as app:
        yield app


def clock_of(app: App) -> FrozenClock:
    """The app's clock, to be moved."""
    assert isinstance(app.clock, FrozenClock)
    return app.clock


async def open_shop(app: App, bin_: str = FIRST_BIN) -> Shop:
    """A new company with owner, outlet, register and operator."""
    email = f"owner-{bin_}@example.kz"
    company = CreateCompany(bin_, f"Shop {bin_}")
    owner_command = CreateOwner(email, "Айгуль", await password_hash(), company, language="en")
    transact = app.database.transact
    company_id, user_id = await transact(create_owner, owner_command, principal=SYSTEM)
    owner = role_of(app, PrincipalKind.USER, user_id, company_id, Role.OWNER)
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Алматы, Абай 1"), principal=owner)
    register_id = await transact(create_register, CreateRegister(outlet_id, "Касса"), principal=owner)
    operator = CreateOperator("Данияр", pin_hash=await pin_hash())
    operator_id = await transact(create_operator, operator, principal=owner)
    cashier = role_of(app, PrincipalKind.OPERATOR, operator_id, company_id, Role.CASHIER)
    return Shop(company_id, user_id, outlet_id, register_id, operator_id, owner, cashier, email)


def role_of(app: App, kind: PrincipalKind, subject: str, company: CompanyId, role: Role) -> Principal:
    """A principal with exactly the permissions of a role."""
    return Principal(kind, subject, company, app.registry.roles[role], language="en")


async def password_hash() -> str:
    """Hash of PASSWORD, made once: it is slow on purpose."""
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = await hash_password(PASSWORD)
    return _hashes[PASSWORD]


async def pin_hash() -> str:
    """Hash of PIN, made once."""
    if PIN not in _hashes:
        _hashes[PIN] = await hash_pin(PIN)
    return _hashes[PIN]


async def last_token(app: App) -> str:
    """The one-time token of the letter that was posted last."""
    async with app.database.reading(SYSTEM) as reader:
        row = await reader.row("SELECT id FROM kernel_letter ORDER BY posted_ms DESC, id DESC LIMIT 1")
        assert row is not None, "no letter was posted"
        found = await stored_letter(reader, row["id"])
    assert found is not None
    match = re.search(r"sauda_letter_\w+", found[0].text)
    assert match is not None, "the letter brings no token"
    return match[0]


async def ask(app: App, document: str, principal: Principal, **variables: Any) -> dict[str, Any]:
    """Data of a document without errors."""
    result = await execute(app, document, principal, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return dict(result.data)


async def execute(app: App, document: str, principal: Principal, **variables: Any) -> Any:
    """Result of a document, errors included."""
    context = GqlContext(app, principal, request_id="test", language="en")
    return await app.schema.execute(document, variable_values=variables, context_value=context)


async def audited(app: App, company_id: str) -> list[str]:
    """Actions in the audit of a company, oldest first."""
    async with app.database.reading(SYSTEM) as reader:
        sql = "SELECT action FROM kernel_audit WHERE company_id = ? ORDER BY at_ms, id"
        return [row["action"] for row in await reader.rows(sql, company_id)]
