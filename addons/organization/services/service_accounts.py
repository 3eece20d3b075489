"""Service accounts: programs that stay while their tokens come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.domain.cards import RegisterId
from addons.organization.domain.checks import check_text
from addons.organization.services.api_tokens import REGISTERS_MAX, TITLE_LENGTH_MAX, check_permissions
from addons.organization.services.companies import ACCESS_TOPIC
from addons.organization.services.rows import change, insert_unique, lock_company, own_row, require_own
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Work

ACCOUNTS_MAX = 50  # of one company


@dataclass(frozen=True, slots=True)
class CreateServiceAccount:
    """register_ids empty: every register. No token of the account may do more than the account."""

    title: str
    permissions: tuple[str, ...]
    register_ids: tuple[RegisterId, ...] = ()


async def create_service_account(work: Work, command: CreateServiceAccount) -> str:
    """A new account without tokens.

    Raises Refusal: PERMISSIONS_EMPTY, PERMISSION_NOT_FOR_TOKEN, SERVICE_ACCOUNT_TITLE_TAKEN,
    SERVICE_ACCOUNTS_TOO_MANY, REGISTER_UNKNOWN, API_TOKEN_REGISTERS_TOO_MANY, COMPANY_CLOSED, TEXT_…
    """
    await lock_company(work)
    title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    check_permissions(work, command.permissions)
    if len(command.register_ids) > REGISTERS_MAX:
        raise Refusal("API_TOKEN_REGISTERS_TOO_MANY", field="registerIds", max=REGISTERS_MAX)
    await require_own(work, "org_register", command.register_ids, "REGISTER_UNKNOWN", field="registerIds")
    sql = "SELECT COUNT(*) AS accounts FROM org_service_account WHERE company_id = ?"
    row = await work.row(sql, work.company_id)
    if row is not None and row["accounts"] >= ACCOUNTS_MAX:
        raise Refusal("SERVICE_ACCOUNTS_TOO_MANY", max=ACCOUNTS_MAX)
    account_id = new_id()
    values: dict[str, Param] = {
        "id": account_id,
        "company_id": work.company_id,
        "title": title,
        "permissions": " ".join(sorted(set(command.permissions))),
        "register_ids": " ".join(sorted(set(command.register_ids))),
        "is_blocked": 0,
        "created_ms": work.now_ms,
    }
    taken = Refusal("SERVICE_ACCOUNT_TITLE_TAKEN", field="title")
    await insert_unique(work, "org_service_account", values, taken)
    facts = {"title": title, "permissions": sorted(set(command.permissions))}
    await work.audit("organization.create_service_account", f"service_account:{account_id}", facts)
    return account_id


async def block_service_account(work: Work, account_id: str, is_blocked: bool) -> str:
    """While it is blocked no token of it opens anything. Raises Refusal("SERVICE_ACCOUNT_UNKNOWN")."""
    await own_row(work, "org_service_account", account_id, "SERVICE_ACCOUNT_UNKNOWN", field="id")
    await change(work, "org_service_account", account_id, {"is_blocked": int(is_blocked)})
    facts = {"is_blocked": is_blocked}
    await work.audit("organization.block_service_account", f"service_account:{account_id}", facts)
    work.notice(ACCESS_TOPIC, account_id)
    return account_id
