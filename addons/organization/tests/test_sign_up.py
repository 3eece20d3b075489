"""From a stranger's address to the owner of a company; a forgotten password; an invitation."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import count

import pytest

from addons.organization.api import Role
from addons.organization.domain.company import LegalForm, TaxRegime
from addons.organization.services.company_details import CompanyDetails, OpenCompany, open_company
from addons.organization.services.consents import terms_to_accept
from addons.organization.services.letter_tokens import LETTERS_MAX
from addons.organization.services.sessions import TokenPair
from addons.organization.services.sign_in import SignIn, sign_in, switch_company
from addons.organization.services.sign_up import (
    AcceptInvitation,
    Invite,
    SignUp,
    accept_invitation,
    cancel_invitation,
    confirm_sign_up,
    invitations_of,
    invite,
    request_password,
    resend_sign_up,
    reset_password,
    sign_up,
)
from addons.organization.services.work_proof import WorkProof, challenge, zero_bits
from addons.organization.tests.shops import (
    FIRST_BIN,
    MAIL,
    PASSWORD,
    SECOND_BIN,
    ask,
    clock_of,
    last_token,
    open_shop,
    opened_app,
)
from kernel.app import App
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.authenticator import Authenticator
from kernel.security.origin import Origin, come_from
from kernel.security.principal import ANONYMOUS, SYSTEM, Principal

EMAIL, FRESH = "aigerim@example.kz", "seven green kettles"


async def _who(app: App, token: str) -> Principal:
    return await app.registry.port(Authenticator).authenticate(app.database, token)


async def _code(awaitable: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable  # type: ignore[misc]
    return refusal.value.code


async def _letters(app: App) -> list[tuple[str, str]]:
    async with app.database.reading(SYSTEM) as reader:
        rows = await reader.rows("SELECT recipient, subject FROM kernel_letter ORDER BY posted_ms, id")
    return [(row["recipient"], row["subject"]) for row in rows]


async def test_a_stranger_becomes_the_owner_of_a_company() -> None:
    async with opened_app(mail=MAIL) as app:
        hours = await sign_up(app.database, SignUp(EMAIL, "Айгерім", PASSWORD, phone="8 701 123 45 67"))
        assert hours == 24

        pair = await confirm_sign_up(app.database, await last_token(app))

        newcomer = await _who(app, pair.access)
        assert newcomer.company_id is None
        assert newcomer.permissions == {"organization.apply", "organization.secure_account"}
        command = OpenCompany(
            FIRST_BIN,
            CompanyDetails(
                legal_form=LegalForm.TOO,
                name="Береке",
                tax_regime=TaxRegime.SIMPLIFIED,
                iban="KZ86 125K ZT50 0410 0100",
                bic="KCJBKZKX",
            ),
            newcomer.subject_id,  # type: ignore[arg-type]
        )
        company_id = await app.database.transact(open_company, command, principal=newcomer)
        owner = await _who(app, (await switch_company(app.database, newcomer, company_id)).access)
        assert (owner.company_id, owner.permissions) == (company_id, app.registry.roles["owner"])
        seen = await ask(
            app, "{ me { company { title titleKk } } companyDetails { bank iban number } }", owner
        )
        assert seen["me"]["company"] == {"title": "ТОО «Береке»", "titleKk": "«Береке» ЖШС"}
        assert seen["companyDetails"]["bank"] == "Банк ЦентрКредит"
        assert (await sign_in(app.database, SignIn(EMAIL, PASSWORD))) is not None


async def test_the_answer_does_not_tell_whether_an_address_is_known_and_the_letter_does() -> None:
    async with opened_app(mail=MAIL) as app:
        shop = await open_shop(app)

        known = await sign_up(app.database, SignUp(shop.email, "Кто-то", PASSWORD, language="en"))
        fresh = await sign_up(app.database, SignUp(EMAIL, "Кто-то", PASSWORD, language="en"))
        await request_password(app.database, "nobody@example.kz")
        await request_password(app.database, shop.email)
        await resend_sign_up(app.database, "stranger@example.kz")

        assert known == fresh
        assert await _letters(app) == [
            (shop.email, "You have an account in Sauda"),
            (EMAIL, "Confirm your address in Sauda"),
            (shop.email, "New password in Sauda"),
        ]


async def test_only_the_last_letter_of_a_sign_up_works_once_and_for_a_day() -> None:
    async with opened_app(mail=MAIL) as app:
        await sign_up(app.database, SignUp(EMAIL, "Айгерім", PASSWORD))
        first = await last_token(app)
        clock_of(app).advance(timedelta(hours=1))
        await resend_sign_up(app.database, EMAIL)
        second = await last_token(app)

        assert await _code(confirm_sign_up(app.database, first)) == "LETTER_TOKEN_WRONG"
        assert await _code(confirm_sign_up(app.database, "sauda_letter_x")) == "LETTER_TOKEN_WRONG"
        clock_of(app).advance(timedelta(hours=25))
        assert await _code(confirm_sign_up(app.database, second)) == "LETTER_TOKEN_WRONG"
        await resend_sign_up(app.database, EMAIL)
        third = await last_token(app)
        assert await confirm_sign_up(app.database, third)
        assert await _code(confirm_sign_up(app.database, third)) == "LETTER_TOKEN_WRONG"


async def test_letters_to_one_address_and_from_one_place_grow_rare() -> None:
    async with opened_app(mail=MAIL) as app:
        shop = await open_shop(app)
        await request_password(app.database, shop.email)
        await request_password(app.database, shop.email)

        assert await _code(request_password(app.database, shop.email)) == "AUTH_THROTTLED"
        clock_of(app).advance(timedelta(seconds=60))
        await request_password(app.database, shop.email)
        come_from(Origin("203.0.113.7"))
        for number in range(20):
            await request_password(app.database, f"guess{number}@example.kz")
        assert await _code(request_password(app.database, "one-more@example.kz")) == "AUTH_THROTTLED"
        come_from(Origin("203.0.113.8"))
        await request_password(app.database, "one-more@example.kz")
        come_from(Origin())
        assert LETTERS_MAX == 5


async def test_a_forgotten_password_is_replaced_and_every_session_ends() -> None:
    async with opened_app(mail=MAIL) as app:
        shop = await open_shop(app)
        pair = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        assert isinstance(pair, TokenPair)
        await request_password(app.database, shop.email)
        token = await last_token(app)

        await reset_password(app.database, token, FRESH)

        assert await _code(_who(app, pair.access)) == "UNAUTHENTICATED"
        assert await _code(sign_in(app.database, SignIn(shop.email, PASSWORD))) == "SIGN_IN_WRONG"
        assert await sign_in(app.database, SignIn(shop.email, FRESH))
        assert await _code(reset_password(app.database, token, FRESH)) == "LETTER_TOKEN_WRONG"


@pytest.mark.parametrize(
    "password", ["password1", "qwertyuiop", "aigerim@example.kz", "Айгерім2026", "11111111"]
)
async def test_passwords_that_are_tried_first_are_refused_without_rules_about_signs(password: str) -> None:
    async with opened_app(mail=MAIL) as app:
        weak = SignUp("aigerim@example.kz", "Айгерім", password)

        assert await _code(sign_up(app.database, weak)) == "PASSWORD_WEAK"
        assert await sign_up(app.database, SignUp(EMAIL, "Айгерім", "тауда жасыл шай ішеміз"))


async def test_where_work_is_asked_for_a_robot_pays_and_a_proof_works_once() -> None:
    async with opened_app(mail=MAIL, organization={"sign_up_work_bits": 8}) as app:
        async with app.database.reading(ANONYMOUS) as reader:
            text, bits = challenge(reader)
        nonce = next(
            str(each) for each in count() if hashlib.sha256(f"{text}:{each}".encode()).digest()[0] == 0
        )
        proof = WorkProof(text, nonce)
        assert (bits, zero_bits(proof) >= 8) == (8, True)

        assert await _code(sign_up(app.database, SignUp(EMAIL, "A", PASSWORD))) == "WORK_PROOF_WRONG"
        forged = WorkProof(text[:-4] + "AAA=", nonce)
        assert await _code(sign_up(app.database, SignUp(EMAIL, "A", PASSWORD, proof=forged)))
        await sign_up(app.database, SignUp(EMAIL, "A", PASSWORD, proof=proof))
        assert (
            await _code(sign_up(app.database, SignUp(EMAIL, "A", PASSWORD, proof=proof)))
            == "WORK_PROOF_WRONG"
        )


async def test_terms_are_agreed_to_by_version_and_asked_again_when_they_change() -> None:
    async with opened_app(mail=MAIL, organization={"terms_version": "2026-01"}) as app:
        stranger = SignUp(EMAIL, "Айгерім", PASSWORD)
        assert await _code(sign_up(app.database, stranger)) == "TERMS_NOT_ACCEPTED"
        await sign_up(app.database, SignUp(EMAIL, "Айгерім", PASSWORD, terms_version="2026-01"))
        come_from(Origin("203.0.113.7", "Firefox"))
        pair = await confirm_sign_up(app.database, await last_token(app))
        come_from(Origin())
        who = await _who(app, pair.access)

        async with app.database.reading(who) as reader:
            assert await terms_to_accept(reader, who.subject_id) is None
            assert await terms_to_accept(reader, "somebody else") == "2026-01"
            row = await reader.row("SELECT version, address FROM org_consent")
        assert row is not None
        assert dict(row) == {"version": "2026-01", "address": "203.0.113.7"}


async def test_an_invited_accountant_comes_in_and_a_cancelled_one_does_not() -> None:
    async with opened_app(mail=MAIL) as app:
        shop = await open_shop(app)
        transact = app.database.transact
        invitation = await transact(invite, Invite(EMAIL, Role.ACCOUNTANT), principal=shop.owner)
        token = await last_token(app)
        async with app.database.reading(shop.owner) as reader:
            assert [row["email"] for row in await invitations_of(reader)] == [EMAIL]

        assert await _code(accept_invitation(app.database, AcceptInvitation(token))) == "TEXT_EMPTY"
        pair = await accept_invitation(app.database, AcceptInvitation(token, "Айгерім", PASSWORD))

        who = await _who(app, pair.access)
        assert (who.company_id, who.permissions) == (shop.company_id, app.registry.roles["accountant"])
        assert (
            await _code(transact(cancel_invitation, invitation, principal=shop.owner)) == "INVITATION_UNKNOWN"
        )
        assert await _code(transact(invite, Invite(EMAIL), principal=shop.owner)) == "USER_IS_MEMBER"
        other = await open_shop(app, SECOND_BIN)
        second = await transact(invite, Invite(EMAIL), principal=other.owner)
        token = await last_token(app)
        await transact(cancel_invitation, second, principal=other.owner)
        assert await _code(accept_invitation(app.database, AcceptInvitation(token))) == "LETTER_TOKEN_WRONG"
        await transact(invite, Invite(EMAIL), principal=other.owner)
        letter = AcceptInvitation(await last_token(app))
        assert await _code(accept_invitation(app.database, letter)) == "SIGN_IN_FIRST"
        assert await _code(accept_invitation(app.database, letter, caller=other.owner)) == "SIGN_IN_FIRST"
        back = await accept_invitation(app.database, letter, caller=who)
        assert (await _who(app, back.access)).company_id == CompanyId(other.company_id)


async def test_letters_keep_no_token_in_the_clear_and_without_mail_nothing_is_promised() -> None:
    async with opened_app(mail=MAIL) as app:
        await sign_up(app.database, SignUp(EMAIL, "Айгерім", PASSWORD))
        async with app.database.reading(SYSTEM) as reader:
            bodies = [row["body"] for row in await reader.rows("SELECT body FROM kernel_letter")]
            kept = [row["digest"] for row in await reader.rows("SELECT digest FROM org_letter_token")]
        assert not [body for body in bodies if "sauda_letter_" in body]
        assert await last_token(app) not in kept

    async with opened_app() as app:
        assert await _code(sign_up(app.database, SignUp(EMAIL, "A", PASSWORD))) == "ACCOUNT_LETTERS_OFF"
    async with opened_app(mail=MAIL, organization={"sign_up": False}) as app:
        assert await _code(sign_up(app.database, SignUp(EMAIL, "A", PASSWORD))) == "SIGN_UP_CLOSED"
