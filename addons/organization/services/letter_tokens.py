"""One-time tokens that go out in letters: to confirm an address, to choose a new password, to accept an
invitation. Only a digest is kept, and only the last letter's token works.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from addons.organization.domain.letters import LetterPurpose, as_page, letter_words
from addons.organization.domain.settings import OrganizationSettings
from kernel.config_sections import ServerSettings
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.mail import Letter, is_mail_on, post
from kernel.security.api_tokens import TokenKind, digest_of, kind_of, make_token

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

HOUR_MS = 3_600_000
INVITATION_HOURS = 7 * 24
LETTERS_MAX = 5  # about one request: the first and four that were asked for again


def require_mail(reader: Reader) -> None:
    """Raises Refusal("ACCOUNT_LETTERS_OFF") where no letters are sent."""
    if not is_mail_on(reader):
        raise Refusal("ACCOUNT_LETTERS_OFF")


async def send_token(
    work: Work,
    purpose: LetterPurpose,
    email: str,
    *,
    language: str,
    body: Mapping[str, str],
    company: tuple[str, str] | None = None,
) -> str:
    """Send a letter with a fresh token; former ones for the same purpose and address work no more. Gives the
    id of the request. company: id and title of who invites.
    """
    sql = """UPDATE org_letter_token SET used_ms = ?
             WHERE purpose = ? AND email = ? AND used_ms IS NULL AND COALESCE(company_id, '') = ?"""
    await work.execute(sql, work.now_ms, purpose.value, email, company[0] if company else "")
    token, row_id = make_token(TokenKind.LETTER), new_id()
    hours = hours_of(work, purpose)
    await work.insert(
        "org_letter_token",
        {
            "id": row_id,
            "purpose": purpose.value,
            "email": email,
            "company_id": company[0] if company else None,
            "body": orjson.dumps({**body, "language": language}).decode(),
            "digest": token.digest,
            "letters": 1,
            "created_ms": work.now_ms,
            "sent_ms": work.now_ms,
            "until_ms": work.now_ms + hours * HOUR_MS,
        },
    )
    await _post(work, purpose, email, token.text, language, hours, company[1] if company else None)
    return row_id


async def send_again(work: Work, row: SqlRow, company_title: str | None = None) -> bool:
    """The same request in a new letter with a new token; False when there were letters enough."""
    if row["letters"] >= LETTERS_MAX:
        return False
    purpose = LetterPurpose(row["purpose"])
    token, hours = make_token(TokenKind.LETTER), hours_of(work, purpose)
    await work.execute(
        """UPDATE org_letter_token SET digest = ?, letters = letters + 1, sent_ms = ?, until_ms = ?
           WHERE id = ?""",
        token.digest,
        work.now_ms,
        work.now_ms + hours * HOUR_MS,
        row["id"],
    )
    language = str(orjson.loads(row["body"]).get("language", "ru"))
    await _post(work, purpose, row["email"], token.text, language, hours, company_title)
    return True


async def waiting_request(reader: Reader, purpose: LetterPurpose, email: str) -> SqlRow | None:
    """The last request of that address that was not answered yet, expired ones too."""
    return await reader.row(
        """SELECT * FROM org_letter_token WHERE purpose = ? AND email = ? AND used_ms IS NULL
           ORDER BY created_ms DESC LIMIT 1""",
        purpose.value,
        email,
    )


async def use_token(work: Work, purpose: LetterPurpose, text: str) -> tuple[SqlRow, dict[str, Any]]:
    """The request a token belongs to, and its body; it works once, also for two that come at once.

    Raises Refusal("LETTER_TOKEN_WRONG") for a wrong, used or expired one alike.
    """
    wrong = Refusal("LETTER_TOKEN_WRONG", field="token")
    try:
        kind = kind_of(text.strip())
    except Refusal:
        raise wrong from None
    sql = "SELECT * FROM org_letter_token WHERE digest = ? AND purpose = ?"
    row = await work.row(sql, digest_of(text.strip()), purpose.value)
    if kind is not TokenKind.LETTER or row is None:
        raise wrong
    taken = await work.execute(
        """UPDATE org_letter_token SET used_ms = ?, body = '{}'
           WHERE id = ? AND used_ms IS NULL AND until_ms > ?""",
        work.now_ms,
        row["id"],
        work.now_ms,
    )
    if not taken:
        raise wrong
    return row, orjson.loads(row["body"])


async def send_plain(work: Work, kind: str, email: str, language: str, page: str) -> None:
    """A letter without a token; page: path of the link in it."""
    words = letter_words(kind, language, {"link": _address(work, page)})
    await post(work, Letter(email, words.subject, words.text, as_page(words)))


def hours_of(reader: Reader, purpose: LetterPurpose) -> int:
    """How many hours a token of that purpose works."""
    if purpose is LetterPurpose.INVITATION:
        return INVITATION_HOURS
    return reader.settings(OrganizationSettings).letter_hours


async def _post(
    work: Work, purpose: LetterPurpose, email: str, token: str, language: str, hours: int, company: str | None
) -> None:
    # Behind "#": a browser does not send it to anybody, so it stands in nobody's log.
    link = f"{_address(work, f'/account/{purpose}')}#{token}"
    facts: dict[str, str | int | None] = {"link": link, "token": token, "hours": hours, "company": company}
    words = letter_words(purpose, language, facts)
    letter = Letter(email, words.subject, words.text, as_page(words), is_secret=True)
    if not await post(work, letter):
        raise Refusal("ACCOUNT_LETTERS_OFF")


def _address(reader: Reader, path: str) -> str:
    server = reader.settings(ServerSettings)
    base = server.public_url.rstrip("/") or f"http://{server.host}:{server.port}"
    return f"{base}{path}"
