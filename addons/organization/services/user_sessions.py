"""Sessions of users: who they are was proved before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import GUARDED_ROLES
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.sessions import OpenSession, TokenPair, open_session
from kernel.ids import CompanyId
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Work


async def open_user_session(work: Work, user_id: str, company_id: CompanyId | None) -> TokenPair:
    """A session of a user who has proved to be one, with every factor there is.

    Where the company asks its administrators for a second factor and this one has none, the session is good
    for setting one up and for nothing else.
    """
    permissions = None
    if company_id is not None and work.settings(OrganizationSettings).second_factor:
        sql = """SELECT role, EXISTS (SELECT 1 FROM org_factor f
                 WHERE f.user_id = m.user_id AND f.confirmed_ms IS NOT NULL) AS has_factor
                 FROM org_membership m WHERE m.user_id = ? AND m.company_id = ?"""
        row = await work.row(sql, user_id, company_id)
        if row is not None and row["role"] in GUARDED_ROLES and not row["has_factor"]:
            permissions = frozenset({"organization.secure_account"})
    session = OpenSession(company_id, PrincipalKind.USER, user_id, permissions=permissions)
    return await open_session(work, session)
