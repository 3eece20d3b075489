"""Browsers of signed-in people: a cookie begins with a sign-in and ends when nobody is there for too long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.signing_keys import signing_keys
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.api_tokens import TokenKind, digest_of, make_token
from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, Work

SEEN_EVERY_MS = 10_000  # that somebody is there is written at most so often


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser whose time is not over. left_s: until it is. company: title of the one acted for."""

    id: str
    session_id: str
    subject_id: str
    person: str
    idle_s: int
    left_s: int
    is_to_note: bool
    company: str


async def remember_browser(work: Work, principal: Principal) -> str:
    """A cookie for the session of the principal."""
    assert principal.session_id is not None, "who has just signed in has a session"
    token = make_token(TokenKind.WEB)
    row: dict[str, Param] = {
        "id": new_id(),
        "session_id": principal.session_id,
        "subject_id": principal.subject_id,
        "digest": token.digest,
        "seen_ms": work.now_ms,
    }
    await work.insert("org_browser", row)
    return token.text


async def known_browser(reader: Reader, cookie: str) -> KnownBrowser:
    """Whose browser it is. Raises Refusal: UNAUTHENTICATED; SESSION_IDLE: nobody was there for too long."""
    row = await reader.row(
        """SELECT b.id, b.session_id, b.subject_id, b.seen_ms, u.name, s.company_id, c.title
           FROM org_browser b JOIN org_session s ON s.id = b.session_id
           LEFT JOIN org_user u ON u.id = b.subject_id
           LEFT JOIN org_company c ON c.id = s.company_id WHERE b.digest = ?""",
        digest_of(cookie),
    )
    if row is None:
        raise Refusal("UNAUTHENTICATED")
    chosen = reader.database.choices.settings_of(OrganizationSettings, row["company_id"] or None)
    idle_s = chosen.session_idle_minutes * 60 or chosen.console_idle_s
    passed_ms = reader.now_ms - row["seen_ms"]
    if passed_ms >= idle_s * 1000:
        raise Refusal("SESSION_IDLE")
    return KnownBrowser(
        row["id"],
        row["session_id"],
        row["subject_id"],
        row["name"] or "",
        idle_s,
        idle_s - passed_ms // 1000,
        passed_ms >= min(SEEN_EVERY_MS, idle_s * 100),
        row["title"] or "",
    )


async def note_seen(work: Work, browser_id: str) -> None:
    """Somebody is there: the time begins anew."""
    await work.execute("UPDATE org_browser SET seen_ms = ? WHERE id = ?", work.now_ms, browser_id)


async def sign_for(work: Work, browser: KnownBrowser) -> str:
    """An access token of the browser's session, as after a refresh."""
    keys = await signing_keys(work)
    lifetime_s = work.settings(OrganizationSettings).access_token_s
    return keys.sign(
        subject_id=browser.subject_id, session_id=browser.session_id, now=work.now, lifetime_s=lifetime_s
    )
