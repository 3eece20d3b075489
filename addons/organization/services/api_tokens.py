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
    """register_ids empty: every register. until_ms None: until revoked. is_test: text begins sauda_test_."""

    title: str
    permissions: tuple[str, ...]
    register_ids: tuple[RegisterId, ...] = ()
    until_ms: int | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class IssuedApiToken:
    """token: shown once."""

    id: str
    prefix: str
    token: str = field(repr=False)


async def issue_api_token(work: Work, command: IssueApiToken) -> IssuedApiToken:
    """A new token with at most the permissions of role `service` and of the one who issues it.

    Raises Refusal: PERMISSIONS_EMPTY, PERMISSION_NOT_FOR_TOKEN, API_TOKENS_TOO_MANY, API_TOKEN_EXPIRY_PAST,
    REGISTER_UNKNOWN, COMPANY_CLOSED, TEXT_…
    """
    await lock_company(work)
    title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    _check_permissions(work, command.permissions)
    if command.until_ms is not None and command.until_ms <= work.now_ms:
        raise Refusal("API_TOKEN_EXPIRY_PAST", field="expiresAt")
    if len(command.register_ids) > REGISTERS_MAX:
        raise Refusal("API_TOKEN_REGISTERS_TOO_MANY", field="registerIds", max=REGISTERS_MAX)
    await require_own(work, "org_register", command.register_ids, "REGISTER_UNKNOWN", field="registerIds")
    await _check_count(work)
    token = make_token(TokenKind.TEST if command.is_test else TokenKind.LIVE)
    token_id = new_id()
    await work.insert(
        "org_api_token",
        {
            "id": token_id,
            "company_id": work.company_id,
            "title": title,
            "prefix": token.prefix,
            "digest": token.digest,
            "permissions": " ".join(sorted(set(command.permissions))),
            "register_ids": " ".join(sorted(set(command.register_ids))),
            "is_test": int(command.is_test),
            "created_by": work.principal.subject_id,
            "created_ms": work.now_ms,
            "until_ms": command.until_ms,
        },
    )
    facts = {"prefix": token.prefix, "permissions": sorted(set(command.permissions))}
    await work.audit("organization.issue_api_token", f"api_token:{token_id}", facts)
    return IssuedApiToken(token_id, token.prefix, token.text)


async def revoke_api_token(work: Work, token_id: str) -> str:
    """The token opens nothing any more. Raises Refusal("API_TOKEN_UNKNOWN")."""
    row = await own_row(work, "org_api_token", token_id, "API_TOKEN_UNKNOWN", field="id")
    if row["revoked_ms"] is None:
        await change(work, "org_api_token", token_id, {"revoked_ms": work.now_ms})
        await work.audit("organization.revoke_api_token", f"api_token:{token_id}", {"prefix": row["prefix"]})
        work.notice(ACCESS_TOPIC, token_id)
    return token_id


def _check_permissions(work: Work, permissions: tuple[str, ...]) -> None:
    if not permissions or len(permissions) > PERMISSIONS_MAX:
        raise Refusal("PERMISSIONS_EMPTY", field="permissions")
    ceiling = work.database.registry.roles.get(Role.SERVICE, frozenset())
    for permission in permissions:
        if permission not in ceiling or not work.principal.may(permission):
            raise Refusal("PERMISSION_NOT_FOR_TOKEN", field="permissions", permission=permission[:80])


async def _check_count(work: Work) -> None:
    row = await work.row(
        "SELECT COUNT(*) AS tokens FROM org_api_token WHERE company_id = ? AND revoked_ms IS NULL",
        work.company_id,
    )
    if row is not None and row["tokens"] >= TOKENS_MAX:
        raise Refusal("API_TOKENS_TOO_MANY", max=TOKENS_MAX)
