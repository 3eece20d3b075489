"""Signing up, a forgotten password, an invitation: what begins with a letter. Whether an address is known
here is never said: the answer is the same, and the letter tells its reader.

Flows: guesses are counted in one transaction, the slow hash is made outside of any, the rest is another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from addons.organization.domain.cards import USER_ROLES, Role, UserId
from addons.organization.domain.checks import check_email, check_language, check_text
from addons.organization.domain.company import check_phone
from addons.organization.domain.letters import LetterPurpose
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.attempts import Guess, admit_guess, count_guess, from_address, hidden
from addons.organization.services.companies import add_member
from addons.organization.services.consents import consent, require_terms
from addons.organization.services.letter_tokens import (
    hours_of,
    require_mail,
    send_again,
    send_plain,
    send_token,
    use_token,
    waiting_request,
)
from addons.organization.services.rows import lock_company
from addons.organization.services.sessions import OpenSession, TokenPair, open_session
from addons.organization.services.user_sessions import open_user_session
from addons.organization.services.users import (
    NAME_LENGTH_MAX,
    OWN,
    hash_password,
    insert_user,
    set_password,
)
from addons.organization.services.work_proof import WorkProof, require_work_proof
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.principal import ANONYMOUS, SYSTEM, Principal, PrincipalKind
from kernel.security.rate_limits import LETTER_POLICY

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, SqlRow, Work

PASSWORD_PAGE = "/account/forgotten"
INVITATIONS_MAX = 100  # waiting in one company


@dataclass(frozen=True, slots=True)
class SignUp:
    """A person asks for an account. terms_version: what was agreed to, where there are terms."""

    email: str
    name: str
    password: str = field(repr=False)
    phone: str = ""
    language: str = "ru"
    terms_version: str = ""
    proof: WorkProof | None = None


@dataclass(frozen=True, slots=True)
class Invite:
    """A person is asked into the principal's company."""

    email: str
    role: Role = Role.ADMINISTRATOR
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """name and password: of somebody who has no account yet."""

    token: str = field(repr=False)
    name: str = ""
    password: str = field(default="", repr=False)
    terms_version: str = ""


async def sign_up(database: Database, command: SignUp) -> int:
    """Send a letter to the address; gives for how many hours its token works.

    Raises Refusal: SIGN_UP_CLOSED, ACCOUNT_LETTERS_OFF, AUTH_THROTTLED, WORK_PROOF_WRONG, TERMS_NOT_ACCEPTED,
    EMAIL_MALFORMED, PHONE_MALFORMED, PASSWORD_TOO_SHORT, PASSWORD_WEAK, LANGUAGE_UNKNOWN, TEXT_…
    """
    email, phone = check_email(command.email), check_phone(command.phone)
    name = check_text(command.name, field="name", length_max=NAME_LENGTH_MAX)
    language = check_language(command.language)

    async def admitting(work: Work) -> int:
        if not work.settings(OrganizationSettings).sign_up:
            raise Refusal("SIGN_UP_CLOSED")
        require_mail(work)
        require_terms(work, command.terms_version)
        await require_work_proof(work, command.proof)
        await admit_guess(work, letter_guesses(email))
        return hours_of(work, LetterPurpose.SIGN_UP)

    hours = await database.transact(admitting, principal=SYSTEM)
    password_hash = await hash_password(command.password, about=(email, name))

    async def asking(work: Work) -> int:
        if await work.row("SELECT id FROM org_user WHERE email = ?", email) is not None:
            await send_plain(work, "known", email, language, PASSWORD_PAGE)
            return hours
        body = {"name": name, "phone": phone, "password_hash": password_hash}
        body["terms_version"] = command.terms_version
        await send_token(work, LetterPurpose.SIGN_UP, email, language=language, body=body)
        return hours

    return await database.transact(asking, principal=SYSTEM)


async def resend_sign_up(database: Database, email: str) -> None:
    """The letter again, for an address that waits for one; nothing for any other.

    Raises Refusal: EMAIL_MALFORMED, AUTH_THROTTLED, ACCOUNT_LETTERS_OFF.
    """
    address = check_email(email)

    async def asking(work: Work) -> None:
        require_mail(work)
        await admit_guess(work, letter_guesses(address))
        row = await waiting_request(work, LetterPurpose.SIGN_UP, address)
        if row is not None:
            await send_again(work, row)

    await database.transact(asking, principal=SYSTEM)


async def confirm_sign_up(database: Database, token: str) -> TokenPair:
    """The account is there, its person signed in and a member of no company yet.

    Raises Refusal: LETTER_TOKEN_WRONG, EMAIL_TAKEN.
    """

    async def confirming(work: Work) -> tuple[UserId, str]:
        row, body = await use_token(work, LetterPurpose.SIGN_UP, token)
        user_id = await insert_user(work, row["email"], body["name"], body["password_hash"], body["language"])
        if body["terms_version"]:
            await consent(work, user_id, body["terms_version"])
        await work.audit("organization.sign_up", f"user:{user_id}", {"phone": body["phone"]})
        return user_id, body["phone"]

    user_id, _ = await database.transact(confirming, principal=SYSTEM)
    person = Principal(PrincipalKind.USER, user_id)
    session = OpenSession(None, PrincipalKind.USER, user_id)
    return await database.transact(open_session, session, principal=person)


async def request_password(database: Database, email: str) -> None:
    """A letter that lets its reader choose a new password, if that address signs in here.

    Raises Refusal: EMAIL_MALFORMED, AUTH_THROTTLED, ACCOUNT_LETTERS_OFF.
    """
    address = check_email(email)

    async def asking(work: Work) -> None:
        require_mail(work)
        await admit_guess(work, letter_guesses(address))
        sql = "SELECT id, language FROM org_user WHERE email = ? AND is_blocked = 0"
        row = await work.row(sql, address)
        if row is not None:
            await send_token(work, LetterPurpose.PASSWORD, address, language=row["language"], body={})

    await database.transact(asking, principal=SYSTEM)


async def reset_password(database: Database, token: str, password: str) -> None:
    """The new password; all sessions of the person end.

    Raises Refusal: LETTER_TOKEN_WRONG, PASSWORD_TOO_SHORT, PASSWORD_WEAK, AUTH_THROTTLED.
    """
    await count_guess(database, from_address("letter"))
    password_hash = await hash_password(password)

    async def resetting(work: Work) -> None:
        row, _ = await use_token(work, LetterPurpose.PASSWORD, token)
        await set_password(work, row["email"], password_hash)

    await database.transact(resetting, principal=SYSTEM)


async def invite(work: Work, command: Invite) -> str:
    """A letter that lets its reader into the principal's company; the same address again gets a new letter.

    Raises Refusal: COMPANY_CLOSED, ROLE_NOT_FOR_USER, FORBIDDEN (an owner is invited by an owner),
    INVITATIONS_TOO_MANY, USER_IS_MEMBER, EMAIL_MALFORMED, LANGUAGE_UNKNOWN, ACCOUNT_LETTERS_OFF.
    """
    await lock_company(work)
    email = check_email(command.email)
    if command.role not in USER_ROLES:
        raise Refusal("ROLE_NOT_FOR_USER", field="role", role=command.role.value)
    if command.role is Role.OWNER:
        work.principal.require(OWN)
    sql = """SELECT m.id FROM org_membership m JOIN org_user u ON u.id = m.user_id
             WHERE m.company_id = ? AND u.email = ?"""
    if await work.row(sql, work.company_id, email) is not None:
        raise Refusal("USER_IS_MEMBER", field="email")
    sql = """SELECT COUNT(*) AS waiting FROM org_letter_token
             WHERE company_id = ? AND purpose = 'invitation' AND used_ms IS NULL AND until_ms > ?"""
    row = await work.row(sql, work.company_id, work.now_ms)
    if row is not None and row["waiting"] >= INVITATIONS_MAX:
        raise Refusal("INVITATIONS_TOO_MANY", max=INVITATIONS_MAX)
    company = await work.row("SELECT title FROM org_company WHERE id = ?", work.company_id)
    assert company is not None, "it was locked above"
    invitation_id = await send_token(
        work,
        LetterPurpose.INVITATION,
        email,
        language=check_language(command.language),
        body={"role": command.role.value, "invited_by": work.principal.subject_id},
        company=(work.company_id, company["title"]),
    )
    facts = {"email": email, "role": command.role.value}
    await work.audit("organization.invite", f"invitation:{invitation_id}", facts)
    return invitation_id


async def cancel_invitation(work: Work, invitation_id: str) -> str:
    """Its letter opens nothing any more. Raises Refusal("INVITATION_UNKNOWN")."""
    sql = """UPDATE org_letter_token SET used_ms = ?
             WHERE id = ? AND company_id = ? AND purpose = 'invitation' AND used_ms IS NULL"""
    if not await work.execute(sql, work.now_ms, invitation_id, work.company_id):
        raise Refusal("INVITATION_UNKNOWN", field="id")
    await work.audit("organization.cancel_invitation", f"invitation:{invitation_id}")
    return invitation_id


async def accept_invitation(
    database: Database, command: AcceptInvitation, *, caller: Principal = ANONYMOUS
) -> TokenPair:
    """A member of the company, signed in there. Who has an account already must be the caller: whoever reads
    a letter is not yet somebody who knows a password and shows a second factor.

    Raises Refusal: LETTER_TOKEN_WRONG, PASSWORD_…, TERMS_NOT_ACCEPTED, COMPANY_CLOSED, TEXT_…,
    AUTH_THROTTLED, SIGN_IN_FIRST (nothing is changed, the token still works).
    """
    await count_guess(database, from_address("letter"))
    password_hash = None
    if command.password:
        password_hash = await hash_password(command.password, about=(command.name,))

    async def accepting(work: Work) -> tuple[str, CompanyId]:
        row, body = await use_token(work, LetterPurpose.INVITATION, command.token)
        company_id = CompanyId(row["company_id"])
        user_id = await _guest(work, row, body, command, password_hash, caller)
        with work.acting_as(Principal(PrincipalKind.USER, user_id, company_id)) as inside:
            await lock_company(inside)
            sql = "SELECT id FROM org_membership WHERE company_id = ? AND user_id = ?"
            if await inside.row(sql, company_id, user_id) is None:
                await add_member(inside, company_id, user_id, Role(body["role"]))
            facts = {"role": body["role"], "invited_by": body["invited_by"]}
            await inside.audit("organization.accept_invitation", f"user:{user_id}", facts)
        return user_id, company_id

    user_id, company_id = await database.transact(accepting, principal=SYSTEM)
    person = Principal(PrincipalKind.USER, user_id, company_id)
    return await database.transact(open_user_session, user_id, company_id, principal=person)


async def invitations_of(reader: Reader) -> list[SqlRow]:
    """Rows of the invitations of the reader's company that wait, the latest first."""
    rows = await reader.rows(
        """SELECT id, email, body, created_ms, until_ms FROM org_letter_token
           WHERE company_id = ? AND purpose = 'invitation' AND used_ms IS NULL AND until_ms > ?
           ORDER BY created_ms DESC, id LIMIT ?""",
        reader.company_id,
        reader.now_ms,
        INVITATIONS_MAX,
    )
    return list(rows)


def letter_guesses(email: str) -> list[Guess]:
    """Letters are asked for at most so often for one address, and from one place."""
    return [Guess(f"letter:{hidden(email)}", LETTER_POLICY), *from_address("letter")]


async def _guest(
    work: Work,
    row: SqlRow,
    body: dict[str, Any],
    command: AcceptInvitation,
    password_hash: str | None,
    caller: Principal,
) -> UserId:
    """The user with the address of the invitation, made now when there is none."""
    known = await work.row("SELECT id, is_blocked FROM org_user WHERE email = ?", row["email"])
    if known is not None:
        if known["is_blocked"]:
            raise Refusal("LETTER_TOKEN_WRONG", field="token")
        if caller.kind is not PrincipalKind.USER or caller.subject_id != known["id"]:
            raise Refusal("SIGN_IN_FIRST")
        return UserId(known["id"])
    require_terms(work, command.terms_version)
    if password_hash is None:
        raise Refusal("TEXT_EMPTY", field="password")
    user_id = await insert_user(work, row["email"], command.name, password_hash, body["language"])
    if command.terms_version:
        await consent(work, user_id, command.terms_version)
    return user_id
