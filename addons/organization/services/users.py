"""Users of a company: people with a password."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from addons.organization.domain.cards import USER_ROLES, Role, UserId
from addons.organization.domain.checks import check_email, check_language, check_password, check_text
from addons.organization.domain.commands import CreateOwner, CreateUser, UpdateUser
from addons.organization.services.companies import ACCESS_TOPIC, add_member, create_company
from addons.organization.services.rows import insert_unique, lock_company
from addons.organization.services.sessions import end_sessions_of
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.security.passwords import hash_secret

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

NAME_LENGTH_MAX = 128
OWN = "organization.own"


async def hash_password(password: str, *, about: tuple[str, ...] = ()) -> str:
    """The slow hash of a password, made before the transaction. about: what a guesser knows of its owner.

    Raises Refusal: PASSWORD_TOO_SHORT, PASSWORD_WEAK.
    """
    return await hash_secret(check_password(password, about=about))


async def create_user(work: Work, command: CreateUser) -> UserId:
    """A new person in the principal's company.

    Raises Refusal: COMPANY_CLOSED, EMAIL_MALFORMED, EMAIL_TAKEN, LANGUAGE_UNKNOWN, ROLE_NOT_FOR_USER,
    FORBIDDEN (an owner is made by an owner), TEXT_…
    """
    await lock_company(work)
    _check_role(work, command.role)
    user_id = await insert_user(work, command.email, command.name, command.password_hash, command.language)
    await add_member(work, work.company_id, user_id, command.role)
    await work.audit("organization.create_user", f"user:{user_id}", {"role": command.role.value})
    return user_id


async def update_user(work: Work, command: UpdateUser) -> UserId:
    """Change what a user is in the principal's company; a new role or a block ends the sessions there.

    Raises Refusal: USER_UNKNOWN, ROLE_NOT_FOR_USER, LAST_OWNER, FORBIDDEN.
    """
    sql = "SELECT * FROM org_membership WHERE company_id = ? AND user_id = ?"
    row = await work.row(sql, work.company_id, command.user_id)
    if row is None:
        raise Refusal("USER_UNKNOWN", field="id")
    _check_role(work, Role(row["role"]))
    role = command.role or Role(row["role"])
    _check_role(work, role)
    is_active = bool(row["is_active"]) if command.is_active is None else command.is_active
    if row["role"] == Role.OWNER and not (role is Role.OWNER and is_active):
        await _require_another_owner(work, command.user_id)
    await work.execute(
        "UPDATE org_membership SET role = ?, is_active = ? WHERE id = ?",
        role.value,
        int(is_active),
        row["id"],
    )
    await end_sessions_of(work, command.user_id)
    facts = {"role": role.value, "is_active": is_active}
    await work.audit("organization.update_user", f"user:{command.user_id}", facts)
    return command.user_id


async def create_owner(work: Work, command: CreateOwner) -> tuple[CompanyId, UserId]:
    """A new company with its first user. Raises Refusal as create_company and create_user do."""
    user_id = await insert_user(work, command.email, command.name, command.password_hash, command.language)
    company_id = await create_company(work, replace(command.company, owner_id=user_id))
    await work.audit("organization.create_owner", f"user:{user_id}", {"company": company_id})
    return company_id, user_id


async def set_password(work: Work, email: str, password_hash: str) -> None:
    """A new password; every session of the person ends, in all companies. Raises Refusal("USER_UNKNOWN")."""
    row = await work.row("SELECT id FROM org_user WHERE email = ?", check_email(email))
    if row is None:
        raise Refusal("USER_UNKNOWN", field="email")
    await work.execute("UPDATE org_user SET password_hash = ? WHERE id = ?", password_hash, row["id"])
    await work.execute(
        "UPDATE org_session SET revoked_ms = ? WHERE subject_id = ? AND revoked_ms IS NULL",
        work.now_ms,
        row["id"],
    )
    await work.audit("organization.set_password", f"user:{row['id']}")
    work.notice(ACCESS_TOPIC, row["id"])


async def insert_user(work: Work, email: str, name: str, password_hash: str, language: str) -> UserId:
    """A person who belongs to no company yet. Raises Refusal: EMAIL_MALFORMED, EMAIL_TAKEN, …"""
    address = check_email(email)
    taken = Refusal("EMAIL_TAKEN", field="email")
    if await work.row("SELECT id FROM org_user WHERE email = ?", address) is not None:
        raise taken
    user_id = UserId(new_id())
    await insert_unique(
        work,
        "org_user",
        {
            "id": user_id,
            "email": address,
            "name": check_text(name, field="name", length_max=NAME_LENGTH_MAX),
            "language": check_language(language),
            "password_hash": password_hash,
            "is_blocked": 0,
            "created_ms": work.now_ms,
        },
        taken,
    )
    return user_id


def _check_role(work: Work, role: Role) -> None:
    if role not in USER_ROLES:
        raise Refusal("ROLE_NOT_FOR_USER", field="role", role=role.value)
    if role is Role.OWNER:
        work.principal.require(OWN)


async def _require_another_owner(work: Work, user_id: str) -> None:
    sql = """SELECT id FROM org_membership
             WHERE company_id = ? AND role = 'owner' AND is_active = 1 AND user_id <> ? LIMIT 1"""
    if await work.row(sql, work.company_id, user_id) is None:
        raise Refusal("LAST_OWNER", field="id")


async def email_of_user(reader: Reader, user_id: str) -> str | None:
    """The address a user signs in with; None when there is no such user."""
    row = await reader.row("SELECT email FROM org_user WHERE id = ?", user_id)
    return None if row is None else str(row["email"])


async def user_name_of(reader: Reader, user_id: str) -> str:
    """The name of a user; empty when there is no such user."""
    row = await reader.row("SELECT name FROM org_user WHERE id = ?", user_id)
    return "" if row is None else str(row["name"])
