"""Every root field is asked as everybody; who is turned away is what docs/access.md says.

The page is committed and made by `sauda access`, so a new field, a new role or a right that was forgotten
shows as a difference that somebody has to read.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from graphql import build_schema as parse_schema

from addons.dealer.services.appoint import appoint_dealer
from addons.dealer.services.requests import AnswerRequest, AskDealer, answer_request, ask_dealer
from addons.dealer.services.visits import enter_client
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    Role,
    UserId,
    create_outlet,
    create_owner,
    create_register,
)
from addons.organization.services.inspections import IssueInspection, issue_inspection
from addons.organization.services.sessions import TokenPair, end_session
from addons.organization.services.sign_in import SignIn, sign_in
from gateway.app import create_app
from kernel.app import App
from kernel.errors import Refusal
from kernel.gql.access_page import FieldRow, field_rows
from kernel.gql.context import GqlContext
from kernel.gql.permissions import ACCESS_CODES
from kernel.security.authenticator import Authenticator
from kernel.security.passwords import hash_secret
from kernel.security.principal import ANONYMOUS, SYSTEM, Principal, PrincipalKind
from kernel.testing.app import running_app
from tests.access.documents import Writer
from tests.architecture.house import ROOT

PAGE = ROOT / "docs" / "access.md"
AT_ONCE_S, PATIENCE_S = 0.02, 60.0  # of a stream that tells nothing, and of one that must refuse
BIN, PASSWORD, EMAIL = "230140000109", "correct horse battery", "owner@example.kz"
KINDS = {
    "device": PrincipalKind.DEVICE,
    "service": PrincipalKind.SERVICE,
    "cashier": PrincipalKind.OPERATOR,
    "inspector": PrincipalKind.SERVICE,
}
# Fields whose service forbids more than the page says, and why that is right.
FORBIDS_INSIDE = {"linkEquipment"}  # a program links no equipment with more rights than it has itself
LINE = re.compile(r"\| `(Query|Mutation|Subscription)\.(\w+)` \| \w+ \|(.*)\|")
HEAD = re.compile(r"\| field \| add-on \|(.*)\|")

Matrix = dict[tuple[str, str], dict[str, bool]]


def committed() -> Matrix:
    """What the page says: by field, who may ask for it."""
    text = PAGE.read_text(encoding="utf-8")
    head = HEAD.search(text)
    assert head is not None, "docs/access.md has no table of fields"
    columns = [each.strip() for each in head[1].split("|")]
    found: Matrix = {}
    for kind, name, marks in LINE.findall(text):
        found[kind, name] = dict(zip(columns, ("+" in mark for mark in marks.split("|")), strict=True))
    return found


@pytest.fixture
async def app() -> AsyncIterator[App]:
    """The whole house, with nobody in it."""
    async with running_app() as opened:
        yield opened


async def open_company(app: App, bin_: str = BIN, email: str = EMAIL) -> Principal:
    """A company with an owner who can sign in."""
    password_hash = await hash_secret(PASSWORD)
    command = CreateOwner(email, "Айгуль", password_hash, CreateCompany(bin_, "Shop"))
    company_id, user_id = await app.database.transact(create_owner, command, principal=SYSTEM)
    return Principal(PrincipalKind.USER, user_id, company_id, app.registry.roles[Role.OWNER])


async def let_inspect(app: App, owner: Principal) -> str:
    """A register to look at, and the id of the token that may."""
    transact = app.database.transact
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Абай 1"), principal=owner)
    register_id = await transact(create_register, CreateRegister(outlet_id, "Касса"), principal=owner)
    period = IssueInspection("КГД", register_id, 1, 2, 4_000_000_000_000)
    return (await transact(issue_inspection, period, principal=owner)).id


async def callers(app: App, owner: Principal) -> dict[str, Principal]:
    """Somebody of each role, and nobody. A newcomer belongs to no company; a dealer is an owner's equal."""
    found = {"nobody": ANONYMOUS}
    for role, permissions in app.registry.roles.items():
        found[role] = replace(owner, kind=KINDS.get(role, PrincipalKind.USER), permissions=permissions)
    found[Role.NEWCOMER] = replace(found[Role.NEWCOMER], company_id=None)
    inspector = found[Role.INSPECTOR]
    found[Role.INSPECTOR] = replace(inspector, subject_id=await let_inspect(app, owner))
    return found


async def is_let_in(
    app: App, writer: Writer, kind: str, name: str, principal: Principal, *, is_awaited: bool
) -> bool:
    """Whether the caller gets past the rights of a field, whatever it finds behind them.

    is_awaited: the page says so; a stream whose page says no has a minute to turn the caller away.
    """
    context = GqlContext(app, principal, request_id="test", language="en")
    document = writer.document(kind, name)
    if kind == "Subscription":
        result: Any = await app.schema.subscribe(document, context_value=context)
        if hasattr(result, "aclose"):
            task = result.__anext__()
            result = await first_or_none(task, AT_ONCE_S if is_awaited else PATIENCE_S)
            if result is None:
                return True
    else:
        result = await app.schema.execute(document, context_value=context)
    errors = list(result.errors or ())
    assert not [each for each in errors if each.path is None and kind != "Subscription"], (document, errors)
    codes = {str((each.extensions or {}).get("code")) for each in errors}
    if name in FORBIDS_INSIDE and set(row_of(app)[kind, name].permissions) <= principal.permissions:
        codes -= {"FORBIDDEN"}
    return not codes & ACCESS_CODES


@cache
def row_of(app: App) -> dict[tuple[str, str], FieldRow]:
    """Fields of the house, found once."""
    return {(row.kind, row.name): row for row in field_rows(app.registry)}


async def first_or_none(awaitable: Any, wait_s: float) -> Any:
    """The first event of a stream, or None when there is none until then."""
    try:
        async with asyncio.timeout(wait_s):
            return await awaitable
    except (TimeoutError, StopAsyncIteration):
        return None


def test_the_page_has_a_row_for_every_field_and_no_other(app: App) -> None:
    composed = {(row.kind, row.name) for row in field_rows(app.registry)}

    assert set(committed()) == composed, "run sauda access --write docs/access.md and read what changed"


async def test_every_field_turns_away_exactly_whom_the_page_says(app: App) -> None:
    matrix, owner = committed(), await open_company(app)
    writer = Writer(parse_schema(app.schema.as_str()))
    wrong = []

    for who, principal in (await callers(app, owner)).items():
        for (kind, name), row in matrix.items():
            told = row[who]
            if await is_let_in(app, writer, kind, name, principal, is_awaited=told) is not told:
                wrong.append(f"{kind}.{name} as {who}: the page says {'+' if row[who] else '-'}")

    assert not wrong


async def test_a_dealer_opens_what_the_client_granted_and_before_acceptance_nothing(app: App) -> None:
    client, dealer = await open_company(app), await open_company(app, "230140000021", "dealer@example.kz")
    transact = app.database.transact
    await transact(appoint_dealer, UserId(dealer.subject_id), principal=dealer)
    granted = {"organization.view", "organization.view_status"}
    link = await transact(ask_dealer, AskDealer("230140000021", tuple(granted)), principal=client)
    with pytest.raises(Refusal) as refusal:
        await transact(enter_client, client.company_id, principal=dealer)
    assert refusal.value.code == "CLIENT_UNKNOWN"
    await transact(answer_request, AnswerRequest(link, True), principal=dealer)
    pair = await transact(enter_client, client.company_id, principal=dealer)
    authenticator = app.registry.port(Authenticator)  # type: ignore[type-abstract]
    guest = await authenticator.authenticate(app.database, pair.access)
    writer = Writer(parse_schema(app.schema.as_str()))

    wrong = []
    for row in field_rows(app.registry):
        opens = set(row.permissions) <= granted
        if await is_let_in(app, writer, row.kind, row.name, guest, is_awaited=opens) is not opens:
            wrong.append(f"{row.kind}.{row.name}")

    assert not wrong
    assert guest.company_id == client.company_id


async def test_an_expired_token_and_a_revoked_session_open_no_field_at_all(app: App) -> None:
    await open_company(app)
    authenticator = app.registry.port(Authenticator)  # type: ignore[type-abstract]
    gone, old = [await sign_in(app.database, SignIn(EMAIL, PASSWORD)) for _ in range(2)]
    assert isinstance(gone, TokenPair)
    assert isinstance(old, TokenPair)
    owner = await authenticator.authenticate(app.database, gone.access)
    await app.database.transact(end_session, gone.session_id, principal=owner)
    app.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]

    for pair in (gone, old):
        with pytest.raises(Refusal) as refusal:
            await authenticator.authenticate(app.database, pair.access)

        assert refusal.value.code == "UNAUTHENTICATED"


async def test_every_page_that_is_not_public_is_closed_to_strangers(app: App) -> None:
    closed = [route for route in app.registry.routes if not route.is_public and "{" not in route.path]
    transport = httpx.ASGITransport(app=create_app(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for route in closed:
            answer = await client.request(route.methods[0], route.path)

            assert answer.status_code in (401, 302, 303, 307), (route.path, answer.status_code)
    assert "/organization/audit.csv" in {route.path for route in closed}
