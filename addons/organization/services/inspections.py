"""An inspector's token: reads one register over one period until it ends or is revoked, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.domain.cards import Inspection, RegisterId, UserId
from addons.organization.domain.checks import check_text
from addons.organization.services.api_tokens import TITLE_LENGTH_MAX, IssuedApiToken, TokenDraft, keep_token
from addons.organization.services.rows import lock_company, require_own
from kernel.errors import Refusal
from kernel.security.api_tokens import TokenKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work


@dataclass(frozen=True, slots=True)
class IssueInspection:
    """Let somebody look at a register. The period: from its first moment up to, without, its last.

    until_ms: when the token itself ends; user_id: an inspecting user, who sees the same after signing in.
    """

    title: str
    register_id: RegisterId
    from_ms: int
    to_ms: int
    until_ms: int
    user_id: UserId | None = None


async def issue_inspection(work: Work, command: IssueInspection) -> IssuedApiToken:
    """A token that is listed and revoked like those of integrators.

    Raises Refusal: INSPECTION_PERIOD_EMPTY, API_TOKEN_EXPIRY_PAST, API_TOKENS_TOO_MANY, REGISTER_UNKNOWN,
    REGISTER_FORBIDDEN, USER_UNKNOWN (no inspector of the company), COMPANY_CLOSED, TEXT_…
    """
    await lock_company(work)
    title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    if command.from_ms >= command.to_ms:
        raise Refusal("INSPECTION_PERIOD_EMPTY", field="until")
    if command.until_ms <= work.now_ms:
        raise Refusal("API_TOKEN_EXPIRY_PAST", field="expiresAt")
    work.principal.require_register(command.register_id)
    await require_own(work, "org_register", [command.register_id], "REGISTER_UNKNOWN", field="registerId")
    if command.user_id is not None:
        sql = "SELECT id FROM org_membership WHERE company_id = ? AND user_id = ? AND role = 'inspector'"
        if await work.row(sql, work.company_id, command.user_id) is None:
            raise Refusal("USER_UNKNOWN", field="userId")
    draft = TokenDraft(
        TokenKind.INSPECT,
        title,
        register_ids=(command.register_id,),
        until_ms=command.until_ms,
        account_id=command.user_id,
        inspect_ms=(command.from_ms, command.to_ms),
    )
    token = await keep_token(work, draft)
    facts = {"register": command.register_id, "from_ms": command.from_ms, "to_ms": command.to_ms}
    await work.audit("organization.issue_inspection", f"api_token:{token.id}", facts)
    return token


async def inspection_of(reader: Reader) -> Inspection:
    """What the reader's principal, an inspector, may see: by its token, or the last granted to the user.

    Raises Refusal("FORBIDDEN") for anybody else.
    """
    row = await reader.row(
        """SELECT register_ids, inspect_from_ms, inspect_to_ms FROM org_api_token
           WHERE (id = ? OR account_id = ?) AND company_id = ? AND inspect_from_ms IS NOT NULL
           AND revoked_ms IS NULL AND until_ms > ? ORDER BY id DESC LIMIT 1""",
        reader.principal.subject_id,
        reader.principal.subject_id,
        reader.company_id,
        reader.now_ms,
    )
    if row is None:
        raise Refusal("FORBIDDEN", permission="inspection")
    return Inspection(RegisterId(row["register_ids"]), row["inspect_from_ms"], row["inspect_to_ms"])
