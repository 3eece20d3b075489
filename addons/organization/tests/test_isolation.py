"""Two companies with twin data: with the ids of the other, nothing leaks and nothing changes.

Every root field of organization has its line here; a new one without a line fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from addons.organization.api import CreateRegisterGroup, Severity, create_register_group, report_status
from addons.organization.domain.commands import UpdateCompany, UpdateOutlet, UpdateRegister
from addons.organization.domain.company import LegalForm
from addons.organization.services.api_tokens import IssueApiToken, issue_api_token
from addons.organization.services.companies import update_company
from addons.organization.services.company_details import CompanyDetails, change_details
from addons.organization.services.devices import IssueBinding, issue_binding
from addons.organization.services.factors import begin_codes
from addons.organization.services.outlets import update_outlet
from addons.organization.services.registers import update_register
from addons.organization.services.service_accounts import CreateServiceAccount, create_service_account
from addons.organization.services.sessions import TokenPair
from addons.organization.services.sign_in import SignIn, sign_in
from addons.organization.services.sign_up import Invite, invite
from addons.organization.tests.shops import (
    MAIL,
    PASSWORD,
    PIN,
    SECOND_BIN,
    Shop,
    execute,
    open_shop,
    opened_app,
)
from kernel.addons.loader import load_addons
from kernel.app import App
from kernel.data.work import Work
from kernel.gql.composition import root_fields
from kernel.gql.ids import split_global, to_global
from kernel.gql.node import node_types
from kernel.security.principal import ANONYMOUS, SYSTEM

MARK = "SECRET"  # stands in every text of the company that must not be seen
PUBLIC = {"signIn", "refresh", "signOut", "bindDevice", "me", "signUpTerms", "banks"}

# Lists: nothing of the other company stands in them.
QUERIES = {
    "me": "{ me { subjectId company { id title } } }",
    "companies": "{ companies { id title bin } }",
    "outlets": "{ outlets(first: 100) { totalCount nodes { id title } } }",
    "registers": """query ($outlet: ID!, $group: ID!) {
        all: registers(first: 100) { totalCount nodes { id title groups { id title } outlet { title } } }
        there: registers(first: 100, filter: {outletId: $outlet}) { totalCount nodes { id title } }
        grouped: registers(first: 100, filter: {groupId: $group}) { totalCount nodes { id title } } }""",
    "registerGroups": "{ registerGroups(first: 100) { totalCount nodes { id title registers { id } } } }",
    "operators": "{ operators(first: 100) { totalCount nodes { id name registers { id } groups { id } } } }",
    "users": "{ users(first: 100) { totalCount nodes { id email name } } }",
    "devices": "{ devices(first: 100) { totalCount nodes { id title register { id } } } }",
    "apiTokens": "{ apiTokens(first: 100) { totalCount nodes { id title prefix registers { id } } } }",
    "statusBoard": "{ statusBoard(first: 100) { totalCount nodes { code facts register { id } } } }",
    "auditLog": """query ($subject: String!) {
        all: auditLog(first: 100) { totalCount nodes { actorId subject facts } }
        one: auditLog(first: 100, filter: {subject: $subject}) { totalCount nodes { facts } } }""",
    "companyDetails": "{ companyDetails { name city } }",
    "companyChanges": "{ companyChanges { actorId before after } }",
    "sessions": "{ sessions(first: 100) { totalCount nodes { id subjectId } } }",
    "mySessions": "{ mySessions { subjectId } }",
    "invitations": "{ invitations { id email } }",
    "serviceAccounts": "{ serviceAccounts { id title registers { id } } }",
}
# Root fields without rows of a company: of the caller's user, or of the installation.
QUERIES_WITHOUT_ROWS = {"installation", "signUpTerms", "banks", "termsToAccept", "sessionRules", "myFactors"}
# Mutations with ids of the other company: refused as if the thing did not exist.
MUTATIONS = {
    "updateCompany": 'updateCompany(input: {id: $company, title: "x"})',
    "closeCompany": "closeCompany(id: $company)",
    "updateOutlet": 'updateOutlet(input: {id: $outlet, title: "x"})',
    "createRegister": 'createRegister(input: {outletId: $outlet, title: "x"})',
    "updateRegister": 'updateRegister(input: {id: $register, title: "x"})',
    "moveRegister": "moveRegister(id: $register, outletId: $ownOutlet)",
    "decommissionRegister": "decommissionRegister(id: $register)",
    "createRegisterGroup": 'createRegisterGroup(input: {title: "x", registerIds: [$register]})',
    "updateRegisterGroup": "updateRegisterGroup(input: {id: $group, registerIds: []})",
    "deleteRegisterGroup": "deleteRegisterGroup(id: $group)",
    "createOperator": 'createOperator(input: {name: "x", registerIds: [$register]})',
    "updateOperator": "updateOperator(input: {id: $operator, isActive: false})",
    "updateUser": "updateUser(input: {id: $user, isActive: false})",
    "signIn": "signIn(email: $ownEmail, password: $password, companyId: $company)",
    "signInOperator": "signInOperator(registerId: $register, operatorId: $operator, pin: $pin)",
    "approve": "approve(registerId: $register, operatorId: $operator, pin: $pin, action: RETURN)",
    "issueDeviceBinding": 'issueDeviceBinding(registerId: $register, title: "x")',
    "unbindDevice": "unbindDevice(id: $device)",
    "issueApiToken": """issueApiToken(
        input: {title: "x", permissions: ["organization.view"], registerIds: [$register]})""",
    "issueInspection": """issueInspection(input: {title: "x", registerId: $register,
        since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z", expiresAt: "2099-01-01T00:00:00Z"})""",
    "revokeApiToken": "revokeApiToken(id: $token)",
    "describeUser": 'describeUser(input: {id: $user, comment: "x"})',
    "cancelInvitation": "cancelInvitation(id: $invitation)",
    "endSession": "endSession(id: $session)",
    "endMySession": "endMySession(id: $session)",
    "switchCompany": "switchCompany(id: $company)",
    "createServiceAccount": """createServiceAccount(
        input: {title: "x", permissions: ["organization.view"], registerIds: [$register]})""",
    "blockServiceAccount": "blockServiceAccount(id: $account)",
    "confirmCodes": 'confirmCodes(id: $factor, code: "000000")',
    "removeFactor": "removeFactor(id: $factor)",
}
# Root fields that take no id of a company's row: a token decides, or everything made is the caller's own.
WITHOUT_IDS = {
    "createCompany",
    "createOutlet",
    "createUser",
    "refresh",
    "signOut",
    "bindDevice",
    "setApprovalNeededFor",
    "signUp",
    "resendSignUp",
    "confirmSignUp",
    "requestPassword",
    "resetPassword",
    "acceptInvitation",
    "signInByName",
    "confirmSignIn",
    "changePassword",
    "beginCodes",
    "beginPasskey",
    "addPasskey",
    "newRecoveryCodes",
    "endMyOtherSessions",
    "acceptTerms",
    "openCompany",
    "prepareCompanyApplication",
    "submitCompanyApplication",  # the application is a user's own
    "changeCompanyDetails",
    "invite",
    "setSessionRules",
    "reportDevice",  # speaks for the device that asks
}
SUBSCRIPTIONS = {"registerStatusChanged"}  # see test_status


@dataclass(frozen=True)
class Twins:
    """Ours asks; theirs must not be seen. ids: variables naming rows of theirs."""

    app: App
    ours: Shop
    theirs: Shop
    ids: dict[str, str]


@pytest.fixture
async def twins() -> AsyncIterator[Twins]:
    """Two companies; every text of theirs carries the mark."""
    async with opened_app(mail=MAIL) as app:
        ours, theirs = await open_shop(app), await open_shop(app, SECOND_BIN)
        transact, owner = app.database.transact, theirs.owner
        await transact(update_company, UpdateCompany(theirs.company_id, title=MARK), principal=owner)
        await transact(update_outlet, UpdateOutlet(theirs.outlet_id, title=MARK), principal=owner)
        await transact(update_register, UpdateRegister(theirs.register_id, MARK), principal=owner)
        group = await transact(
            create_register_group, CreateRegisterGroup(MARK, (theirs.register_id,)), principal=owner
        )
        binding = await transact(issue_binding, IssueBinding(theirs.register_id, MARK), principal=owner)
        command = IssueApiToken(MARK, ("organization.view",), (theirs.register_id,))
        token = await transact(issue_api_token, command, principal=owner)
        await transact(_report, theirs.register_id, principal=owner)
        details = CompanyDetails(legal_form=LegalForm.TOO, name=MARK, city=MARK)
        await transact(change_details, details, principal=owner)
        account = CreateServiceAccount(MARK, ("organization.view",), (theirs.register_id,))
        account_id = await transact(create_service_account, account, principal=owner)
        invitation = await transact(invite, Invite(f"{MARK}@example.kz"), principal=owner)
        codes = await transact(begin_codes, MARK, principal=owner)
        pair = await sign_in(app.database, SignIn(theirs.email, PASSWORD))
        assert isinstance(pair, TokenPair)
        ids = {
            "company": to_global("Company", theirs.company_id),
            "outlet": to_global("Outlet", theirs.outlet_id),
            "ownOutlet": to_global("Outlet", ours.outlet_id),
            "register": to_global("Register", theirs.register_id),
            "group": to_global("RegisterGroup", group),
            "operator": to_global("Operator", theirs.operator_id),
            "user": to_global("User", theirs.user_id),
            "device": to_global("Device", binding.device_id),
            "token": to_global("ApiToken", token.id),
            "account": to_global("ServiceAccount", account_id),
            "invitation": to_global("Invitation", invitation),
            "factor": to_global("Factor", codes.factor_id),
            "session": to_global("Session", pair.session_id),
        }
        yield Twins(app, ours, theirs, ids)


async def _report(work: Work, register_id: str) -> None:
    await report_status(
        work, register_id, source="fleet", severity=Severity.ERROR, code=MARK, since_ms=1, facts={"x": MARK}
    )


def test_every_root_field_of_organization_has_its_line() -> None:
    registry = load_addons(["organization"])
    queries = {name for _, _, name in root_fields(registry.queries)}
    mutations = {name for _, _, name in root_fields(registry.mutations)}
    subscriptions = {name for _, _, name in root_fields(registry.subscriptions)}

    assert queries == set(QUERIES) | QUERIES_WITHOUT_ROWS
    assert mutations == set(MUTATIONS) | WITHOUT_IDS
    assert subscriptions == SUBSCRIPTIONS


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_a_list_shows_nothing_of_another_company(twins: Twins, name: str) -> None:
    subject = f"register:{twins.theirs.register_id}"
    seen = await execute(twins.app, QUERIES[name], twins.ours.owner, **twins.ids, subject=subject)
    own_eyes = await execute(twins.app, QUERIES[name], twins.theirs.owner, **twins.ids, subject=subject)

    assert seen.errors is None
    assert not _traces(seen.data, twins)
    assert own_eyes.errors is None
    assert _traces(own_eyes.data, twins), "the test would not notice a leak"


@pytest.mark.parametrize("name", sorted(MUTATIONS))
async def test_a_foreign_id_does_not_exist_and_nothing_changes(twins: Twins, name: str) -> None:
    before = await _state(twins)
    variables = {**twins.ids, "ownEmail": twins.ours.email, "password": PASSWORD, "pin": PIN}

    result = await execute(twins.app, _document(name), twins.ours.owner, **variables)

    assert result.errors is None, result.errors
    assert result.data[name]["__typename"] == "Refused"
    assert result.data[name]["code"].endswith("_UNKNOWN")
    assert await _state(twins) == before


@pytest.mark.parametrize("name", sorted({*QUERIES, *MUTATIONS} - PUBLIC))
async def test_a_stranger_is_turned_away_from_all_but_the_public_fields(twins: Twins, name: str) -> None:
    document = QUERIES.get(name) or _document(name)
    variables = {**twins.ids, "ownEmail": "x", "password": "x", "pin": "x", "subject": "x"}

    result = await execute(twins.app, document, ANONYMOUS, **variables)

    assert {error.extensions["code"] for error in result.errors} == {"UNAUTHENTICATED"}


async def test_a_node_of_another_company_is_not_found(twins: Twins) -> None:
    findable = node_types(twins.app.schema.python_types())
    ids = [key for name, key in twins.ids.items() if not name.startswith("own") and _type_of(key) in findable]
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    seen = await execute(twins.app, document, twins.ours.owner, ids=ids)
    own_eyes = await execute(twins.app, document, twins.theirs.owner, ids=ids)

    assert (seen.errors, seen.data["nodes"]) == (None, [None] * len(ids))
    assert [node["id"] for node in own_eyes.data["nodes"]] == ids
    assert len(ids) >= 5


def _document(name: str) -> str:
    """The mutation with exactly the variables it mentions declared."""
    body = MUTATIONS[name]
    mentioned = dict.fromkeys(re.findall(r"\$(\w+)", body))
    texts = {"ownEmail", "password", "pin"}
    declared = ", ".join(f"${each}: {'String!' if each in texts else 'ID!'}" for each in mentioned)
    return f"mutation ({declared}) {{ {body} {{ __typename ... on Refused {{ code }} }} }}"


def _type_of(global_id: str) -> str:
    return split_global(global_id)[0]


def _traces(data: Any, twins: Twins) -> list[str]:
    """What of theirs stands in an answer: the mark, keys, global ids, the address of their owner."""
    text = json.dumps(data, default=str)
    theirs = twins.theirs
    keys = {theirs.company_id, theirs.user_id, theirs.outlet_id, theirs.register_id, theirs.operator_id}
    tokens = {
        MARK,
        MARK.lower(),
        theirs.email,
        SECOND_BIN,
        *keys,
        *(v for k, v in twins.ids.items() if k != "ownOutlet"),
    }
    return [token for token in tokens if token in text]


async def _state(twins: Twins) -> dict[str, list[dict[str, Any]]]:
    """Every row of theirs."""
    async with twins.app.database.reading(SYSTEM) as reader:
        tables = [
            row["name"]
            for row in await reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            if row["name"].startswith("org_")
        ]
        state = {}
        for table in tables:
            rows = [dict(row) for row in await reader.rows(f"SELECT * FROM {table}")]
            state[table] = [
                row for row in rows if twins.theirs.company_id in (row.get("company_id"), row.get("id"))
            ]
    assert sum(map(len, state.values())) > 8
    return state
