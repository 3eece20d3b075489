"""Second factors and sessions: an app, a passkey of a software key, recovery codes, idleness."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any

import cbor2
import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from addons.organization.services.change_password import ChangePassword, change_password
from addons.organization.services.factor_proofs import FactorNeeded
from addons.organization.services.factor_tickets import FactorKind
from addons.organization.services.factors import (
    add_passkey,
    begin_codes,
    begin_passkey,
    confirm_codes,
    remove_factor,
)
from addons.organization.services.session_rules import SessionRules, choose_session_rules
from addons.organization.services.sessions import (
    TokenPair,
    end_company_session,
    end_other_sessions,
    end_own_session,
)
from addons.organization.services.sign_in import SignIn, confirm_sign_in, refresh, sign_in
from addons.organization.tests.shops import (
    PASSWORD,
    SECOND_BIN,
    Shop,
    ask,
    audited,
    clock_of,
    open_shop,
    opened_app,
)
from kernel.app import App
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator
from kernel.security.origin import Origin, come_from
from kernel.security.principal import SYSTEM, Principal

ORIGIN = "http://localhost:8080"


async def _who(app: App, pair: TokenPair | FactorNeeded) -> Principal:
    assert isinstance(pair, TokenPair)
    return await app.registry.port(Authenticator).authenticate(app.database, pair.access)


async def _code(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def _needed(app: App, shop: Shop) -> FactorNeeded:
    needed = await sign_in(app.database, SignIn(shop.email, PASSWORD))
    assert isinstance(needed, FactorNeeded)
    return needed


async def _with_codes(app: App, shop: Shop) -> tuple[pyotp.TOTP, list[str]]:
    made = await app.database.transact(begin_codes, "Телефон", principal=shop.owner)
    totp = pyotp.TOTP(made.secret)
    now = totp.at(clock_of(app).now())
    codes = await app.database.transact(confirm_codes, made.factor_id, now, principal=shop.owner)
    clock_of(app).advance(timedelta(seconds=30))
    return totp, codes


class SoftwareKey:
    """An authenticator with one key, as a browser would talk to it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.count = 0

    def make(self, options: dict[str, Any]) -> str:
        """The answer of navigator.credentials.create."""
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(options["rp"]["id"], flags=0x45) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(attestationObject=made, clientDataJSON=client)

    def get(self, options: dict[str, Any], *, origin: str = ORIGIN) -> str:
        """The answer of navigator.credentials.get."""
        self.count += 1
        data = self._data(options["rpId"], flags=0x05)
        client = self._client("webauthn.get", options["challenge"], origin)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(authenticatorData=data, clientDataJSON=client, signature=signature)

    def _data(self, site: str, *, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, origin: str = ORIGIN) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def _answer(self, **response: bytes) -> str:
        name = bytes_to_base64url(self.id)
        parts = {key: bytes_to_base64url(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})


async def test_an_app_is_asked_after_the_password_and_a_code_works_once() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        totp, recovery = await _with_codes(app, shop)
        needed = await _needed(app, shop)
        code = totp.at(clock_of(app).now())

        pair = await confirm_sign_in(app.database, needed.ticket, code=code)

        assert (await _who(app, pair)).permissions == app.registry.roles["owner"]
        assert needed.kinds == (FactorKind.CODES, FactorKind.RECOVERY)
        assert len(set(recovery)) == 10
        again = await _needed(app, shop)
        assert await _code(confirm_sign_in(app.database, again.ticket, code=code)) == "FACTOR_WRONG"
        clock_of(app).advance(timedelta(seconds=30))
        fresh = totp.at(clock_of(app).now())
        assert await _code(confirm_sign_in(app.database, needed.ticket, code=fresh)) == "FACTOR_WRONG"
        assert await confirm_sign_in(app.database, again.ticket, code=fresh)
        async with app.database.reading(SYSTEM) as reader:
            rows = await reader.rows("SELECT secret FROM org_factor")
        assert not [row for row in rows if totp.secret in row["secret"] or row["secret"] in recovery]


async def test_codes_are_guessed_slower_and_slower_and_a_ticket_ages() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        totp, recovery = await _with_codes(app, shop)
        needed = await _needed(app, shop)
        for _ in range(3):
            assert await _code(confirm_sign_in(app.database, needed.ticket, code="000000")) == "FACTOR_WRONG"

        right = totp.at(clock_of(app).now())
        assert await _code(confirm_sign_in(app.database, needed.ticket, code=right)) == "AUTH_THROTTLED"

        clock_of(app).advance(timedelta(minutes=6))
        old = needed.ticket
        assert await _code(confirm_sign_in(app.database, old, code=recovery[0])) == "FACTOR_WRONG"
        needed = await _needed(app, shop)
        assert await confirm_sign_in(app.database, needed.ticket, code=recovery[0].upper())
        needed = await _needed(app, shop)
        assert await _code(confirm_sign_in(app.database, needed.ticket, code=recovery[0])) == "FACTOR_WRONG"
        assert "organization.use_recovery_code" in await audited(app, shop.company_id)


async def test_a_passkey_opens_and_another_site_or_key_does_not() -> None:
    async with opened_app() as app:
        shop, key = await open_shop(app), SoftwareKey()
        transact = app.database.transact
        begun = await transact(begin_passkey, principal=shop.owner)
        options = json.loads(begun.options)
        answer = key.make(options)
        strange = Principal(shop.owner.kind, "another user", shop.company_id)
        assert (
            await _code(transact(add_passkey, begun.ticket, answer, "x", principal=strange)) == "FACTOR_WRONG"
        )
        assert len(await transact(add_passkey, begun.ticket, answer, "Ключ", principal=shop.owner)) == 10

        needed = await _needed(app, shop)
        assert needed.passkey_options is not None
        wanted = json.loads(needed.passkey_options)
        assert [each["id"] for each in wanted["allowCredentials"]] == [bytes_to_base64url(key.id)]
        phished = key.get(wanted, origin="https://sauda.example.com")
        assert await _code(confirm_sign_in(app.database, needed.ticket, passkey=phished)) == "FACTOR_WRONG"
        thief = SoftwareKey()
        thief.id = key.id
        forged = thief.get(wanted)
        assert await _code(confirm_sign_in(app.database, needed.ticket, passkey=forged)) == "FACTOR_WRONG"
        assert await _code(confirm_sign_in(app.database, needed.ticket, passkey="{}")) == "FACTOR_WRONG"
        clock_of(app).advance(timedelta(seconds=30))
        right = key.get(wanted)
        assert await _who(app, await confirm_sign_in(app.database, needed.ticket, passkey=right))
        assert base64url_to_bytes(json.loads(right)["id"]) == key.id
        again = await _needed(app, shop)
        assert await _code(confirm_sign_in(app.database, again.ticket, passkey=right)) == "FACTOR_WRONG"


async def test_a_company_that_asks_its_administrators_for_a_factor_gets_it() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        rules = SessionRules(needs_factor=True)
        await app.database.transact(choose_session_rules, rules, principal=shop.owner)
        async with app.database.reading(SYSTEM) as reader:
            await app.database.choices.refresh(reader)

        bare = await _who(app, await sign_in(app.database, SignIn(shop.email, PASSWORD)))

        assert bare.permissions == {"organization.secure_account"}
        totp, _ = await _with_codes(app, shop)
        needed = await _needed(app, shop)
        pair = await confirm_sign_in(app.database, needed.ticket, code=totp.at(clock_of(app).now()))
        assert (await _who(app, pair)).permissions == app.registry.roles["owner"]
        factor = (await ask(app, "{ myFactors { id kind isConfirmed } }", shop.owner))["myFactors"]
        assert [(each["kind"], each["isConfirmed"]) for each in factor] == [("CODES", True)]
        async with app.database.reading(SYSTEM) as reader:
            row = await reader.row("SELECT id FROM org_factor WHERE kind = 'codes'")
        assert row is not None
        await app.database.transact(remove_factor, row["id"], principal=shop.owner)
        async with app.database.reading(SYSTEM) as reader:
            assert await reader.row("SELECT id FROM org_factor") is None


async def test_an_idle_user_signs_in_again_and_a_busy_one_does_not() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await app.database.transact(choose_session_rules, SessionRules(30), principal=shop.owner)
        async with app.database.reading(SYSTEM) as reader:
            await app.database.choices.refresh(reader)
        busy, idle = [await sign_in(app.database, SignIn(shop.email, PASSWORD)) for _ in range(2)]
        assert isinstance(busy, TokenPair)
        assert isinstance(idle, TokenPair)

        for _ in range(3):
            clock_of(app).advance(timedelta(minutes=14))
            busy = await refresh(app.database, busy.refresh)
            assert await _who(app, busy)

        assert await _code(refresh(app.database, idle.refresh)) == "SESSION_ENDED"
        clock_of(app).advance(timedelta(minutes=31))
        assert await _code(refresh(app.database, busy.refresh)) == "SESSION_ENDED"
        assert await _code(
            app.database.transact(choose_session_rules, SessionRules(1), principal=shop.owner)
        ) == ("IDLE_OUT_OF_RANGE")


async def test_sessions_are_listed_with_where_they_were_seen_and_ended_one_by_one() -> None:
    async with opened_app() as app:
        shop, other = await open_shop(app), await open_shop(app, SECOND_BIN)
        come_from(Origin("203.0.113.7", "Firefox"))
        first, second, third = [await sign_in(app.database, SignIn(shop.email, PASSWORD)) for _ in range(3)]
        come_from(Origin())
        assert isinstance(first, TokenPair)
        assert isinstance(second, TokenPair)
        me = await _who(app, first)

        seen = await ask(app, "{ mySessions { id isPresent address agent } }", me)
        assert [each["isPresent"] for each in seen["mySessions"]].count(True) == 1
        assert {(each["address"], each["agent"]) for each in seen["mySessions"]} == {
            ("203.0.113.7", "Firefox")
        }
        await app.database.transact(end_own_session, second.session_id, principal=me)
        assert await _code(_who(app, second)) == "UNAUTHENTICATED"
        stranger = app.database.transact(end_own_session, first.session_id, principal=other.owner)
        assert await _code(stranger) == "SESSION_UNKNOWN"
        stranger = app.database.transact(end_company_session, first.session_id, principal=other.owner)
        assert await _code(stranger) == "SESSION_UNKNOWN"
        assert await app.database.transact(end_other_sessions, principal=me) == 1
        assert await _code(_who(app, third)) == "UNAUTHENTICATED"
        await change_password(app.database, me, ChangePassword(PASSWORD, "seven green kettles"))
        assert await _who(app, first)
        wrong = ChangePassword(PASSWORD, "seven green kettles")
        assert await _code(change_password(app.database, me, wrong)) == "SIGN_IN_WRONG"


async def test_a_session_left_open_changes_no_factor_until_its_owner_signs_in_again() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        pair = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        fresh = await _who(app, pair)
        made = await app.database.transact(begin_codes, "Телефон", principal=fresh)
        clock_of(app).advance(timedelta(minutes=14))
        assert isinstance(pair, TokenPair)
        old = await _who(app, await refresh(app.database, pair.refresh))
        clock_of(app).advance(timedelta(minutes=2))

        assert await _code(app.database.transact(begin_codes, "Чужой", principal=old)) == "SIGN_IN_AGAIN"
        assert await _code(app.database.transact(begin_passkey, principal=old)) == "SIGN_IN_AGAIN"
        removed = app.database.transact(remove_factor, made.factor_id, principal=old)
        assert await _code(removed) == "SIGN_IN_AGAIN"
