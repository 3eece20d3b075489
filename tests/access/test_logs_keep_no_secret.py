"""What people type and what opens something never reaches a log, whoever logs it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
import pytest
import structlog

from addons.organization.api import CreateCompany, CreateOwner, create_owner
from gateway.app import create_app
from kernel.config_sections import LogFormat, LogSettings
from kernel.security.api_tokens import TokenKind, make_token
from kernel.security.passwords import hash_secret
from kernel.security.principal import SYSTEM
from kernel.testing.app import running_app
from kernel.testing.logs import logged

PASSWORD, PIN, EMAIL = "correct horse battery", "407193", "owner@example.kz"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything logged while the test runs, at the most talkative level."""
    with logged(LogSettings(level="debug", format=LogFormat.JSON, all_requests=True)) as stream:
        yield stream


async def test_signing_in_through_the_gateway_leaves_no_secret_in_the_log(written: io.StringIO) -> None:
    async with running_app(["organization"], settings={"log": {"all_requests": True}}) as app:
        command = CreateOwner(EMAIL, "A", await hash_secret(PASSWORD), CreateCompany("230140000109", "Shop"))
        await app.database.transact(create_owner, command, principal=SYSTEM)
        transport = httpx.ASGITransport(app=create_app(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            right = await _sign_in(client, PASSWORD)
            await _sign_in(client, "wrong guess of mine")
            tokens = right["data"]["signIn"]
            headers = {"authorization": f"Bearer {tokens['accessToken']}"}
            await client.post("/graphql", json={"query": "{ me { kind } }"}, headers=headers)
            await client.post("/graphql", json={"query": "{ nothing }"}, headers=headers)

    text = written.getvalue()
    assert text, "nothing was logged: the test would not notice a leak"
    secrets = [PASSWORD, "wrong guess of mine", tokens["accessToken"], tokens["refreshToken"]]
    assert not [secret for secret in secrets if secret in text]


def test_a_token_in_the_middle_of_a_text_is_blotted_out(written: io.StringIO) -> None:
    token = make_token(TokenKind.REFRESH)

    structlog.get_logger("somebody").warning("odd", text=f"came: {token.text}!", password=PASSWORD, pin=PIN)

    text = written.getvalue()
    assert token.prefix in text
    assert not [secret for secret in (token.text, PASSWORD, PIN) if secret in text]


async def _sign_in(client: httpx.AsyncClient, password: str) -> dict[str, dict[str, dict[str, str]]]:
    query = """mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) {
        ... on SessionTokens { accessToken refreshToken } ... on Refused { code } } }"""
    variables = {"email": EMAIL, "password": password}
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    found: dict[str, dict[str, dict[str, str]]] = answer.json()
    return found
