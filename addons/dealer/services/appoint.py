"""A company becomes a dealer by a flag on one of its users, who signs in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.dealer.domain.cards import DEALER_ROLE, LinkState
from addons.dealer.services.links import lock_client, present_link
from addons.organization.api import UserId, grant_role, withdraw_role
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


async def appoint_dealer(work: Work, user_id: UserId) -> UserId:
    """The user serves clients from the next sign-in on.

    Raises Refusal: USER_UNKNOWN, DEALER_IS_SERVICED (a company that is looked after by a dealer, or asks
    for one, cannot be one).
    """
    await lock_client(work, work.company_id)
    link = await present_link(work, work.company_id)
    if link is not None and link.state in (LinkState.ACCEPTED, LinkState.REQUESTED):
        raise Refusal("DEALER_IS_SERVICED")
    await grant_role(work, user_id, DEALER_ROLE)
    return user_id


async def dismiss_dealer(work: Work, user_id: UserId) -> UserId:
    """The user serves clients no more; the present sessions end. Raises Refusal("USER_UNKNOWN")."""
    await withdraw_role(work, user_id, DEALER_ROLE)
    return user_id
