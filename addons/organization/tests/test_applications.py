"""A company is opened by an application its head signs, and by nothing that only looks so."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from addons.organization.adapters.revocation import NetworkRevocation
from addons.organization.domain.cards import UserId
from addons.organization.domain.company import LegalForm
from addons.organization.services.applications import prepare_application, submit_application
from addons.organization.services.company_details import CompanyDetails, OpenCompany, open_company
from addons.organization.services.ports import Revocation, RevocationState
from addons.organization.services.signatures import Application, SubmitApplication
from addons.organization.services.users import insert_user
from addons.organization.tests.shops import (
    FIRST_BIN,
    SECOND_BIN,
    audited,
    clock_of,
    opened_app,
    password_hash,
)
from kernel.app import App
from kernel.errors import Refusal
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import OPENING_DAY
from simulators.ncalayer.authority import make_crl, make_ocsp, make_person
from simulators.ncalayer.server import COMMON, NcaLayer, serving

DETAILS = CompanyDetails(legal_form=LegalForm.TOO, name="Береке", city="Алматы")


@pytest.fixture(scope="module")
def layer() -> NcaLayer:
    """The head of the first company, with keys for signing and for signing in."""
    return NcaLayer(bin_=FIRST_BIN, moment=OPENING_DAY)


@asynccontextmanager
async def opened(layer: NcaLayer, folder: Path, **settings: object) -> AsyncIterator[tuple[App, Principal]]:
    """An installation that believes the stand-in's authority, and a newcomer in it."""
    for name, der in layer.certificates().items():
        (folder / name).write_bytes(der)
    given = {"signature_roots": str(folder), "signature_revocation": "off", **settings}
    async with opened_app(organization=given) as app:
        user_id = await app.database.transact(_newcomer, principal=SYSTEM)
        yield app, Principal(PrincipalKind.USER, user_id, permissions=app.registry.roles["newcomer"])


async def _newcomer(work: Any) -> str:
    return await insert_user(work, "aigerim@example.kz", "Айгерім", await password_hash(), "ru")


async def _prepared(app: App, who: Principal, bin_: str = FIRST_BIN) -> Application:
    command = OpenCompany(bin_, DETAILS, UserId(who.subject_id))
    return await app.database.transact(prepare_application, command, principal=who)


def _signed(layer: NcaLayer, made: Application, key: str = "SIGNATURE") -> SubmitApplication:
    text = base64.b64encode(made.text).decode()
    answer = layer.answer(
        json.dumps({"module": COMMON, "method": "createCAdESFromBase64", "args": ["PKCS12", key, text, True]})
    )
    assert isinstance(answer, dict)
    return SubmitApplication(made.id, str(answer["responseObject"]))


async def _code(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def test_the_head_signs_in_ncalayer_and_the_company_is_open(layer: NcaLayer, tmp_path: Path) -> None:
    async with opened(layer, tmp_path) as (app, newcomer), serving(layer, port=0) as port:
        made = await _prepared(app, newcomer)
        async with connect(f"ws://127.0.0.1:{port}") as socket:
            assert json.loads(await socket.recv()) == {"result": {"version": "1.4"}}
            await socket.send("--heartbeat--")
            assert await socket.recv() == "--heartbeat--"
            text = base64.b64encode(made.text).decode()
            params = {"data": text, "signingParams": {"encapsulate": True}}
            await socket.send(
                json.dumps({"module": "kz.gov.pki.knca.basics", "method": "sign", "args": params})
            )
            signature = json.loads(await socket.recv())["body"]["result"]

        company_id = await submit_application(app.database, newcomer, SubmitApplication(made.id, signature))

        async with app.database.reading(SYSTEM) as reader:
            kept = await reader.row("SELECT * FROM org_signature")
            company = await reader.row("SELECT bin, title FROM org_company")
        assert kept is not None
        assert company is not None
        assert (kept["company_id"], kept["signer_bin"], kept["algorithm"]) == (company_id, FIRST_BIN, "gost")
        assert (company["bin"], company["title"]) == (FIRST_BIN, "ТОО «Береке»")
        assert base64.b64decode(kept["cms"]) == base64.b64decode(signature)
        assert "organization.signed_application" in await audited(app, company_id)


async def test_a_signature_works_once_for_its_person_and_for_half_an_hour(
    layer: NcaLayer, tmp_path: Path
) -> None:
    async with opened(layer, tmp_path) as (app, newcomer):
        late, made = await _prepared(app, newcomer), await _prepared(app, newcomer)
        command = _signed(layer, made)
        stranger = Principal(PrincipalKind.USER, "somebody else")
        assert await _code(submit_application(app.database, stranger, command)) == "APPLICATION_UNKNOWN"
        crossed = SubmitApplication(late.id, command.signature)
        assert await _code(submit_application(app.database, newcomer, crossed)) == "SIGNATURE_OTHER_TEXT"

        await submit_application(app.database, newcomer, command)

        assert await _code(submit_application(app.database, newcomer, command)) == "APPLICATION_UNKNOWN"
        clock_of(app).advance(timedelta(minutes=31))
        old = _signed(layer, late)
        assert await _code(submit_application(app.database, newcomer, old)) == "APPLICATION_UNKNOWN"


async def test_the_certificate_must_be_the_companys_and_the_key_one_for_signing(
    layer: NcaLayer, tmp_path: Path
) -> None:
    async with opened(layer, tmp_path) as (app, newcomer):
        foreign = _signed(layer, await _prepared(app, newcomer, SECOND_BIN))
        assert await _code(submit_application(app.database, newcomer, foreign)) == "SIGNATURE_OTHER_OWNER"
        made = await _prepared(app, newcomer)
        auth = _signed(layer, made, "AUTHENTICATION")
        assert await _code(submit_application(app.database, newcomer, auth)) == "SIGNATURE_KEY_KIND"
        garbage = SubmitApplication(made.id, "no base64!")
        assert await _code(submit_application(app.database, newcomer, garbage)) == "SIGNATURE_MALFORMED"


async def test_where_a_signature_is_asked_for_nothing_else_opens_a_company(
    layer: NcaLayer, tmp_path: Path
) -> None:
    async with opened(layer, tmp_path, signature_required=True) as (app, newcomer):
        bare = OpenCompany(FIRST_BIN, DETAILS, UserId(newcomer.subject_id), is_signed=False)

        opening = app.database.transact(open_company, bare, principal=newcomer)

        assert await _code(opening) == "SIGNATURE_REQUIRED"
        made = await _prepared(app, newcomer)
        assert await submit_application(app.database, newcomer, _signed(layer, made))
    async with opened_app() as app:
        newcomer = Principal(PrincipalKind.USER, "newcomer")
        assert await _code(_prepared(app, newcomer)) == "SIGNATURE_NOT_SET_UP"


@pytest.mark.parametrize(
    ("state", "policy", "code"),
    [
        (RevocationState.GOOD, "hard", None),
        (RevocationState.REVOKED, "soft", "SIGNATURE_REVOKED"),
        (RevocationState.UNKNOWN, "soft", None),
        (RevocationState.UNKNOWN, "hard", "SIGNATURE_REVOCATION_UNKNOWN"),
    ],
)
async def test_a_silent_authority_is_believed_or_not_as_the_installation_says(
    layer: NcaLayer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: RevocationState,
    policy: str,
    code: str | None,
) -> None:
    async with opened(layer, tmp_path, signature_revocation=policy) as (app, newcomer):
        port = app.registry.port(Revocation)  # type: ignore[type-abstract]

        async def told(*_: object, **__: object) -> RevocationState:
            return state

        monkeypatch.setattr(port, "state_of", told)
        submitted = submit_application(app.database, newcomer, _signed(layer, await _prepared(app, newcomer)))

        if code is None:
            assert await submitted
        else:
            assert await _code(submitted) == code


@pytest.mark.parametrize("is_gost", [True, False], ids=["gost", "rsa"])
async def test_ocsp_and_lists_count_only_with_the_authoritys_own_word(is_gost: bool) -> None:
    layer, foreign = [NcaLayer(bin_=FIRST_BIN, is_gost=is_gost, moment=OPENING_DAY) for _ in range(2)]
    urls = ("http://ocsp.example.kz", "http://crl.example.kz/list.crl")
    leaf = make_person(layer.authority, now=OPENING_DAY, bin_=FIRST_BIN, revocation_urls=urls)
    serial = leaf.certificate.serial_number
    answers: dict[str, Any] = {}

    async def fetch(url: str, body: bytes | None) -> bytes | None:
        maker = answers.get(url)
        return None if maker is None else maker(body)

    async def state() -> RevocationState:
        revocation = NetworkRevocation(fetch)
        return await revocation.state_of(leaf.der, layer.authority.der, now=OPENING_DAY)

    assert await state() is RevocationState.UNKNOWN
    answers[urls[1]] = lambda _: make_crl(layer.authority, [serial], now=OPENING_DAY)
    assert await state() is RevocationState.REVOKED
    answers[urls[1]] = lambda _: make_crl(layer.authority, [serial + 1], now=OPENING_DAY)
    assert await state() is RevocationState.GOOD
    answers[urls[1]] = lambda _: make_crl(layer.authority, [], now=OPENING_DAY - timedelta(days=30))
    assert await state() is RevocationState.UNKNOWN
    answers[urls[1]] = lambda _: make_crl(foreign.authority, [], now=OPENING_DAY)
    assert await state() is RevocationState.UNKNOWN
    answers[urls[1]] = lambda _: b"<html>not found</html>"
    assert await state() is RevocationState.UNKNOWN
    answers[urls[0]] = lambda body: make_ocsp(layer.authority, body, now=OPENING_DAY)
    assert await state() is RevocationState.GOOD
    answers[urls[0]] = lambda body: make_ocsp(layer.authority, body, now=OPENING_DAY, is_revoked=True)
    assert await state() is RevocationState.REVOKED
    answers[urls[0]] = lambda body: make_ocsp(foreign.authority, body, now=OPENING_DAY)
    assert await state() is RevocationState.UNKNOWN
    answers[urls[0]] = lambda body: make_ocsp(layer.authority, body, now=OPENING_DAY - timedelta(days=2))
    assert await state() is RevocationState.UNKNOWN
