"""Factories of these tests: a dealer with somebody who serves, and shops that may become its clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from addons.dealer.domain.cards import DEALER_ROLE, LinkId
from addons.dealer.services.appoint import appoint_dealer
from addons.dealer.services.requests import AnswerRequest, AskDealer, answer_request, ask_dealer
from addons.organization.api import (
    CompanyId,
    CreateCompany,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    OutletId,
    RegisterId,
    Role,
    UserId,
    create_outlet,
    create_owner,
    create_register,
)
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.gql.context import GqlContext
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app

BINS = ("230140000109", "230140000021", "230140000033", "230140000045")
SEE, MANAGE = "organization.view", "organization.manage"
MAIL = {"host": "mail.example.kz", "sender": "sauda@example.kz"}


@dataclass(frozen=True, slots=True)
class Side:
    """A company with an outlet and a register. owner: with the permissions of the role."""

    company_id: CompanyId
    user_id: UserId
    outlet_id: OutletId
    register_id: RegisterId
    owner: Principal
    bin: str


@asynccontextmanager
async def opened_app(**settings: Mapping[str, object]) -> AsyncIterator[App]:
    """dealer and what it needs on a fresh SQLite file, its clock frozen."""
    async with running_app(["dealer"], settings=settings) as app:
        yield app


def clock_of(app: App) -> FrozenClock:
    """The app's clock, to be moved."""
    assert isinstance(app.clock, FrozenClock)
    return app.clock


async def open_side(app: App, place: int) -> Side:
    """A new company; place: which of BINS it has."""
    bin_, transact = BINS[place], app.database.transact
    company = CreateCompany(bin_, f"Shop {place}")
    command = CreateOwner(f"owner{place}@example.kz", "Айгуль", "no hash: nobody signs in", company, "en")
    company_id, user_id = await transact(create_owner, command, principal=SYSTEM)
    roles = app.registry.roles
    owner = Principal(PrincipalKind.USER, user_id, company_id, roles[Role.OWNER], language="en")
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Абай 1"), principal=owner)
    register_id = await transact(create_register, CreateRegister(outlet_id, "Касса"), principal=owner)
    return Side(company_id, user_id, outlet_id, register_id, owner, bin_)


async def open_dealer(app: App) -> Side:
    """A company whose owner serves clients."""
    side = await open_side(app, 0)
    await app.database.transact(appoint_dealer, side.user_id, principal=side.owner)
    serving = side.owner.permissions | app.registry.roles[DEALER_ROLE]
    return replace(side, owner=replace(side.owner, permissions=serving))


async def engage(app: App, dealer: Side, client: Side, *permissions: str) -> LinkId:
    """The client asks, the dealer accepts."""
    asked = AskDealer(dealer.bin, permissions or (SEE,))
    link_id = await app.database.transact(ask_dealer, asked, principal=client.owner)
    await app.database.transact(answer_request, AnswerRequest(link_id, True), principal=dealer.owner)
    return link_id


async def ask(app: App, document: str, principal: Principal, **variables: Any) -> dict[str, Any]:
    """Data of a document without errors."""
    context = GqlContext(app, principal, request_id="test", language="en")
    result = await app.schema.execute(document, variable_values=variables, context_value=context)
    assert result.errors is None, result.errors
    assert result.data is not None
    return dict(result.data)


async def audited(app: App, company_id: str) -> list[tuple[str, str | None]]:
    """Actions in the audit of a company with the company on whose behalf they were done, oldest first."""
    async with app.database.reading(SYSTEM) as reader:
        sql = "SELECT action, via_company_id FROM kernel_audit WHERE company_id = ? ORDER BY at_ms, id"
        return [(row["action"], row["via_company_id"]) for row in await reader.rows(sql, company_id)]
