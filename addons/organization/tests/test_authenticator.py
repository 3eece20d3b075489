"""The Authenticator: devices, API tokens, key rotation, and a cache that does not outlive a revocation."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest

from addons.organization.adapters.authenticator import CachedAuthenticator
from addons.organization.domain.cards import Role
from addons.organization.domain.commands import UpdateUser
from addons.organization.services.api_tokens import IssueApiToken, issue_api_token, revoke_api_token
from addons.organization.services.devices import BoundDevice, IssueBinding, bind, issue_binding, unbind_device
from addons.organization.services.sign_in import SignIn, SignInOperator, refresh, sign_in, sign_in_operator
from addons.organization.services.signing_keys import read_keys, rotate_old_signing_key, rotate_signing_key
from addons.organization.services.users import update_user
from addons.organization.tests.shops import (
    PASSWORD,
    PIN,
    Shop,
    audited,
    clock_of,
    open_shop,
    opened_app,
    role_of,
)
from kernel.app import App
from kernel.clock import to_ms
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.security.api_tokens import API_KINDS, TokenKind, make_token
from kernel.security.authenticator import Authenticator
from kernel.security.origin import Origin, come_from
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.security.tokens import kid_of


async def _who(app: App, token: str) -> Principal:
    return await app.registry.port(Authenticator).authenticate(app.database, token)


async def _refused(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def _bound(app: App, shop: Shop) -> BoundDevice:
    command = IssueBinding(shop.register_id, "Планшет")
    binding = await app.database.transact(issue_binding, command, principal=shop.owner)
    return await bind(app.database, binding.token)


async def test_a_device_speaks_for_its_register_says_what_it_is_and_lets_operators_in() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)

        who = await _who(app, (await _bound(app, shop)).token)

        assert (who.kind, who.company_id) == (PrincipalKind.DEVICE, shop.company_id)
        assert who.register_ids == {shop.register_id}
        assert who.permissions == {
            "organization.view",
            "organization.sign_in_operator",
            "organization.report_device",
        }
        command = SignInOperator(shop.register_id, shop.operator_id, PIN)
        assert await sign_in_operator(app.database, who, command)
        assert "organization.bind_device" in await audited(app, shop.company_id)


async def test_a_binding_token_works_once_and_not_for_long() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = IssueBinding(shop.register_id, "Планшет")
        first, late = [
            await app.database.transact(issue_binding, command, principal=shop.owner) for _ in range(2)
        ]
        await bind(app.database, first.token)

        assert await _refused(bind(app.database, first.token)) == "BINDING_WRONG"
        clock_of(app).advance(timedelta(minutes=15))
        assert await _refused(bind(app.database, late.token)) == "BINDING_WRONG"
        assert await _refused(bind(app.database, make_token(TokenKind.BIND).text)) == "BINDING_WRONG"
        assert await _refused(bind(app.database, "nonsense")) == "BINDING_WRONG"
        assert await _refused(_who(app, late.token)) == "UNAUTHENTICATED"


async def test_unbinding_a_device_ends_it_and_the_operators_signed_in_at_it() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        device = await _bound(app, shop)
        command = SignInOperator(shop.register_id, shop.operator_id, PIN)
        at_device, _, _ = await sign_in_operator(app.database, await _who(app, device.token), command)
        elsewhere, _, _ = await sign_in_operator(app.database, shop.owner, command)
        tokens = (device.token, at_device.access, elsewhere.access)
        spoken_from = [(await _who(app, token)).device_id == device.device_id for token in tokens]
        assert spoken_from == [True, True, False]

        await app.database.transact(unbind_device, device.device_id, principal=shop.owner)

        assert await _refused(_who(app, device.token)) == "UNAUTHENTICATED"
        assert await _refused(_who(app, at_device.access)) == "UNAUTHENTICATED"
        assert await _who(app, elsewhere.access)


async def test_an_api_token_may_do_what_it_was_given_until_it_is_revoked() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = IssueApiToken("1C", ("organization.view",), (shop.register_id,))
        issued = await app.database.transact(issue_api_token, command, principal=shop.owner)

        who = await _who(app, issued.token)

        assert issued.token.startswith("sauda_live_")
        assert (who.kind, who.company_id) == (PrincipalKind.SERVICE, shop.company_id)
        assert who.permissions == {"organization.view"}
        assert who.register_ids == {shop.register_id}
        await app.database.transact(revoke_api_token, issued.id, principal=shop.owner)
        assert await _refused(_who(app, issued.token)) == "UNAUTHENTICATED"


async def test_an_api_token_expires_and_remembers_its_last_use() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        until_ms = to_ms(app.clock.now() + timedelta(hours=1))
        command = IssueApiToken("Bot", ("organization.view",), until_ms=until_ms, is_test=True)
        issued = await app.database.transact(issue_api_token, command, principal=shop.owner)
        clock_of(app).advance(timedelta(minutes=30))
        await _who(app, issued.token)

        async with app.database.reading(SYSTEM) as reader:
            row = await reader.row("SELECT digest, used_ms FROM org_api_token")

        assert issued.token.startswith("sauda_test_")
        assert row is not None
        assert row["used_ms"] == to_ms(app.clock.now())
        assert issued.token not in row["digest"]
        clock_of(app).advance(timedelta(minutes=30))
        assert await _refused(_who(app, issued.token)) == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("permissions", "refusal"),
    [
        ((), "PERMISSIONS_EMPTY"),
        (("organization.own",), "PERMISSION_NOT_FOR_TOKEN"),  # not for any token
        (("organization.manage",), "PERMISSION_NOT_FOR_TOKEN"),  # the cashier does not hold it
        (("no.such",), "PERMISSION_NOT_FOR_TOKEN"),
    ],
)
async def test_nobody_gives_a_token_more_than_they_hold(permissions: tuple[str, ...], refusal: str) -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        cashier = role_of(app, PrincipalKind.USER, "someone", shop.company_id, Role.CASHIER)

        issued = app.database.transact(issue_api_token, IssueApiToken("x", permissions), principal=cashier)

        assert await _refused(issued) == refusal


async def test_a_second_request_with_the_same_token_does_not_reach_the_database() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        pair = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        first = await _who(app, pair.access)

        with patch.object(Reader, "rows", side_effect=AssertionError("asked the database")):
            assert await _who(app, pair.access) == first


async def test_a_revocation_is_heard_at_once_over_the_bus_and_elsewhere_within_seconds() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        pair = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        deaf = CachedAuthenticator()
        assert await _who(app, pair.access)
        assert await deaf.authenticate(app.database, pair.access)
        deaf.forget = lambda _subject_id="": None  # type: ignore[method-assign]
        app.bus._taps["access"].remove(app.bus._taps["access"][-1])  # type: ignore[attr-defined]

        sql = "UPDATE org_session SET revoked_ms = 1 WHERE id = ?"

        async def revoke(work: object) -> None:
            await work.execute(sql, pair.session_id)  # type: ignore[attr-defined]
            work.notice("access", pair.session_id)  # type: ignore[attr-defined]

        await app.database.transact(revoke, principal=SYSTEM)

        assert await _refused(_who(app, pair.access)) == "UNAUTHENTICATED"
        assert await deaf.authenticate(app.database, pair.access)
        clock_of(app).advance(timedelta(seconds=5))
        assert await _refused(deaf.authenticate(app.database, pair.access)) == "UNAUTHENTICATED"


async def test_a_changed_role_is_felt_without_signing_in_anew_elsewhere() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        pair = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        assert await _who(app, pair.access)
        await app.database.transact(
            update_user, UpdateUser(shop.user_id, role=Role.OWNER), principal=shop.owner
        )

        assert await _refused(_who(app, pair.access)) == "UNAUTHENTICATED"


async def test_signing_keys_rotate_and_tokens_of_the_old_one_live_out_their_time() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        old = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        other_process = CachedAuthenticator()
        assert await other_process.authenticate(app.database, old.access)

        kid = await app.database.transact(rotate_signing_key, principal=SYSTEM)

        new = await refresh(app.database, old.refresh)
        assert kid_of(new.access) == kid != kid_of(old.access)
        assert await _who(app, new.access)
        assert await _who(app, old.access)
        assert await other_process.authenticate(app.database, new.access)
        clock_of(app).advance(timedelta(seconds=905))
        assert await _refused(_who(app, old.access)) == "UNAUTHENTICATED"
        async with app.database.reading(SYSTEM) as reader:
            assert (await read_keys(reader)).kids == {kid}


async def test_a_signing_key_grows_old_by_itself_and_is_stored_sealed() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await app.database.transact(rotate_old_signing_key, principal=SYSTEM)  # nothing to rotate yet
        first = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        clock_of(app).advance(timedelta(days=89))
        await app.database.transact(rotate_old_signing_key, principal=SYSTEM)
        async with app.database.reading(SYSTEM) as reader:
            assert len(await reader.rows("SELECT kid FROM org_signing_key")) == 1
        clock_of(app).advance(timedelta(days=1))

        await app.database.transact(rotate_old_signing_key, principal=SYSTEM)

        second = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        assert kid_of(first.access) != kid_of(second.access)
        async with app.database.reading(SYSTEM) as reader:
            rows = await reader.rows("SELECT private FROM org_signing_key")
        assert all(row["private"].startswith("s1.test.") for row in rows)


SOME_ID = "01a1fdd9-b080-7bc6-bff7-e483e7522939"


@pytest.mark.parametrize("token", ["", "Bearer", "a.b.c", "sauda_live_x", "é" * 3000, SOME_ID])
async def test_what_is_no_credential_is_refused_calmly(token: str) -> None:
    async with opened_app() as app:
        assert await _refused(_who(app, token)) == "UNAUTHENTICATED"


@pytest.mark.parametrize("kind", list(TokenKind))
async def test_a_well_formed_token_nobody_issued_opens_nothing(kind: TokenKind) -> None:
    async with opened_app() as app:
        assert await _refused(_who(app, make_token(kind).text)) == "UNAUTHENTICATED"


async def test_the_cache_of_principals_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addons.organization.adapters.authenticator.PRINCIPALS_MAX", 2)
    async with opened_app() as app:
        shop = await open_shop(app)
        authenticator = CachedAuthenticator()
        for number in range(4):
            command = IssueApiToken(f"Bot {number}", ("organization.view",))
            issued = await app.database.transact(issue_api_token, command, principal=shop.owner)
            await authenticator.authenticate(app.database, issued.token)

        assert len(authenticator._known) == 2


async def test_unknown_tokens_of_an_address_are_answered_later_and_later_and_right_ones_pass() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        till = (await _bound(app, shop)).token
        come_from(Origin("198.51.100.7"))

        codes = [await _refused(_who(app, make_token(kind).text)) for kind in list(API_KINDS) * 11]

        assert codes[:20] == ["UNAUTHENTICATED"] * 20
        assert set(codes[20:]) == {"AUTH_THROTTLED"}
        assert (await _who(app, till)).kind is PrincipalKind.DEVICE
        clock_of(app).advance(timedelta(seconds=5))
        assert await _refused(_who(app, make_token(TokenKind.DEVICE).text)) == "UNAUTHENTICATED"
        assert await _refused(_who(app, make_token(TokenKind.DEVICE).text)) == "AUTH_THROTTLED"
        come_from(Origin("198.51.100.8"))
        assert await _refused(_who(app, make_token(TokenKind.DEVICE).text)) == "UNAUTHENTICATED"
