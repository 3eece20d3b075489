"""Passwords and PINs: who gets in, who waits, and how a session lives on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from addons.organization.api import CreateCompany, CreateUser, UserId, create_company, create_user
from addons.organization.domain.commands import UpdateOperator, UpdateUser
from addons.organization.services.operators import hash_pin, update_operator
from addons.organization.services.sessions import TokenPair, end_session
from addons.organization.services.sign_in import SignIn, SignInOperator, refresh, sign_in, sign_in_operator
from addons.organization.services.tidy import tidy
from addons.organization.services.users import hash_password, set_password, update_user
from addons.organization.tests.shops import (
    PASSWORD,
    PIN,
    SECOND_BIN,
    Shop,
    audited,
    clock_of,
    open_shop,
    opened_app,
    password_hash,
)
from kernel.app import App
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator
from kernel.security.origin import Origin, come_from
from kernel.security.principal import SYSTEM, Principal


async def _who(app: App, token: str) -> Principal:
    return await app.registry.port(Authenticator).authenticate(app.database, token)


async def _refused(awaitable: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value


async def _pin(app: App, shop: Shop, pin: str = PIN) -> TokenPair:
    command = SignInOperator(shop.register_id, shop.operator_id, pin)
    return (await sign_in_operator(app.database, shop.owner, command))[0]


async def test_a_user_signs_in_by_any_spelling_of_the_address() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)

        pair = await sign_in(app.database, SignIn(f" {shop.email.upper()} ", PASSWORD))

        who = await _who(app, pair.access)
        assert (who.subject_id, who.company_id) == (shop.user_id, shop.company_id)
        assert who.permissions == app.registry.roles["owner"]
        assert who.session_id == pair.session_id
        assert PASSWORD not in repr(SignIn(shop.email, PASSWORD))
        assert pair.refresh not in repr(pair)


async def test_unknown_wrong_and_blocked_get_one_answer() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        other = CreateUser("blocked@example.kz", "Марат", await password_hash())
        blocked = await app.database.transact(create_user, other, principal=shop.owner)
        await app.database.transact(update_user, UpdateUser(blocked, is_active=False), principal=shop.owner)

        answers = [
            await _refused(sign_in(app.database, SignIn("nobody@example.kz", PASSWORD))),
            await _refused(sign_in(app.database, SignIn(shop.email, "wrong password"))),
            await _refused(sign_in(app.database, SignIn("blocked@example.kz", PASSWORD))),
        ]

        assert {(each.code, each.field, str(each.facts)) for each in answers} == {
            ("SIGN_IN_WRONG", "password", "{}")
        }


async def test_guessing_a_password_takes_longer_and_longer_even_with_the_right_one() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        for _ in range(5):
            assert (
                await _refused(sign_in(app.database, SignIn(shop.email, "guess")))
            ).code == "SIGN_IN_WRONG"

        throttled = await _refused(sign_in(app.database, SignIn(shop.email, PASSWORD)))

        assert (throttled.code, throttled.facts["seconds"]) == ("AUTH_THROTTLED", 5)
        clock_of(app).advance(timedelta(seconds=5))
        assert await sign_in(app.database, SignIn(shop.email, PASSWORD))
        assert (await _refused(sign_in(app.database, SignIn(shop.email, "guess")))).code == "SIGN_IN_WRONG"


async def test_guesses_sent_at_the_same_time_are_counted_too() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)

        answers = await asyncio.gather(*(_refused(_pin(app, shop, f"900{digit}")) for digit in range(10)))

        assert sorted(each.code for each in answers) == ["AUTH_THROTTLED"] * 7 + ["PIN_WRONG"] * 3


async def test_an_operator_signs_in_by_pin_for_one_register_only() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)

        who = await _who(app, (await _pin(app, shop)).access)

        assert who.subject_id == shop.operator_id
        assert who.register_ids == {shop.register_id}
        assert who.permissions == app.registry.roles["cashier"]
        assert "organization.sign_in" in await audited(app, shop.company_id)


async def test_a_wrong_pin_waits_and_is_written_down_and_a_right_one_forgives() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        for _ in range(3):
            assert (await _refused(_pin(app, shop, "0000"))).code == "PIN_WRONG"

        throttled = await _refused(_pin(app, shop))

        assert (throttled.code, throttled.facts["seconds"]) == ("AUTH_THROTTLED", 10)
        clock_of(app).advance(timedelta(seconds=9))
        assert (await _refused(_pin(app, shop))).facts["seconds"] == 1
        clock_of(app).advance(timedelta(seconds=1))
        assert (await _refused(_pin(app, shop, "0000"))).code == "PIN_WRONG"
        assert (await _refused(_pin(app, shop))).facts["seconds"] == 20
        clock_of(app).advance(timedelta(seconds=20))
        assert await _pin(app, shop)
        assert (await _refused(_pin(app, shop, "0000"))).code == "PIN_WRONG"
        assert (await audited(app, shop.company_id)).count("organization.wrong_pin") == 5


async def test_a_register_where_many_pins_are_tried_waits_as_a_whole() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        async with app.database.reading(SYSTEM) as reader:
            assert await reader.row("SELECT guesses FROM org_attempt") is None
        for _ in range(3):
            await _refused(_pin(app, shop, "0000"))

        async with app.database.reading(SYSTEM) as reader:
            sql = "SELECT guesses FROM org_attempt WHERE subject = ?"
            row = await reader.row(sql, f"pin-at:{shop.register_id}")

        assert row is not None
        assert row["guesses"] == 3


async def test_an_operator_without_pin_cannot_sign_in_and_a_new_pin_ends_old_sessions() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        pair = await _pin(app, shop)
        assert await _who(app, pair.access)
        new_pin = UpdateOperator(shop.operator_id, pin_hash=await hash_pin("55555"))

        await app.database.transact(update_operator, new_pin, principal=shop.owner)

        assert (await _refused(_who(app, pair.access))).code == "UNAUTHENTICATED"
        assert (await _refused(_pin(app, shop))).code == "PIN_WRONG"
        assert await _pin(app, shop, "55555")


async def test_a_refresh_token_works_once_and_brings_the_next_pair() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        first = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        clock_of(app).advance(timedelta(hours=1))
        assert (await _refused(_who(app, first.access))).code == "UNAUTHENTICATED"

        second = await refresh(app.database, first.refresh)

        assert second.session_id == first.session_id
        assert (await _who(app, second.access)).subject_id == shop.user_id
        assert await refresh(app.database, second.refresh)


async def test_a_refresh_token_used_again_ends_the_session_for_everybody() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        stolen = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        honest = await refresh(app.database, stolen.refresh)
        assert await _who(app, honest.access)
        clock_of(app).advance(timedelta(seconds=11))

        assert (await _refused(refresh(app.database, stolen.refresh))).code == "SESSION_ENDED"

        assert (await _refused(refresh(app.database, honest.refresh))).code == "SESSION_ENDED"
        assert (await _refused(_who(app, honest.access))).code == "UNAUTHENTICATED"
        assert "organization.refresh_reused" in await audited(app, shop.company_id)


async def test_a_refresh_whose_answer_was_lost_may_be_repeated_at_once() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        first = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        await refresh(app.database, first.refresh)
        clock_of(app).advance(timedelta(seconds=10))

        again = await refresh(app.database, first.refresh)

        assert await _who(app, again.access)


async def test_an_operator_signs_in_anew_after_a_working_day_and_an_absent_user_after_a_month() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        user = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        operator = await _pin(app, shop)
        clock_of(app).advance(timedelta(hours=11))
        operator = await refresh(app.database, operator.refresh)
        clock_of(app).advance(timedelta(hours=1))

        assert (await _refused(refresh(app.database, operator.refresh))).code == "SESSION_ENDED"
        clock_of(app).advance(timedelta(days=29))
        user = await refresh(app.database, user.refresh)
        clock_of(app).advance(timedelta(days=30))
        assert (await _refused(refresh(app.database, user.refresh))).code == "SESSION_ENDED"


async def test_signing_out_ends_only_that_session() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        till, phone = [await sign_in(app.database, SignIn(shop.email, PASSWORD)) for _ in range(2)]
        who = await _who(app, till.access)

        assert await app.database.transact(end_session, till.session_id, principal=who)

        assert (await _refused(_who(app, till.access))).code == "UNAUTHENTICATED"
        assert (await _refused(refresh(app.database, till.refresh))).code == "SESSION_ENDED"
        assert await _who(app, phone.access)
        assert not await app.database.transact(end_session, till.session_id, principal=who)


async def test_a_new_password_ends_every_session() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        pair = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        fresh = await hash_password("another horse")

        await app.database.transact(set_password, shop.email, fresh, principal=SYSTEM)

        assert (await _refused(_who(app, pair.access))).code == "UNAUTHENTICATED"
        assert await sign_in(app.database, SignIn(shop.email, "another horse"))


async def test_a_user_of_two_companies_chooses_one_and_no_third() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = CreateCompany(SECOND_BIN, "Second", owner_id=UserId(shop.user_id))
        second = await app.database.transact(create_company, command, principal=shop.owner)
        third = await open_shop(app, "230140000033")

        first_pair = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        second_pair = await sign_in(app.database, SignIn(shop.email, PASSWORD, second))
        foreign = await _refused(sign_in(app.database, SignIn(shop.email, PASSWORD, third.company_id)))

        assert (await _who(app, first_pair.access)).company_id == shop.company_id
        assert (await _who(app, second_pair.access)).company_id == second
        assert foreign.code == "COMPANY_UNKNOWN"


async def test_what_cannot_matter_any_more_is_thrown_away() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await sign_in(app.database, SignIn(shop.email, PASSWORD))
        await _refused(sign_in(app.database, SignIn("nobody@example.kz", PASSWORD)))
        clock_of(app).advance(timedelta(days=125))
        kept = await sign_in(app.database, SignIn(shop.email, PASSWORD))

        await app.database.transact(tidy, principal=SYSTEM)

        async with app.database.reading(SYSTEM) as reader:
            sessions = await reader.rows("SELECT id FROM org_session")
            steps = await reader.rows("SELECT id FROM org_refresh_token")
            attempts = await reader.rows("SELECT subject FROM org_attempt")
        assert [row["id"] for row in sessions] == [kept.session_id]
        assert (len(steps), len(attempts)) == (1, 0)


async def test_one_address_that_tries_many_people_waits_and_others_do_not() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        come_from(Origin("203.0.113.7"))
        for number in range(20):
            guess = SignIn(f"guess{number}@example.kz", PASSWORD)
            assert (await _refused(sign_in(app.database, guess))).code == "SIGN_IN_WRONG"

        throttled = await _refused(sign_in(app.database, SignIn(shop.email, PASSWORD)))

        assert (throttled.code, throttled.facts["seconds"]) == ("AUTH_THROTTLED", 5)
        come_from(Origin("203.0.113.8"))
        for _ in range(25):
            assert await sign_in(app.database, SignIn(shop.email, PASSWORD))
        come_from(Origin())
