"""Sessions: opened by a sign-in, kept alive by a chain of refresh tokens, ended by hand, block or theft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.companies import ACCESS_TOPIC
from addons.organization.services.signing_keys import signing_keys
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.security.api_tokens import TokenKind, digest_of, kind_of, make_token
from kernel.security.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who signed in where. For an operator also the register and opened_by, who let the operator in."""

    company_id: CompanyId
    subject_kind: PrincipalKind
    subject_id: str
    register_id: str | None = None
    opened_by: str | None = None


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
    session_id = new_id()
    await work.insert(
        "org_session",
        {
            "id": session_id,
            "company_id": command.company_id,
            "subject_kind": command.subject_kind.value,
            "subject_id": command.subject_id,
            "register_id": command.register_id,
            "opened_by": command.opened_by,
            "created_ms": work.now_ms,
            "until_ms": work.now_ms + lifetime_ms,
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
    return await _next_pair(work, row["session_id"], row["subject_id"], until_ms)


async def end_session(work: Work, session_id: str) -> bool:
    """Sign out of one session of the principal's company; False when it was over already."""
    sql = "SELECT id FROM org_session WHERE id = ? AND company_id = ? AND revoked_ms IS NULL"
    if await work.row(sql, session_id, work.company_id) is None:
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


async def _revoke(work: Work, session_id: str) -> None:
    await work.execute("UPDATE org_session SET revoked_ms = ? WHERE id = ?", work.now_ms, session_id)
    work.notice(ACCESS_TOPIC, session_id)


async def owner_of_refresh_token(reader: Reader, token: str) -> Principal:
    """Whose session it is: the next step is taken on their behalf. Raises Refusal("SESSION_ENDED")."""
    row = await _step(reader, token)
    if row is None:
        raise Refusal("SESSION_ENDED")
    return Principal(PrincipalKind(row["subject_kind"]), row["subject_id"], CompanyId(row["company_id"]))


async def _step(reader: Reader, token: str) -> SqlRow | None:
    try:
        kind = kind_of(token)
    except Refusal:
        return None
    if kind is not TokenKind.REFRESH:
        return None
    return await reader.row(
        """SELECT t.id AS step_id, t.until_ms, t.used_ms, s.id AS session_id, s.company_id, s.subject_kind,
                  s.subject_id, s.revoked_ms, s.until_ms AS session_until_ms
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
