"""The console's way in: a stranger works for an account, a company is signed for, second proofs, names."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from addons.organization.services.people import DescribeUser, describe_user
from addons.organization.services.work_proof import WorkProof, zero_bits
from addons.organization.tests.shops import FIRST_BIN, MAIL, PASSWORD, SECOND_BIN, last_token, open_shop
from gateway.app import create_app
from gateway.envelope import PAGE_POLICY
from kernel.app import App
from kernel.security.principal import SYSTEM
from kernel.testing.app import OPENING_DAY, running_app
from simulators.ncalayer.server import COMMON, NcaLayer

STATIC = Path(__file__).parents[1] / "pages" / "static" / "organization"
RUSSIAN = {"accept-language": "ru"}
ACCOUNT, FACTORS, LOGIN = "/console/account", "/console/settings/factors", "/console/login"
PERSON = {"email": "new@example.kz", "name": "Дана", "password": "new horse battery staple"}


@asynccontextmanager
async def browsing(**organization: object) -> AsyncIterator[tuple[App, httpx.AsyncClient]]:
    """An application, and a browser before it."""
    settings: dict[str, dict[str, Any]] = {"mail": dict(MAIL), "organization": organization}
    async with running_app(["organization"], settings=settings) as app:
        transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gateway", headers=RUSSIAN
        ) as client:
            yield app, client


def hidden(page: httpx.Response, name: str) -> str:
    """What a page carries in a field of its form."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])


async def post(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    """A form of a signed-in person."""
    csrf = hidden(await client.get("/console/outlets"), "csrf")
    return await client.post(path, data={"csrf": csrf, **form})


async def _newcomer(app: App, client: httpx.AsyncClient) -> httpx.Response:
    """Signed up and confirmed, before the form of the company."""
    await client.post(f"{ACCOUNT}/new", data=PERSON)
    await client.post(f"{ACCOUNT}/sign-up", data={"token": await last_token(app)})
    return await client.get(f"{ACCOUNT}/company")


async def _owner(app: App, client: httpx.AsyncClient) -> str:
    """The owner of a shop signs in; the e-mail."""
    shop = await open_shop(app)
    answer = await client.post(LOGIN, data={"email": shop.email, "password": PASSWORD})
    assert answer.status_code == 303
    return shop.email


async def test_a_stranger_works_for_an_account() -> None:
    async with browsing(sign_up_work_bits=8) as (_, client):
        page = await client.get(f"{ACCOUNT}/new")
        challenge = hidden(page, "challenge")
        assert 'data-bits="8"' in page.text
        nonces = (str(each) for each in range(100_000))
        nonce = next(each for each in nonces if zero_bits(WorkProof(challenge, each)) >= 8)

        lazy = await client.post(f"{ACCOUNT}/new", data=PERSON)
        robot = await client.post(f"{ACCOUNT}/new", data=PERSON | {"challenge": challenge, "nonce": "x"})
        asked = await client.post(f"{ACCOUNT}/new", data=PERSON | {"challenge": challenge, "nonce": nonce})

    assert (lazy.status_code, robot.status_code) == (422, 422)
    assert asked.headers["location"] == f"{ACCOUNT}/sign-up"


async def test_a_company_is_opened_by_the_signature_of_its_head(tmp_path: Path) -> None:
    layer = NcaLayer(bin_=FIRST_BIN, moment=OPENING_DAY)
    for name, der in layer.certificates().items():
        (tmp_path / name).write_bytes(der)
    roots: dict[str, Any] = {"signature_roots": str(tmp_path), "signature_revocation": "off"}
    async with browsing(signature_required=True, **roots) as (app, client):
        page = await _newcomer(app, client)
        form = {"csrf": hidden(page, "csrf"), "legalForm": "TOO", "name": "Береке", "what": "sign"}
        assert "Открыть без подписи" not in page.text
        wrong = await client.post(f"{ACCOUNT}/company", data=form | {"bin": "230140000000"})
        text = await client.post(f"{ACCOUNT}/company", data=form | {"bin": FIRST_BIN})
        assert (wrong.status_code, text.status_code) == (422, 200)
        args = ["PKCS12", "SIGNATURE", hidden(text, "text"), True]
        told = layer.answer(json.dumps({"module": COMMON, "method": "createCAdESFromBase64", "args": args}))
        assert isinstance(told, dict)
        carried = {name: hidden(text, name) for name in ("csrf", "textId", "text", "until")}

        bad = await client.post(f"{ACCOUNT}/company/sign", data=carried | {"signature": "AAAA"})
        signed = {"signature": told["responseObject"]}
        opened = await client.post(f"{ACCOUNT}/company/sign", data=carried | signed)

        assert bad.status_code == 422
        assert hidden(bad, "textId") == carried["textId"]  # to be signed once more
        assert opened.headers["location"] == "/console/registers/new"
        assert (await client.get("/console/outlets")).status_code == 200


async def test_where_nobody_signs_a_company_is_opened_by_its_form() -> None:
    async with browsing() as (app, client):
        page = await _newcomer(app, client)
        assert 'value="sign"' not in page.text
        form = {"csrf": hidden(page, "csrf"), "legalForm": "IP", "name": "Дана", "bin": SECOND_BIN}

        opened = await client.post(f"{ACCOUNT}/company", data=form)

    assert opened.headers["location"] == "/console/registers/new"


async def test_a_letter_that_did_not_come_is_sent_again_to_who_waits_for_it() -> None:
    async with browsing() as (app, client):
        await client.post(f"{ACCOUNT}/new", data=PERSON | {"phone": "+7 701 123 45 67"})
        first = await last_token(app)

        again = {"what": "resend", "email": PERSON["email"]}
        sent = await client.post(f"{ACCOUNT}/sign-up", data=again)
        stranger = await client.post(f"{ACCOUNT}/sign-up", data=again | {"email": "nobody@example.kz"})
        second = await last_token(app)

        assert sent.headers["location"] == stranger.headers["location"] == f"{ACCOUNT}/sign-up"
        assert first != second
        assert (await client.post(f"{ACCOUNT}/sign-up", data={"token": second})).status_code == 303


async def test_a_key_is_for_some_registers_and_for_some_days() -> None:
    async with browsing() as (app, client):
        await _owner(app, client)
        page = await client.get("/console/settings/keys")
        register = re.search(r'name="registerIds" value="([^"]+)"', page.text)
        assert register is not None
        form = {"title": "Сайт", "permissions": "organization.view", "days": "30"}

        made = await post(client, "/console/settings/keys", registerIds=register[1], **form)

        assert "sauda_live_" in made.text
        async with app.database.reading(SYSTEM) as reader:
            row = await reader.row("SELECT register_ids, until_ms FROM org_api_token")
            assert row is not None
            assert row["until_ms"] == reader.now_ms + 30 * 86_400_000
        assert len(row["register_ids"].split()) == 1
        assert "· until " in (await client.get("/console/settings/keys")).text  # the owner reads English


async def test_codes_of_an_app_are_set_up_asked_for_and_taken_away() -> None:
    async with browsing() as (app, client):
        email = await _owner(app, client)
        shown = await post(client, FACTORS, what="codes", title="Телефон")
        found = re.search(r'<code class="digits">([A-Z2-7]+)</code>', shown.text)
        assert found is not None
        code = pyotp.TOTP(found[1]).at(app.clock.now())
        carried = {name: hidden(shown, name) for name in ("secret", "address")}
        wrong = await post(client, FACTORS, what="confirm", id=hidden(shown, "id"), code="0", **carried)
        assert hidden(wrong, "id") == hidden(shown, "id")  # another try with the same app
        added = await post(client, FACTORS, what="confirm", id=hidden(shown, "id"), code=code)
        recovery = re.findall(r"<code>([a-z2-7-]{19})</code>", added.text)
        assert (wrong.status_code, len(recovery)) == (422, 10)

        client.cookies.clear()
        asked = await client.post(LOGIN, data={"email": email, "password": PASSWORD})
        ticket = {"ticket": hidden(asked, "ticket")}
        again = await client.post(f"{LOGIN}/confirm", data=ticket | {"code": code})
        asked = await client.post(LOGIN, data={"email": email, "password": PASSWORD})
        ticket = {"ticket": hidden(asked, "ticket")}
        entered = await client.post(f"{LOGIN}/confirm", data=ticket | {"code": recovery[0]})

        assert (again.status_code, entered.status_code) == (422, 303)  # a code opens once
        page = await client.get(FACTORS)
        assert "Телефон" in page.text
        keys = re.findall(r'name="id" value="([^"]+)"', page.text)
        await post(client, FACTORS, what="remove", id=html.unescape(keys[0]))
        assert "Телефон" not in (await client.get(FACTORS)).text


async def test_a_passkey_is_asked_for_and_garbage_is_none() -> None:
    async with browsing() as (app, client):
        await _owner(app, client)
        shown = await post(client, FACTORS, what="passkey", title="Ноутбук")
        options = re.search(r'data-passkey="([^"]+)"', shown.text)
        assert options is not None
        assert {"challenge", "rp", "user"} <= json.loads(html.unescape(options[1])).keys()

        ticket = hidden(shown, "ticket")
        refused = await post(client, FACTORS, what="add", ticket=ticket, passkey="{}", title="Ноутбук")

        assert refused.status_code == 422
        assert "Ноутбук" not in re.sub(r"<form.*?</form>", "", refused.text, flags=re.DOTALL)


async def test_a_person_signs_in_by_company_and_user_name() -> None:
    async with browsing() as (app, client):
        shop = await open_shop(app)

        described = DescribeUser(shop.user_id, user_name="aigul")
        await app.database.transact(describe_user, described, principal=shop.owner)
        form = {"client": FIRST_BIN, "userName": "aigul", "password": PASSWORD, "next": "/console/outlets"}

        wrong = await client.post(LOGIN, data=form | {"userName": "bolat"})
        entered = await client.post(LOGIN, data=form)

    assert wrong.status_code == 422
    assert "details" in wrong.text
    assert entered.headers["location"] == "/console/outlets"


@pytest.mark.parametrize("script", ["ncalayer.js"])
def test_pages_may_talk_to_the_programs_their_scripts_talk_to(script: str) -> None:
    asked = re.findall(r'"(wss?://[^/"]+)', (STATIC / script).read_text(encoding="utf-8"))
    (policy,) = (each for each in PAGE_POLICY.split("; ") if each.startswith("connect-src "))

    assert asked
    assert set(asked) <= set(policy.split())
