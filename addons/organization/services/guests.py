"""Guests: a user of one company acts in another, within what that one allows and as long as it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.organization.domain.cards import Role
from addons.organization.services.sessions import (
    OpenSession,
    TokenPair,
    end_guest_sessions,
    end_session,
    open_session,
)
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.addons.registry import Registry
    from kernel.data.work import Reader, Work

# What a company never lets a guest do, whoever the guest is.
NEVER = frozenset(
    {
        "organization.own",
        "organization.manage_access",
        "organization.approve",
        "organization.secure_account",
        "organization.apply",
    }
)


@dataclass(frozen=True, slots=True)
class EnterCompany:
    """The principal's user goes into another company as a guest, with these permissions."""

    company_id: CompanyId
    permissions: frozenset[str]


def guest_permissions(registry: Registry) -> frozenset[str]:
    """Everything a company may let a guest do: what administrators do, without people and rights."""
    return registry.roles.get(Role.ADMINISTRATOR, frozenset()) - NEVER


def as_guest(principal: Principal, company_id: CompanyId) -> Principal:
    """The same subject acting in another company, its own remembered beside it."""
    if principal.company_id == company_id:
        return principal
    return replace(principal.within(company_id), via_company_id=principal.company_id, register_ids=None)


async def enter_company(work: Work, command: EnterCompany) -> TokenPair:
    """A session of the principal's user in the other company; both audits tell.

    The caller has checked that the other company agrees. Raises Refusal: ONLY_FOR_USERS, COMPANY_CLOSED.
    """
    principal = work.principal
    if principal.kind is not PrincipalKind.USER or principal.company_id is None:
        raise Refusal("ONLY_FOR_USERS")
    row = await work.row("SELECT closed_ms FROM org_company WHERE id = ?", command.company_id)
    if row is None or row["closed_ms"] is not None:
        raise Refusal("COMPANY_CLOSED")
    allowed = command.permissions & guest_permissions(work.database.registry)
    session = OpenSession(
        command.company_id,
        PrincipalKind.USER,
        principal.subject_id,
        permissions=allowed,
        via_company_id=principal.company_id,
    )
    facts = {"company": command.company_id}
    await work.audit("organization.enter_company", f"company:{command.company_id}", facts)
    with work.acting_as(as_guest(principal, command.company_id)) as inside:
        return await open_session(inside, session)


async def leave_company(work: Work) -> str:
    """End the principal's present session as a guest; gives its id. Raises Refusal("NOT_A_GUEST")."""
    session_id = work.principal.session_id
    if work.principal.via_company_id is None or session_id is None:
        raise Refusal("NOT_A_GUEST")
    await end_session(work, session_id)
    return session_id


async def turn_out_guests(work: Work, via_company_id: str) -> None:
    """End every session of that company's people in the principal's company, at once."""
    await end_guest_sessions(work, via_company_id)


async def ends_of_sessions(reader: Reader, session_ids: Sequence[str]) -> Mapping[str, int]:
    """When each of these sessions ended, in epoch milliseconds; those that go on are left out."""
    if not session_ids:
        return {}
    marks = ", ".join("?" * len(session_ids))
    rows = await reader.rows(
        f"SELECT id, revoked_ms, until_ms FROM org_session WHERE id IN ({marks})", *session_ids
    )
    ends = {row["id"]: row["revoked_ms"] or row["until_ms"] for row in rows}
    return {session_id: ended for session_id, ended in ends.items() if ended <= reader.now_ms}
