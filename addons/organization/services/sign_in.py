"""Signing in: a user by e-mail and password, an operator by PIN at a register.

These are flows, not services: the guess is counted in one transaction, the slow hash is compared in a thread
outside of any, and the session is opened in another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.domain.cards import OperatorCard, RegisterCard
from addons.organization.services.attempts import Guess, admit_guess, forgive, hidden
from addons.organization.services.cards import sale_desk
from addons.organization.services.sessions import (
    OpenSession,
    Reused,
    TokenPair,
    open_session,
    owner_of_refresh_token,
    refresh_session,
)
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.passwords import hash_secret, verify_secret
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.security.rate_limits import PASSWORD_POLICY, PIN_POLICY, PLACE_POLICY

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work


@dataclass(frozen=True, slots=True)
class SignIn:
    """company_id None: the company the user joined first."""

    email: str
    password: str = field(repr=False)
    company_id: CompanyId | None = None


@dataclass(frozen=True, slots=True)
class SignInOperator:
    """An operator's PIN at a register of the caller's company."""

    register_id: str
    operator_id: str
    pin: str = field(repr=False)


async def sign_in(database: Database, command: SignIn) -> TokenPair:
    """A session of a user. One answer for an unknown address, a wrong password and a blocked user.

    Raises Refusal: AUTH_THROTTLED, SIGN_IN_WRONG, COMPANY_UNKNOWN (not a member of it).
    """
    email = command.email.strip().lower()
    subject = f"password:{hidden(email)}"
    await database.transact(admit_guess, [Guess(subject, PASSWORD_POLICY)], principal=SYSTEM)
    async with database.reading(SYSTEM) as reader:
        user = await reader.row("SELECT id, password_hash, is_blocked FROM org_user WHERE email = ?", email)
    verdict = await verify_secret(user["password_hash"] if user else None, command.password)
    if user is None or not verdict.is_right or user["is_blocked"]:
        raise Refusal("SIGN_IN_WRONG", field="password")
    async with database.reading(SYSTEM) as reader:
        company_id = await _company_of(reader, user["id"], command.company_id)
    principal = Principal(PrincipalKind.USER, user["id"], company_id)
    fresh_hash = await hash_secret(command.password) if verdict.is_stale else None

    async def opening(work: Work) -> TokenPair:
        await forgive(work, subject)
        if fresh_hash is not None:
            await work.execute("UPDATE org_user SET password_hash = ? WHERE id = ?", fresh_hash, user["id"])
        return await open_session(work, OpenSession(company_id, PrincipalKind.USER, user["id"]))

    return await database.transact(opening, principal=principal)


async def sign_in_operator(
    database: Database, caller: Principal, command: SignInOperator
) -> tuple[TokenPair, RegisterCard, OperatorCard]:
    """A session of an operator, good at that register only.

    Raises Refusal: AUTH_THROTTLED, PIN_WRONG, PIN_NOT_SET and those of sale_desk.
    """
    async with database.reading(caller) as reader:
        register, operator = await sale_desk(reader, command.register_id, command.operator_id)
        sql = "SELECT pin_hash FROM org_operator WHERE id = ? AND company_id = ?"
        row = await reader.row(sql, operator.id, register.company_id)
    if row is None or row["pin_hash"] is None:
        raise Refusal("PIN_NOT_SET", field="operatorId", name=operator.name)
    subject = f"pin:{operator.id}"
    guesses = [Guess(subject, PIN_POLICY), Guess(f"pin-at:{register.id}", PLACE_POLICY)]
    await database.transact(admit_guess, guesses, principal=caller)
    verdict = await verify_secret(row["pin_hash"], command.pin)
    if not verdict.is_right:
        await database.transact(_note_wrong_pin, operator, register, principal=caller)
        raise Refusal("PIN_WRONG", field="pin")
    session = OpenSession(
        register.company_id, PrincipalKind.OPERATOR, operator.id, register.id, caller.subject_id
    )

    async def opening(work: Work) -> TokenPair:
        await forgive(work, subject)
        await forgive(work, f"pin-at:{register.id}")
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


async def _note_wrong_pin(work: Work, operator: OperatorCard, register: RegisterCard) -> None:
    await work.audit("organization.wrong_pin", f"operator:{operator.id}", {"register": register.id})


async def _company_of(reader: Reader, user_id: str, wanted: CompanyId | None) -> CompanyId:
    rows = await reader.rows(
        "SELECT company_id FROM org_membership WHERE user_id = ? AND is_active = 1 ORDER BY id", user_id
    )
    companies = [CompanyId(row["company_id"]) for row in rows]
    if not companies:
        raise Refusal("SIGN_IN_WRONG", field="password")
    if wanted is not None and wanted not in companies:
        raise Refusal("COMPANY_UNKNOWN", field="companyId")
    return wanted or companies[0]
