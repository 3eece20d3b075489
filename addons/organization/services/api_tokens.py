"""API tokens of integrators: limited to permissions and registers, shown once, revoked with one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.domain.cards import RegisterId, Role
from addons.organization.domain.checks import check_text
from addons.organization.services.companies import ACCESS_TOPIC
from addons.organization.services.rows import change, lock_company, own_row, require_own
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.api_tokens import TokenKind, make_token

if TYPE_CHECKING:
    from kernel.data.work import Work

TITLE_LENGTH_MAX = 200
TOKENS_MAX = 100  # in service in one company
PERMISSIONS_MAX = 200
REGISTERS_MAX = 1000


@dataclass(frozen=True, slots=True)
class IssueApiToken:
    """register_ids empty: every register. until_ms None: until revoked. is_test: text begins sauda_test_.

    account_id: the service account it speaks for, never with more rights than that.
    """

    title: str
    permissions: tuple[str, ...]
    register_ids: tuple[RegisterId, ...] = ()
    until_ms: int | None = None
    is_test: bool = False
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class TokenDraft:
    """A token about to be kept. inspect_ms: the period an inspector may see, from and up to.

    account_id: the service account, or the inspecting user, it stands for.
    """

    kind: TokenKind
    title: str
    register_ids: tuple[str, ...]
    until_ms: int | None
    permissions: tuple[str, ...] = ()
    account_id: str | None = None
    inspect_ms: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class IssuedApiToken:
    """token: shown once."""

    id: str
    prefix: str
    token: str = field(repr=False)


async def issue_api_token(work: Work, command: IssueApiToken) -> IssuedApiToken:
    """A new token with at most the permissions of role `service` and of the one who issues it.

    Raises Refusal: PERMISSIONS_EMPTY, PERMISSION_NOT_FOR_TOKEN, API_TOKENS_TOO_MANY, API_TOKEN_EXPIRY_PAST,
    REGISTER_UNKNOWN, SERVICE_ACCOUNT_UNKNOWN, COMPANY_CLOSED, TEXT_…
    """
    await lock_company(work)
    title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    check_permissions(work, command.permissions)
    if command.until_ms is not None and command.until_ms <= work.now_ms:
        raise Refusal("API_TOKEN_EXPIRY_PAST", field="expiresAt")
    if len(command.register_ids) > REGISTERS_MAX:
        raise Refusal("API_TOKEN_REGISTERS_TOO_MANY", field="registerIds", max=REGISTERS_MAX)
    await require_own(work, "org_register", command.register_ids, "REGISTER_UNKNOWN", field="registerIds")
    await _check_account(work, command.account_id)
    draft = TokenDraft(
        TokenKind.TEST if command.is_test else TokenKind.LIVE,
        title,
        register_ids=tuple(sorted(set(command.register_ids))),
        until_ms=command.until_ms,
        permissions=tuple(sorted(set(command.permissions))),
        account_id=command.account_id,
    )
    token = await keep_token(work, draft)
    facts = {"prefix": token.prefix, "permissions": sorted(set(command.permissions))}
    await work.audit("organization.issue_api_token", f"api_token:{token.id}", facts)
    return token


async def keep_token(work: Work, draft: TokenDraft) -> IssuedApiToken:
    """The one place where tokens are born. Raises Refusal("API_TOKENS_TOO_MANY")."""
    await _check_count(work)
    token, token_id = make_token(draft.kind), new_id()
    inspect_from_ms, inspect_to_ms = draft.inspect_ms or (None, None)
    await work.insert(
        "org_api_token",
        {
            "id": token_id,
            "company_id": work.company_id,
            "title": draft.title,
            "prefix": token.prefix,
            "digest": token.digest,
            "permissions": " ".join(draft.permissions),
            "register_ids": " ".join(draft.register_ids),
            "is_test": int(draft.kind is TokenKind.TEST),
            "created_by": work.principal.subject_id,
            "created_ms": work.now_ms,
            "until_ms": draft.until_ms,
            "inspect_from_ms": inspect_from_ms,
            "inspect_to_ms": inspect_to_ms,
            "account_id": draft.account_id,
        },
    )
    return IssuedApiToken(token_id, token.prefix, token.text)


async def revoke_api_token(work: Work, token_id: str) -> str:
    """The token opens nothing any more. Raises Refusal("API_TOKEN_UNKNOWN")."""
    row = await own_row(work, "org_api_token", token_id, "API_TOKEN_UNKNOWN", field="id")
    if row["revoked_ms"] is None:
        await change(work, "org_api_token", token_id, {"revoked_ms": work.now_ms})
        await work.audit("organization.revoke_api_token", f"api_token:{token_id}", {"prefix": row["prefix"]})
        work.notice(ACCESS_TOPIC, token_id)
    return token_id


def check_permissions(work: Work, permissions: tuple[str, ...]) -> None:
    """Some, and each one that a token may have and the principal has.

    Raises Refusal: PERMISSIONS_EMPTY, PERMISSION_NOT_FOR_TOKEN.
    """
    if not permissions or len(permissions) > PERMISSIONS_MAX:
        raise Refusal("PERMISSIONS_EMPTY", field="permissions")
    ceiling = work.database.registry.roles.get(Role.SERVICE, frozenset())
    for permission in permissions:
        if permission not in ceiling or not work.principal.may(permission):
            raise Refusal("PERMISSION_NOT_FOR_TOKEN", field="permissions", permission=permission[:80])


async def _check_account(work: Work, account_id: str | None) -> None:
    if account_id is not None:
        await own_row(work, "org_service_account", account_id, "SERVICE_ACCOUNT_UNKNOWN", field="accountId")


async def _check_count(work: Work) -> None:
    row = await work.row(
        "SELECT COUNT(*) AS tokens FROM org_api_token WHERE company_id = ? AND revoked_ms IS NULL",
        work.company_id,
    )
    if row is not None and row["tokens"] >= TOKENS_MAX:
        raise Refusal("API_TOKENS_TOO_MANY", max=TOKENS_MAX)
