"""Signing in: a user by e-mail or by company and user name, with a password and perhaps a second factor; an
operator by PIN at a register.

These are flows, not services: the guess is counted in one transaction, the slow hash is compared in a thread
outside of any, and the session is opened in another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.domain.cards import OperatorCard, RegisterCard
from addons.organization.domain.checks import check_pin, check_pin_strength
from addons.organization.services.attempts import Guess, count_guess, forgive, from_address, hidden, take_back
from addons.organization.services.factor_proofs import FactorNeeded, factor_needed, prove_factor
from addons.organization.services.find_client import find_client
from addons.organization.services.operators import choose_pin, hash_pin
from addons.organization.services.pins import forgive_pin, prove_pin
from addons.organization.services.sessions import (
    OpenSession,
    Reused,
    TokenPair,
    open_session,
    owner_of_refresh_token,
    refresh_session,
)
from addons.organization.services.user_sessions import open_user_session
from kernel.config_sections import CoreSettings
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.passwords import hash_secret, verify_secret
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.security.rate_limits import PASSWORD_POLICY

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, SqlRow, Work


@dataclass(frozen=True, slots=True)
class SignIn:
    """By email, or by client (number, name or BIN of a company) and user_name.

    company_id None: the company the user joined first.
    """

    email: str
    password: str = field(repr=False)
    company_id: CompanyId | None = None
    client: str = ""
    user_name: str = ""


@dataclass(frozen=True, slots=True)
class SignInOperator:
    """An operator's PIN at a register of the caller's company. new_pin: takes its place from now on."""

    register_id: str
    operator_id: str
    pin: str = field(repr=False)
    new_pin: str | None = field(default=None, repr=False)


async def sign_in(database: Database, command: SignIn) -> TokenPair | FactorNeeded:
    """A session of a user, or a demand for the second factor. One answer for an unknown address, a wrong
    password and a blocked user.

    Raises Refusal: AUTH_THROTTLED, SIGN_IN_WRONG, COMPANY_UNKNOWN (not a member of it).
    """
    subject = f"password:{hidden(_name_of(command))}"
    place = from_address("password")
    await count_guess(database, [Guess(subject, PASSWORD_POLICY), *place])
    async with database.reading(SYSTEM) as reader:
        user, company_id = await _user_of(reader, command)
    verdict = await verify_secret(user["password_hash"] if user else None, command.password)
    if user is None or not verdict.is_right or user["is_blocked"]:
        raise Refusal("SIGN_IN_WRONG", field="password")
    fresh_hash = await hash_secret(command.password) if verdict.is_stale else None

    async def opening(work: Work) -> TokenPair | FactorNeeded:
        company = await _company_of(work, user["id"], company_id)
        await forgive(work, subject)
        await take_back(work, place)
        if fresh_hash is not None:
            await work.execute("UPDATE org_user SET password_hash = ? WHERE id = ?", fresh_hash, user["id"])
        needed = await factor_needed(work, user["id"], company)
        if needed is not None:
            return needed
        with work.acting_as(Principal(PrincipalKind.USER, user["id"], company)) as inside:
            return await open_user_session(inside, user["id"], company)

    return await database.transact(opening, principal=SYSTEM)


async def confirm_sign_in(
    database: Database, ticket: str, *, code: str | None = None, passkey: str | None = None
) -> TokenPair:
    """The second half of a sign-in: a one-time or recovery code, or the answer of a passkey as JSON.

    Raises Refusal: AUTH_THROTTLED, FACTOR_WRONG.
    """
    user_id, company_id = await prove_factor(database, ticket, code=code, passkey=passkey)

    async def opening(work: Work) -> TokenPair:
        return await open_user_session(work, user_id, company_id)

    return await database.transact(opening, principal=Principal(PrincipalKind.USER, user_id, company_id))


async def switch_company(database: Database, caller: Principal, company_id: CompanyId) -> TokenPair:
    """A session of the same user in another of their companies; the present one goes on.

    Raises Refusal: ONLY_FOR_USERS, COMPANY_UNKNOWN.
    """
    if caller.kind is not PrincipalKind.USER:
        raise Refusal("ONLY_FOR_USERS")

    async def opening(work: Work) -> TokenPair:
        await _company_of(work, caller.subject_id, company_id)
        return await open_user_session(work, caller.subject_id, company_id)

    person = Principal(PrincipalKind.USER, caller.subject_id, company_id)
    return await database.transact(opening, principal=person)


async def sign_in_operator(
    database: Database, caller: Principal, command: SignInOperator
) -> tuple[TokenPair, RegisterCard, OperatorCard]:
    """A session of an operator, good at that register only; with a new PIN the others of the operator end.

    Raises Refusal as prove_pin, and for the new PIN: PIN_SAME, PIN_MALFORMED, PIN_WEAK.
    """
    new_pin = command.new_pin
    is_production = database.registry.settings_of(CoreSettings).production
    if new_pin is not None:
        if new_pin == command.pin:
            raise Refusal("PIN_SAME", field="newPin")
        check_pin_strength(check_pin(new_pin, field="newPin"), is_production=is_production, field="newPin")
    register, operator = await prove_pin(
        database,
        caller,
        command.register_id,
        command.operator_id,
        command.pin,
        is_replaced=new_pin is not None,
    )
    new_hash = None if new_pin is None else await hash_pin(new_pin, is_production=is_production)
    session = OpenSession(
        register.company_id, PrincipalKind.OPERATOR, operator.id, register.id, caller.subject_id
    )

    async def opening(work: Work) -> TokenPair:
        await forgive_pin(work, caller, register.id, operator.id)
        if new_hash is not None:
            await choose_pin(work, operator.id, new_hash)
        return await open_session(work, session)

    principal = Principal(PrincipalKind.OPERATOR, operator.id, register.company_id)
    return await database.transact(opening, principal=principal), register, operator


async def refresh(database: Database, token: str) -> TokenPair:
    """The next pair of tokens. Raises Refusal("SESSION_ENDED"), also for a token that was used before."""
    async with database.reading(SYSTEM) as reader:
        owner = await owner_of_refresh_token(reader, token)
    result = await database.transact(refresh_session, token, principal=owner)
    if isinstance(result, Reused):
        raise Refusal("SESSION_ENDED")
    return result


def _name_of(command: SignIn) -> str:
    """What is guessed at, in one spelling."""
    if command.user_name:
        return f"{command.client.strip().casefold()}/{command.user_name.strip().casefold()}"
    return command.email.strip().lower()


async def _user_of(reader: Reader, command: SignIn) -> tuple[SqlRow | None, CompanyId | None]:
    """The row of the user who is meant, and the company that is meant."""
    if not command.user_name:
        email = command.email.strip().lower()
        sql = "SELECT id, password_hash, is_blocked FROM org_user WHERE email = ?"
        return await reader.row(sql, email), command.company_id
    company_id = await find_client(reader, command.client)
    row = await reader.row(
        """SELECT u.id, u.password_hash, u.is_blocked FROM org_person p JOIN org_user u ON u.id = p.user_id
           WHERE p.company_id = ? AND p.user_name = ?""",
        company_id or "",
        command.user_name.strip().casefold(),
    )
    return row, company_id


async def _company_of(reader: Reader, user_id: str, wanted: CompanyId | None) -> CompanyId | None:
    """The wanted company, or the first; None for a person who never was in any."""
    rows = await reader.rows(
        "SELECT company_id, is_active FROM org_membership WHERE user_id = ? ORDER BY id", user_id
    )
    companies = [CompanyId(row["company_id"]) for row in rows if row["is_active"]]
    if rows and not companies:
        raise Refusal("SIGN_IN_WRONG", field="password")
    if wanted is not None and wanted not in companies:
        raise Refusal("COMPANY_UNKNOWN", field="companyId")
    return wanted or (companies[0] if companies else None)
