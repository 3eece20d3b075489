"""Sessions: opened by a sign-in, kept alive by a chain of refresh tokens, ended by hand, block or theft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.companies import ACCESS_TOPIC
from addons.organization.services.rows import own_row
from addons.organization.services.signing_keys import signing_keys
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.security.api_tokens import TokenKind, digest_of, kind_of, make_token
from kernel.security.origin import current_origin
from kernel.security.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NO_COMPANY = ""  # of a session: its person belongs to none yet


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who signed in where. For an operator also the register and opened_by, who let the operator in.

    company_id None: a person who acts in no company yet. permissions: all this session may do, None for what
    the role says; via_company_id: the company a guest comes from.
    """

    company_id: CompanyId | None
    subject_kind: PrincipalKind
    subject_id: str
    register_id: str | None = None
    opened_by: str | None = None
    permissions: frozenset[str] | None = None
    via_company_id: CompanyId | None = None


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a signed-in client keeps. access_s: seconds the access token is good for."""

    session_id: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_s: int


@dataclass(frozen=True, slots=True)
class Reused:
    """A refresh token came again after it had been used: somebody has a copy, so the session is over."""

    session_id: str


async def open_session(work: Work, command: OpenSession) -> TokenPair:
    """A new session with its first pair of tokens; the caller has checked who it is."""
    settings = work.settings(OrganizationSettings)
    lifetime_ms = settings.user_session_days * DAY_MS
    if command.subject_kind is PrincipalKind.OPERATOR:
        lifetime_ms = settings.operator_session_hours * HOUR_MS
    session_id, origin = new_id(), current_origin()
    permissions = None if command.permissions is None else " ".join(sorted(command.permissions))
    await work.insert(
        "org_session",
        {
            "id": session_id,
            "company_id": command.company_id or NO_COMPANY,
            "subject_kind": command.subject_kind.value,
            "subject_id": command.subject_id,
            "register_id": command.register_id,
            "opened_by": command.opened_by,
            "created_ms": work.now_ms,
            "until_ms": work.now_ms + lifetime_ms,
            "used_ms": work.now_ms,
            "address": origin.address or None,
            "agent": origin.agent or None,
            "via_company_id": command.via_company_id,
            "permissions": permissions,
        },
    )
    facts = {"register": command.register_id, "opened_by": command.opened_by}
    await work.audit("organization.sign_in", f"{command.subject_kind}:{command.subject_id}", facts)
    return await _next_pair(work, session_id, command.subject_id, work.now_ms + lifetime_ms)


async def refresh_session(work: Work, token: str) -> TokenPair | Reused:
    """The next pair of a session. A token that was already used ends the session: the result says so.

    (The result, not a refusal, because the end of the session must be committed.)
    Raises Refusal("SESSION_ENDED").
    """
    row = await _step(work, token)
    if row is None or row["until_ms"] <= work.now_ms or row["revoked_ms"] is not None:
        raise Refusal("SESSION_ENDED")
    if is_idle(row, work.settings(OrganizationSettings), work.now_ms):
        raise Refusal("SESSION_ENDED")
    leeway_ms = work.settings(OrganizationSettings).refresh_leeway_s * 1000
    # The row itself decides between two that come at once: only one of them marks it.
    taken = await work.execute(
        "UPDATE org_refresh_token SET used_ms = ? WHERE id = ? AND used_ms IS NULL",
        work.now_ms,
        row["step_id"],
    )
    if not taken and work.now_ms - (row["used_ms"] or work.now_ms) > leeway_ms:
        await _revoke(work, row["session_id"])
        facts = {"session": row["session_id"]}
        await work.audit("organization.refresh_reused", f"{row['subject_kind']}:{row['subject_id']}", facts)
        return Reused(row["session_id"])
    until_ms = row["session_until_ms"]
    if row["subject_kind"] == PrincipalKind.USER:  # a user's session lives on as long as the user comes back
        until_ms = work.now_ms + work.settings(OrganizationSettings).user_session_days * DAY_MS
        await work.execute("UPDATE org_session SET until_ms = ? WHERE id = ?", until_ms, row["session_id"])
        await note_use(work, row["session_id"])
    return await _next_pair(work, row["session_id"], row["subject_id"], until_ms)


def is_idle(row: SqlRow, settings: OrganizationSettings, now_ms: int) -> bool:
    """Whether a user's session was not used for longer than the company allows. row: subject_kind,
    session_used_ms of it.
    """
    minutes = settings.session_idle_minutes
    if not minutes or row["subject_kind"] != PrincipalKind.USER or row["session_used_ms"] is None:
        return False
    return bool(now_ms - row["session_used_ms"] > minutes * 60_000)


async def note_use(work: Work, session_id: str) -> None:
    """The session was seen now, from here."""
    origin = current_origin()
    await work.execute(
        "UPDATE org_session SET used_ms = ?, address = ?, agent = ? WHERE id = ?",
        work.now_ms,
        origin.address or None,
        origin.agent or None,
        session_id,
    )


async def end_session(work: Work, session_id: str) -> bool:
    """Sign out of one session of the principal's company; False when it was over already."""
    sql = "SELECT id FROM org_session WHERE id = ? AND company_id = ? AND revoked_ms IS NULL"
    if await work.row(sql, session_id, work.principal.company_id or NO_COMPANY) is None:
        return False
    await _revoke(work, session_id)
    await work.audit("organization.sign_out", f"session:{session_id}")
    return True


async def end_sessions_of(work: Work, subject_id: str) -> None:
    """End every session of a user or operator in the principal's company."""
    await work.execute(
        """UPDATE org_session SET revoked_ms = ?
           WHERE company_id = ? AND subject_id = ? AND revoked_ms IS NULL""",
        work.now_ms,
        work.company_id,
        subject_id,
    )
    work.notice(ACCESS_TOPIC, subject_id)


async def end_sessions_opened_by(work: Work, device_id: str) -> None:
    """End the sessions of operators who signed in at that device."""
    await work.execute(
        """UPDATE org_session SET revoked_ms = ?
           WHERE company_id = ? AND opened_by = ? AND revoked_ms IS NULL""",
        work.now_ms,
        work.company_id,
        device_id,
    )
    work.notice(ACCESS_TOPIC, device_id)


async def end_own_session(work: Work, session_id: str) -> str:
    """End a session of the principal's user, in whatever company. Raises Refusal("SESSION_UNKNOWN")."""
    sql = "SELECT id FROM org_session WHERE id = ? AND subject_id = ? AND revoked_ms IS NULL"
    if await work.row(sql, session_id, work.principal.subject_id) is None:
        raise Refusal("SESSION_UNKNOWN", field="id")
    await _revoke(work, session_id)
    await work.audit("organization.end_session", f"session:{session_id}")
    return session_id


async def end_company_session(work: Work, session_id: str) -> str:
    """End anybody's session in the principal's company, a guest's too. Raises Refusal("SESSION_UNKNOWN")."""
    row = await own_row(work, "org_session", session_id, "SESSION_UNKNOWN", field="id")
    if row["revoked_ms"] is None:
        await _revoke(work, session_id)
        await work.audit("organization.end_session", f"session:{session_id}", {"subject": row["subject_id"]})
    return session_id


async def end_other_sessions(work: Work) -> int:
    """End every session of the principal's user but the present one; how many there were."""
    ended = await work.execute(
        """UPDATE org_session SET revoked_ms = ?
           WHERE subject_id = ? AND revoked_ms IS NULL AND until_ms > ? AND id <> ?""",
        work.now_ms,
        work.principal.subject_id,
        work.now_ms,
        work.principal.session_id or "",
    )
    await work.audit("organization.end_other_sessions", f"user:{work.principal.subject_id}", {"ended": ended})
    work.notice(ACCESS_TOPIC, work.principal.subject_id)
    return ended


async def end_guest_sessions(work: Work, via_company_id: str) -> None:
    """End the sessions of guests who came from that company into the principal's."""
    await work.execute(
        """UPDATE org_session SET revoked_ms = ?
           WHERE company_id = ? AND via_company_id = ? AND revoked_ms IS NULL""",
        work.now_ms,
        work.company_id,
        via_company_id,
    )
    work.notice(ACCESS_TOPIC, via_company_id)


async def _revoke(work: Work, session_id: str) -> None:
    await work.execute("UPDATE org_session SET revoked_ms = ? WHERE id = ?", work.now_ms, session_id)
    work.notice(ACCESS_TOPIC, session_id)


async def owner_of_refresh_token(reader: Reader, token: str) -> Principal:
    """Whose session it is: the next step is taken on their behalf. Raises Refusal("SESSION_ENDED")."""
    row = await _step(reader, token)
    if row is None:
        raise Refusal("SESSION_ENDED")
    company_id = CompanyId(row["company_id"]) if row["company_id"] else None
    return Principal(PrincipalKind(row["subject_kind"]), row["subject_id"], company_id)


async def _step(reader: Reader, token: str) -> SqlRow | None:
    try:
        kind = kind_of(token)
    except Refusal:
        return None
    if kind is not TokenKind.REFRESH:
        return None
    return await reader.row(
        """SELECT t.id AS step_id, t.until_ms, t.used_ms, s.id AS session_id, s.company_id, s.subject_kind,
                  s.subject_id, s.revoked_ms, s.until_ms AS session_until_ms, s.used_ms AS session_used_ms
           FROM org_refresh_token t JOIN org_session s ON s.id = t.session_id WHERE t.digest = ?""",
        digest_of(token),
    )


async def _next_pair(work: Work, session_id: str, subject_id: str, until_ms: int) -> TokenPair:
    lifetime_s = work.settings(OrganizationSettings).access_token_s
    refresh = make_token(TokenKind.REFRESH)
    await work.insert(
        "org_refresh_token",
        {"id": new_id(), "session_id": session_id, "digest": refresh.digest, "until_ms": until_ms},
    )
    keys = await signing_keys(work)
    access = keys.sign(subject_id=subject_id, session_id=session_id, now=work.now, lifetime_s=lifetime_s)
    return TokenPair(session_id, access, refresh.text, lifetime_s)
