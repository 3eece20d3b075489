"""Tokens of programs, and the audit: who, when, from where, what became what, on whose behalf."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from addons.organization.api import Role
from addons.organization.domain.cards import UserId
from addons.organization.domain.commands import UpdateUser
from addons.organization.domain.company import LegalForm
from addons.organization.pages.audit_page import audit_csv
from addons.organization.services.api_tokens import IssueApiToken, issue_api_token
from addons.organization.services.company_details import CompanyDetails, change_details
from addons.organization.services.inspections import IssueInspection, inspection_of, issue_inspection
from addons.organization.services.service_accounts import (
    CreateServiceAccount,
    block_service_account,
    create_service_account,
)
from addons.organization.services.users import update_user
from addons.organization.tests.shops import SECOND_BIN, ask, clock_of, open_shop, opened_app, role_of
from kernel.app import App
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator
from kernel.security.origin import Origin, come_from
from kernel.security.principal import Principal, PrincipalKind

ROOT = Path(__file__).parents[3]
VIEW, MANAGE = "organization.view", "organization.manage"


async def _who(app: App, token: str) -> Principal:
    return await app.registry.port(Authenticator).authenticate(app.database, token)


async def test_a_token_of_a_service_account_does_no_more_than_its_account() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        transact = app.database.transact
        account = CreateServiceAccount("1C", (VIEW,), (shop.register_id,))
        account_id = await transact(create_service_account, account, principal=shop.owner)
        wide = IssueApiToken("обмен", (VIEW, MANAGE), account_id=account_id)

        token = await transact(issue_api_token, wide, principal=shop.owner)
        who = await _who(app, token.token)

        assert (who.subject_id, who.permissions, who.register_ids) == (
            account_id,
            {VIEW},
            {shop.register_id},
        )
        await transact(block_service_account, account_id, True, principal=shop.owner)
        with pytest.raises(Refusal) as refusal:
            await _who(app, token.token)
        assert refusal.value.code == "UNAUTHENTICATED"
        await transact(block_service_account, account_id, False, principal=shop.owner)
        assert await _who(app, token.token) == who
        other = await open_shop(app, SECOND_BIN)
        with pytest.raises(Refusal) as refusal:
            await transact(issue_api_token, wide, principal=other.owner)
        assert refusal.value.code == "SERVICE_ACCOUNT_UNKNOWN"


async def test_an_inspecting_user_sees_the_period_that_was_granted_until_it_ends() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        transact = app.database.transact
        now_ms = int(clock_of(app).now().timestamp() * 1000)
        period = IssueInspection("КГД", shop.register_id, 1, 2, now_ms + 60_000, UserId(shop.user_id))
        with pytest.raises(Refusal) as refusal:
            await transact(issue_inspection, period, principal=shop.owner)
        assert refusal.value.code == "USER_UNKNOWN"
        other = role_of(app, PrincipalKind.SYSTEM, "system", shop.company_id, Role.OWNER)
        async with app.database.reading(other) as reader:
            row = await reader.row("SELECT id FROM org_membership WHERE user_id = ?", shop.user_id)
        assert row is not None

        await transact(_second_owner, shop.company_id, principal=other)
        await transact(update_user, UpdateUser(shop.user_id, Role.INSPECTOR), principal=shop.owner)
        await transact(issue_inspection, period, principal=shop.owner)

        inspector = role_of(app, PrincipalKind.USER, shop.user_id, shop.company_id, Role.INSPECTOR)
        async with app.database.reading(inspector) as reader:
            seen = await inspection_of(reader)
        assert (seen.register_id, seen.from_ms, seen.to_ms) == (shop.register_id, 1, 2)
        clock_of(app).advance(timedelta(minutes=2))
        async with app.database.reading(inspector) as reader:
            with pytest.raises(Refusal) as refusal:
                await inspection_of(reader)
        assert refusal.value.code == "FORBIDDEN"


async def _second_owner(work: object, company_id: str) -> None:
    from addons.organization.services.companies import add_member

    await add_member(work, company_id, "another owner", Role.OWNER)  # type: ignore[arg-type]


async def test_the_audit_says_from_where_and_what_became_what_and_is_searched() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        come_from(Origin("203.0.113.7", "Firefox"))
        details = CompanyDetails(LegalForm.TOO, "Береке", city="Алматы")
        await app.database.transact(change_details, details, principal=shop.owner)
        come_from(Origin())
        clock_of(app).advance(timedelta(hours=1))
        await app.database.transact(change_details, CompanyDetails(city="Астана"), principal=shop.owner)
        document = """query ($filter: AuditFilter!) {
            auditLog(first: 50, filter: $filter) { nodes { action address facts viaCompanyId } } }"""

        async def found(**wish: object) -> list[dict[str, str]]:
            answer = await ask(app, document, shop.owner, filter=wish)
            nodes: list[dict[str, str]] = answer["auditLog"]["nodes"]
            return nodes

        there = await found(address="203.0.113.7")
        assert [each["action"] for each in there] == ["organization.change_company"]
        assert '"city":{"after":"Алматы","before":""}' in there[0]["facts"]
        assert there[0]["viaCompanyId"] is None
        assert len(await found(text="Астана")) == 1
        assert len(await found(text="100%")) == 0
        assert len(await found(action="organization.change_")) == 0
        assert len(await found(action="organization.")) > 4
        assert len(await found(actorId=shop.user_id, since="2026-01-15T05:00:00Z")) == 1
        assert await found(isGuest=True) == []


async def test_the_audit_is_taken_away_as_a_file_by_those_who_may() -> None:
    async with opened_app() as app:
        shop, other = await open_shop(app), await open_shop(app, SECOND_BIN)
        await app.database.transact(change_details, CompanyDetails(city="=1+1"), principal=shop.owner)

        response = await audit_csv(_request(app, shop.owner, "text=1%2B1"))
        text = "".join([str(part) async for part in response.body_iterator])

        assert text.splitlines()[0] == "at,actor_kind,actor_id,via_company_id,address,action,subject,facts"
        assert "organization.change_company" in text
        assert other.company_id not in text
        with pytest.raises(Refusal) as refusal:
            await audit_csv(_request(app, shop.cashier))
        assert refusal.value.code == "FORBIDDEN"
        with pytest.raises(Refusal) as refusal:
            await audit_csv(_request(app, shop.owner, "since=yesterday"))
        assert refusal.value.code == "NUMBER_MALFORMED"


def test_rows_of_the_audit_are_only_ever_added() -> None:
    changing = re.compile(r"(UPDATE|DELETE FROM|REPLACE INTO)\s+kernel_audit", re.IGNORECASE)
    folders = ("kernel", "addons", "gateway", "worker")
    sinners = [
        path.name
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if changing.search(path.read_text(encoding="utf-8"))
    ]

    assert not sinners


def _request(app: App, principal: Principal, query: str = "") -> Request:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": []}
    request = Request({**scope, "app": SimpleNamespace(state=SimpleNamespace(sauda=app))})
    request.state.principal = principal
    return request
