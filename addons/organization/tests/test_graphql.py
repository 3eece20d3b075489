"""The API as a client sees it: from sign-in to an operator at the till, refusals in the caller's language."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from addons.organization.adapters.authenticator import CachedAuthenticator
from addons.organization.api import (
    CreateRegister,
    CreateRegisterGroup,
    create_register,
    create_register_group,
)
from addons.organization.tests.shops import FIRST_BIN, PASSWORD, Shop, ask, execute, open_shop, opened_app
from kernel.app import App
from kernel.data.work import Reader
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.security.principal import ANONYMOUS, Principal

SIGN_IN = """mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) {
  ... on SessionTokens { accessToken refreshToken expiresInS }
  ... on Refused { code message field nextAction } } }"""
CREATE_OUTLET = """mutation { createOutlet(input: {title: "ТД Достык", address: "Алматы, Достык 5",
  latitudeE4: 432389, longitudeE4: 769097}) { ... on Outlet { id zone } } }"""
CREATE_REGISTER = """mutation ($outlet: ID!) { createRegister(input: {outletId: $outlet, title: "У входа"}) {
  ... on Register { id number outlet { title latitudeE4 } company { bin } } } }"""
CREATE_OPERATOR = """mutation { createOperator(input: {name: "Сауле", pin: "7314", role: SENIOR_CASHIER}) {
  ... on Operator { id code hasPin isLimited role } } }"""
SIGN_IN_OPERATOR = """mutation ($r: ID!, $o: ID!) {
  signInOperator(registerId: $r, operatorId: $o, pin: "7314") {
  ... on OperatorSession { tokens { accessToken } operator { name } register { number } } } }"""
STATEMENTS_MAX = 6  # registers, outlets, companies, groups, status, count


async def _as(app: App, access_token: str) -> Principal:
    return await CachedAuthenticator().authenticate(app.database, access_token)


async def one(app: App, document: str, principal: Principal, **variables: str) -> dict[str, Any]:
    """Data of the only root field of a document."""
    (value,) = (await ask(app, document, principal, **variables)).values()
    return dict(value)


async def test_from_sign_in_to_an_operator_at_the_till() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        tokens = await one(app, SIGN_IN, ANONYMOUS, email=shop.email, password=PASSWORD)
        owner = await _as(app, tokens["accessToken"])
        assert tokens["expiresInS"] == 900
        outlet = await one(app, CREATE_OUTLET, owner)
        register = await one(app, CREATE_REGISTER, owner, outlet=outlet["id"])
        operator = await one(app, CREATE_OPERATOR, owner)
        session = await one(app, SIGN_IN_OPERATOR, owner, r=register["id"], o=operator["id"])
        cashier = await _as(app, session["tokens"]["accessToken"])
        me = await one(app, "{ me { kind operator { name } company { bin } permissions } }", cashier)
        registers = await one(app, "{ registers(first: 9) { nodes { id } } }", cashier)

        assert outlet["zone"] == "Asia/Almaty"
        assert register["outlet"] == {"title": "ТД Достык", "latitudeE4": 432389}
        assert (register["number"], register["company"]["bin"]) == (2, FIRST_BIN)
        assert operator | {"id": ""} == {
            "id": "",
            "code": 2,
            "hasPin": True,
            "isLimited": False,
            "role": "SENIOR_CASHIER",
        }
        assert session["operator"] == {"name": "Сауле"}
        assert me["kind"] == "OPERATOR"
        assert me["operator"] == {"name": "Сауле"}
        assert me["permissions"] == [
            "organization.ask_approval",
            "organization.secure_account",
            "organization.view",
            "organization.view_status",
        ]
        assert [node["id"] for node in registers["nodes"]] == [register["id"]]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "The e-mail or the password is wrong."),
        ("ru", "Неверный e-mail или пароль."),
        ("kk", "E-mail немесе құпиясөз қате."),
    ],
)
async def test_a_refusal_speaks_the_callers_language(language: str, message: str) -> None:
    async with opened_app() as app:
        context = GqlContext(app, ANONYMOUS, request_id="test", language=language)
        variables = {"email": "nobody@example.kz", "password": PASSWORD}

        result = await app.schema.execute(SIGN_IN, variable_values=variables, context_value=context)

        assert result.data is not None
        assert result.data["signIn"] == {
            "code": "SIGN_IN_WRONG",
            "message": message,
            "field": "password",
            "nextAction": None,
        }


async def test_a_cashier_changes_nothing_of_the_organization() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        document = 'mutation { createOutlet(input: {title: "x", address: "y"}) { __typename } }'

        result = await execute(app, document, shop.cashier)

        assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"]


async def test_a_refused_field_is_named_by_its_path_in_the_input() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        operator = to_global("Operator", shop.operator_id)
        document = """mutation ($a: ID!) { createOperator(input: {name: "x", registerIds: [$a]}) {
            ... on Refused { code field } } }"""

        data = await ask(app, document, shop.owner, a=operator)

        assert data["createOperator"] == {"code": "BAD_ID", "field": "registerIds.0"}


async def test_a_list_with_everything_below_costs_a_fixed_number_of_statements() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await _many_registers(app, shop, 12)
        document = """{ registers(first: 50) { totalCount nodes { number outlet { title } company { bin }
            groups { title } status { code } } } }"""

        with patch.object(Reader, "rows", autospec=True, side_effect=Reader.rows) as rows:
            data = await ask(app, document, shop.owner)

        assert data["registers"]["totalCount"] == 13
        assert all(node["outlet"] and node["company"] for node in data["registers"]["nodes"])
        assert sum(len(node["groups"]) for node in data["registers"]["nodes"]) == 12
        assert rows.call_count == STATEMENTS_MAX


async def test_registers_are_paged_by_number_and_filtered() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        group = await _many_registers(app, shop, 4)
        paged = """query ($after: String) { registers(first: 2, after: $after) {
            nodes { number } pageInfo { endCursor } } }"""
        grouped = """query ($g: ID!) { registers(first: 9, filter: {groupId: $g, isDecommissioned: false}) {
            nodes { number } } }"""

        first = (await ask(app, paged, shop.owner))["registers"]
        second = (await ask(app, paged, shop.owner, after=first["pageInfo"]["endCursor"]))["registers"]
        members = (await ask(app, grouped, shop.owner, g=to_global("RegisterGroup", group)))["registers"]

        assert [node["number"] for node in first["nodes"] + second["nodes"]] == [1, 2, 3, 4]
        assert [node["number"] for node in members["nodes"]] == [2, 3, 4, 5]


async def test_signing_out_needs_a_session_and_ends_it() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        document = "mutation { signOut { ... on SignedOut { wasSignedIn } ... on Refused { code } } }"
        tokens = await one(app, SIGN_IN, ANONYMOUS, email=shop.email, password=PASSWORD)

        without = await ask(app, document, ANONYMOUS)
        with_one = await ask(app, document, await _as(app, tokens["accessToken"]))

        assert without["signOut"] == {"code": "NOT_IN_SESSION"}
        assert with_one["signOut"] == {"wasSignedIn": True}


async def test_a_company_is_opened_by_a_person_who_becomes_its_owner() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        document = """mutation { createCompany(input: {bin: "940140000385", title: "Second"}) {
            ... on Company { bin isClosed } ... on Refused { code } } }"""

        opened = await ask(app, document, shop.owner)
        companies = (await ask(app, "{ companies { bin } }", shop.owner))["companies"]

        assert opened["createCompany"] == {"bin": "940140000385", "isClosed": False}
        assert [each["bin"] for each in companies] == [FIRST_BIN, "940140000385"]


async def _many_registers(app: App, shop: Shop, count: int) -> str:
    """More registers, all in one group; the group's id."""
    transact = app.database.transact
    made = [
        await transact(create_register, CreateRegister(shop.outlet_id, f"№ {each}"), principal=shop.owner)
        for each in range(count)
    ]
    return await transact(
        create_register_group, CreateRegisterGroup("Все", tuple(made)), principal=shop.owner
    )
