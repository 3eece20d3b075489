"""Who speaks for the acquirer: a further role of a user of the company, as the acquirer's manager has it.

An acquirer's own program decides by an integrator's token (role "service").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.api import email_of_user, grant_role, members_with_role, withdraw_role

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

ACQUIRER_ROLE = "acquirer"
MANAGERS_TOLD_MAX = 20


async def appoint_manager(work: Work, user_id: str) -> str:
    """The user decides applications from the next sign-in on. Raises Refusal("USER_UNKNOWN")."""
    await grant_role(work, user_id, ACQUIRER_ROLE)
    return user_id


async def dismiss_manager(work: Work, user_id: str) -> str:
    """He does no more; the present sessions end. Raises Refusal("USER_UNKNOWN")."""
    await withdraw_role(work, user_id, ACQUIRER_ROLE)
    return user_id


async def managers(reader: Reader) -> list[str]:
    """Addresses of those who decide, at most MANAGERS_TOLD_MAX."""
    people = (await members_with_role(reader, ACQUIRER_ROLE))[:MANAGERS_TOLD_MAX]
    found = [await email_of_user(reader, user_id) for user_id in people]
    return [address for address in found if address]
